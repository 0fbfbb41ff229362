"""What 30_kmnist_fcgan says about its results."""

entropy, clipped, penalized = (alone[name] for name in RULES)
claim("They are close together",
      all(np.all(np.ptp(each, axis=0) < 0.35 * each.mean(axis=0)) for each in alone.values()),
      widest=max(np.max(np.ptp(each, axis=0) / each.mean(axis=0)) for each in alone.values()))
claim("from the second forger to the third the distance doubles, and the estimate stays close to $\\log 2$.",
      np.abs(entropy[:, 1:] - np.log(2)).max() < 0.07, farthest=np.abs(entropy[:, 1:] - np.log(2)).max())
claim("For the first forger it is below $\\log 2$", entropy[:, 0].max() < 0.5, most=entropy[:, 0].max())
unit = clipped / truth
claim("the estimate grows nearly in proportion to the distance.", np.ptp(unit) < 0.3 * unit.mean(), least=unit.min(), most=unit.max())
claim("it is not the distance, since the unit is wrong", abs(unit.mean() - 1) > 0.3, unit=unit.mean())
claim("the estimate starts near the truth, and then far overshoots it.",
      penalized[:, 0].max() < 1.5 * truth[0] and penalized[:, -1].min() > 2 * truth[-1],
      first=penalized[:, 0].max() / truth[0], last=penalized[:, -1].min() / truth[-1])
ratios = scaled[:, 1:] / scaled[:, :-1]
claim("Each doubling of the bound makes the estimate about eight times as large.",
      6.5 < ratios.min() and ratios.max() < 9.5, least=ratios.min(), most=ratios.max())
claim("The critics come close to the formula.", np.abs(penalized / expected - 1).max() < 0.2,
      farthest=np.abs(penalized / expected - 1).max())

of_games = {name: np.array([seen[name, seed] for seed in SEEDS]) for name in RULES}  # (seeds, estimate or distance, marks)
both = ("cross-entropy", "penalty")
improved = max((of_games[name][:, 1, -1] / of_games[name][:, 1, 0]).max() for name in both)
claim("In its games and in those with the penalty the images get better", improved < 0.7, most=improved)
least = min(follows[name, seed] for name in both for seed in SEEDS)
claim("D's loss follows them closely.", least > 0.8, least=least)
means = {name: np.mean([follows[name, seed] for seed in SEEDS]) for name in RULES}
claim("Three seeds do not tell the two rules apart by this number.", abs(means["cross-entropy"] - means["penalty"]) < 0.08,
      cross_entropy=means["cross-entropy"], penalty=means["penalty"])
claim("In these games that lasts only for a while.",
      of_games["cross-entropy"][:, 0, 0].min() > 0.6 > 0.45 > of_games["cross-entropy"][:, 0, -1].max(),
      first=of_games["cross-entropy"][:, 0, 0].min(), last=of_games["cross-entropy"][:, 0, -1].max())
by_clock = {name: np.mean([clock[name, seed] for seed in SEEDS]) for name in both}
claim("It follows the quality at least as well as D's loss does.", all(by_clock[name] > means[name] - 0.01 for name in both),
      cross_entropy=by_clock["cross-entropy"], penalty=by_clock["penalty"])
best = max(follows["clipping", seed] for seed in SEEDS)
claim("**The clipped critic does not follow.**", best < 0.4, most=best)
fallen = (of_games["clipping"][:, 0, -1] / of_games["clipping"][:, 0, 0]).max()
claim("Its estimate falls to almost nothing in each of the three games.",
      fallen < 0.25, most=fallen)
no_better = (of_games["clipping"][:, 1, -3:].mean(axis=1) / of_games["clipping"][:, 1, 1]).min()
claim("But the images are no better than at the second mark", no_better > 0.97, least=no_better)
piled, elsewhere = min(at_bound["clipping"]), max(max(at_bound[name]) for name in both)
claim("With clipping, the weights pile up at the bound, on both sides. With a penalty they do not",
      piled > 0.1 > 0.001 > elsewhere, clipping=piled, others=elsewhere)
claim("In the clipped games one mask has most of the squared weights.", min(alike["clipping"]) > 0.5, least=min(alike["clipping"]))
claim("In the other games the strongest mask has a few percent.", max(max(alike[name]) for name in both) < 0.1,
      most=max(max(alike[name]) for name in both))
