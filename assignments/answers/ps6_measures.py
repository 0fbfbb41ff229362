"""Typical wrong answers to ps6_measures, and what each of them must lose."""

ANSWERS = [
    dict(
        name="the root of each entry instead of the root of the matrix",
        cell="frechet",
        source="""
def frechet(real, fake):
    shift = real.mean(axis=0) - fake.mean(axis=0)
    one, other = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    with np.errstate(invalid="ignore"):
        cross = np.trace(np.sqrt(one @ other))
    return shift @ shift + np.trace(one) + np.trace(other) - 2 * cross
""",
        lost={"test_frechet": 3, "test_frechet_flat": 1},
        hint="the root of a matrix",
    ),
    dict(
        name="the root of the distance",
        cell="frechet",
        source="""
def frechet(real, fake):
    shift = real.mean(axis=0) - fake.mean(axis=0)
    one, other = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    cross = np.sqrt(np.maximum(np.linalg.eigvals(one @ other).real, 0)).sum()
    return np.sqrt(abs(shift @ shift + np.trace(one) + np.trace(other) - 2 * cross))
""",
        lost={"test_frechet": 3, "test_frechet_flat": 1},
        hint="the length of the shift. Its square is wanted",
    ),
    dict(
        name="variances without covariances",
        cell="frechet",
        source="""
def frechet(real, fake):
    shift = real.mean(axis=0) - fake.mean(axis=0)
    return shift @ shift + ((real.std(axis=0, ddof=1) - fake.std(axis=0, ddof=1)) ** 2).sum()
""",
        lost={"test_frechet": 3, "test_frechet_flat": 1},
        hint="without covariances between features",
    ),
    dict(
        name="images taken for features in the covariance",
        cell="frechet",
        source="""
def frechet(real, fake):
    shift = real.mean(axis=0) - fake.mean(axis=0)
    one, other = np.cov(real), np.cov(fake)
    cross = np.sqrt(np.maximum(np.linalg.eigvals(one @ other).real, 0)).sum()
    return shift @ shift + np.trace(one) + np.trace(other) - 2 * cross
""",
        lost={"test_frechet": 3, "test_frechet_flat": 1},
        hint="Does a row of the covariance stand for a feature?",
    ),
    dict(
        name="eigenvalues below zero because of rounding",
        cell="frechet",
        source="""
def frechet(real, fake):
    shift = real.mean(axis=0) - fake.mean(axis=0)
    one, other = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    cross = np.sqrt(np.linalg.eigvals(one @ other).real).sum()
    return shift @ shift + np.trace(one) + np.trace(other) - 2 * cross
""",
        lost={"test_frechet_flat": 1},
        hint="A square root of something below 0?",
    ),
    dict(
        name="halves that are the first and the last images",
        cell="floor",
        source="""
def floor(features, distance, repeats, seed):
    half = len(features) // 2
    found = [distance(features[:half], features[half : 2 * half]) for _ in range(repeats)]
    return np.mean(found), np.std(found)
""",
        lost={"test_floor": 2},
        hint="the first and the last images",
    ),
    dict(
        name="halves that overlap",
        cell="floor",
        source="""
def floor(features, distance, repeats, seed):
    random, half, found = np.random.default_rng(seed), len(features) // 2, []
    for _ in range(repeats):
        one = random.choice(len(features), half, replace=False)
        other = random.choice(len(features), half, replace=False)
        found.append(distance(features[one], features[other]))
    return np.mean(found), np.std(found)
""",
        lost={"test_floor": 2},
        hint="some images are in both halves",
    ),
    dict(
        name="each point its own neighbour",
        cell="precision_coverage",
        source="""
def precision_coverage(real, fake, neighbours=5):
    radii = np.sort(cdist(real, real), axis=1)[:, neighbours - 1]
    inside = cdist(real, fake) < radii[:, None]
    return inside.any(axis=0).mean(), inside.any(axis=1).mean()
""",
        lost={"test_precision_coverage": 4},
        hint="a point seems to be its own neighbour",
    ),
    dict(
        name="precision and coverage swapped",
        cell="precision_coverage",
        source="""
def precision_coverage(real, fake, neighbours=5):
    radii = np.sort(cdist(real, real), axis=1)[:, neighbours]
    inside = cdist(real, fake) < radii[:, None]
    return inside.any(axis=1).mean(), inside.any(axis=0).mean()
""",
        lost={"test_precision_coverage": 4, "test_diagnose": 3, "test_diagnose_others": 1},
        hint="precision and coverage are swapped",
    ),
    dict(
        name="balls around generated points",
        cell="precision_coverage",
        source="""
def precision_coverage(real, fake, neighbours=5):
    radii = np.sort(cdist(fake, fake), axis=1)[:, neighbours]
    inside = cdist(real, fake) < radii
    return inside.any(axis=0).mean(), inside.any(axis=1).mean()
""",
        lost={"test_precision_coverage": 4, "test_diagnose": 3, "test_diagnose_others": 1},
        hint="The balls are those of real points",
    ),
    dict(
        name="copies looked for among held-out images",
        cell="newness",
        source="""
def newness(train, held_out, fake):
    known = np.median(cdist(held_out, train).min(axis=1))
    return np.median(cdist(fake, held_out).min(axis=1)) / known
""",
        lost={"test_newness": 2, "test_diagnose": 3, "test_diagnose_others": 1},
        hint="Copies are copies of training images",
    ),
    dict(
        name="means instead of medians",
        cell="newness",
        source="""
def newness(train, held_out, fake):
    return cdist(fake, train).min(axis=1).mean() / cdist(held_out, train).min(axis=1).mean()
""",
        lost={"test_newness": 2},
        hint="these are means",
    ),
    dict(
        name="the nearest generated image of each training image",
        cell="newness",
        source="""
def newness(train, held_out, fake):
    known = np.median(cdist(held_out, train).min(axis=0))
    return np.median(cdist(fake, train).min(axis=0)) / known
""",
        lost={"test_newness": 2},
        hint="It should be the other way round",
    ),
    dict(
        name="coverage asked before precision",
        cell="diagnose",
        source="""
def diagnose(train, held_out, fake):
    precision, coverage = precision_coverage(held_out, fake, 5)
    if newness(train, held_out, fake) < 0.6:
        return "copies"
    if coverage < 0.65:
        return "collapsed"
    return "noisy" if precision < 0.55 else "healthy"
""",
        lost={"test_diagnose": 3, "test_diagnose_others": 1},
        hint="which question to ask first",
    ),
    dict(
        name="healthy is what has the smallest Frechet distance",
        cell="diagnose",
        source="""
def diagnose(train, held_out, fake):
    if frechet(held_out, fake) < 1.3:
        return "healthy"
    return "noisy" if precision_coverage(held_out, fake, 5)[0] < 0.55 else "collapsed"
""",
        lost={"test_diagnose": 3, "test_diagnose_others": 1},
        hint='a generator that is "copies" was called "healthy"',
    ),
    dict(
        name="only copies of whole sets are found, and no classes that are missing",
        cell="diagnose",
        source="""
def diagnose(train, held_out, fake):
    precision, coverage = precision_coverage(held_out, fake, 5)
    if newness(train, held_out, fake) < 0.1:
        return "copies"
    if precision < 0.55:
        return "noisy"
    return "collapsed" if coverage < 0.42 else "healthy"
""",
        lost={"test_diagnose_others": 1},
        hint='a generator that is "c',
    ),
    dict(
        name="the library's distance",
        cell="frechet",
        source="""
frechet = ganlib.metrics.frechet_distance
""",
        lost={"test_frechet": 3, "test_frechet_flat": 1},
        hint="write the measure yourself",
    ),
    dict(
        name="the library's distance, imported",
        cell="frechet",
        source="""
from ganlib.metrics import frechet_distance

def frechet(real, fake):
    return frechet_distance(real, fake)
""",
        lost={"test_frechet": 3, "test_frechet_flat": 1},
        hint="write the measure yourself",
    ),
]
