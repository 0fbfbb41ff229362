"""The checks of the assignments: what is right, what to look at, never the answer.

Keep this file beside the notebook. It needs no server, and works in Colab as well: upload it there
together with the notebook. Each function takes what you have written. It prints one line that
begins with "Right", or raises an AssertionError that says what to look at. The tests that count use
other numbers, and check more.
"""

import numpy as np
from ganlib.answers import close, compare, numbers


def _say(seed, text):
    """Prints what is right, once: with the numbers of the visible check."""
    if seed == 0:
        print(f"Right: {text}")


# ---- ps1_losses


def _chances(seed, size):
    """Draws probabilities between 0.02 and 0.98, and gives them with their logits, (size, 1)."""
    chances = np.random.default_rng([1, seed]).uniform(0.02, 0.98, (size, 1))
    return chances, np.log(chances / (1 - chances))


def _two_batches(seed, sizes):
    return _chances(seed, sizes[0]), _chances(seed + 99, sizes[1])


def _mean_surprise(chances):
    """Returns the mean of -log, from the geometric mean of probabilities."""
    return -np.log(np.prod(np.power(chances, 1 / chances.size)))


def _two_surprises(real, fake):
    """Returns what D's loss should be, from the probabilities that D gives to "real"."""
    return (_mean_surprise(real) + _mean_surprise(1 - fake)) / 2


OVER_BATCH = "Take the mean over the batch."
AT_ZERO = "Try it with a single logit of 0, where you know the probability."


def d_loss(function, seed=0, sizes=(8, 5)):
    (real, real_logits), (fake, fake_logits) = _two_batches(seed, sizes)
    with np.errstate(all="ignore"):
        result = function(real_logits, fake_logits)
    value = numbers(result, "The loss", (), advice=OVER_BATCH)
    wanted = _two_surprises(real, fake)
    assert np.isfinite(value), (
        "The loss is not finite for logits between -4 and 4. Logits are not probabilities: the "
        "logarithm of a negative logit is not a number."
    )
    swapped = _two_surprises(1 - real, 1 - fake)
    twice = _two_surprises(1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake)))
    total = sizes[0] * _mean_surprise(real) + sizes[1] * _mean_surprise(1 - fake)
    mistakes = {
        "real and generated images seem to be swapped: real is 1.": swapped,
        "the sign is wrong: D minimises its loss, and the loss is never negative.": -wanted,
        "it is twice what it should be: half of the sum of the two means is wanted.": 2 * wanted,
        "a mean seems to be taken twice, or a half.": wanted / 2,
        "this looks like a sigmoid taken twice: the loss should see logits.": twice,
        "these look like sums: a mean over each batch is wanted.": total / 2,
        "the images are counted one by one, but the two kinds should count the same, however many "
        "there are of each.": total / sum(sizes),
    }
    where = f"{sizes[0]} real and {sizes[1]} generated images"
    compare(value, wanted, mistakes, "D's loss", where, AT_ZERO)
    _say(seed, f"a D that answers one half to everything has the loss {np.log(2):.3f}.")


def d_loss_sure(function, logit=1000.0, dtype="float64"):
    sure = np.full((3, 1), logit, dtype)
    with np.errstate(all="ignore"):
        right, wrong = (numbers(function(s * sure, -s * sure), "The loss", ()) for s in (1, -1))
    assert np.isfinite([right, wrong]).all(), (
        f"The loss is not finite for logits of {logit:.0f} and {-logit:.0f}. Somewhere a sigmoid "
        "is rounded to 0 before its logarithm is taken, or an exponential overflows."
    )
    assert close(right, 0), (
        f"A D that is right and very sure should have a loss of 0, and has {right:.4g}."
    )
    assert close(wrong / logit, 1), (
        f"A D that is wrong in everything, with logits of {logit:.0f}, has a loss of {wrong:.4g}. "
        "Is something cut off? The loss grows with the logit without bound."
    )
    _say(0 if logit == 1000 else 1, "nothing overflows, however sure D is.")


def g_loss(function, seed=0, size=6):
    chances, logits = _chances(seed, size)
    with np.errstate(all="ignore"):
        value = numbers(function(logits), "The loss", (), advice=OVER_BATCH)
    assert np.isfinite(value), (
        "G's loss is not finite for logits between -4 and 4. Logits are not probabilities: the "
        "logarithm of a negative logit is not a number."
    )
    wanted = _mean_surprise(chances)
    mistakes = {
        "this is the minimax loss, which is flat where D is sure.": -_mean_surprise(1 - chances),
        "the sign is wrong: it should fall when the logits rise.": -wanted,
        "this is what D wants. G wants D to say that they are real.": _mean_surprise(1 - chances),
        "a mean over the batch is wanted, and this looks like a sum.": size * wanted,
        "it has no second half, and so there is nothing to halve.": wanted / 2,
        "this looks like a sigmoid taken twice.": _mean_surprise(1 / (1 + np.exp(-chances))),
    }
    compare(value, wanted, mistakes, "G's loss", f"{size} generated images", AT_ZERO)
    with np.errstate(all="ignore"):
        far = numbers(function(np.array([[-1000.0]])), "The loss", ())
    assert np.isfinite(far), (
        "G's loss is not finite at a logit of -1000: take no logarithm of a rounded 0."
    )
    assert close(far / 1000, 1), (
        f"At a logit of -1000, G's loss is {far:.4g}. Is something cut off?"
    )
    _say(seed, "G's loss is large where D sees through the forgeries.")


def _quotients(loss, logits, step=1e-5):
    """Returns how a loss, a function of probabilities, changes with each of some logits."""
    result = np.zeros_like(logits)
    for index in range(len(logits)):
        moved = np.stack([logits, logits])
        moved[:, index] += [[step], [-step]]
        up, down = 1 / (1 + np.exp(-moved))
        result[index] = (loss(up) - loss(down)) / (2 * step)
    return result


def _compare_slopes(slopes, wanted, chances, share, what):
    """Fails if slopes are not those wanted; `share` is the weight of a batch, 1 or a half."""
    count = len(chances)
    mistakes = {
        "the sign is wrong. These point down the hill, and a derivative points up.": -wanted,
        "the mean over the batch is missing: one image is only a part of it.": count * wanted,
        "the mean seems to be taken twice.": wanted / count,
        "this is the slope of the sigmoid itself. The logarithm changes it.": (
            np.sign(wanted) * share * chances * (1 - chances) / count
        ),
        "this would be right for the other player's answer, or for the other label.": (
            np.sign(wanted) * (share / count - np.abs(wanted))
        ),
        "a factor of one half is wrong. Look at the loss once more.": (
            2 * wanted if share < 1 else wanted / 2
        ),
    }
    if close(slopes, wanted, 1e-5):
        return
    for mistake, wrong in mistakes.items():
        assert not close(slopes, wrong, 1e-5), f"{what}: {mistake}"
    worst = int(np.argmax(np.abs(slopes - wanted)))
    raise AssertionError(
        f"{what} are not right. Where D says {chances.flat[worst]:.2f}, the slope is too "
        f"{'large' if slopes.flat[worst] > wanted.flat[worst] else 'small'}."
    )


SURE = np.array([[-1000.0], [1000.0]])


def _compare_ends(slopes, wanted):
    """Looks at the slopes where D is very sure, at the logits of SURE."""
    assert np.allclose(np.ravel(slopes), np.ravel(wanted)), (
        f"for logits of -1000 and 1000 the slopes are {np.ravel(slopes).round(3).tolist()}, and one"
        " of them is wrong. Does your formula divide one huge number by another?"
    )


def d_slopes(function, seed=0, sizes=(3, 5)):
    (real, real_logits), (fake, fake_logits) = _two_batches(seed, sizes)
    pair = function(real_logits, fake_logits)
    assert isinstance(pair, (tuple, list)) and len(pair) == 2, (
        "d_slopes should return a pair of arrays."
    )
    shapes = real.shape, fake.shape
    at_real, at_fake = (
        numbers(array, f"The slope at {kind} images", shape)
        for array, kind, shape in zip(pair, ("real", "generated"), shapes, strict=True)
    )
    wanted_real = _quotients(lambda chances: _two_surprises(chances, fake), real_logits)
    wanted_fake = _quotients(lambda chances: _two_surprises(real, chances), fake_logits)
    _compare_slopes(at_real, wanted_real, real, 0.5, "The slopes at the logits of real images")
    _compare_slopes(at_fake, wanted_fake, fake, 0.5, "The slopes at the logits of generated images")
    with np.errstate(all="ignore"):
        _compare_ends(function(SURE, SURE), [[-0.25, 0], [0, 0.25]])
    _say(seed, "these are the slopes of D's loss.")


def g_slopes(function, seed=0, size=4):
    chances, logits = _chances(seed, size)
    slopes = numbers(function(logits), "The slope of G's loss", logits.shape)
    wanted = _quotients(_mean_surprise, logits)
    _compare_slopes(slopes, wanted, chances, 1, "The slopes of G's loss")
    with np.errstate(all="ignore"):
        _compare_ends(function(SURE), [-0.5, 0])
    _say(seed, "these are the slopes of G's loss.")


def _cost(answers, densities, labels):
    """Returns what answers cost on average at each point, with labels for real and generated."""
    answers = np.clip(answers, 1e-12, 1 - 1e-12)
    return sum(
        density * (label * -np.log(answers) + (1 - label) * -np.log(1 - answers))
        for density, label in zip(densities, labels, strict=True)
    )


def best_d(function, seed=0, labels=(0.9, 0.0)):
    densities = np.random.default_rng([2, seed]).uniform(0.05, 2, (2, 40))
    answers = numbers(function(*densities, *labels), "The answer", densities[0].shape)
    assert np.isfinite(answers).all(), "Some answers are not finite."
    assert (answers >= 0).all() and (answers <= 1).all(), (
        "Some answers are not between 0 and 1. A probability is wanted, not a logit or density."
    )
    other = np.linspace(0, 1, 501)[:, None]
    costs = _cost(answers, densities, labels)
    excess = costs - _cost(other, densities, labels).min(axis=0)
    if (excess > 1e-7).any():
        hard = (1.0, 0.0)
        ignored = _cost(answers, densities, hard) - _cost(other, densities, hard).min(axis=0)
        assert (ignored > 1e-7).any(), (
            "This D would be the best one if the labels were 1 and 0, and they are "
            f"{labels[0]} and {labels[1]}."
        )
        assert np.mean(costs) < np.mean(_cost(1 - answers, densities, labels)), (
            "D says 'real' where generated images are dense. Are the two densities swapped?"
        )
        worst = int(np.argmax(excess))
        better = other[np.argmin(_cost(other, densities, labels)[:, worst]), 0]
        size = "larger" if better > answers[worst] else "smaller"
        raise AssertionError(
            f"There are better answers. With labels {labels[0]} and {labels[1]} and densities "
            f"{densities[0, worst]:.2f} (real) and {densities[1, worst]:.2f} (generated), D "
            f"answers {answers[worst]:.3f}, and a {size} answer costs less. Set a slope to zero."
        )
    _say(seed, "no other answer costs less, at any of 40 points.")


def smallest_loss(function, seed=0, share=0.25, width=0.01):
    count = round(1 / width)  # points in a box of width 1
    apart = round((1 - share) * count)
    boxes = np.zeros((2, 3 * count))
    boxes[0, count // 2 :][:count] = boxes[1, count // 2 + apart :][:count] = 1.0
    with np.errstate(all="ignore"):
        value = numbers(function(*boxes, width), "The loss", ())
    assert np.isfinite(value), (
        "The loss is not finite where a density is 0. What does a log(a) go to?"
    )
    # Outside of what both boxes share, D can be sure; inside, it can only guess.
    shared = np.log(2) * (count - apart) / count
    mistakes = {
        "this is the value of the game. D's loss is half of it, with the other sign.": -2 * shared,
        "this is the Jensen-Shannon divergence, not the loss.": np.log(2) - shared,
        "the width of the steps is missing: an integral is a sum times the width.": shared / width,
        "it is twice what it should be.": 2 * shared,
        "the sign is wrong: the loss is never negative.": -shared,
    }
    what = "The best D's loss"
    where = f"two boxes that share {share:.0%} of their width"
    compare(value, shared, mistakes, what, where, "What does D say where only one box is?")
    points = np.arange(-8, 8, width)
    centre, spread = np.random.default_rng([3, seed]).uniform((0.2, 0.5), (2, 1.5))
    bells = [np.exp(-(points**2) / 2), np.exp(-(((points - centre) / spread) ** 2) / 2)]
    bells = np.stack([bell / (bell.sum() * width) for bell in bells])
    other = np.linspace(0.0005, 0.9995, 1000)[:, None]
    wanted = width * _cost(other, bells[:, ::8], (1.0, 0.0)).min(axis=0).sum() * 8 / 2
    value = numbers(function(*bells, width), "The loss", ())
    assert close(value, wanted, 2e-3), f"{what} is right for two boxes, but not for two bells."
    _say(seed, f"{where} leave the best D a loss of {shared:.3f}.")


# ---- ps2_networks


def _built(builder, *arguments):
    """Returns the network that a student's function makes, after a look at what it is."""
    import keras

    call = f"{builder.__name__}({', '.join(map(str, arguments))})"
    assert not set(builder.__code__.co_names) & {"ganlib", "fully_connected", "dcgan"}, (
        "build the network from keras.layers: what ganlib makes has another specification."
    )
    try:
        network = builder(*arguments)
    except NotImplementedError:
        raise
    except Exception as error:
        text = str(error).strip().splitlines() or [""]
        hint = ""
        if "positive integer" in text[0]:
            hint = " To Keras, a number that numpy has computed is not an int. What makes it one?"
        elif "negative" in text[0]:
            hint = " Does a map get too small? Which padding keeps what is at the border?"
        raise AssertionError(
            f"{call} ends in {type(error).__name__}: {text[0]}{hint}"
        ) from error
    assert network is not None, f"{call} is None: does it end in `return`?"
    known = isinstance(network, keras.Sequential) or hasattr(network, "inputs")
    assert isinstance(network, keras.Model) and known, (
        f"{call} is a {type(network).__name__}, and a Keras model was expected: keras.Model(inputs,"
        " outputs) or keras.Sequential([...])."
    )
    return network


def _called(network, inputs, shape, what):
    """Returns what a network answers, an array of a known shape."""
    try:
        outputs = np.asarray(network(inputs, training=False))
    except Exception as error:
        text = str(error).strip().splitlines() or [""]
        raise AssertionError(
            f"the network does not take {what} of shape {inputs.shape}: {text[0]}"
        ) from error
    hint = "Does your function contain a number that should follow from its arguments?"
    if outputs.ndim != len(shape) or outputs.ndim > 2 and len(shape) == 2:
        hint = "How many axes should it have, and which layer gives it those?"
    assert outputs.shape == shape, (
        f"{what} of shape {inputs.shape} give an output of shape {outputs.shape}, and {shape} was"
        f" expected. {hint}"
    )
    return outputs


def _leaves(network, *kinds):
    """Returns the layers of a network in their order, those of a part of it included."""
    leaves = []
    for layer in network.layers:
        leaves += _leaves(layer) if hasattr(layer, "layers") else [layer]
    return [each for each in leaves if not kinds or type(each).__name__ in kinds]


def _width(layer):
    """Returns how many numbers, or channels, go into a batch normalization."""
    return (layer.moving_mean if layer.built else layer.input).shape[-1]


class _Probe:
    """A network whose weights are made so simple that its answers tell what it is built of.

    All kernels are positive and sum to 1, and nothing else does anything. So a positive input stays
    positive on its way, and each activation meets a negative one as it is.
    """

    def __init__(self, network, shape):
        self.network, self.shape = network, shape
        for layer in _leaves(network):
            for weight in layer.weights:
                values = np.zeros(weight.shape)
                if weight.name == "kernel":
                    outputs = weight.shape[-2 if "Transpose" in type(layer).__name__ else -1]
                    strides = np.prod(getattr(layer, "strides", 1))
                    share = strides if "Transpose" in type(layer).__name__ else 1
                    values += share * outputs / np.prod(weight.shape)
                elif weight.name in ("gamma", "moving_variance"):
                    values += 1 - layer.epsilon if "variance" in weight.name else 1
                weight.assign(values)
        self.ending = self._ending()  # what follows the last layer

    def _ending(self):
        last = [each for each in _leaves(self.network) if hasattr(each, "kernel")][-1]
        answers = []
        for value in (-1000.0, 0.0, 1000.0):  # without a bias, the input has to do
            if last.use_bias:
                last.bias.assign(np.full(last.bias.shape, value))
            answers.append(float(np.mean(self._raw(0.0 if last.use_bias else value))))
        if last.use_bias:
            last.bias.assign(np.zeros(last.bias.shape))
        low, middle, high = answers
        if high > 1.5:
            return "nothing" if low < -0.9 * high or not last.use_bias else "an activation"
        return "tanh" if low < -0.5 else "a sigmoid" if 0.1 < middle < 0.9 else "a softmax"

    def _raw(self, value):
        inputs = np.full(self.shape, value, "float32")
        return np.asarray(self.network(inputs, training=False), "float64")

    def __call__(self, value):
        """Returns what the last layer makes of an input that is the same number everywhere."""
        answers = self._raw(value)
        if self.ending == "tanh":
            answers = np.arctanh(np.clip(answers, -1, 1))
        elif self.ending == "a sigmoid":
            answers = np.log(answers / (1 - answers))
        return float(np.mean(answers))

    def check_ending(self, wanted, hint):
        """Looks at what follows the last layer: "tanh" or "nothing"."""
        assert self.ending == wanted, f"{hint} Your network ends in {self.ending}."
        # What is undone must be proportional to the input, or it was something similar.
        assert np.isclose(self(1.0), 10 * self(0.1), rtol=0.02), f"{hint} Yours bends elsewhere."

    def check_slope(self, slope, count):
        """Looks at the slope of the activations, of which there should be `count`."""
        step = 0.1
        share = -self(-step) / self(step)

        def like(other, number=count):
            return np.isclose(share, other**number, rtol=0.05, atol=1e-5)

        if like(slope) or count == 0:
            return
        each = np.abs(share) ** (1 / count)
        hint = f"in all, negative numbers are multiplied by {each:.2g} in each layer."
        if abs(share) < 1e-5:
            hint = "negative numbers are cut off. That looks like ReLU."
        elif like(1.0):
            hint = "negative numbers come through like positive ones. Where is the activation?"
        elif like(0.3):
            hint = "the slope looks like 0.3, which Keras uses if you name none."
        elif like(slope, count - 1) or like(slope, count + 1):
            more = "few" if like(slope, count - 1) else "many"
            hint = f"this looks like one activation too {more}. Count them."
        raise AssertionError(f"the slope for negative numbers is not {slope}: {hint}")

    def check_order(self, slope):
        """Looks whether the last batch normalization comes before the activation."""
        layer = _leaves(self.network, "BatchNormalization")[-1]
        layer.beta.assign(np.full(layer.beta.shape, -0.5))
        rise = (self(0.2) - self(0.1)) / 0.1
        layer.beta.assign(np.zeros(layer.beta.shape))
        plain = (self(0.2) - self(0.1)) / 0.1
        assert np.isclose(rise / plain, slope, rtol=0.1), (
            "a shift by batch normalization should decide which numbers the activation lets"
            " through, and it does not. In which order do the two come?"
        )


def _biases(layers, wanted):
    for layer, bias in zip(layers, wanted, strict=True):
        assert layer.use_bias == bias, (
            f"a layer that makes {layer.output.shape[1:]} has {'a' if layer.use_bias else 'no'}"
            f" bias, and the specification says {'one' if bias else 'none'}: a bias does nothing if"
            " batch normalization follows, and is needed where none follows."
        )


def to_network(function, seed=0):
    """Checks the way from stored images to numbers for the networks."""
    every = np.random.default_rng(seed).permutation(256).astype("uint8").reshape(2, 8, 16, 1)
    kept = every.copy()
    images = function(every)
    values = numbers(images, "to_network(images)", every.shape)
    assert np.array_equal(every, kept), "to_network has changed the images that it was given."
    along = values.ravel()[np.argsort(every.ravel())]
    rise = np.diff(along)
    assert np.all(rise > 0), (
        "a brighter pixel should become a larger number, and somewhere it does not. Arithmetic on"
        " uint8 wraps around at 256: make floats first."
    )
    low, high = along[[0, -1]]
    assert not (abs(low) < 0.01 and abs(high - 1) < 0.01), (
        "these numbers go from 0 to 1. Which range does a tanh have?"
    )
    assert abs(low + 1) < 1e-5 and abs(high - 1) < 1e-5, (
        f"the darkest pixel becomes {low:.4f} and the brightest {high:.4f}; expected -1 and 1."
    )
    assert np.allclose(rise, rise.mean(), atol=1e-5), (
        "the numbers of two neighbouring gray levels should be equally far apart everywhere."
    )
    kind = str(getattr(images, "dtype", type(images).__name__))
    assert "float32" in kind, f"the numbers are {kind}, and float32 was expected."
    middle = np.clip(kept, 60, 180)  # an array without black and white
    values = numbers(function(middle.copy()), "to_network(images)", middle.shape)
    assert np.allclose(values, np.interp(middle, (0, 255), (-1, 1)), atol=1e-5), (
        "a gray level becomes another number where the array holds no black and no white. It should"
        " not depend on the rest of the array."
    )
    print("Right: 0 becomes -1, 255 becomes 1, and all between them in equal steps.")


def to_files(function, seed=0):
    """Checks the way back, which has to find the nearest of 256 gray levels."""
    every = np.random.default_rng(seed).permutation(256).reshape(2, 8, 16, 1)
    ends = np.interp(every, (0, 255), (-1, 1))
    for off in (0.0, 0.4, -0.4):  # of the distance between two gray levels
        made = np.clip(ends + off * 2 / 255, -1, 1).astype("float32")
        files = function(made.copy())
        values = numbers(files, "to_files(images)", every.shape)
        kind = str(getattr(files, "dtype", type(files).__name__))
        assert "uint8" in kind, f"the pixels are {kind}, and uint8 was expected."
        wrong = values - every
        assert np.abs(wrong).max() < 3, (
            f"a pixel of {every.ravel()[np.abs(wrong).argmax()]} has become"
            f" {values.ravel()[np.abs(wrong).argmax()]:.0f} on the way to the network and back."
        )
        assert not wrong.any(), (
            f"{np.mean(wrong != 0):.0%} of the pixels are one off on the way back. What happens to"
            " 17.9 when it becomes a whole number?"
        )
    print("Right: each of the 256 gray levels comes back as it was.")


_COUNTED = (  # image_shape, latent_dim, units, and the numbers, counted by hand
    ((1, 1, 1), 1, (), 2, 0),
    ((2, 2, 1), 3, (5,), 49, 10),
    ((2, 3, 1), 3, (5, 2), 57, 14),
)


def count_weights(function, cases=_COUNTED):
    """Checks how many weights the generator of the specification has."""
    for image_shape, latent_dim, units, trained, moving in cases:
        call = f"count_weights({image_shape}, {latent_dim}, {units})"
        answer = function(image_shape, latent_dim, units)
        counted = numbers(answer, call, (2,))
        pixels, hidden = int(np.prod(image_shape)), sum(units)
        off = counted[0] - trained
        hint = ""
        if moving != trained and tuple(counted) == (moving, trained):
            hint = "In which order should the two numbers come?"
        elif hidden and off == hidden:
            hint = "One too many for each hidden unit. Which layers have a bias here?"
        elif hidden and off == 2 * hidden:
            hint = "Two too many for each hidden unit. Does training move all four numbers?"
        elif hidden and off == -2 * hidden:
            hint = "Two are missing for each hidden unit. What does batch normalization learn?"
        elif off == -pixels:
            hint = "One is missing for each number of the image."
        elif len(units) > 1 and off:
            hint = "Between two hidden layers, which two widths are multiplied?"
        assert not off, f"{call}: {counted[0]:,.0f} are not the weights that training moves. {hint}"
        assert counted[1] == moving, (
            f"{call}: {counted[1]:,.0f} are not the numbers that batch normalization keeps as"
            " moving averages. How many does it keep for each hidden unit?"
        )
    print(f"Right: for {image_shape}, {latent_dim}, {units} these are {trained:,} and {moving:,}.")


def dense_generator(function, cases=(((28, 28, 1), 16, (32, 24)), ((4, 6, 3), 5, (9,)))):
    """Checks what goes into the generator and what comes out."""
    for image_shape, latent_dim, units in cases:
        network = _built(function, image_shape, latent_dim, units)
        latents = np.zeros((3, latent_dim), "float32")
        _called(network, latents, (3, *image_shape), "latents")
        _Probe(network, latents.shape).check_ending(
            "tanh", "The images should be numbers from -1 to 1, made by a tanh."
        )
    print(f"Right: latents become images in [-1, 1], here of {image_shape}.")


def dense_generator_layers(function, cases=(((4, 6, 3), 5, (9, 7, 8)), ((3, 3, 1), 2, (4, 6)))):
    """Checks what the generator is built of."""
    for image_shape, latent_dim, units in cases:
        network = _built(function, image_shape, latent_dim, units)
        latents = np.zeros((3, latent_dim), "float32")
        network(latents)
        dense, norms = _leaves(network, "Dense"), _leaves(network, "BatchNormalization")
        widths, wanted = [each.units for each in dense[:-1]], list(units)
        assert widths == wanted, (
            f"for units {units}, the hidden dense layers are {widths} wide. Each width gets one"
            " layer, in the order given, and one more layer makes the numbers of the image."
        )
        assert [_width(each) for each in norms] == wanted, (
            f"batch normalization follows layers of the widths {[_width(each) for each in norms]},"
            f" and it should follow each hidden layer, {wanted}, and no other."
        )
        _biases(dense, [*[False] * len(units), True])
        assert all(np.isclose(each.momentum, 0.9) for each in norms), (
            f"the moving averages have the momentum {norms[0].momentum}, and 0.9 was specified. How"
            " many steps does 0.99 remember?"
        )
        assert all(each.scale and each.center for each in norms), (
            "batch normalization should learn a scale and a shift, as it does by default."
        )
        assert not [each for each in _leaves(network) if "Dropout" in type(each).__name__], (
            "the specification has no dropout in G."
        )
        probe = _Probe(network, latents.shape)
        probe.check_slope(0.2, len(units))
        probe.check_order(0.2)
    print("Right: widths, biases, normalization and activations are as specified.")


_LOGIT = (
    "D should answer with a logit, any number from minus to plus infinity. The loss applies the"
    " sigmoid; what comes of two sigmoids?"
)


def dense_discriminator(function, cases=(((28, 28, 1), (24, 16), 0.3), ((4, 6, 3), (9,), 0.0))):
    """Checks what goes into the discriminator and what comes out."""
    for image_shape, units, dropout in cases:
        network = _built(function, image_shape, units, dropout)
        images = np.zeros((5, *image_shape), "float32")
        _called(network, images, (5, 1), "images")
        _Probe(network, images.shape).check_ending("nothing", _LOGIT)
    print(f"Right: an image, here of {image_shape}, becomes one logit.")


def dense_discriminator_layers(
    function, cases=(((4, 6, 3), (9, 7, 8), 0.3), ((3, 3, 1), (4, 6), 0.0))
):
    """Checks what the discriminator is built of."""
    for image_shape, units, dropout in cases:
        network = _built(function, image_shape, units, dropout)
        images = np.ones((5, *image_shape), "float32")
        network(images)
        dense = _leaves(network, "Dense")
        widths = [each.units for each in dense[:-1]]
        assert widths == list(units), (
            f"for units {units}, the hidden dense layers are {widths} wide. Each width gets one"
            " layer, in the order given, and one more layer makes the logit."
        )
        assert not _leaves(network, "BatchNormalization"), (
            "there is batch normalization in D, which should judge each image on its own."
        )
        _biases(dense, [True] * len(dense))
        drops = [each for each in _leaves(network) if "Dropout" in type(each).__name__]
        drops = [each for each in drops if each.rate]
        places = [each.input.shape[-1] for each in drops]
        wanted = list(units) if dropout else []
        assert places == wanted, (
            f"with dropout {dropout}, something is dropped from layers of the widths {places}, and"
            f" it should be from {wanted}: each hidden layer, and no other, has a dropout layer of"
            " its own."
        )
        assert all(np.isclose(each.rate, dropout) for each in drops), (
            f"the share that is dropped should be the argument, {dropout}."
        )
        _Probe(network, images.shape).check_slope(0.2, len(units))
    print("Right: widths, biases, dropout and activations are as specified.")


# ---- ps3_training_step


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _rows_of(toys):
    return toys.images.reshape(len(toys.images), -1).astype("float64")


def _step_of_a_line(players, weights, bias, rate, per_logit):
    """Returns weights and bias after a step of gradient descent, for logits of one dense layer."""
    w_slope, b_slope = np.zeros(weights.shape), 0.0
    for inputs, slope in zip(players, per_logit, strict=True):
        w_slope += inputs.T @ slope / len(inputs)
        b_slope += slope.mean()
    return np.concatenate([(weights - rate * w_slope).ravel(), [bias - rate * b_slope]])


class _Toys:
    """Two networks of one dense layer each, with or without batch normalization, and some data.

    Small enough to work out a step with a pencil, or with numpy.
    """

    def __init__(self, seed, g_norm=False, d_norm=False, size=12):
        import keras

        random = np.random.default_rng(seed)
        norm = dict(scale=False, center=False, momentum=0.9)
        g_layers = [keras.Input((3,)), keras.layers.Dense(4)]
        g_layers += [keras.layers.BatchNormalization(**norm)] if g_norm else []
        d_layers = [keras.Input((2, 2, 1)), keras.layers.Flatten()]
        d_layers += [keras.layers.BatchNormalization(**norm)] if d_norm else []
        g_layers.append(keras.layers.Reshape((2, 2, 1)))
        d_layers.append(keras.layers.Dense(1))
        self.generator = keras.Sequential(g_layers, name="generator")
        self.discriminator = keras.Sequential(d_layers, name="discriminator")
        for network in (self.generator, self.discriminator):
            network.set_weights([
                random.uniform(1.0, 2.0, weight.shape) if "variance" in weight.name
                else random.normal(size=weight.shape) for weight in network.weights
            ])
        self.images = random.normal(0.5, 1.0, (size, 2, 2, 1)).astype("float32")
        self.latents = random.normal(0.3, 1.0, (size, 3)).astype("float32")
        self.rate = 0.5
        self.optimizer = keras.optimizers.SGD(self.rate)
        self.kernel, self.bias = self.generator.get_weights()[:2]
        self.d_kernel, self.d_bias = self.discriminator.get_weights()[-2:]
        if d_norm:
            self.d_kernel, self.d_bias = self.discriminator.layers[-1].get_weights()
        self.before = {each: each.get_weights() for each in self.networks}
        self.flags = [layer.trainable for each in self.networks for layer in each.layers]
        self.g_norm, self.d_norm = g_norm, d_norm

    @property
    def networks(self):
        return self.generator, self.discriminator

    def fakes(self):
        """Returns the images of the batch as rows of numbers."""
        rows = self.latents @ self.kernel + self.bias
        return self.normal(rows) if self.g_norm else rows.astype("float64")

    def by_moving(self, network, rows):
        """Returns rows as the batch normalization of a network makes them in inference mode."""
        names = [weight.name for weight in network.weights]
        mean, variance = (self.before[network][names.index(f"moving_{each}")]
                          for each in ("mean", "variance"))
        return (rows - mean) / np.sqrt(variance + 1e-3)

    @staticmethod
    def normal(rows, by=None):
        by = rows if by is None else by
        return (rows - by.mean(axis=0)) / np.sqrt(by.var(axis=0) + 1e-3)

    def changed(self, network, within=1e-6):
        """Returns what is no longer as it was, a list of paths."""
        return [
            weight.path for weight, old in zip(network.weights, self.before[network], strict=True)
            if not np.allclose(np.asarray(weight), old, rtol=0, atol=within)
        ]

    def check_flags(self):
        flags = [layer.trainable for each in self.networks for layer in each.layers]
        assert flags == self.flags, (
            "after the call, a layer is no longer trainable, or is trainable that was not."
        )


def _toggles(function):
    """Returns what to say about a function that switches `trainable`, else ''."""
    if "trainable" not in getattr(getattr(function, "__code__", None), "co_names", ()):
        return ""
    return (
        " Your function switches `trainable`. In Keras that does more than keep an optimizer away:"
        " a layer of batch normalization that is not trainable takes its moving averages."
    )


def _attempt(function, *arguments):
    """Calls a training step, and explains the errors that the lessons have met."""
    try:
        return function(*arguments)
    except ValueError as error:
        if "gradient" not in str(error).lower():
            raise
        raise AssertionError(
            "no gradient reaches the weights that should learn. Has the tape seen how the logits"
            f" came from these weights? Keras says: {str(error).split('.')[0]}."
        ) from error


def _loss_of(result, expected, name):
    value = numbers(result, f"the loss that {name} returns", (), advice=OVER_BATCH)
    assert close(value, expected, 1e-3), (
        f"{name} returns {value:.4f}, which is not the loss of the logits before the step."
    )


def _compare_step(toys, network, old, wanted, mistakes, rate_hint):
    """Compares a step with the right one, and with those that typical mistakes lead to."""
    got = np.concatenate([
        np.asarray(weight, "float64").ravel() for weight in network.trainable_weights
    ])
    step, right = got - old, wanted - old
    if np.allclose(step, right, atol=1e-4):
        return
    assert np.abs(step).max() > 1e-7, f"no weight of {rate_hint} has moved, and all should."
    for other, hint in mistakes:
        assert not np.allclose(step, other - old, atol=1e-4), hint
    share = float(step @ right / (right @ right))
    if np.allclose(step, share * right, atol=1e-4 * max(1, abs(share))):
        size = len(toys.latents)
        hint = f"{share:.3g} times as far as the gradient says."
        if share < 0:
            hint = "backwards: it climbs where it should go down."
        elif np.isclose(share, 1 / size, rtol=0.01) or np.isclose(share, size, rtol=0.01):
            hint += f" A batch has {size} images. How often, and where, is the mean taken?"
        raise AssertionError(f"the step of {rate_hint} is on the right line, but goes {hint}")
    raise AssertionError(
        f"the step of {rate_hint} is not a step down the slope of its loss. Compare the loss, the"
        " list of weights and the images with lesson 01."
    )


def moved(function, seed=0):
    """Checks the tool that tells which arrays of a network an action has changed."""
    toys = _Toys(seed, d_norm=True)
    network, count = toys.discriminator, []
    paths = {weight.name: weight.path for weight in network.weights}

    def change(*names):
        count.append(names)
        for weight in network.weights:
            if weight.name in names:
                values = np.array(weight)
                values.ravel()[-1] += 0.5
                weight.assign(values)

    for names in ((), ("kernel",), ("moving_mean",), ("bias", "moving_variance"), tuple(paths)):
        count.clear()
        answer = function(network, lambda names=names: change(*names))
        assert answer is not None, "moved(network, action) is None: does it end in `return`?"
        assert len(count) == 1, f"the action has been called {len(count)} times; once is right."
        assert not isinstance(answer, (int, str)), f"expected a list of paths, not {answer!r}."
        answer = list(answer)
        assert all(isinstance(each, str) for each in answer), (
            "expected a list of paths, which are texts: `weight.path`."
        )
        assert not (answer and set(answer) <= set(paths) and set(answer) != set(paths.values())), (
            "expected `weight.path`: names alone, such as 'kernel', occur in many layers."
        )
        wanted = sorted(paths[name] for name in names)
        if sorted(answer) == wanted:
            continue
        text = f"{', '.join(names) or 'nothing'} changed, and moved says {answer}."
        assert answer or "kernel" not in names, (
            f"{text} Is what you keep from before a copy? A variable shows what it holds now."
        )
        missing = set(wanted) - set(answer)
        assert not any("moving" in path for path in missing), (
            f"{text} Which list of a network also holds what is not trained?"
        )
        raise AssertionError(f"{text} Compare each array before and after; list all that differ.")
    print("Right: it finds what is trained and what is not, and nothing when nothing moves.")


def _generates_well(function, seed):
    toys = _Toys(seed, g_norm=True)
    # What a batch of its own would be shifted by must not be what the moving averages say.
    for weight in toys.generator.weights:
        if weight.name == "moving_mean":
            weight.assign(np.full(weight.shape, 3.0))
    toys.before[toys.generator] = toys.generator.get_weights()
    made = [numbers(function(toys.generator, toys.latents), "generate(...)", (12, 2, 2, 1))
            for _ in range(2)]
    mean, spread = made[0].mean(axis=0), made[0].std(axis=0)
    assert np.allclose(mean, 0, atol=1e-3) and np.allclose(spread, 1, atol=0.05), (
        "these images are normalized by the moving averages of G, and not by the mean and variance"
        " of their own batch, as they are in training." + _toggles(function)
    )
    changed = toys.changed(toys.generator)
    assert not changed, (
        f"generate has changed G's {', '.join(changed)}. Nothing in G may be different afterwards."
    )
    assert np.allclose(*made, atol=1e-5), "a second call with the same latents gives other images."
    toys.check_flags()
    momenta = [each.momentum for each in _leaves(toys.generator, "BatchNormalization")]
    assert np.allclose(momenta, 0.9), "the momentum of a layer is no longer what it was."


def generate(function, seed=0):
    """Checks that images are made as in training, and that this leaves no trace in G."""
    _generates_well(function, seed)
    print("Right: images of a batch by its own statistics, and G is as it was.")


class _RightGenerate:
    """Lends a step a right `generate` where its own is not right, which costs elsewhere."""

    def __init__(self, step, seed):
        self.space, self.seed = step.__globals__, seed
        self.own = {name: self.space[name] for name in ("generate",) if name in self.space}

    def __enter__(self):
        try:
            _generates_well(self.own["generate"], self.seed)
        except Exception:
            self.space["generate"] = _fakes_by_hand

    def __exit__(self, *error):
        self.space.pop("generate", None)
        self.space.update(self.own)


def _fakes_by_hand(generator, latents):
    """Returns the images of a toy, worked out with numpy, which leaves no trace."""
    kernel, bias, *norm = generator.get_weights()
    rows = np.asarray(latents) @ kernel + bias
    return (_Toys.normal(rows) if norm else rows).reshape(-1, 2, 2, 1).astype("float32")


def _d_case(function, toys, fakes, real, mixtures=()):
    """Lets D take one step, and compares it with the step of logistic regression."""
    weights, bias = toys.d_kernel.astype("float64"), float(toys.d_bias[0])
    old = np.concatenate([weights.ravel(), [bias]])
    result = _attempt(
        function, *toys.networks, toys.optimizer, toys.images, toys.latents
    )

    def step(real, fake, swapped=False, twice=False):
        real_p, fake_p = (_sigmoid(each @ weights + bias) for each in (real, fake))
        slopes = [(real_p - (not swapped)) / 2, (fake_p - swapped) / 2]
        if twice:
            slopes = [(_sigmoid(real_p) - 1) / 2 * real_p * (1 - real_p),
                      _sigmoid(fake_p) / 2 * fake_p * (1 - fake_p)]
        return _step_of_a_line((real, fake), weights, bias, toys.rate, slopes)

    mistakes = [
        (step(real, fakes, swapped=True),
         "D learns to call real images fake, and generated ones real. Which of the two comes"
         " first?"),
        (step(real, fakes, twice=True),
         "this is a step with the sigmoid applied twice. What does the loss take?"),
    ]
    mistakes += [(step(*rows), hint) for rows, hint in mixtures]
    for rows, answer, name in ((real, 1, "real"), (fakes, 0, "generated")):
        slope = (_sigmoid(rows @ weights + bias) - answer) / 2
        mistakes.append((_step_of_a_line((rows,), weights, bias, toys.rate, [slope]),
                         f"D has learned from {name} images only."))
    _compare_step(toys, toys.discriminator, old, step(real, fakes), mistakes, "D")
    logits = real @ weights + bias, fakes @ weights + bias
    loss = 0.5 * np.mean(np.log1p(np.exp(-logits[0])) + np.log1p(np.exp(logits[1])))
    _loss_of(result, loss, "d_step")
    toys.check_flags()


def d_step(function, seed=0):
    """Checks a step of D: that it is one, and that G is left in peace."""
    with _RightGenerate(function, seed):
        _steps_well(function, seed)
    print("Right: D has taken its step, and nothing in G has changed.")


def _steps_well(function, seed):
    toys = _Toys(seed)
    _d_case(function, toys, toys.fakes(), _rows_of(toys))
    changed = toys.changed(toys.generator)
    assert not changed, (
        f"a step of D has changed G's {', '.join(changed)}. Whose weights learn here?"
    )

    toys = _Toys(seed + 1, d_norm=True)
    fakes, both = toys.fakes(), np.concatenate([_rows_of(toys), toys.fakes()])
    moving = [toys.by_moving(toys.discriminator, each) for each in (_rows_of(toys), fakes)]
    mixed = toys.normal(_rows_of(toys), both), toys.normal(fakes, both)
    _d_case(function, toys, toys.normal(fakes), toys.normal(_rows_of(toys)), [
        (mixed, "where D has batch normalization, the statistics of real and generated images are"
                " mixed: they have been shown to D in one batch."),
        (moving, "where D has batch normalization, D judges by its moving averages, as if it"
                 " were not training." + _toggles(function)),
    ])

    toys = _Toys(seed + 2, g_norm=True)
    moving = toys.by_moving(toys.generator, toys.latents @ toys.kernel + toys.bias)
    _d_case(function, toys, toys.fakes(), _rows_of(toys), [
        ((_rows_of(toys), moving), "D has been shown images that G makes by its moving averages,"
         " and not those that it makes when it learns." + _toggles(function)),
    ])
    changed = toys.changed(toys.generator)
    assert not changed, (
        f"a step of D has changed G's {', '.join(changed)}. No gradient did that; which call did?"
    )


def _g_case(function, toys):
    """Lets G take one step, and compares it with the one that the chain rule gives."""
    weights, bias = toys.d_kernel.astype("float64"), float(toys.d_bias[0])
    latents = toys.latents.astype("float64")
    fakes = toys.fakes()
    seen = toys.normal(fakes) if toys.d_norm else fakes
    logits = seen @ weights + bias
    old = np.concatenate([toys.kernel.ravel(), toys.bias])
    result = _attempt(function, *toys.networks, toys.optimizer, toys.latents)
    changed = toys.changed(toys.discriminator)
    assert not changed, (
        f"a step of G has changed D's {', '.join(changed)}. "
        + ("No gradient did that; which call did?" if "moving" in "".join(changed)
           else "Whose weights learn here?")
    )
    toys.check_flags()

    def step(per_logit):
        slopes = per_logit * weights.T / len(latents)
        moves = np.concatenate([(latents.T @ slopes).ravel(), slopes.sum(axis=0)])
        return old - toys.rate * moves

    if not (toys.g_norm or toys.d_norm):  # otherwise the loss tells what the logits were
        p = _sigmoid(logits)
        mistakes = [
            (step(-p), "this is a step of the minimax loss, which is flat where D is sure."),
            (step(p), "G learns what suits D: this is the way to images that D calls fake."),
            (step(p / 2), "G learns what suits D: this is the way to images that D calls fake."),
            (step((_sigmoid(p) - 1) * p * (1 - p)),
             "this is a step with the sigmoid applied twice. What does the loss take?"),
        ]
        _compare_step(toys, toys.generator, old, step(p - 1), mistakes, "G")
    value = numbers(result, "the loss that g_step returns", (), advice=OVER_BATCH)
    if toys.d_norm and not close(value, np.mean(np.log1p(np.exp(-logits))), 1e-3):
        moving = toys.by_moving(toys.discriminator, fakes) @ weights + bias
        assert not close(value, np.mean(np.log1p(np.exp(-moving))), 1e-3), (
            "where D has batch normalization, D judges by its moving averages, and not by the"
            " statistics of the batch, as it does when it learns." + _toggles(function)
        )
    if toys.g_norm:
        moving = toys.by_moving(toys.generator, latents @ toys.kernel + toys.bias)
        moving = moving @ weights + bias
        assert not close(value, np.mean(np.log1p(np.exp(-moving))), 1e-3), (
            "G makes its images by its moving averages, and should use the statistics of the batch."
        )
    _loss_of(result, np.mean(np.log1p(np.exp(-logits))), "g_step")


def g_step(function, seed=0):
    """Checks a step of G: that it is one, and that D is left in peace."""
    _g_case(function, _Toys(seed))
    _g_case(function, _Toys(seed + 1, d_norm=True))
    toys = _Toys(seed + 2, g_norm=True)
    _g_case(function, toys)
    old, new = (
        dict(zip([weight.name for weight in toys.generator.weights], values, strict=True))
        for values in (toys.before[toys.generator], toys.generator.get_weights())
    )
    batch = (toys.latents @ toys.kernel + toys.bias).mean(axis=0)
    times = (new["moving_mean"] - old["moving_mean"]) / (0.1 * (batch - old["moving_mean"]))
    assert not np.allclose(times, 0, atol=0.01), (
        "G's moving averages have not followed this batch. In its own turn, all of G may move."
    )
    assert np.allclose(times, 1, atol=0.01), (
        "G's moving averages should follow the images of a step once. Are these made twice?"
    )
    print("Right: G has taken its step, and nothing in D has changed.")


def play(function, seed=0):
    """Checks a step of the game, which is made of the two steps that you have written."""
    space = function.__globals__
    own = {name: space[name] for name in ("d_step", "g_step") if name in space}
    images = np.random.default_rng(seed).integers(0, 256, (12, 2, 2, 1)).astype("uint8")
    try:
        _turns(space, seed, _scaled(images))
    except Exception:  # a step of one's own that fails costs points there, and not here as well
        space.update(d_step=_d_stand_in, g_step=_g_stand_in)
    try:
        _play(function, seed, images)
    finally:
        space.update(own)
    print("Right: D has had its turn, and G has answered the new D.")


def _scaled(images):
    return np.interp(images, (0, 255), (-1, 1)).astype("float32")


def _d_stand_in(generator, discriminator, optimizer, images, latents):
    return _push(discriminator, np.mean(images) + np.mean(latents) + generator.weights[0][0, 0])


def _g_stand_in(generator, discriminator, optimizer, latents):
    return _push(generator, np.mean(latents) - discriminator.weights[-1][0])


def _push(network, value):
    network.set_weights([each + 0.1 * float(value) for each in network.get_weights()])
    return float(value)


def _after(seed, steps):
    """Returns all numbers of G and of D after some steps, and what these have returned."""
    import keras

    toys = _Toys(seed, g_norm=True, d_norm=True)
    optimizers = {"D": keras.optimizers.SGD(0.1), "G": keras.optimizers.SGD(0.3)}
    answer = steps(toys, optimizers)
    return [np.concatenate([each.ravel() for each in network.get_weights()])
            for network in toys.networks], answer


def _turns(space, seed, shown, players="DG", optimizers=None):
    """Returns what `_after` does, for turns of some players with some players' optimizers."""
    def steps(toys, owned):
        losses = {}
        for player, owner in zip(players, optimizers or players, strict=True):
            step, images = space[f"{player.lower()}_step"], [shown] if player == "D" else []
            losses[player] = step(*toys.networks, owned[owner], *images, toys.latents)
        return [float(losses[player]) for player in "DG"]

    return _after(seed, steps)


def _play(function, seed, images):
    """Compares `play` with the turns of the two steps that it can call."""
    space, shown = function.__globals__, _scaled(images)

    def steps(toys, owned):
        try:
            return function(*toys.networks, owned["G"], owned["D"], images, toys.latents)
        except (AssertionError, NotImplementedError):
            raise
        except Exception as error:
            text = str(error).strip().splitlines() or [""]
            hint = "Does each step get what it takes, and in which order?"
            if "Unknown variable" in text[0]:
                hint = "An optimizer serves one network. Whose is given to whom?"
            raise AssertionError(
                f"play ends in {type(error).__name__}: {text[0][:200]} {hint}"
            ) from error

    def like(*turns):
        return all(np.allclose(a, b, atol=1e-4)
                   for a, b in zip(got, _turns(space, seed, *turns)[0], strict=True))

    right, losses = _turns(space, seed, shown)
    got, answer = _after(seed, steps)
    start, _ = _after(seed, lambda *ignored: None)
    for network, name in enumerate("GD"):
        stands = np.allclose(got[network], start[network])
        # If one's own step moves nothing, it costs points there, and not here as well.
        assert not stands or np.allclose(right[network], start[network]), (
            f"{name} has not moved at all."
        )
    if not like(shown):
        mistakes = [
            ("D has been shown pixels from 0 to 255. In which range does G make images?",
             [images.astype("float32")]),
            ("D has been shown real images from 0 to 1. In which range does G make images?",
             [images / np.float32(255)]),
            ("G has moved first. In the lessons, G answers the new D.", [shown, "GD"]),
            ("one of the players has had two turns.", [shown, "DDG"]),
            ("one of the players has had two turns.", [shown, "DGG"]),
            ("each player has used the optimizer of the other.", [shown, "DG", "GD"]),
        ]
        for hint, turns in mistakes:
            assert not like(*turns), hint
        raise AssertionError(
            "this is something other than a turn of D with these images and latents, and then a"
            " turn of G with the same latents, by your own d_step and g_step."
        )
    values = numbers(answer, "play(...)", (2,))
    assert not np.allclose(values, losses[::-1], atol=1e-4) or np.isclose(*losses, atol=1e-3), (
        "the losses come in the wrong order: D's first."
    )
    assert np.allclose(values, losses, atol=1e-4), "these are not the losses of the two turns."


# ---- ps4_any_size

_BAD_SHAPES = ((28, 28), (28, 28, 0), (28.5, 28, 1), (28, -4, 3), (28, 28, 1, 1))
_SMALL_SHAPES = ((3, 28, 1), (28, 7, 3), (1, 1, 1))


def _sizes_are_right(function, cases):
    for size, count in cases:
        call = f"map_sizes({size}, {count})"
        answer = function(size, count)
        sizes = numbers(answer, call)
        wanted = [side for side, _ in _sides((size, 1), count)]
        sizes = [float(each) for each in sizes.ravel()]
        assert len(sizes) == count + 1 and sizes[:1] == [size], (
            f"{call} should start with the image itself, and have {count + 1} numbers in all. It is"
            f" {answer}."
        )
        assert all(each == int(each) for each in sizes), f"{call}: rows come in whole numbers."
        first = next((i for i, pair in enumerate(zip(sizes, wanted, strict=True))
                      if pair[0] != pair[1]), None)
        assert first is None, (
            f"{call}: from {wanted[first - 1]} rows, a convolution with stride 2 and padding"
            f" \"same\" does not make {sizes[first]:.0f}. It looks at rows 0, 2, 4, ... as long as"
            " there are any. How many is that?"
        )
    return f"{call} is {answer}"


def map_sizes(function, cases=((28, 2), (25, 3), (5, 0), (1, 3))):
    """Checks how large the maps of D are, which Keras knows as well."""
    print(f"Right: {_sizes_are_right(function, cases)}.")


def _refused(function, shape, count):
    """Returns what a function says when it refuses a shape, or None if it takes it."""
    try:
        function(shape, count)
    except NotImplementedError:
        raise
    except ValueError as error:
        return str(error)
    except Exception as error:
        raise AssertionError(
            f"check_shape({shape}, {count}) ends in {type(error).__name__}, and a ValueError with a"
            " message of your own was expected: look at the shape before you compute with it."
        ) from error
    return None


def _shape_is_checked(function, count, bad, small):
    for shape in ((28, 28, 1), (27, 25, 3), (2**count, 2**count, 4), [31, 17, 1],
                  tuple(np.array([2**count + 4, 2**count + 1, 3]))):
        said = _refused(function, shape, count)
        assert said is None, (
            f"check_shape({shape}, {count}) refuses an image that G can make: \"{said}\" Odd sizes"
            " are welcome, and so are the smallest size itself, any number of channels, and numpy's"
            " whole numbers."
        )
    for shape in (*bad, *small):
        said = _refused(function, shape, count)
        call = f"check_shape({shape}, {count})"
        assert said is not None, (
            f"{call} accepts that. It should raise a ValueError: printing or returning something is"
            " not enough to stop what comes after it."
        )
        missing = [str(each) for each in shape if str(each) not in said]
        assert not missing, (
            f"the message of {call} is \"{said}\" and does not say what was given: the shape"
            " itself."
        )
        assert len(said.replace(str(shape), "")) > 15, (
            f"the message of {call} is \"{said}\" and does not say what was expected instead."
        )
    for shape in small:
        said = _refused(function, shape, count)
        assert str(2**count) in said.replace(str(shape), ""), (
            f"the message of check_shape({shape}, {count}) is \"{said}\" What is the smallest"
            " height or width that would do here?"
        )


def check_shape(function, count=3, bad=_BAD_SHAPES, small=_SMALL_SHAPES):
    """Checks that impossible shapes are refused with a message that helps, and others are not."""
    _shape_is_checked(function, count, bad, small)
    print("Right: what cannot be made is refused, and the message says what to do.")


class _Helped:
    """Lends a builder what it needs in place of what is not right yet, which costs elsewhere."""

    def __init__(self, builder):
        self.builder, self.space = builder, builder.__globals__
        self.own = {name: self.space[name] for name in ("map_sizes", "check_shape")
                    if name in self.space}
        self.checks = self._is_right("check_shape", _shape_is_checked, 2, _BAD_SHAPES, ())

    def _is_right(self, name, check, *arguments):
        try:
            check(self.own[name], *arguments)
        except Exception:
            return False
        return True

    def __enter__(self):
        if not self.checks:
            self.space["check_shape"] = lambda *ignored: None
        if not self._is_right("map_sizes", _sizes_are_right, ((28, 2), (25, 3), (1, 3))):
            self.space["map_sizes"] = lambda size, count: [
                side for side, _ in _sides((size, 1), count)
            ]
        return self

    def __exit__(self, *error):
        self.space.update(self.own)

    def check_refusal(self, shape, *arguments):
        """Looks whether the builder refuses what check_shape refuses."""
        if not self.checks:
            return
        try:
            self.builder(shape, *arguments)
        except Exception as error:
            assert isinstance(error, ValueError), (
                f"{self.builder.__name__} ends in {type(error).__name__} for images of {shape}."
                " Where is your check_shape?"
            )
            return
        raise AssertionError(
            f"{self.builder.__name__} builds a network for images of {shape}. Where is your"
            " check_shape?"
        )


def _side(layer):
    return tuple(layer.input.shape[1:3])


def _sides(image_shape, count):
    """Returns (height, width) of the image and of each map of D, as Keras computes them."""
    import keras

    layer, shapes = keras.layers.Conv2D(1, 4, 2, padding="same"), [(1, *image_shape[:2], 1)]
    for _ in range(count):
        shapes.append(layer.compute_output_shape(shapes[-1]))
    return [shape[1:3] for shape in shapes]


def _kernels(layers):
    for layer in layers:
        values = np.asarray(layer.kernel)
        sure = 4 / np.sqrt(2 * values.size) + 0.15
        assert abs(values.std() / 0.02 - 1) < sure and abs(values.mean()) < 0.004 + 0.02 * sure, (
            f"the kernel that makes {layer.output.shape[1:]} starts with a standard deviation of"
            f" {values.std():.3f} around {values.mean():.3f}, and the specification says 0.02"
            " around 0."
        )


def _convolutions(network, kind, filters):
    layers = _leaves(network, kind)
    got = [each.filters for each in layers]
    assert got == list(filters), (
        f"the layers of the kind {kind} have {got} filters, and {list(filters)} were expected, in"
        " this order."
    )
    for layer in layers:
        size, stride = layer.kernel_size, layer.strides
        assert (*size, *stride) == (4, 4, 2, 2), (
            f"a layer has the kernel size {size} and the stride {stride}; the specification says 4"
            " and 2, in both directions."
        )
    return layers


def _foreign(network):
    kinds = {type(each).__name__ for each in _leaves(network)}
    others = [kind for kind in sorted(kinds) if "Dropout" in kind or "Pooling" in kind
              or kind in ("Resizing", "UpSampling2D")]
    assert not others, f"the specification has no {', '.join(others)}."


def dcgan_discriminator(
    function, cases=(((28, 28, 1), (4, 8)), ((27, 25, 3), (4, 5, 6)), ((4, 9, 4), (3, 4)))
):
    """Checks that D takes images of any size and answers with a logit."""
    with _Helped(function) as helped:
        for image_shape, filters in cases:
            network = _built(function, image_shape, filters)
            images = np.zeros((3, *image_shape), "float32")
            _called(network, images, (3, 1), "images")
            _Probe(network, images.shape).check_ending("nothing", _LOGIT)
        helped.check_refusal((3, 28, 1), (4, 8))
    print(f"Right: an image, here of {image_shape}, becomes one logit.")


def dcgan_discriminator_layers(
    function, cases=(((27, 25, 3), (16, 24, 32)), ((12, 16, 1), (20, 12)))
):
    """Checks what D is built of."""
    with _Helped(function):
        for image_shape, filters in cases:
            network = _built(function, image_shape, filters)
            images = np.zeros((3, *image_shape), "float32")
            network(images)
            layers = _convolutions(network, "Conv2D", filters)
            norms, dense = _leaves(network, "BatchNormalization"), _leaves(network, "Dense")
            sides = _sides(image_shape, len(filters))
            for layer, side in zip([*layers[1:], None], sides[1:], strict=True):
                got = _side(layer) if layer else tuple(layers[-1].output.shape[1:3])
                assert got == side, (
                    f"for images of {image_shape}, a map of D has {got} rows and columns, and your"
                    f" map_sizes should say {side}. Which padding loses nothing at the border?"
                )
            assert [each.units for each in dense] == [1], "one dense layer makes the logit."
            inputs, wanted = dense[0].kernel.shape[0], int(np.prod(sides[-1])) * filters[-1]
            assert inputs == wanted, (
                f"the logit should be made of all {wanted} numbers of the last map, and is made"
                f" of {inputs}."
            )
            _foreign(network)
            assert [_width(each) for each in norms] == list(filters[1:]), (
                f"batch normalization follows maps of {[_width(each) for each in norms]} channels,"
                f" and it should follow those of {list(filters[1:])}: which convolution has none?"
            )
            _biases([*layers, *dense], [True, *[False] * len(norms), True])
            _kernels([*layers, *dense])
            probe = _Probe(network, images.shape)
            probe.check_slope(0.2, len(filters))
            probe.check_order(0.2)
    print("Right: the maps, the normalization and the activations are as specified.")


def dcgan_generator(
    function, cases=(((28, 28, 1), 6, (8, 4)), ((27, 25, 3), 5, (6, 5, 4)), ((4, 9, 4), 3, (4, 3)))
):
    """Checks that G makes images of any size, in the range of a tanh."""
    with _Helped(function) as helped:
        for image_shape, latent_dim, filters in cases:
            network = _built(function, image_shape, latent_dim, filters)
            latents = np.zeros((3, latent_dim), "float32")
            try:
                made = network(latents).shape
            except Exception:
                made = None  # the next check tells it
            if made is not None and len(made) == 4 and tuple(made[1:]) != image_shape:
                scale = 2 ** len(filters)
                sizes = [side // scale * scale for side in image_shape[:2]]
                more = [-(-side // scale) * scale for side in image_shape[:2]]
                hint = "Does your function contain a number that should follow from its arguments?"
                if list(made[1:3]) == sizes:
                    hint = "The first map is too small. Is there a division that rounds down?"
                elif list(made[1:3]) == more:
                    hint = "The surplus has to be cut off: after which layers?"
                elif tuple(made[1:3]) == image_shape[1::-1]:
                    hint = "Which comes first, height or width?"
                raise AssertionError(
                    f"images of {image_shape} were asked for, and {tuple(made[1:])} came. {hint}"
                )
            _called(network, latents, (3, *image_shape), "latents")
            _Probe(network, latents.shape).check_ending(
                "tanh", "The images should be numbers from -1 to 1, made by a tanh."
            )
        helped.check_refusal((3, 28, 1), 5, (8, 4))
    print(f"Right: latents become images in [-1, 1], here of {image_shape}.")


def dcgan_generator_layers(
    function, cases=(((27, 25, 3), 20, (32, 24, 16)), ((13, 16, 1), 30, (20, 12)))
):
    """Checks what G is built of."""
    with _Helped(function):
        for image_shape, latent_dim, filters in cases:
            network = _built(function, image_shape, latent_dim, filters)
            latents = np.zeros((3, latent_dim), "float32")
            network(latents)
            wanted = [*filters[1:], image_shape[-1]]
            layers = _convolutions(network, "Conv2DTranspose", wanted)
            norms, dense = _leaves(network, "BatchNormalization"), _leaves(network, "Dense")
            sides = _sides(image_shape, len(filters))[::-1]
            for layer, side in zip(layers, sides[:-1], strict=True):
                assert _side(layer) == side, (
                    f"for images of {image_shape}, a map of G has {_side(layer)} rows and columns,"
                    f" where the map of D has {side}. Each map of G should be as large as one of D,"
                    " also between the first and the last."
                )
            _foreign(network)
            first = int(np.prod(sides[0])) * filters[0]
            assert [each.units for each in dense] == [first], (
                f"the dense layer should make the {first} numbers of the first map, and there"
                " should be no other dense layer."
            )
            widths = [_width(each) for each in norms]
            assert widths == list(filters), (
                f"batch normalization follows maps of {widths} channels, and it should follow those"
                f" of {list(filters)}: the first map and each but the image."
            )
            seen = [_side(each) for each in norms]
            assert seen == sides[:-1], (
                f"batch normalization sees maps of {seen} rows and columns, and they should be"
                f" {sides[:-1]}: is the surplus cut off before it?"
            )
            _biases([*dense, *layers], [False] * len(filters) + [True])
            _kernels([*dense, *layers])
            probe = _Probe(network, latents.shape)
            probe.check_slope(0.2, len(filters))
            probe.check_order(0.2)
    print("Right: the maps, the normalization and the activations are as specified.")


# ---- ps5_labels


def _with_labels(function, arguments, inputs, seed):
    """Returns the network that a student's function makes, with random numbers in all its weights.

    Weights may start at zero, and then a label changes nothing before training. So the checks ask
    what a network can do, not what it does at first.
    """
    import keras

    call = f"{function.__name__}({', '.join(map(str, arguments))})"
    assert "ganlib" not in function.__code__.co_names, (
        "build the network from keras.layers. The library's networks are for lesson 12."
    )
    try:
        network = function(*arguments)
    except NotImplementedError:
        raise
    except Exception as error:
        text = (str(error).strip().splitlines() or [""])[0]
        raise AssertionError(f"{call} ends in {type(error).__name__}: {text}") from error
    assert network is not None, f"{call} is None: does it end in `return`?"
    assert isinstance(network, keras.Model) and len(network.inputs) == 2, (
        f"{call} should be a keras.Model([{inputs}, labels], outputs), with two inputs."
    )
    labels = tuple(network.inputs[1].shape[1:])
    assert labels in ((), (1,)), (
        f"the second input has shape {labels}, and labels are one whole number for each image: "
        f"keras.Input((), dtype='int32'). The order is [{inputs}, labels]."
    )
    random = np.random.default_rng([5, seed])
    for weight in network.trainable_weights:
        spread = 0.5 / np.sqrt(np.prod(weight.shape[:-1])) if len(weight.shape) > 1 else 0.1
        weight.assign(weight + random.normal(0, spread, weight.shape))
    return network


def _for_each_class(network, first, num_classes, shape):
    """Returns what a network answers to each of its inputs with each class in turn.

    The result has the shape (inputs, classes, numbers). `shape` is that of one answer.
    """
    count = len(first)
    both = [np.repeat(first, num_classes, axis=0).astype("float32")]
    both.append(np.tile(np.arange(num_classes, dtype="int32"), count))
    try:
        answers = np.asarray(network(both, training=False), "float64")
    except Exception as error:
        text = (str(error).strip().splitlines() or [""])[0]
        raise AssertionError(
            f"the network does not take inputs of shape {first.shape} with labels from 0 to "
            f"{num_classes - 1}: {text} Is there a number where num_classes should be?"
        ) from error
    assert answers.shape == (count * num_classes, *shape), (
        f"{count * num_classes} inputs give outputs of shape {answers.shape}, and "
        f"{(count * num_classes, *shape)} was expected."
    )
    assert np.isfinite(answers).all(), "some outputs are not finite."
    return answers.reshape(count, num_classes, -1)


def _check_labels_count(answers, what):
    """Fails if the labels change nothing, if two are the same to a network, or if 3 is near 4."""
    num_classes = answers.shape[1]
    apart = np.abs(answers[:, :, None] - answers[:, None]).mean(axis=(0, 3))
    pairs = np.abs(np.subtract.outer(np.arange(num_classes), np.arange(num_classes)))
    scale = 1e-6 * np.abs(answers).max()
    assert apart.max() > scale, f"{what} does not depend on the label. Is it joined to anything?"
    same = np.argwhere((apart <= scale) & (pairs > 0))
    assert not len(same), (
        f"{what} is the same for the labels {same[0][0]} and {same[0][1]} of {num_classes} "
        "classes. Is there a number where num_classes should be?"
    )
    few = num_classes < 20  # then numbers of their own may lie in this order by chance
    assert few or apart[pairs == 1].mean() > 0.5 * apart[pairs > 0].mean(), (
        "the label seems to go in as a quantity: to this network, class 3 is nearly class 4 and far"
        " from class 9. Give each class numbers of its own."
    )


def conditional_generator(function, seed=0, image_shape=(8, 8, 1), latent_dim=6, num_classes=24):
    random = np.random.default_rng([5, 1, seed])
    network = _with_labels(function, (image_shape, latent_dim, num_classes), "latents", seed)
    asked = tuple(network.inputs[0].shape[1:])
    assert asked == (latent_dim,), (
        f"the first input has shape {asked}, and latents of {latent_dim} numbers were expected. "
        "The order is [latents, labels]."
    )
    latents = random.standard_normal((12, latent_dim))
    images = _for_each_class(network, latents, num_classes, image_shape)
    far = _for_each_class(network, 100 * latents, num_classes, image_shape)
    largest = max(np.abs(images).max(), np.abs(far).max())
    assert largest < 1.00001, f"images have values up to {largest:.3g}; they should end in a tanh."
    assert images.min() < 0, "no value is below 0: images go from -1 to 1, and a sigmoid does not."
    assert images.std(axis=0).max() > 1e-6, (
        "the latents make no difference: each class would have a single picture."
    )
    _check_labels_count(images, "The image")
    _say(seed, "G listens to the latents and to the label.")


def conditional_discriminator(function, seed=0, image_shape=(8, 8, 1), num_classes=24):
    random = np.random.default_rng([5, 2, seed])
    network = _with_labels(function, (image_shape, num_classes), "images", seed)
    asked = tuple(network.inputs[0].shape[1:])
    assert asked == tuple(image_shape), (
        f"the first input has shape {asked}, and images of {tuple(image_shape)} were expected. The "
        "order is [images, labels]."
    )
    images = random.uniform(-1, 1, (40, *image_shape))
    logits = _for_each_class(network, images, num_classes, (1,))
    far = _for_each_class(network, 1000 * images, num_classes, (1,))
    assert np.abs(far).max() > 1.00001, (
        "the answers never get beyond 1, as if something squashed them. D answers with a logit, and"
        " the losses take the sigmoid."
    )
    assert far.min() < 0 < far.max(), (
        "the answers all have one sign, even for very strange images. D should end in a dense layer"
        " without an activation."
    )
    assert logits.std(axis=0).max() > 1e-6, "the logit does not depend on the image."
    _check_labels_count(logits, "The logit")
    table = logits[:, :, 0]
    apart = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    assert apart.std() > 1e-4 * table.std(), (
        "a label changes the logits of all images by the same amount. So D can say which classes it"
        " likes, but never whether this image fits this label. Let the two meet earlier."
    )
    _say(seed, "D can tell whether an image fits its label.")


def _stand_ins(random, shape, latent_dim, num_classes, modes):
    """Returns a small G and D with known weights, which note in `modes` how they are called."""
    import keras
    from keras import layers

    class Noting(layers.Layer):
        def call(self, inputs, training=None):
            modes.append(training)
            return inputs

    size = int(np.prod(shape))

    def embedding(scale, centre=0.0):
        table = random.normal(centre, scale, (num_classes, size)).astype("float32")
        return layers.Embedding(num_classes, size, embeddings_initializer=lambda *_, **__: table)

    images, labels = keras.Input(shape), keras.Input((), dtype="int32")
    told = layers.Dot(1)([layers.Flatten()(Noting()(images)), embedding(0.9)(labels)])
    discriminator = keras.Model([images, labels], told)
    latents, wishes = keras.Input((latent_dim,)), keras.Input((), dtype="int32")
    kernel = random.normal(0, 0.3, (latent_dim, size)).astype("float32")
    drawn = layers.Dense(size, use_bias=False, kernel_initializer=lambda *_, **__: kernel)
    made = layers.Activation("tanh")(
        layers.Add()([drawn(Noting()(latents)), embedding(0.5)(wishes)])
    )
    generator = keras.Model([latents, wishes], layers.Reshape(shape)(made))
    modes.clear()
    return generator, discriminator


def two_losses(function, seed=0, sizes=(7, 7), num_classes=4):
    import tensorflow as tf

    random, modes = np.random.default_rng([5, 3, seed]), []
    shape, latent_dim = (2, 3, 1), 3
    generator, discriminator = _stand_ins(random, shape, latent_dim, num_classes, modes)
    images = random.uniform(-1, 1, (sizes[0], *shape)).astype("float32")
    latents = random.standard_normal((sizes[1], latent_dim)).astype("float32")
    labels, wishes = (random.integers(num_classes, size=size).astype("int32") for size in sizes)
    wishes[: min(sizes)] = (labels[: min(sizes)] + 1) % num_classes  # never the same by chance
    given = images, labels, latents, wishes = [
        tf.constant(each) for each in (images, labels, latents, wishes)
    ]
    try:
        with tf.GradientTape(persistent=True) as tape:
            losses = function(generator, discriminator, *given)
    except NotImplementedError:
        raise
    except Exception as error:
        text = (str(error).strip().splitlines() or [""])[0]
        raise AssertionError(
            f"two_losses ends in {type(error).__name__}: {text} There were {sizes[0]} real images "
            f"and {sizes[1]} latents. Does each network get labels that belong to its other input?"
        ) from error
    assert isinstance(losses, (tuple, list)) and len(losses) == 2, (
        "two_losses should return a pair, D's loss and G's loss."
    )
    d_loss, g_loss = (
        numbers(loss, what, (), advice=OVER_BATCH)
        for loss, what in zip(losses, ("D's loss", "G's loss"))
    )

    def chances(made_from, judged_as, fakes=True):
        shown = generator([latents, made_from]) if fakes else images
        return 1 / (1 + np.exp(-np.asarray(discriminator([shown, judged_as]), "float64")))

    modes_of_answer = list(modes)
    real, fake = chances(None, labels, fakes=False), chances(wishes, wishes)
    wanted = _two_surprises(real, fake)
    g_mistakes = {}
    d_mistakes = {
        "real and generated images seem to be swapped: real is 1.": _two_surprises(
            1 - real, 1 - fake
        ),
        "it is twice what it should be: half of the sum of the two means is wanted.": 2 * wanted,
        "this looks like a sigmoid taken twice: D's answers are logits.": _two_surprises(
            1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))
        ),
        "the images are counted one by one, but the two kinds should count the same.": (
            sizes[0] * _mean_surprise(real) + sizes[1] * _mean_surprise(1 - fake)
        )
        / sum(sizes),
    }
    if sizes[0] == sizes[1]:
        told = "D should be told the labels that G was asked for, not those of the real images."
        asked = "G should be asked for the wishes, and so these images belong to the wishes."
        confused = {told: (wishes, labels), asked: (labels, labels)}
        confused["G was asked for other labels than D was told."] = (labels, wishes)
        for hint, pair in confused.items():
            d_mistakes[f"the generated images have wrong labels. {hint}"] = _two_surprises(
                real, chances(*pair)
            )
            g_mistakes[f"the generated images have wrong labels. {hint}"] = _mean_surprise(
                chances(*pair)
            )
        d_mistakes["the real images have the labels that G was asked for."] = _two_surprises(
            chances(None, wishes, fakes=False), fake
        )
    g_mistakes |= {
        "this is D's surprise, not G's: G wants D to say real.": _mean_surprise(1 - fake),
        "this is the minimax loss. The non-saturating one is wanted.": -_mean_surprise(1 - fake),
        "this looks like a sigmoid taken twice: D's answers are logits.": _mean_surprise(
            1 / (1 + np.exp(-fake))
        ),
        "the sign is wrong.": -_mean_surprise(fake),
        "there is no half in G's loss: it is one mean.": _mean_surprise(fake) / 2,
    }
    where = f"{sizes[0]} real and {sizes[1]} generated images"
    advice = "Write down for each call of a network which labels it gets."
    compare(d_loss, wanted, d_mistakes, "D's loss", where, advice)
    compare(g_loss, _mean_surprise(fake), g_mistakes, "G's loss", where, advice)
    pairs = (losses[0], discriminator, "D"), (losses[1], generator, "G")
    for loss, network, name in pairs:
        slopes = tape.gradient(loss, network.trainable_weights) if tf.is_tensor(loss) else [None]
        assert None not in slopes, (
            f"no slope comes from {name}'s loss back to {name}'s weights. Was something stopped on "
            "the way, or turned into an array or a Python number?"
        )
    assert all(modes_of_answer), "call both networks with training=True."
    try:
        tf.function(function)(generator, discriminator, *given)
    except Exception as error:
        raise AssertionError(
            f"two_losses works step by step, but not inside tf.function: {type(error).__name__}. "
            "Use keras.ops, and turn nothing into an array or a Python number."
        ) from error
    _say(seed, "each network is told the labels that belong to its images.")


def conditional_accuracy(function, seed=0, num_classes=3, most=9, never=(), unseen=()):
    random = np.random.default_rng([5, 4, seed])
    wanted = random.integers(1, most, (num_classes, num_classes))
    wanted[np.arange(num_classes), np.arange(num_classes)] += most
    wanted[list(never)] = 0  # classes that nobody has asked for
    wanted[:, list(unseen)] = 0
    order = random.permutation(wanted.sum())
    asked, received = (np.repeat(each.ravel(), wanted.ravel())[order].astype("int32")
                       for each in np.indices(wanted.shape))  # fmt: skip
    result = function(asked, received, num_classes)
    assert isinstance(result, (tuple, list)) and len(result) == 2, (
        "conditional_accuracy should return a pair, the share and the table of counts."
    )
    share = numbers(result[0], "The share", ())
    hits, total = np.trace(wanted), wanted.sum()
    with np.errstate(all="ignore"):
        mean_of_classes = np.nanmean(np.diag(wanted) / wanted.sum(axis=1))
    mistakes = {
        "this is the share of the misses.": 1 - hits / total,
        "this is a number of images; a share is wanted.": hits,
        "this is in per cent; a share lies between 0 and 1.": 100 * hits / total,
        "each class counts the same here, but each image should.": mean_of_classes,
        "it is divided by the number of classes, not of images.": hits / num_classes,
    }
    where = f"{total} images of {num_classes} classes"
    compare(share, hits / total, mistakes, "The share", where, "Count by hand for five images.")
    table = numbers(result[1], "The table", (num_classes, num_classes))
    if not np.array_equal(table, wanted):
        assert not np.array_equal(table, wanted.T), (
            "the table is transposed: it needs a row for each class that was asked for, and a "
            "column for each class that the referee saw."
        )
        assert not close(table.sum(), 1) and not close(table.sum(axis=1).max(), 1), (
            "the table has shares; counts are wanted."
        )
        where = tuple(int(i) for i in np.argwhere(table != wanted)[0])
        raise AssertionError(
            f"the table says {table[where]:g} in row {where[0]}, column {where[1]}, and "
            f"{wanted[where]} images were asked for as {where[0]} and seen as {where[1]}."
        )
    _say(seed, "the share of wishes that came true, and what came instead.")


def _drawn(generator, num_classes, seed, count=400):
    """Returns images of all classes in turn, an array of rows, and the labels asked for."""
    random = np.random.default_rng([5, 5, seed])
    asked = (np.arange(count) % num_classes).astype("int32")
    latents = random.standard_normal((count, generator.inputs[0].shape[-1])).astype("float32")
    drawn = np.asarray(generator([latents, asked], training=False), "float64")
    assert np.isfinite(drawn).all(), "G draws values that are not finite: its training has failed."
    return drawn.reshape(count, -1), asked


def _nearest(rows, among, itself=False):
    """Returns the number of the nearest row among others, and the distance to it."""
    squares = (rows**2).sum(axis=1)[:, None] + (among**2).sum(axis=1) - 2 * rows @ among.T
    if itself:  # the rows are the first of the others
        squares[np.arange(len(rows)), np.arange(len(rows))] = np.inf
    return squares.argmin(axis=1), np.sqrt(np.maximum(squares.min(axis=1), 0))


def obeys(generator, images, labels, seed=0, least=0.8):
    """Looks at who is the nearest real neighbour of each picture that G draws."""
    num_classes = int(labels.max()) + 1
    drawn, asked = _drawn(generator, num_classes, seed)
    real = np.reshape(images, (len(images), -1)).astype("float64")
    share = np.mean(labels[_nearest(drawn, real)[0]] == asked)
    if share < least:
        hint = "Train longer, or at other rates."
        if share < 2.5 / num_classes:
            hint = (
                "That is hardly better than chance: G does not know what it is asked for. Do images"
                " and labels still belong together wherever they go?"
            )
        raise AssertionError(f"{share:.0%} of the wishes come true, {least:.0%} should. {hint}")
    _say(seed, f"{share:.0%} of the wishes come true.")


def varied(generator, images, labels, seed=0, least=0.1, farthest=2.4):
    """Looks whether pictures are like digits at all, and how much those of one class vary."""
    num_classes = int(labels.max()) + 1
    drawn, asked = _drawn(generator, num_classes, seed)
    real = np.reshape(images, (len(images), -1)).astype("float64")
    known = _nearest(real[:400], real, itself=True)[1]
    away = np.median(_nearest(drawn, real)[1]) / np.median(known)
    assert away < farthest, (
        f"the pictures are {away:.1f} times as far from real digits as these are from each other. "
        "They cannot be digits: look at them. Has the training begun, and does it get better?"
    )
    ratios = [drawn[asked == k].var(axis=0).sum() / real[labels == k].var(axis=0).sum()
              for k in range(num_classes)]  # fmt: skip
    ratio = float(np.median(ratios))
    assert ratio >= least, (
        f"within a class, the pictures have {ratio:.1%} of the variance of real ones, and "
        f"{least:.0%} is the least. G draws nearly the same picture each time. Train longer."
    )
    _say(seed, f"within a class, the pictures have {ratio:.0%} of the variance of real ones.")


# ---- ps6_measures


def _cloud(random, count, mean, factor):
    """Returns points (count, width) with exactly this mean and the covariance factor factor^T."""
    raw = random.standard_normal((count, factor.shape[1]))
    raw -= raw.mean(axis=0)
    _, lengths, turned = np.linalg.svd(raw, full_matrices=False)
    white = raw @ turned.T / lengths * np.sqrt(count - 1)
    return mean + white @ factor.T


def _squeeze(random, width):
    """Returns a symmetric matrix that stretches space along some directions."""
    axes = np.linalg.qr(random.standard_normal((width, width)))[0]
    return axes * random.uniform(0.3, 2.5, width) @ axes.T


def _own(function):
    """Refuses a function of the library, or one that calls it."""
    names = getattr(getattr(function, "__code__", None), "co_names", ())
    known = getattr(function, "__globals__", {})
    called = [known[name] for name in names if callable(known.get(name))]
    homes = [str(getattr(each, "__module__", "")) for each in (function, *called)]
    assert "ganlib" not in {each.partition(".")[0] for each in (*names, *homes)}, (
        "write the measure yourself: ganlib.metrics is for comparison."
    )


def _distance(function, real, fake, name="frechet"):
    _own(function)
    with np.errstate(all="ignore"):
        result = function(real.copy(), fake.copy())
    assert not np.iscomplexobj(result), (
        f"{name} returns a complex number. Rounding makes imaginary parts: a distance has none."
    )
    value = numbers(result, "The distance", ())
    assert np.isfinite(value), (
        "the distance is not a finite number. A square root of something below 0? Covariances have "
        "no negative eigenvalues, apart from rounding, but single entries may well be negative."
    )
    return float(value)


def frechet(function, seed=0, width=3, counts=(40, 60)):
    random = np.random.default_rng([6, 1, seed])
    mean, shift = random.normal(0, 3, width), random.normal(0, 2, width)
    factor = random.normal(0, 1, (width, width))
    real = _cloud(random, counts[0], mean, factor)
    spread = np.trace(factor @ factor.T)
    square = shift @ shift

    moved = _distance(function, real, real + shift)
    assert not close(moved, np.sqrt(square)), (
        "for a set and the same set shifted, this is the length of the shift. Its square is wanted."
    )
    same = _distance(function, real, real)
    assert abs(same) < 1e-4 * spread, (
        f"the distance of a set to itself is {same:.3g}, and should be 0. The last term has to"
        " cancel the two traces. Is it the trace of the root of a matrix, times 2?"
    )
    mistakes = {
        "the length of the shift is missing.": 0.0,
        "the mean over the features is taken; the sum is wanted.": square / width,
    }
    rows = "Does a row of the covariance stand for a feature?"
    what = "The distance of a set to itself, shifted,"
    advice = f"Only the first term should be left. {rows}"
    compare(moved, square, mistakes, what, "all shifts", advice)

    squeeze = _squeeze(random, width)
    fake = _cloud(random, counts[1], mean + shift, squeeze @ factor)
    # Squeezing along axes at right angles moves each point by the shortest way. So the distance is
    # the mean square of how far points go.
    wanted = square + np.sum(((np.eye(width) - squeeze) @ factor) ** 2)
    value = _distance(function, real, fake)
    lengths = [np.sqrt(np.diag(some @ some.T)) for some in (factor, squeeze @ factor)]
    ratio = [(count - 1) / count for count in counts]
    fewer = np.sqrt(ratio[0]) * np.eye(width) - np.sqrt(ratio[1]) * squeeze
    mistakes = {
        "this would be the distance without covariances between features.": square
        + np.sum((lengths[0] - lengths[1]) ** 2),
        "the means are left out.": wanted - square,
        "the covariances are left out.": square,
        "a square root is taken of the sum. The squared distance is wanted.": np.sqrt(wanted),
        "the covariances seem to be divided by the count. np.cov divides by one less.": square
        + np.sum((fewer @ factor) ** 2),
    }
    advice = f"Shifts are right, and covariances are not. {rows}"
    compare(value, wanted, mistakes, "The distance", "two clouds of different shape", advice)
    back = _distance(function, fake, real)
    assert close(back, value), "the distance changes when the two sets are swapped."
    _say(seed, "the distance of two clouds, whatever their shapes.")


def frechet_flat(function, seed=0, width=12, flat=5, counts=(40, 30)):
    """Looks at sets that fill no volume: constant features, or fewer rows than features."""
    random = np.random.default_rng([6, 2, seed])
    factor = random.normal(0, 1, (width, width - flat))
    counts = [max(count, width - flat + 1) for count in counts]
    real = _cloud(random, counts[0], random.normal(0, 1, width), factor)
    squeeze, shift = _squeeze(random, width), random.normal(0, 1, width)
    fake = _cloud(random, counts[1], real.mean(axis=0) + shift, squeeze @ factor)
    wanted = shift @ shift + np.sum(((np.eye(width) - squeeze) @ factor) ** 2)
    value = _distance(function, real, fake)
    assert abs(value - wanted) < 0.01 * wanted, (
        f"where {flat} of {width} features follow from the others, the distance is "
        f"{value / wanted:.3f} times what it should be. Do very small eigenvalues do harm?"
    )
    constant = np.concatenate([real, np.ones((len(real), 2))], axis=1)
    still = _distance(function, constant, constant + 0.0)
    assert abs(still) < 1e-3 * np.trace(factor @ factor.T), (
        f"with two features that never change, the distance of a set to itself is {still:.3g}."
    )
    _say(seed, "features that never change do no harm.")


def floor(function, seed=0, count=21, repeats=6):
    random, calls = np.random.default_rng([6, 3, seed]), []
    features = random.normal(0, 1, (count, 3))
    features[:, 0] = np.arange(count)  # so that each row can be told from the others
    answers = random.uniform(1, 9, repeats + 2)

    def distance(real, fake):
        calls.append([np.asarray(each)[:, 0].round().astype(int).tolist() for each in (real, fake)])
        return answers[min(len(calls), len(answers)) - 1]

    given = features.copy()
    result = function(given, distance, repeats, seed)
    assert np.array_equal(given, features), "floor changes the array that it is given. Copy it."
    assert len(calls) == repeats, f"distance is called {len(calls)} times; {repeats} was asked for."
    for first, second in calls:
        both = first + second
        assert not set(first) & set(second), (
            "some images are in both halves. Then the halves are too near to each other, and the "
            "floor is too low."
        )
        assert len(both) == len(set(both)), "some images are in one half twice."
        assert len(first) == len(second) == count // 2, (
            f"the halves of {count} images have {len(first)} and {len(second)}; {count // 2} in "
            "each was expected."
        )
    assert any(sorted(first) != list(range(count // 2)) for first, _ in calls), (
        "the halves are the first and the last images. What if they are in some order? Draw them at"
        " random."
    )
    if repeats > 2:
        assert len({tuple(sorted(first)) for first, _ in calls}) > 1, (
            "each time it is the same two halves. Then the distances cannot vary."
        )
    wanted = answers[:repeats]
    assert isinstance(result, (tuple, list)) and len(result) == 2, (
        "floor should return a pair, the mean and the standard deviation."
    )
    mean, deviation = (numbers(each, "The floor", ()) for each in result)
    compare(mean, wanted.mean(), {"this is the median.": np.median(wanted)}, "The mean",
             f"{repeats} distances", "Keep all distances in a list.")  # fmt: skip
    assert close(deviation, wanted.std()) or close(deviation, wanted.std(ddof=1)), (
        "the second number is not the standard deviation of the distances."
    )
    before = calls.copy()
    calls.clear()
    function(features.copy(), distance, repeats, seed)
    assert calls == before, "the same seed should give the same halves. Use default_rng(seed)."
    calls.clear()
    function(features.copy(), distance, repeats, seed + 1)
    assert calls != before, "another seed should draw other halves."
    _say(seed, "real images against real images, drawn anew each time.")


def _ring(random, count, width, size, away):
    """Returns a function from steps along a ring of `count` points, and radii, to points."""
    plane = np.linalg.qr(random.standard_normal((width, 2)))[0]
    centre, start = random.normal(0, 1, width) + away, random.uniform(0, 6)

    def points(steps, radius=1.0):
        angles = start + 2 * np.pi * np.asarray(steps) / count
        both = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        return centre + size * np.reshape(radius, (-1, 1)) * both @ plane.T

    return points


def precision_coverage(function, seed=0, count=24, neighbours=2, shown=5, repeated=3, lost=4):
    """Looks at two rings of real points, with fakes that lie close outside some of them.

    Neighbours come in pairs here, one to the left and one to the right. A ball that reaches to the
    next of them holds exactly the fakes beside its own point. One that reaches to those after them
    also holds the fakes of the two points beside it. One ring is much larger than the other.
    """
    _own(function)
    random = np.random.default_rng([6, 4, seed])
    real, near, far, chosen = [], [], [], []
    for size, away in ((1.0, 0.0), (8.0, 100.0)):
        points = _ring(random, count, 4, size, away)
        real.append(points(np.arange(count)))
        chosen.append(random.choice(count, shown, replace=False))
        beside = np.concatenate([chosen[-1], chosen[-1][:repeated]])
        outside = random.uniform(0.1, 0.2, len(beside)) * 2 * np.pi / count
        near.append(points(beside, 1 + outside))
        far.append(points(random.uniform(0, count, lost), random.uniform(3, 5, lost)))
    real, near, far = (random.permutation(np.concatenate(each)) for each in (real, near, far))
    fake = random.permutation(np.concatenate([near, far]))

    def covered(reach):
        steps = np.arange(-reach, reach + 1)
        reached = [set(((some[:, None] + steps) % count).ravel()) for some in chosen]
        return np.mean([len(each) for each in reached]) / count

    reach = (neighbours - 1) // 2
    precision, coverage = len(near) / len(fake), covered(reach)
    result = function(real.copy(), fake.copy(), neighbours)
    assert isinstance(result, (tuple, list)) and len(result) == 2, (
        "precision_coverage should return a pair of numbers."
    )
    got = [numbers(each, what, ()) for each, what in zip(result, ("Precision", "Coverage"))]
    where = f"{len(real)} real points, {len(fake)} generated ones and {neighbours} neighbours"
    if not close(got[0], precision) and close(got, [coverage, precision]):
        raise AssertionError("precision and coverage are swapped. Precision comes first.")
    own = "a point seems to be its own neighbour: its distance to itself, 0, is the smallest."
    mistakes = {"this is a number of points; a share is wanted.": len(near)}
    if neighbours <= 1:
        mistakes[own] = 0.0
    mistakes["this is the share of real balls that hold a fake."] = coverage
    advice = "Whose balls are they, how far do they reach, and over which set do you count?"
    if got[0] > precision + 1e-3 and not any(close(got[0], each) for each in mistakes.values()):
        raise AssertionError(
            f"Precision is not right for {where}: too many generated points count as near a real "
            "one. The balls are those of real points, as large as real points are apart."
        )
    compare(got[0], precision, mistakes, "Precision", where, advice)
    mistakes = {"this is a number of points; a share is wanted.": covered(reach) * len(real)}
    if reach:
        mistakes[own] = covered((neighbours - 2) // 2)
    mistakes["the balls reach one neighbour too far."] = covered(neighbours // 2)
    mistakes["this is the share of generated points in some ball."] = precision
    compare(got[1], coverage, mistakes, "Coverage", where, advice)
    _say(seed, "which generated points are credible, and which real ones have something near.")


def newness(function, seed=0, counts=(30, 11, 9), width=5):
    """Looks at points beside those of a wide grid, where the nearest one is known."""
    _own(function)
    random = np.random.default_rng([6, 5, seed])
    train = 50.0 * random.permutation(4 * counts[0])[: counts[0], None] * np.ones(width)
    train += random.normal(0, 1, width)

    def beside(size, low, high):
        away = random.standard_normal((size, width))
        lengths = random.uniform(low, high, size) ** 2
        away *= (lengths / np.linalg.norm(away, axis=1))[:, None]
        return train[random.integers(len(train), size=size)] + away, lengths

    held_out, known = beside(counts[1], 1.0, 2.0)
    fake, new = beside(counts[2], 0.5, 1.8)
    fake[0] += 20.0  # one that lies far off: a mean would follow it
    new[0] = np.linalg.norm(train[:, None] - fake[0], axis=2).min()
    wanted = np.median(new) / np.median(known)
    with np.errstate(all="ignore"):
        result = function(train.copy(), held_out.copy(), fake.copy())
    value = numbers(result, "The ratio", ())
    assert np.isfinite(value), (
        "the ratio is not finite. Which distances is it divided by? A training image has the "
        "distance 0 to itself."
    )
    to_held_out = np.median(np.linalg.norm(held_out[:, None] - fake, axis=2).min(axis=0))
    to_fakes = np.median(np.linalg.norm(train[:, None] - fake, axis=2).min(axis=1))
    mistakes = {
        "it is upside down: generated over held-out.": 1 / wanted,
        "these are means, which follow a single image that is far off; medians are wanted.": (
            new.mean() / known.mean()
        ),
        "distances are squared.": np.median(new**2) / np.median(known**2),
        "the generated images are compared with the held-out ones. Copies are copies of training "
        "images.": to_held_out / np.median(known),
        "this asks for the generated image nearest to each training image. It should be the other "
        "way round.": to_fakes / np.median(known),
        "this looks from each training image to others. It should be the other way round.": (
            to_fakes / np.median(np.linalg.norm(train[:, None] - held_out, axis=2).min(axis=1))
        ),
        "the median of the generated images is not divided by anything.": np.median(new),
    }
    where = f"{counts[0]} training, {counts[1]} held-out and {counts[2]} generated images"
    advice = "Whose nearest neighbour, and among whom?"
    compare(value, wanted, mistakes, "The ratio", where, advice)
    _say(seed, "how far from the training images, compared with new real ones.")


KINDS = ("healthy", "collapsed", "copies", "noisy")


def diagnose(function, cases, seed=0):
    """Looks at verdicts; a case is (train, held_out, fake, kind)."""
    advice = {
        "collapsed": "Much that is real has no fake near it, and the fakes are credible",
        "copies": "Everything about it is as good as for real images, except for one measure",
        "noisy": "Most of what it draws lies where no real image is",
        "healthy": "No measure is far from what real images get",
    }
    for train, held_out, fake, kind in cases:
        with np.errstate(all="ignore"):
            verdict = function(train.copy(), held_out.copy(), fake.copy())
        assert isinstance(verdict, str) and verdict in KINDS, (
            f"diagnose returns {verdict!r}; one of {', '.join(KINDS)} was expected."
        )
        assert verdict == kind, (
            f'a generator that is "{kind}" was called "{verdict}". {advice[kind]}. Print all '
            "measures of the four, and think about which question to ask first."
        )
    _say(seed, f"{len(cases)} generators, and what is wrong with each.")
