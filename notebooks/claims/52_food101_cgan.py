"""What 52_food101_cgan says about its results."""

starts, ends = ({way: np.array([table[way, seed, mark] for seed in SEEDS]) for way in RATES}
                for mark in (MARKS[0], MARKS[-1]))
row, every, fresh = (ends[way] for way in RATES)
floor, deviation = far(see(aside), see(learned))
claim("The kernel distance between two sets of real photographs is about 0",
      abs(floor) < 3 * deviation, floor=floor)
claim("Edamame is greener than red more often than not, and bowls hardly ever.",
      greener(pool) > 0.5 and greener(bowls) < 0.1, edamame=greener(pool), bowls=greener(bowls))
claim("With one row the middle stays gray, orange or brown, and green remains rare.",
      row[:, 2].max() < 0.3, most=row[:, 2].max())
claim("With everything trained, it is green in a large share of the pictures, for every seed.",
      every[:, 2].min() > 0.3 and (every[:, 2] > row[:, 2] + 0.2).all(), least=every[:, 2].min())


def light(mark):
    """Returns what varies in the brightness of the pictures of everything, (pictures, pixels)."""
    pictures = shots["everything", SEEDS[0], mark].mean(axis=-1).reshape(MADE, -1)
    pictures = pictures - pictures.mean(axis=0)
    return pictures / np.linalg.norm(pictures, axis=1, keepdims=True)


alike = light(MARKS[0]) @ light(MARKS[-1]).T
same, other = np.diag(alike).mean(), alike[~np.eye(MADE, dtype=bool)].mean()
claim("rims, plates and light are what the same latents gave before", same > other + 0.3,
      same=same, other=other)
varies = {way: min(shots[way, seed, MARKS[-1]].std(axis=0).mean() for seed in SEEDS) for way in RATES}
most = max(shots["from scratch", seed, MARKS[-1]].std(axis=0).mean() for seed in SEEDS)
claim("Trained from scratch, G makes little more than grain, and the grain is the same for all "
      "latents.",
      most < varies["everything"] / 3, most=most, everything=varies["everything"])
nearer = max(every[:, 0].max(), row[:, 0].max())
claim("at the end it is still several times as far from the photographs as the other two",
      fresh[:, 0].min() > 2 * nearer, least=fresh[:, 0].min(), most=nearer)
claim("By the kernel distance, neither of them is nearer to edamame than the untaught G was",
      all((ends[way][:, 0] > starts[way][:, 0] - 2 * starts[way][:, 1]).all()
          for way in ("one row", "everything")))
claim("with everything trained, G has moved farther away",
      (every[:, 0] > starts["everything"][:, 0] + 3 * every[:, 1]).all()
      and every[:, 0].mean() > row[:, 0].mean(), row=row[:, 0].mean(), everything=every[:, 0].mean())
claim("the pictures of this G are green in the middle about as often as the photographs are",
      abs(every[:, 2].mean() - greener(pool)) < 0.2, everything=every[:, 2].mean())
in_fours = {name: grain[name, 4] for name in ("before", "one row", "everything")}
claim("For every seed, the G with everything trained is nearer to edamame than the untaught G, "
      "and nearer than the one with one row.",
      (in_fours["everything"] < 0.8 * in_fours["before"]).all()
      and (in_fours["everything"] < in_fours["one row"]).all(),
      **{name.replace(" ", "_"): each.mean() for name, each in in_fours.items()})
claim("A copier is far nearer to what it learned from than to what was kept aside.",
      max(copies) < 0.9, most=max(copies))
claim("None of the three ways leans that far",
      all((each[:, 3] > np.array(copies) + 0.05).all() for each in ends.values()),
      least=min((each[:, 3] - copies).min() for each in ends.values()))
moved = max(np.abs(ends[way][:, 3] - starts[way][:, 3]).max() for way in ("one row", "everything"))
claim("the ratios of the first two have hardly moved from where they began", moved < 0.12, most=moved)
((distance, _), brown), *after = lost.values()
claim("The bowls have turned green, too.", min(green for _, green in after) > brown + 0.2,
      before=brown, least=min(green for _, green in after))
claim("for every seed the distance to real bowls has grown",
      min(each[0] for each, _ in after) > 1.1 * distance, before=distance,
      least=min(each[0] for each, _ in after))
