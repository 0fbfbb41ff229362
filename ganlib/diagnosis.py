"""How a game goes, in a line, from its losses and from what was measured of its images."""

import itertools
import math

from ganlib import losses

RECENT, FEWEST = 8, 5  # rows of a history that rules look at: at most, and at least
MEASURED = 3  # measures in a row that must agree
GUESSING = math.log(2)  # D's loss where it answers one half to everything
WON, DIVERGED, SWINGING, NARROW = 0.15, 10.0, 1.0, 0.1


def diagnose(history, measures=(), least=0.0):
    """Returns how the game goes; what stands before a colon is the diagnosis. The first of these that holds:

    - "diverged": D's loss is not finite, or above DIVERGED. A D that errs on the average image with e^-10 for the truth
      is no opponent any more; games that go astray and come back stay below 5.
    - "the discriminator has won": D's loss was in each of the last FEWEST rows within WON of the way from the least it can be
      to GUESSING: with labels 0 and 1 below 0.104, so that the truth gets nine tenths on average, and G's gradient is lost in
      the noise.
    - "the generator has collapsed": the last MEASURED measures found the same class missing each time (less than a tenth
      as often as among real images), or each time a spread below NARROW. One class alone has about a tenth of the spread of ten in a
      classifier's features, more in the pixels: without a classifier only a collapse to a few images is seen.
    - "oscillating": D's loss went up and down by more than SWINGING in the last RECENT rows, not counting what leads from the first to the
      last: by more than 0.14 from row to row. Averages over a stretch of steps differ by some 0.02 in a calm game.
    - "healthy": none of these. "healthy by its losses" if there were no measures, since a collapse hardly shows in them.
    - "too early to tell": fewer than FEWEST rows.

    Args:
        history: rows with step, d_loss and g_loss; no step in which D played alone.
        measures: rows with spread and missing, as ganlib.evaluation.Gauge gives them.
        least: of D's loss, from `least_loss`; None leaves out the rules about D's loss, other than diverged.
    """
    recent = [row["d_loss"] for row in history[-RECENT:]]
    if recent and not abs(recent[-1]) < (math.inf if least is None else DIVERGED):
        return "diverged"
    if len(recent) < FEWEST:
        return "too early to tell"
    if least is not None and max(recent[-FEWEST:]) < least + WON * (GUESSING - least):
        return "the discriminator has won"
    agreeing = measures[-MEASURED:] if len(measures) >= MEASURED else []
    absent = [row["missing"] or () for row in agreeing]
    missing = [name for name in (absent[-1] if absent else ()) if all(name in names for names in absent)]
    if missing:
        return f"the generator has collapsed: no {', '.join(missing)}"
    if agreeing and max(row["spread"] for row in agreeing) < NARROW:
        return f"the generator has collapsed: its images vary {agreeing[-1]['spread']:.0%} as much as real ones"
    undone = sum(abs(b - a) for a, b in itertools.pairwise(recent)) - abs(recent[-1] - recent[0])
    if least is not None and undone > SWINGING:
        return "oscillating"
    return "healthy" if agreeing else "healthy by its losses"


def least_loss(loss, real_label=1.0, fake_label=0.0):
    """Returns the least mean loss that D can have, which smoothed and soft labels lift above 0.

    It is the entropy of the mean label, averaged over both kinds of images; None for a loss that is no cross-entropy.

    Args:
        loss: a name of ganlib.losses.LOSSES.
        real_label, fake_label: a number or a (low, high) range, as in `GAN.compile`.
    """
    if losses.get(loss).discriminator is not losses.non_saturating_discriminator_loss:
        return None
    entropies = []
    for label in (real_label, fake_label):
        mean = sum(label) / 2 if isinstance(label, (tuple, list)) else label
        entropies.append(-sum(share * math.log(share) for share in (mean, 1.0 - mean) if share > 0.0))
    return sum(entropies) / 2
