"""What 72_calligraphy_cgan says about its results."""


def gain(values):
    """Returns the mean of paired differences, and how many standard errors it is away from 0."""
    mean, deviation = mean_and_error(values)
    return mean, mean / max(deviation, 1e-9)


own_view, judged = legible["chooser"], legible["judge"]
claim("The chooser is the weaker reader", share < judge.card["test_accuracy"] - 0.05, chooser=share)
apart = gain(own_view[0] - judged[0])
claim("With $N = 1$ nothing is chosen, and the two readers agree about how much can be read.",
      abs(apart[0]) < 0.1, difference=apart[0], errors=apart[1])
claim("The chooser reads all or nearly all of its best of 64",
      own_view[-1].mean() > 0.97, read=own_view[-1].mean())
better = gain(judged[-1] - judged[0])
claim("The judge, too, reads more of the chosen images than of the others",
      better[1] > 2, difference=better[0], errors=better[1])
too_good = gain((own_view - judged)[1:].mean(axis=0))
claim("But it reads fewer than the chooser does.",
      too_good[1] > 2, difference=too_good[0], errors=too_good[1])
alone, best, by_d = table["chooser", 1], table["chooser", most], table["D", most]
narrower = gain(alone[1] - best[1])
claim("Legibility rises and variety falls.", better[1] > 2 and narrower[1] > 2,
      difference=narrower[0], errors=narrower[1])
told_apart = (np.mean(on_real > 0) + np.mean(logits < 0)) / 2
claim("Still, it can tell real images from generated ones better than a coin can.",
      told_apart > 0.55, right=told_apart)
claim("to D, what it picks is *more real than real images*",
      logits.max(axis=2).mean() > on_real.mean(),
      picked=logits.max(axis=2).mean(), real=on_real.mean())
versus = gain(best[0] - by_d[0])
claim("The judge reads more of the best of 64 when the chooser picks them than when this D does.",
      versus[1] > 2, difference=versus[0], errors=versus[1])
star = table["real", 1].mean(axis=1)
reached = [key for key, found in table.items() if key[0] in ("chooser", "D")
           and np.all(found.mean(axis=1) > star - 0.02)]
claim("Choosing moves you along a line that does not reach the star.",
      not reached, reached=len(reached))
more_even = [gain(lines[four][1] - lines[one][1]) for one, four in (
    ("one z, the first", "four z, the first ones"), ("one z, the best", "four z, the best ones"))]
claim("With one $z$ the strokes of a line are more even, chosen or unchosen.",
      min(each[1] for each in more_even) > 2, unchosen=more_even[0][1], chosen=more_even[1][1])
easier = gain(lines["one z, the best"][0] - lines["one z, the first"][0])
claim("still its best of 64 is easier to read than what comes first",
      easier[1] > 2, difference=easier[0], errors=easier[1])
left = lines["four z, the best ones"][0].mean() - lines["one z, the best"][0].mean()
claim("The difference between the last two lines printed above is smaller than this gain.",
      abs(left) < easier[0], difference=left)
