"""Typical wrong answers to ps4_any_size: the points that they lose and a piece of the hint."""

_CHECK = '''
def check_shape(image_shape, count):
    whole = [isinstance(number, (int, np.integer)) and number >= 1 for number in image_shape]
    if len(image_shape) != 3 or not all(whole):
        raise ValueError(f"got {image_shape}; expected three whole numbers from 1 upwards.")
    if min(image_shape[:2]) < 2**count:
        raise ValueError(f"got {image_shape}; expected a height and a width from {2**count}.")
'''
_DISCRIMINATOR = '''
def dcgan_discriminator(image_shape, filters):
    check_shape(image_shape, len(filters))
    inputs = keras.Input(tuple(image_shape))
    x = inputs
    for number, count in enumerate(filters):
        start = keras.initializers.RandomNormal(stddev=0.02)
        x = layers.Conv2D(count, 4, 2, padding="same", use_bias=number == 0,
                          kernel_initializer=start)(x)
        if number > 0:
            x = layers.BatchNormalization()(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.Flatten()(x)
    start = keras.initializers.RandomNormal(stddev=0.02)
    x = layers.Dense(1, kernel_initializer=start)(x)
    return keras.Model(inputs, x)
'''
_GENERATOR = '''
def dcgan_generator(image_shape, latent_dim, filters):
    check_shape(image_shape, len(filters))
    height, width, channels = image_shape
    heights, widths = map_sizes(height, len(filters)), map_sizes(width, len(filters))
    sides = list(zip(heights, widths))[::-1]

    def start():
        return keras.initializers.RandomNormal(stddev=0.02)

    def enlarge(x, count, side, use_bias):
        x = layers.Conv2DTranspose(count, 4, 2, padding="same", use_bias=use_bias,
                                   kernel_initializer=start())(x)
        return x[:, :side[0], :side[1]]

    inputs = keras.Input((latent_dim,))
    first = sides[0][0] * sides[0][1] * filters[0]
    x = layers.Dense(first, use_bias=False, kernel_initializer=start())(inputs)
    x = layers.Reshape((*sides[0], filters[0]))(x)
    x = layers.BatchNormalization()(x)
    x = layers.LeakyReLU(0.2)(x)
    for count, side in zip(filters[1:], sides[1:]):
        x = enlarge(x, count, side, False)
        x = layers.BatchNormalization()(x)
        x = layers.LeakyReLU(0.2)(x)
    x = enlarge(x, channels, sides[-1], True)
    return keras.Model(inputs, layers.Activation("tanh")(x))
'''


def _changed(source, *changes):
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


_NORM, _LEAKY = "x = layers.BatchNormalization()(x)", "x = layers.LeakyReLU(0.2)(x)"
_CUT = "x[:, :side[0], :side[1]]"

ANSWERS = [
    dict(
        name="halves rounded down",
        cell="map_sizes",
        source='''
def map_sizes(size, count):
    return [size // 2**number for number in range(count + 1)]
''',
        lost={"test_map_sizes": 2},
        hint="How many is that?",
    ),
    dict(
        name="the image itself left out",
        cell="map_sizes",
        source='''
def map_sizes(size, count):
    return [-(-size // 2**number) for number in range(1, count + 1)]
''',
        lost={"test_map_sizes": 2},
        hint="should start with the image itself",
    ),
    dict(
        name="odd sizes refused, as ganlib does",
        cell="check_shape",
        source=_changed(_CHECK, ("min(image_shape[:2]) < 2**count",
                                 "any(side % 2**count for side in image_shape[:2])")),
        lost={"test_check_shape": 3},
        hint="Odd sizes are welcome",
    ),
    dict(
        name="a message printed instead of an error",
        cell="check_shape",
        source=_changed(_CHECK, ("raise ValueError", "return print")),
        lost={"test_check_shape": 3},
        hint="not enough to stop what comes after it",
    ),
    dict(
        name="an error without a word on what was given",
        cell="check_shape",
        source=_changed(_CHECK, ("got {image_shape}; ", "")),
        lost={"test_check_shape": 3},
        hint="does not say what was given",
    ),
    dict(
        name="assert instead of a ValueError",
        cell="check_shape",
        source='''
def check_shape(image_shape, count):
    assert len(image_shape) == 3, f"got {image_shape}, expected height, width and channels"
    assert min(image_shape[:2]) >= 2**count, f"got {image_shape}, expected {2**count} or more"
''',
        lost={"test_check_shape": 3},
        hint="a ValueError with a message of your own",
    ),
    dict(
        name="no word on the smallest size",
        cell="check_shape",
        source=_changed(_CHECK, (" from {2**count}", " that are large enough")),
        lost={"test_check_shape": 3},
        hint="What is the smallest height or width",
    ),
    dict(
        name="convolutions without padding",
        cell="dcgan_discriminator",
        source=_changed(_DISCRIMINATOR, ("same", "valid")),
        lost={"test_dcgan_discriminator": 2, "test_dcgan_discriminator_layers": 3},
        hint="Which padding loses nothing at the border?",
    ),
    dict(
        name="a probability instead of a logit",
        cell="dcgan_discriminator",
        source=_changed(_DISCRIMINATOR, ("Dense(1,", 'Dense(1, activation="sigmoid",')),
        lost={"test_dcgan_discriminator": 2},
        hint="what comes of two sigmoids?",
    ),
    dict(
        name="normalization after every convolution",
        cell="dcgan_discriminator",
        source=_changed(_DISCRIMINATOR, ("number > 0", "True")),
        lost={"test_dcgan_discriminator_layers": 3},
        hint="which convolution has none?",
    ),
    dict(
        name="kernels that start as Keras starts them",
        cell="dcgan_discriminator",
        source=_changed(_DISCRIMINATOR, ("keras.initializers.RandomNormal(stddev=0.02)",
                                         '"glorot_uniform"')),
        lost={"test_dcgan_discriminator_layers": 3},
        hint="starts with a standard deviation of",
    ),
    dict(
        name="shapes not looked at",
        cell="dcgan_discriminator",
        source=_changed(_DISCRIMINATOR, ("    check_shape(image_shape, len(filters))\n", "")),
        lost={"test_dcgan_discriminator": 2},
        hint="Where is your check_shape?",
    ),
    dict(
        name="nothing cut off",
        cell="dcgan_generator",
        source=_changed(_GENERATOR, (_CUT, "x")),
        lost={"test_dcgan_generator": 3, "test_dcgan_generator_layers": 3},
        hint="The surplus has to be cut off",
    ),
    dict(
        name="cut only at the end",
        cell="dcgan_generator",
        source=_changed(_GENERATOR, (_CUT, "x[:, :side[0], :side[1]] if use_bias else x")),
        lost={"test_dcgan_generator_layers": 3},
        hint="also between the first and the last",
    ),
    dict(
        name="a first map rounded down",
        cell="dcgan_generator",
        source=_changed(_GENERATOR, ("sides = list(zip(heights, widths))[::-1]",
                                     "scales = [2**n for n in range(len(filters) + 1)][::-1]\n"
                                     "    sides = [(height // n, width // n) for n in scales]")),
        lost={"test_dcgan_generator": 3, "test_dcgan_generator_layers": 3},
        hint="a division that rounds down",
    ),
    dict(
        name="height and width exchanged",
        cell="dcgan_generator",
        source=_changed(_GENERATOR, ("zip(heights, widths)", "zip(widths, heights)")),
        lost={"test_dcgan_generator": 3, "test_dcgan_generator_layers": 3},
        hint="Which comes first, height or width?",
    ),
    dict(
        name="one channel, whatever was asked for",
        cell="dcgan_generator",
        source=_changed(_GENERATOR, ("enlarge(x, channels,", "enlarge(x, 1,")),
        lost={"test_dcgan_generator": 3, "test_dcgan_generator_layers": 3},
        hint="should follow from its arguments?",
    ),
    dict(
        name="images made by a sigmoid",
        cell="dcgan_generator",
        source=_changed(_GENERATOR, ("tanh", "sigmoid")),
        lost={"test_dcgan_generator": 3},
        hint="Your network ends in a sigmoid",
    ),
    dict(
        name="normalization after the activation",
        cell="dcgan_generator",
        source=_changed(_GENERATOR, (_NORM, "@"), (_LEAKY, _NORM), ("@", _LEAKY)),
        lost={"test_dcgan_generator_layers": 3},
        hint="In which order do the two come?",
    ),
    dict(
        name="the surplus cut off after normalization",
        cell="dcgan_generator",
        source=_changed(
            _GENERATOR,
            ("enlarge(x, count, side, False)\n        x = layers.BatchNormalization()(x)",
             "layers.Conv2DTranspose(count, 4, 2, padding='same', use_bias=False,\n"
             "                                   kernel_initializer=start())(x)\n"
             "        x = layers.BatchNormalization()(x)[:, :side[0], :side[1]]"),
        ),
        lost={"test_dcgan_generator_layers": 3},
        hint="is the surplus cut off before it?",
    ),
]
