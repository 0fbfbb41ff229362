"""Typical wrong answers to ps2_networks: the points that they lose and a piece of the hint."""

_GENERATOR = '''
def dense_generator(image_shape, latent_dim, units):
    inputs = keras.Input((latent_dim,))
    x = inputs
    for width in units:
        x = layers.Dense(width, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.Dense(int(np.prod(image_shape)), activation="tanh")(x)
    return keras.Model(inputs, layers.Reshape(image_shape)(x))
'''
_DISCRIMINATOR = '''
def dense_discriminator(image_shape, units, dropout):
    inputs = keras.Input(image_shape)
    x = layers.Flatten()(inputs)
    for width in units:
        x = layers.Dense(width)(x)
        x = layers.LeakyReLU(0.2)(x)
        x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(1)(x))
'''
_COUNT = '''
def count_weights(image_shape, latent_dim, units):
    widths = [latent_dim, *units]
    numbers = int(np.prod(image_shape))
    trained = sum(a * b for a, b in zip(widths, units)) + 2 * sum(units)
    return trained + widths[-1] * numbers + numbers, 2 * sum(units)
'''


def _changed(source, *changes):
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


_NORM = "        x = layers.BatchNormalization(momentum=0.9)(x)\n"
_LEAKY = "        x = layers.LeakyReLU(0.2)(x)\n"
_DROP = "        x = layers.Dropout(dropout)(x)\n"

ANSWERS = [
    dict(
        name="pixels divided by 255: the range of a sigmoid",
        cell="to_network",
        source='def to_network(images):\n    return images.astype("float32") / 255',
        lost={"test_to_network": 2},
        hint="Which range does a tanh have?",
    ),
    dict(
        name="scaled by the darkest and the brightest pixel that there are",
        cell="to_network",
        source="""
def to_network(images):
    images = images.astype("float32")
    return (images - images.min()) / (images.max() - images.min()) * 2 - 1
""",
        lost={"test_to_network": 2},
        hint="should not depend on the rest of the array",
    ),
    dict(
        name="arithmetic on uint8, which wraps around",
        cell="to_network",
        source='def to_network(images):\n    return (images * 2).astype("float32") / 255 - 1',
        lost={"test_to_network": 2},
        hint="wraps around at 256",
    ),
    dict(
        name="left in float64",
        cell="to_network",
        source="def to_network(images):\n    return images / 127.5 - 1",
        lost={"test_to_network": 2},
        hint="float32 was expected",
    ),
    dict(
        name="cut off instead of rounded",
        cell="to_files",
        source='def to_files(images):\n    return ((images + 1) * 127.5).astype("uint8")',
        lost={"test_to_files": 2},
        hint="What happens to 17.9",
    ),
    dict(
        name="hidden layers counted with a bias",
        cell="count_weights",
        source=_changed(_COUNT, ("+ 2 * sum(units)\n", "+ 3 * sum(units)\n")),
        lost={"test_count_weights": 3},
        hint="Which layers have a bias here?",
    ),
    dict(
        name="moving averages counted as trained",
        cell="count_weights",
        source=_changed(_COUNT, ("+ 2 * sum(units)\n", "+ 4 * sum(units)\n")),
        lost={"test_count_weights": 3},
        hint="Does training move all four numbers?",
    ),
    dict(
        name="the bias of the last layer forgotten",
        cell="count_weights",
        source=_changed(_COUNT, (" * numbers + numbers", " * numbers")),
        lost={"test_count_weights": 3},
        hint="One is missing for each number of the image",
    ),
    dict(
        name="normalization after the activation",
        cell="dense_generator",
        source=_changed(_GENERATOR, (_NORM + _LEAKY, _LEAKY + _NORM)),
        lost={"test_dense_generator_layers": 3},
        hint="In which order do the two come?",
    ),
    dict(
        name="the slope that Keras uses by default",
        cell="dense_generator",
        source=_changed(_GENERATOR, ("LeakyReLU(0.2)", "LeakyReLU()")),
        lost={"test_dense_generator_layers": 3},
        hint="which Keras uses if you name none",
    ),
    dict(
        name="ReLU",
        cell="dense_generator",
        source=_changed(_GENERATOR, ("LeakyReLU(0.2)", "ReLU()")),
        lost={"test_dense_generator_layers": 3},
        hint="looks like ReLU",
    ),
    dict(
        name="images made by a sigmoid",
        cell="dense_generator",
        source=_changed(_GENERATOR, ("tanh", "sigmoid")),
        lost={"test_dense_generator": 2},
        hint="Your network ends in a sigmoid",
    ),
    dict(
        name="the tanh forgotten",
        cell="dense_generator",
        source=_changed(_GENERATOR, (', activation="tanh"', "")),
        lost={"test_dense_generator": 2},
        hint="Your network ends in nothing",
    ),
    dict(
        name="the images of the lessons, whatever was asked for",
        cell="dense_generator",
        source=_changed(_GENERATOR, ("int(np.prod(image_shape))", "784"),
                        ("Reshape(image_shape)", "Reshape((28, 28, 1))")),
        lost={"test_dense_generator": 2},
        hint="Does your function contain a number that should follow from its arguments?",
    ),
    dict(
        name="a discriminator that ends in a probability",
        cell="dense_discriminator",
        source=_changed(_DISCRIMINATOR, ("Dense(1)", 'Dense(1, activation="sigmoid")')),
        lost={"test_dense_discriminator": 2},
        hint="what comes of two sigmoids?",
    ),
    dict(
        name="no dropout",
        cell="dense_discriminator",
        source=_changed(_DISCRIMINATOR, (_DROP, "")),
        lost={"test_dense_discriminator_layers": 2},
        hint="each hidden layer, and no other",
    ),
    dict(
        name="batch normalization in the discriminator",
        cell="dense_discriminator",
        source=_changed(_DISCRIMINATOR, (_LEAKY, _NORM + _LEAKY)),
        lost={"test_dense_discriminator_layers": 2},
        hint="should judge each image on its own",
    ),
    dict(
        name="a class of one's own",
        cell="dense_discriminator",
        source="""
class Discriminator(keras.Model):
    def __init__(self, units, dropout):
        super().__init__()
        self.parts = [layers.Flatten()]
        for width in units:
            self.parts += [layers.Dense(width), layers.LeakyReLU(0.2), layers.Dropout(dropout)]
        self.parts.append(layers.Dense(1))

    def call(self, x, training=False):
        for part in self.parts:
            x = part(x, training=training) if isinstance(part, layers.Dropout) else part(x)
        return x

def dense_discriminator(image_shape, units, dropout):
    return Discriminator(units, dropout)
""",
        lost={"test_dense_discriminator": 2, "test_dense_discriminator_layers": 2},
        hint="and a Keras model was expected",
    ),
]
