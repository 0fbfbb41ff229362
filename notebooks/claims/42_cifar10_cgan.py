"""What 42_cifar10_cgan says about its results."""

claim("More than half: a shuffled label of $K$ classes is right by chance in one of $K$ cases.",
      abs(kept[0.5] - 2 / 3) < 0.02, right=kept[0.5])
claim("And no photograph is shown twice.", STEPS * RECIPE.batch_size <= len(world), shown=STEPS * RECIPE.batch_size)
clean_weights, few_weights = (sum(each.count_params() for each in (games[kind, SEEDS[0]].generator, games[kind, SEEDS[0]].discriminator))
                              for kind in (kinds[0.0], "no label"))
claim("Without a label there are about one per cent fewer weights.",
      0.98 < few_weights / clean_weights < 0.995, share=few_weights / clean_weights)


def blueness(kind, label):
    """Returns how much more blue than red there is in the pictures of a class, for each seed."""
    pools = [made[kind, seed][asked == label].astype("float32") for seed in SEEDS]
    return np.array([(pool[..., 2] - pool[..., 0]).mean() for pool in pools])


ahead = {share: blueness(kinds[share], 2) - np.maximum(blueness(kinds[share], 0), blueness(kinds[share], 1)) for share in (0.0, 1.0)}
claim("the pictures asked for as ships are the bluest", ahead[0.0].min() > 5, least=ahead[0.0].min())
claim("On the right each row has some of everything.", ahead[1.0].max() < ahead[0.0].min(),
      most=ahead[1.0].max(), clean=ahead[0.0].min())

clean, half, lost = (obeyed[kinds[share]] for share in SHARES)
claim("Clean labels are obeyed most.", min(clean) > max(half), clean=min(clean), half=max(half))
claim("Shuffle half of them, and obedience falls far in each of the three games.",
      np.mean(clean) - max(half) > 0.1, clean=np.mean(clean), half=max(half))
claim("With all of them shuffled, you might as well throw dice.",
      np.abs(np.array(lost) - 1 / 3).max() < 0.08 and min(half) > max(lost), least=min(lost), most=max(lost), half=min(half))
claim("With labels that still tell G something, no game reaches its perfect G",
      max(clean) < 0.9 and max(half) < chances(0.5)[0] - 0.03, clean=max(clean), half=max(half))
claim("The published G, which is wider and had more time, obeys more often than any of them.",
      best > max(clean) + 0.03, published=best, clean=max(clean))

nearest = {judge: min(min(found) for found in by_kind.values()) for judge, by_kind in distances.items()}
claim("All games are far from the photographs.", all(nearest[judge] > 5 * floor[judge] for judge in nearest), **nearest)
certain = {judge: np.divide(*difference(by_kind, *ends)) for judge, by_kind in distances.items()}
obedient = -np.divide(*difference(obeyed, *ends))
claim("What a label is worth for *obedience* is many times its error", obedient > 6, errors=obedient)
claim("For *quality* no judge sees anything nearly as certain.", max(np.abs(list(certain.values()))) < 0.5 * obedient,
      obedience=obedient, **certain)
added = {judge: np.divide(*difference(by_kind, kinds[1.0], "no label")) for judge, by_kind in distances.items()}
claim("Nor do these games show that capacity matters", sum(abs(each) > 2 for each in added.values()) < 2, **added)


def told(kind):
    """Returns the bits that the pictures of each game have about the wish."""
    found = []
    for seed in SEEDS:
        shares = ganlib.metrics.conditional_accuracy(asked, read(made[kind, seed]), len(CLASSES))[1] / count
        alone = np.outer(shares.sum(axis=1), shares.sum(axis=0))
        found.append(np.sum(shares * np.log2(np.maximum(shares, 1e-12) / alone)))
    return found


claim("A G that obeys by chance has about 0 bits",
      max(told(kinds[1.0])) < 0.06, most=max(told(kinds[1.0])))
claim("Clean labels give the most, but still much less than the label itself has.",
      max(told(kinds[0.5])) < min(told(kinds[0.0])) and max(told(kinds[0.0])) < 0.7 * bits(0),
      clean=max(told(kinds[0.0])), least=min(told(kinds[0.0])), half=max(told(kinds[0.5])))
