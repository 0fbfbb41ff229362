"""In the graph of a training step, as TensorFlow runs it, nothing overtakes a variable's update.

A step is traced in the right order. TensorFlow's optimizer of graphs may take out an edge that it
thinks is implied by others: then, once in some hundred runs, a variable was updated before it was
read, and the run ended differently. TensorBoard's trace holds the graph after that optimizer.
"""

import itertools

import pytest
import tensorflow as tf
from systems import tiny

pytestmark = pytest.mark.slow  # every case traces a training step

STEPS = {
    "R1 penalty": ("dropout, average", {}),
    "R1 penalty, no dropout": ("dropout, average", {"discriminator": {"filters": (4, 4)}}),
    "R1 penalty, labels": ("conditional", {}),
    "gradient penalty": (
        "dropout, average", {"r1": 0.0, "gradient_penalty": 10.0, "loss": "wasserstein"},
    ),
    "both penalties": ("dropout, average", {"gradient_penalty": 10.0, "loss": "wasserstein"}),
    "no penalty": ("dropout, average", {"r1": 0.0}),
}  # fmt: skip


def optimized(gan, folder):
    """Returns the nodes of a training step's graph after optimization, name to node."""
    images = tf.zeros((8, *gan.generator.output_shape[1:]), "uint8")
    batch = (images, tf.zeros(8, "int32")) if gan.conditional else images
    with tf.summary.create_file_writer(str(folder)).as_default(0):
        tf.summary.trace_on(graph=True)
        tf.function(gan.train_step)(batch)
        tf.summary.trace_export("step")
        tf.summary.trace_off()
    (path,) = folder.glob("events*")
    for record in tf.data.TFRecordDataset(str(path)):
        for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value:
            trace = tf.compat.v1.RunMetadata.FromString(value.tensor.string_val[0])
            graph = trace.function_graphs[-1].post_optimization_graph
            return {node.name: node for node in graph.node}


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
def test_no_update_overtakes_a_read(name, tmp_path):
    system, changes = STEPS[name]
    nodes = optimized(tiny(system, **changes).gan, tmp_path)
    users = {}  # variable to the nodes that read or write it
    for node in nodes.values():
        for source in inputs(node):
            argument = nodes[source]
            if argument.op == "_Arg" and argument.attr["T"].type == tf.resource.as_datatype_enum:
                users.setdefault(source, []).append(node.name)
    before = {user: ancestors(user, nodes) for user in itertools.chain(*users.values())}
    pairs = [
        (one, other)
        for same in users.values()
        for one, other in itertools.combinations(same, 2)
        if "Assign" in nodes[one].op + nodes[other].op
    ]
    assert len(pairs) > 100
    unordered = [
        (one, other) for one, other in pairs
        if one not in before[other] and other not in before[one]
    ]  # fmt: skip
    assert unordered == []
