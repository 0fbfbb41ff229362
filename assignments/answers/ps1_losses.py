"""Typical wrong answers to ps1_losses, and what each of them must lose."""

ANSWERS = [
    dict(
        name="real and generated swapped in D's loss",
        cell="d_loss",
        source="""
def d_loss(real_logits, fake_logits):
    return 0.5 * (np.mean(np.logaddexp(0, real_logits)) + np.mean(np.logaddexp(0, -fake_logits)))
""",
        lost={"test_d_loss": 2, "test_d_loss_sure": 1},
        hint="real is 1",
    ),
    dict(
        name="a sigmoid before the loss, which takes one itself",
        cell="d_loss",
        source="""
def d_loss(real_logits, fake_logits):
    real, fake = 1 / (1 + np.exp(-real_logits)), 1 / (1 + np.exp(-fake_logits))
    return 0.5 * (np.mean(np.logaddexp(0, -real)) + np.mean(np.logaddexp(0, fake)))
""",
        lost={"test_d_loss": 2, "test_d_loss_sure": 1},
        hint="a sigmoid taken twice",
    ),
    dict(
        name="logits taken for probabilities",
        cell="d_loss",
        source="""
def d_loss(real_logits, fake_logits):
    return -0.5 * (np.mean(np.log(real_logits)) + np.mean(np.log(1 - fake_logits)))
""",
        lost={"test_d_loss": 2, "test_d_loss_sure": 1},
        hint="Logits are not probabilities",
    ),
    dict(
        name="one mean over all images",
        cell="d_loss",
        source="""
def d_loss(real_logits, fake_logits):
    return np.mean(np.logaddexp(0, np.concatenate([-real_logits, fake_logits])))
""",
        lost={"test_d_loss": 2},
        hint="should count the same",
    ),
    dict(
        name="the logarithm of a rounded sigmoid",
        cell="d_loss",
        source="""
def d_loss(real_logits, fake_logits):
    real, fake = 1 / (1 + np.exp(-real_logits)), 1 / (1 + np.exp(-fake_logits))
    return -0.5 * (np.mean(np.log(real)) + np.mean(np.log(1 - fake)))
""",
        lost={"test_d_loss_sure": 1},
        hint="rounded to 0",
    ),
    dict(
        name="probabilities cut off",
        cell="d_loss",
        source="""
def d_loss(real_logits, fake_logits):
    real, fake = 1 / (1 + np.exp(-real_logits)), 1 / (1 + np.exp(-fake_logits))
    real, fake = np.clip(real, 1e-7, 1 - 1e-7), np.clip(fake, 1e-7, 1 - 1e-7)
    return -0.5 * (np.mean(np.log(real)) + np.mean(np.log(1 - fake)))
""",
        lost={"test_d_loss_sure": 1},
        hint="cut off",
    ),
    dict(
        name="the minimax loss",
        cell="g_loss",
        source="""
def g_loss(fake_logits):
    return -np.mean(np.logaddexp(0, fake_logits))
""",
        lost={"test_g_loss": 2},
        hint="minimax",
    ),
    dict(
        name="slopes with the mean taken twice",
        cell="slopes",
        source="""
def d_slopes(real_logits, fake_logits):
    real = -0.5 / (1 + np.exp(real_logits)) / len(real_logits)
    fake = 0.5 / (1 + np.exp(-fake_logits)) / len(fake_logits)
    return real / len(real), fake / len(fake)


def g_slopes(fake_logits):
    return -1 / (1 + np.exp(fake_logits)) / len(fake_logits)
""",
        lost={"test_d_slopes": 3},
        hint="taken twice",
    ),
    dict(
        name="slopes without the mean",
        cell="slopes",
        source="""
def d_slopes(real_logits, fake_logits):
    return -0.5 / (1 + np.exp(real_logits)), 0.5 / (1 + np.exp(-fake_logits))


def g_slopes(fake_logits):
    return -1 / (1 + np.exp(fake_logits))
""",
        lost={"test_d_slopes": 3, "test_g_slopes": 2},
        hint="the mean over the batch is missing",
    ),
    dict(
        name="the slope of the sigmoid",
        cell="slopes",
        source="""
def d_slopes(real_logits, fake_logits):
    real = -0.5 / (1 + np.exp(real_logits)) / len(real_logits)
    fake = 0.5 / (1 + np.exp(-fake_logits)) / len(fake_logits)
    return real, fake


def g_slopes(fake_logits):
    chances = 1 / (1 + np.exp(-fake_logits))
    return -chances * (1 - chances) / len(fake_logits)
""",
        lost={"test_g_slopes": 2},
        hint="the slope of the sigmoid itself",
    ),
    dict(
        name="the labels left out",
        cell="best_d",
        source="""
def best_d(p_data, p_g, real_label=1.0, fake_label=0.0):
    return p_data / (p_data + p_g)
""",
        lost={"test_best_d": 3},
        hint="if the labels were 1 and 0",
    ),
    dict(
        name="the densities swapped",
        cell="best_d",
        source="""
def best_d(p_data, p_g, real_label=1.0, fake_label=0.0):
    return (real_label * p_g + fake_label * p_data) / (p_data + p_g)
""",
        lost={"test_best_d": 3},
        hint="Are the two densities swapped?",
    ),
    dict(
        name="the logarithm of 0",
        cell="smallest_loss",
        source="""
def smallest_loss(p_data, p_g, width):
    best = p_data / (p_data + p_g)
    return -0.5 * width * np.sum(p_data * np.log(best) + p_g * np.log(1 - best))
""",
        lost={"test_smallest_loss": 3},
        hint="where a density is 0",
    ),
    dict(
        name="the divergence instead of the loss",
        cell="smallest_loss",
        source="""
def smallest_loss(p_data, p_g, width):
    both = p_data + p_g + 1e-300
    one = p_data * np.log(2 * p_data / both + 1e-300)
    other = p_g * np.log(2 * p_g / both + 1e-300)
    return 0.5 * width * np.sum(one + other)
""",
        lost={"test_smallest_loss": 3},
        hint="Jensen-Shannon",
    ),
    dict(
        name="slopes that divide one huge number by another",
        cell="slopes",
        source="""
def d_slopes(real_logits, fake_logits):
    real, fake = np.exp(real_logits), np.exp(fake_logits)
    return -0.5 * (1 - real / (1 + real)) / len(real), 0.5 * fake / (1 + fake) / len(fake)

def g_slopes(fake_logits):
    return np.exp(fake_logits) / (1 + np.exp(fake_logits)) / len(fake_logits) - 1 / len(fake_logits)
""",
        lost={"test_d_slopes": 3, "test_g_slopes": 2},
        hint="divide one huge number by another",
    ),
    dict(
        name="differences of the losses instead of derivatives",
        cell="slopes",
        source="""
def quotients(loss, logits):
    steps = 1e-4 * np.eye(len(logits))[:, :, None]
    return np.array([[(loss(logits + step) - loss(logits - step)) / 2e-4] for step in steps])

def d_slopes(real_logits, fake_logits):
    real = quotients(lambda logits: d_loss(logits, fake_logits), real_logits)
    return real, quotients(lambda logits: d_loss(real_logits, logits), fake_logits)

def g_slopes(fake_logits):
    return quotients(g_loss, fake_logits)
""",
        lost={"test_d_slopes": 3, "test_g_slopes": 2},
        hint="should not call the losses",
    ),
]
