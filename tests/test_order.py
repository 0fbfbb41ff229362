"""In the graph of a training step, as TensorFlow runs it after optimizing it, nothing overtakes the update of a variable.

A step is traced in an order that is right. The optimizer of graphs may take out an edge that it thinks is implied by
others: then, once in some hundred runs, a variable was updated before it was read, and the run ended differently.
"""

import itertools

import pytest
import tensorflow as tf
from systems import tiny
from tensorflow.core.protobuf import config_pb2
from tensorflow.python.grappler import cluster, tf_optimizer  # no public way leads to an optimized graph
from tensorflow.python.training import saver

STEPS = {
    "R1 penalty": ("dropout, average", {}),
    "R1 penalty, no dropout": ("dropout, average", {"discriminator": {"filters": (4, 4)}}),
    "R1 penalty, labels": ("conditional", {}),
    "gradient penalty": ("dropout, average", {"r1": 0.0, "gradient_penalty": 10.0, "loss": "wasserstein"}),
    "both penalties": ("dropout, average", {"gradient_penalty": 10.0, "loss": "wasserstein"}),
    "no penalty": ("dropout, average", {"r1": 0.0}),
}


def optimized(gan):
    """Returns the nodes of the optimized graph of a training step, name to node."""
    images = tf.TensorSpec((8, *gan.generator.output_shape[1:]), "uint8")
    batch = (images, tf.TensorSpec((8,), "int32")) if gan.conditional else images
    graph = tf.function(gan.train_step).get_concrete_function(batch).graph
    definition = graph.as_graph_def(add_shapes=True)
    for node in definition.node:
        node.device = "/job:localhost/replica:0/task:0/device:CPU:0"
    wanted = [tensor.name for tensor in graph.outputs] + [operation.name for operation in graph.control_outputs]
    meta_graph = saver.export_meta_graph(graph_def=definition, graph=graph)
    meta_graph.collection_def["train_op"].node_list.value.extend(wanted)
    definition = tf_optimizer.OptimizeGraph(config_pb2.ConfigProto(), meta_graph, cluster=cluster.Cluster())
    return {node.name: node for node in definition.node}


def inputs(node):
    return [name.lstrip("^").split(":")[0] for name in node.input]


def ancestors(name, nodes):
    found, left = set(), [name]
    while left:
        new = set(inputs(nodes[left.pop()])) - found
        found |= new
        left += new
    return found


@pytest.mark.parametrize("name", STEPS)
def test_no_update_overtakes_a_read(name):
    system, changes = STEPS[name]
    nodes = optimized(tiny(system, **changes).gan)
    users = {}  # variable to the nodes that read or write it
    for node in nodes.values():
        for source in inputs(node):
            if nodes[source].op == "Placeholder" and nodes[source].attr["dtype"].type == tf.resource.as_datatype_enum:
                users.setdefault(source, []).append(node.name)
    before = {user: ancestors(user, nodes) for user in itertools.chain(*users.values())}
    pairs = [
        (one, other)
        for same in users.values()
        for one, other in itertools.combinations(same, 2)
        if "Assign" in nodes[one].op + nodes[other].op
    ]
    assert len(pairs) > 100
    assert [pair for pair in pairs if pair[0] not in before[pair[1]] and pair[1] not in before[pair[0]]] == []
