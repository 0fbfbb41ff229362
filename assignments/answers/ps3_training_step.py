"""Typical wrong answers to ps3_training_step: the points they lose and a piece of the hint."""

_MOVED = '''
def moved(network, action):
    before = network.get_weights()
    action()
    pairs = zip(network.weights, before)
    return [weight.path for weight, old in pairs if not np.array_equal(weight, old)]
'''
_GENERATE = '''
def generate(generator, latents):
    before = generator.get_weights()
    images = generator(latents, training=True)
    generator.set_weights(before)
    return images
'''
_D_STEP = '''
def d_step(generator, discriminator, optimizer, images, latents):
    fakes = generate(generator, latents)
    with tf.GradientTape() as tape:
        real_logits = discriminator(images, training=True)
        fake_logits = discriminator(fakes, training=True)
        loss = discriminator_loss(real_logits, fake_logits)
    gradients = tape.gradient(loss, discriminator.trainable_weights)
    optimizer.apply(gradients, discriminator.trainable_weights)
    return loss
'''
_G_STEP = '''
def g_step(generator, discriminator, optimizer, latents):
    before = discriminator.get_weights()
    with tf.GradientTape() as tape:
        fakes = generator(latents, training=True)
        loss = generator_loss(discriminator(fakes, training=True))
    gradients = tape.gradient(loss, generator.trainable_weights)
    optimizer.apply(gradients, generator.trainable_weights)
    discriminator.set_weights(before)
    return loss
'''
_PLAY = '''
def play(generator, discriminator, g_optimizer, d_optimizer, images, latents):
    real = ganlib.images.to_float(images)
    d_loss = d_step(generator, discriminator, d_optimizer, real, latents)
    g_loss = g_step(generator, discriminator, g_optimizer, latents)
    return d_loss, g_loss
'''

_FAKES = "        fakes = generator(latents, training=True)\n"
_G_TURN = "    g_loss = g_step(generator, discriminator, g_optimizer, latents)\n"


def _changed(source, *changes):
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


ANSWERS = [
    dict(
        name="variables kept instead of copies",
        cell="moved",
        source=_changed(_MOVED, ("network.get_weights()", "list(network.weights)")),
        lost={"test_moved": 2},
        hint="A variable shows what it holds now",
    ),
    dict(
        name="a look at trained weights only",
        cell="moved",
        source=_changed(_MOVED, ("network.get_weights()",
                                 "[np.asarray(each).copy() for each in network.weights]"),
                        ("network.weights", "network.trainable_weights")),
        lost={"test_moved": 2},
        hint="Which list of a network also holds what is not trained?",
    ),
    dict(
        name="images made in inference mode",
        cell="generate",
        source="def generate(generator, latents):\n    return generator(latents, training=False)",
        lost={"test_generate": 3},
        hint="normalized by the moving averages of G",
    ),
    dict(
        name="moving averages that follow D's turn",
        cell="generate",
        source="def generate(generator, latents):\n    return generator(latents, training=True)",
        lost={"test_generate": 3},
        hint="Nothing in G may be different afterwards",
    ),
    dict(
        name="trainable toggled for G's images",
        cell="generate",
        source='''
def generate(generator, latents):
    generator.trainable = False
    images = generator(latents, training=True)
    generator.trainable = True
    return images
''',
        lost={"test_generate": 3},
        hint="Your function switches `trainable`",
    ),
    dict(
        name="real and fake swapped",
        cell="d_step",
        source=_changed(_D_STEP, ("(real_logits, fake_logits)", "(fake_logits, real_logits)")),
        lost={"test_d_step": 4},
        hint="Which of the two comes first?",
    ),
    dict(
        name="probabilities given to a loss of logits: sigmoid twice",
        cell="d_step",
        source=_changed(_D_STEP, ("(real_logits, fake_logits)",
                                  "(ops.sigmoid(real_logits), ops.sigmoid(fake_logits))")),
        lost={"test_d_step": 4},
        hint="the sigmoid applied twice",
    ),
    dict(
        name="the mean taken twice",
        cell="d_step",
        source=_changed(_D_STEP, ("(real_logits, fake_logits)",
                                  "(real_logits, fake_logits) / len(images)")),
        lost={"test_d_step": 4},
        hint="where, is the mean taken?",
    ),
    dict(
        name="statistics mixed: both batches in one",
        cell="d_step",
        source=_changed(_D_STEP, ("        real_logits = discriminator(images, training=True)\n",
                                  "        both = ops.concatenate([images, fakes])\n"),
                        ("        fake_logits = discriminator(fakes, training=True)\n",
                         "        real_logits, fake_logits = ops.split("
                         "discriminator(both, training=True), 2)\n")),
        lost={"test_d_step": 4},
        hint="statistics of real and generated images are mixed",
    ),
    dict(
        name="G's images made by a plain call",
        cell="d_step",
        source=_changed(_D_STEP, ("generate(generator, latents)",
                                  "generator(latents, training=True)")),
        lost={"test_d_step": 4},
        hint="No gradient did that; which call did?",
    ),
    dict(
        name="D judges in inference mode",
        cell="d_step",
        source=_changed(_D_STEP, ("discriminator(images, training=True)", "discriminator(images)"),
                        ("discriminator(fakes, training=True)", "discriminator(fakes)")),
        lost={"test_d_step": 4},
        hint="as if it were not training",
    ),
    dict(
        name="both players' weights in the list",
        cell="d_step",
        source=_changed(_D_STEP, ("generate(generator, latents)", "None"),
                        ("        real_logits =", _FAKES + "        real_logits ="),
                        ("discriminator.trainable_weights",
                         "discriminator.trainable_weights + generator.trainable_weights")),
        lost={"test_d_step": 4},
        hint="Whose weights learn here?",
    ),
    dict(
        name="G's images outside the tape",
        cell="g_step",
        source=_changed(_G_STEP, (_FAKES, ""), ("    with tf.", _FAKES[4:] + "    with tf.")),
        lost={"test_g_step": 4},
        hint="Has the tape seen how the logits",
    ),
    dict(
        name="D's moving averages that follow G's turn",
        cell="g_step",
        source=_changed(_G_STEP, ("    discriminator.set_weights(before)\n", "")),
        lost={"test_g_step": 4},
        hint="a step of G has changed D's",
    ),
    dict(
        name="trainable of D toggled in G's turn",
        cell="g_step",
        source=_changed(_G_STEP, ("before = discriminator.get_weights()",
                                  "discriminator.trainable = False"),
                        ("discriminator.set_weights(before)", "discriminator.trainable = True")),
        lost={"test_g_step": 4},
        hint="Your function switches `trainable`",
    ),
    dict(
        name="G made to please D: the sign of the loss",
        cell="g_step",
        source=_changed(_G_STEP, ("loss = generator_loss(discriminator(fakes, training=True))",
                                  "loss = generator_loss(-discriminator(fakes, training=True))")),
        lost={"test_g_step": 4},
        hint="G learns what suits D",
    ),
    dict(
        name="all of G put back after its own turn",
        cell="g_step",
        source=_changed(_G_STEP, ("    return", "    generator.set_weights(old)\n    return"),
                        ("    before", "    old = generator.get_weights()\n    before")),
        lost={"test_g_step": 4},
        hint="no weight of G has moved",
    ),
    dict(
        name="G first",
        cell="play",
        source=_changed(_PLAY, (_G_TURN, ""), ("    d_loss =", _G_TURN + "    d_loss =")),
        lost={"test_play": 3},
        hint="G has moved first",
    ),
    dict(
        name="pixels from 0 to 255 shown to D",
        cell="play",
        source=_changed(_PLAY, ("ganlib.images.to_float(images)", 'ops.cast(images, "float32")')),
        lost={"test_play": 3},
        hint="D has been shown pixels from 0 to 255",
    ),
    dict(
        name="a generator's turn forgotten",
        cell="play",
        source=_changed(_PLAY, (_G_TURN, ""), ("d_loss, g_loss", "d_loss, d_loss")),
        lost={"test_play": 3},
        hint="G has not moved at all",
    ),
]
