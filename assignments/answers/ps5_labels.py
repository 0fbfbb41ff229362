"""Typical wrong answers to ps5_labels, and what each of them must lose."""

ANSWERS = [
    dict(
        name="the label as a quantity in G",
        cell="conditional_generator",
        source="""
def conditional_generator(image_shape, latent_dim, num_classes):
    latents, labels = keras.Input((latent_dim,)), keras.Input((), dtype="int32")
    quantity = layers.Reshape((1,))(ops.cast(labels, "float32") / num_classes)
    x = layers.Concatenate()([latents, quantity])
    for _ in range(2):
        x = layers.LeakyReLU(0.2)(layers.Dense(128)(x))
    x = layers.Dense(int(np.prod(image_shape)), activation="tanh")(x)
    return keras.Model([latents, labels], layers.Reshape(image_shape)(x))
""",
        lost={"test_conditional_generator": 3, "test_obeys": 2},
        hint="the label seems to go in as a quantity",
    ),
    dict(
        name="a G that has a label and does not use it",
        cell="conditional_generator",
        source="""
def conditional_generator(image_shape, latent_dim, num_classes):
    latents, labels = keras.Input((latent_dim,)), keras.Input((), dtype="int32")
    x = layers.LeakyReLU(0.2)(layers.Dense(128)(latents))
    x = layers.Dense(int(np.prod(image_shape)), activation="tanh")(x)
    return keras.Model([latents, labels], layers.Reshape(image_shape)(x))
""",
        lost={"test_conditional_generator": 3, "test_obeys": 2},
        hint="does not depend on the label",
    ),
    dict(
        name="a G whose last layer squashes to 0 and 1",
        cell="conditional_generator",
        source="""
def conditional_generator(image_shape, latent_dim, num_classes):
    latents, labels = keras.Input((latent_dim,)), keras.Input((), dtype="int32")
    x = layers.Concatenate()([latents, layers.Embedding(num_classes, 16)(labels)])
    x = layers.LeakyReLU(0.2)(layers.Dense(128)(x))
    x = layers.Dense(int(np.prod(image_shape)), activation="sigmoid")(x)
    return keras.Model([latents, labels], layers.Reshape(image_shape)(x))
""",
        lost={"test_conditional_generator": 3, "test_obeys": 2, "test_varied": 1},
        hint="a sigmoid does not",
    ),
    dict(
        name="the label joins D's features before the last layer",
        cell="conditional_discriminator",
        source="""
def conditional_discriminator(image_shape, num_classes):
    images, labels = keras.Input(image_shape), keras.Input((), dtype="int32")
    x = layers.LeakyReLU(0.2)(layers.Dense(128)(layers.Flatten()(images)))
    x = layers.Concatenate()([x, layers.Embedding(num_classes, 16)(labels)])
    return keras.Model([images, labels], layers.Dense(1)(x))
""",
        lost={"test_conditional_discriminator": 4, "test_obeys": 2},
        hint="never whether this image fits this label",
    ),
    dict(
        name="ten classes, whatever is asked",
        cell="conditional_discriminator",
        source="""
def conditional_discriminator(image_shape, num_classes):
    images, labels = keras.Input(image_shape), keras.Input((), dtype="int32")
    x = layers.LeakyReLU(0.2)(layers.Dense(128)(layers.Flatten()(images)))
    vectors = layers.Embedding(10, 128)(labels)
    logits = layers.Add()([layers.Dense(1)(x), layers.Dot(axes=1)([x, vectors])])
    return keras.Model([images, labels], logits)
""",
        lost={"test_conditional_discriminator": 4},
        hint="Is there a number where num_classes should be?",
    ),
    dict(
        name="D is told the labels of real images for generated ones",
        cell="two_losses",
        source="""
def two_losses(generator, discriminator, images, labels, latents, wishes):
    fakes = generator([latents, wishes], training=True)
    real_logits = discriminator([images, labels], training=True)
    fake_logits = discriminator([fakes, labels], training=True)
    d_loss = 0.5 * (ops.mean(ops.softplus(-real_logits)) + ops.mean(ops.softplus(fake_logits)))
    return d_loss, ops.mean(ops.softplus(-fake_logits))
""",
        lost={"test_two_losses": 4, "test_obeys": 2},
        hint="D should be told the labels that G was asked for",
    ),
    dict(
        name="real and generated swapped in D's loss",
        cell="two_losses",
        source="""
def two_losses(generator, discriminator, images, labels, latents, wishes):
    fakes = generator([latents, wishes], training=True)
    real_logits = discriminator([images, labels], training=True)
    fake_logits = discriminator([fakes, wishes], training=True)
    d_loss = 0.5 * (ops.mean(ops.softplus(real_logits)) + ops.mean(ops.softplus(-fake_logits)))
    return d_loss, ops.mean(ops.softplus(-fake_logits))
""",
        lost={"test_two_losses": 4, "test_obeys": 2, "test_varied": 1},
        hint="seem to be swapped: real is 1",
    ),
    dict(
        name="a sigmoid taken twice",
        cell="two_losses",
        source="""
def two_losses(generator, discriminator, images, labels, latents, wishes):
    fakes = generator([latents, wishes], training=True)
    real = ops.sigmoid(discriminator([images, labels], training=True))
    fake = ops.sigmoid(discriminator([fakes, wishes], training=True))
    d_loss = 0.5 * (ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake)))
    return d_loss, ops.mean(ops.softplus(-fake))
""",
        lost={"test_two_losses": 4, "test_obeys": 2},
        hint="a sigmoid taken twice",
    ),
    dict(
        name="generated images cut off from G",
        cell="two_losses",
        source="""
def two_losses(generator, discriminator, images, labels, latents, wishes):
    fakes = tf.stop_gradient(generator([latents, wishes], training=True))
    real_logits = discriminator([images, labels], training=True)
    fake_logits = discriminator([fakes, wishes], training=True)
    d_loss = 0.5 * (ops.mean(ops.softplus(-real_logits)) + ops.mean(ops.softplus(fake_logits)))
    return d_loss, ops.mean(ops.softplus(-fake_logits))
""",
        lost={"test_two_losses": 4, "test_obeys": 2, "test_varied": 1},
        hint="no slope comes from G's loss",
    ),
    dict(
        name="the table transposed",
        cell="conditional_accuracy",
        source="""
def conditional_accuracy(asked, received, num_classes):
    table = np.zeros((num_classes, num_classes), dtype=int)
    np.add.at(table, (received, asked), 1)
    return np.trace(table) / len(asked), table
""",
        lost={"test_conditional_accuracy": 2},
        hint="the table is transposed",
    ),
    dict(
        name="the mean taken twice, over images and over classes",
        cell="conditional_accuracy",
        source="""
def conditional_accuracy(asked, received, num_classes):
    table = np.zeros((num_classes, num_classes), dtype=int)
    np.add.at(table, (asked, received), 1)
    counts = np.maximum(table.sum(axis=1), 1)
    return np.mean(np.diag(table) / counts), table
""",
        lost={"test_conditional_accuracy": 2},
        hint="each class counts the same here",
    ),
    dict(
        name="labels shuffled",
        cell="game",
        source="""
generator = conditional_generator(images.shape[1:], LATENT_DIM, NUM_CLASSES)
discriminator = conditional_discriminator(images.shape[1:], NUM_CLASSES)
order = np.random.default_rng(SEED).permutation(len(images))
train(generator, discriminator, images[order], labels, steps=800, g_rate=1e-3, d_rate=1e-3)
""",
        lost={"test_obeys": 2},
        hint="Do images and labels still belong together",
    ),
    dict(
        name="too few steps",
        cell="game",
        source="""
generator = conditional_generator(images.shape[1:], LATENT_DIM, NUM_CLASSES)
discriminator = conditional_discriminator(images.shape[1:], NUM_CLASSES)
train(generator, discriminator, images, labels, steps=20, g_rate=1e-3, d_rate=1e-3)
""",
        lost={"test_obeys": 2, "test_varied": 1},
        hint="of the wishes come true",
    ),
]
