"""A generator as one HTML file, whose images are computed in the browser, without Python."""

import base64
import html
import itertools
import json
import math
import re
from pathlib import Path

import keras
import numpy as np
from keras import layers

from ganlib import data, files, networks, sampling, store
from ganlib.errors import InputError


def export(source, path, title=None):
    """Writes a generator as one HTML file, which needs neither Python nor a network.

    The page has sliders for the latents and a choice of the class. It computes with kernels and
    embeddings in float16, and everything else in float32.

    Args:
        source: as for `ganlib.load_generator`.
        path: of the file, which ends in .html.
        title: of the page; None means the name of the recipe, or else of the file.

    Returns:
        The path.

    Raises:
        InputError: if there is no such generator, if the page cannot compute one of its layers, if
            a weight is too large for float16, or if nothing can be written there.
    """
    path = Path(path)
    if path.suffix.lower() != ".html":
        raise InputError(f"the page is {str(path)!r}; expected a name that ends in .html.")
    generator, operations, weights = store.load_generator(source), [], bytearray()
    shapes = [tuple(each.shape[1:]) for each in generator.inputs]
    output, shape = _run(generator, list(enumerate(shapes)), operations)
    model = {
        "latents": shapes[0][0], "noise": store.noise_of(source), "shape": shape, "output": output,
        "classes": _class_names(source, sampling.num_classes_of(generator)),
        "facts": _facts(source), "operations": operations,
    }
    text = json.dumps(model, ensure_ascii=False, default=lambda array: _packed(array, weights))
    title = title or store.recipe_of(source).get("name") or Path(source).resolve().stem
    parts = {"title": html.escape(title), "weights": base64.b64encode(weights).decode(),
             "model": text.replace("<", "\\u003c")}  # so that no name ends the script
    template = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
    page = re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)
    files.writable_folder(path.parent)
    with files.atomic(path) as partial:
        partial.write_text(page, encoding="utf-8", errors="replace")
    return path


def _run(model, inputs, operations):
    # Appends the operations of a model. Each makes one value, a flat array, from others. Here, a
    # value is a pair: its number and its shape. Number 0 is the latents, number 1 the label.
    model = keras.Model(model.inputs, model.outputs)  # a Sequential, too, becomes a graph
    tensors = [keras.Input(each.shape[1:], dtype=each.dtype) for each in model.inputs]
    values = dict(zip(map(id, tensors), inputs, strict=True))

    def call(layer, *arguments, **options):
        made = layer(*arguments, **options)
        given = [values.get(id(each)) for each in keras.tree.flatten((arguments, options))]
        run = _run if isinstance(layer, keras.Model) else _apply
        values[id(made)] = run(layer, [value for value in given if value], operations)
        return made

    # Keras itself walks from layer to layer, while it makes a copy that shares all of them.
    copy = keras.models.clone_model(model, tensors, lambda layer: layer, call)
    return values[id(copy.outputs[0])]


def _apply(layer, inputs, operations):
    # Appends the operations of one layer, and returns the value that they make.
    kind, given = type(layer), [shape for _, shape in inputs]
    config = layer.get_config() if kind in _LAYERS else {}
    only = _ONLY | {"axis": (-1, len(given[0])), "activation": tuple(_ACTIVATIONS)}
    wrong = [f"{key}={config[key]}" for key in only.keys() & config if config[key] not in only[key]]
    if kind not in _LAYERS:
        wrong = ["known are " + ", ".join(sorted({each.__name__ for each in _LAYERS}))]
    elif kind in (layers.Add, layers.Multiply) and len(set(given)) > 1:
        wrong = [f"shapes {given}"]
    if wrong:
        raise InputError(f"the page cannot compute layer {layer.name!r}, {kind.__name__} "
                         f"({', '.join(wrong)}). python -m ganlib sample draws the images.")
    shapes = [(None, *shape) for shape in given]
    shape = layer.compute_output_shape(shapes if len(shapes) > 1 else shapes[0])[1:]
    numbers = [number for number, _ in inputs]
    steps = [_LAYERS[kind](layer, given, shape)]
    if config.get("use_bias"):
        steps.append(("scale", {"scale": np.ones(shape[-1]), "shift": _array(layer.bias)}))
    steps.append(_ACTIVATIONS[config.get("activation", "linear")])
    for op, options in filter(None, steps):
        operations.append({"op": op, "from": numbers, "size": math.prod(shape), **options})
        numbers = [len(operations) + 1]  # the first operation makes number 2
    return numbers[0], shape


def _normalization(layer, given, shape):
    scale = 1 / np.sqrt(_array(layer.moving_variance) + layer.epsilon)
    scale = scale * (_array(layer.gamma) if layer.scale else 1)
    shift = _array(layer.beta) if layer.center else np.zeros(shape[-1])
    return "scale", {"scale": scale, "shift": shift - scale * _array(layer.moving_mean)}


def _convolution(layer, given, shape):
    # A transposed convolution with stride 2 is four plain ones. Each makes every second row and
    # column of the output, with every second row and column of the kernel.
    transposed, same = type(layer) is layers.Conv2DTranspose, layer.padding == "same"
    kernel, parts = _array(layer.kernel), ([], [])
    kernel = kernel if transposed else kernel.swapaxes(2, 3)  # (rows, columns, out, in)
    for part, taps, stride, *sizes in zip(parts, layer.kernel_size, layer.strides, *given, shape):
        if not transposed:
            padding = (sizes[1] - 1) * stride + taps - sizes[0]
            part.append((0, list(range(taps)), -(max(padding, 0) // 2)))
        for offset in range(stride if transposed else 0):
            start, first = divmod(offset + same * (max(taps - stride, 0) // 2), stride)
            used = list(range(first, taps, stride))[::-1]
            part.append((offset, used, start - len(used) + 1))
    phases = [
        {"offset": (row, column), "start": (top, left), "taps": (len(rows), len(columns)),
         "kernel": np.moveaxis(kernel[rows][:, columns], 2, 0).reshape(shape[-1], -1)}
        for (row, rows, top), (column, columns, left) in itertools.product(*parts)
    ]  # fmt: skip
    step, spread = ((1, 1), layer.strides) if transposed else (layer.strides, (1, 1))
    return "convolve", {"given": given[0], "wanted": shape, "phases": phases, "step": step,
                        "spread": spread}


def _array(variable):
    return keras.ops.convert_to_numpy(variable).astype("float64")


def _nothing(*_):  # outside training, the numbers stay as they are
    return None


def _leaky(layer, *_):
    return "leaky", {"slope": float(layer.negative_slope)}


# What the page computes of a layer: an operation and its options.
_LAYERS = {
    layers.Dense: lambda layer, given, _: (
        "dense", {"kernel": _array(layer.kernel).T, "width": given[0][-1]}),
    layers.Conv2D: _convolution, layers.Conv2DTranspose: _convolution,
    layers.BatchNormalization: _normalization, networks.layers.BatchNormalization: _normalization,
    layers.UpSampling2D: lambda layer, given, _: ("enlarge", {"given": given[0], "by": layer.size}),
    layers.Embedding: lambda layer, *_: ("embed", {"table": _array(layer.embeddings)}),
    layers.Concatenate: lambda _, given, __: ("join", {"widths": [each[-1] for each in given]}),
    layers.Multiply: lambda *_: ("multiply", {}), layers.Add: lambda *_: ("add", {}),
    layers.LeakyReLU: _leaky, layers.ReLU: _leaky, layers.Activation: _nothing,
    layers.Reshape: _nothing, layers.Flatten: _nothing, layers.Dropout: _nothing,
    networks.layers.Dropout: _nothing, layers.GaussianNoise: _nothing,
}  # fmt: skip
_ACTIVATIONS = {"linear": None, "tanh": ("tanh", {}), "sigmoid": ("sigmoid", {}),
                "relu": ("leaky", {"slope": 0.0}), "leaky_relu": ("leaky", {"slope": 0.2})}
# The only values that options may have.
_ONLY = {"data_format": ("channels_last",), "dilation_rate": ((1, 1),), "groups": (1,),
         "output_padding": (None,), "interpolation": ("nearest",), "max_value": (None,),
         "threshold": (0,)}


def _packed(array, weights):
    # Appends an array to the bytes of all weights; returns where it is.
    kind, start = "float16" if array.ndim > 1 else "float32", len(weights)
    with np.errstate(over="ignore"):
        stored = array.astype(kind)
    if not np.isfinite(stored).all():
        raise InputError("the generator has weights that are beyond float16 or not finite. Take an "
                         "earlier one, such as generator_best.keras.")
    weights += stored.astype(stored.dtype.newbyteorder("<")).tobytes()
    return {"kind": kind, "start": start, "length": stored.size}


def _class_names(source, count):
    recipe = store.recipe_of(source)
    known = getattr(data.SOURCES.get(recipe.get("dataset")), "class_names", ())
    for names in (store.class_names_of(source), known):
        if len(names) == count:
            return list(names)
    kind, first = ("cluster", 1) if recipe.get("clusters") else ("class", 0)
    return [f"{kind} {number + first}" for number in range(count)]


def _facts(source):
    # What is known about a generator, as a list of short texts.
    recipe, card = store.recipe_of(source), store.card_of(store.folder_of(source))
    dataset, judges = recipe.get("dataset"), card.get("evaluation", {}).get("judges", {})
    known = data.SOURCES.get(dataset)
    steps = card.get("best", {}).get("step") or store.training_of(source).get("steps")
    licence = card.get("licence") or getattr(known, "licence", None)
    facts = [f"{steps:,} training steps"] if steps else []
    facts += [f"data: {getattr(known, 'title', dataset)}"] if dataset else []
    facts += [f"licence: {licence}"] if licence else []
    if judges:
        name, distance, floor = store.headline(next(iter(judges.values())))
        title = name.replace("_", " ").capitalize()
        facts += [f"{title} {distance:.1f} (real images: {floor:.1f})"]
    return facts
