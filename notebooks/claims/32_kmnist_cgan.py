"""What 32_kmnist_cgan says about its results."""


def of(numbers, kind):
    return [value for (other, _), value in numbers.items() if other == kind]


twice = [gaps[SOUNDS.index(sound)] for sound in ("su", "ha")]
claim("In every class the real features score higher, and in *su* and *ha*, whose groups look like "
      "different signs, more than twice as high.",
      np.all(gaps[:, 0] > gaps[:, 1]) and all(real > 2 * cloud for real, cloud in twice),
      least=np.min(gaps[:, 0] / gaps[:, 1]), su=twice[0][0] / twice[0][1], ha=twice[1][0] / twice[1][1])
ha = table[SOUNDS.index("ha")]
claim("here it is the rarest of the three", ha[2] < 0.2 * ha.sum(), share=ha[2] / ha.sum())
claim("they say hardly more about the form than the ten do", known - 1e-6 < told < known + 0.03,
      ten=known, meaningless=told)
claim("For every seed, found labels get the sound right more often than the others do.",
      min(of(obeyed, "found")) > max(of(obeyed, "ten") + of(obeyed, "meaningless")),
      found=min(of(obeyed, "found")), others=max(of(obeyed, "ten") + of(obeyed, "meaningless")))
ten, found_ones, none = (np.mean(of(obeyed, kind)) for kind in ("ten", "found", "meaningless"))
claim("The games with thirty meaningless labels are close to those with ten",
      abs(none - ten) < 0.5 * (found_ones - ten), ten=ten, meaningless=none, found=found_ones)
kinds_far = {kind: of(far, kind) for kind in ("ten", "found", "meaningless")}
widest = max(max(values) - min(values) for values in kinds_far.values())
between = abs(np.mean(kinds_far["found"]) - np.mean(kinds_far["ten"]))
claim("For this judge the seeds of one kind differ by as much as the kinds do", widest > between,
      within=widest, found_and_ten=between)
claim("Only the published generator is clearly nearer to real images",
      of(far, "published")[0] < 0.5 * min(sum(kinds_far.values(), [])),
      published=of(far, "published")[0], others=min(sum(kinds_far.values(), [])))
claim("With found labels the shares are nearer to the real ones, for every seed.",
      max(of(off, "found")) < min(of(off, "ten") + of(off, "meaningless")),
      found=max(of(off, "found")), others=min(of(off, "ten") + of(off, "meaningless")))
claim("The reader is less often sure of generated images than of real ones",
      max(value for key, value in sure.items() if key[0] != "real") < of(sure, "real")[0],
      generated=max(value for key, value in sure.items() if key[0] != "real"), real=of(sure, "real")[0])
claim("among the short games it is sure most often with found labels",
      min(of(sure, "found")) > max(of(sure, "ten") + of(sure, "meaningless")),
      found=min(of(sure, "found")), others=max(of(sure, "ten") + of(sure, "meaningless")))
others = of(off, "ten") + of(off, "meaningless")
claim("Its distance is smaller than theirs, but still more than twice that of real images.",
      2 * of(off, "real")[0] < of(off, "published")[0] < 0.8 * min(others),
      real=of(off, "real")[0], published=of(off, "published")[0], others=min(others))
long_game = shares(seen["published", 0])
claim("the rare get rarer, and the common get commoner",
      long_game[:, -1].mean() < 0.9 * real_shares[:, -1].mean() and long_game[:, 0].mean() > 1.05 * real_shares[:, 0].mean(),
      rare=long_game[:, -1].mean() / real_shares[:, -1].mean(), common=long_game[:, 0].mean() / real_shares[:, 0].mean())
claim("in real images, about one *ha* in fifteen is today's は.",
      11 < 1 / real_shares.ravel()[rarest] < 20, one_in=1 / real_shares.ravel()[rarest])
claim("It has dropped the sign, or nearly so.", never < 0.2 * real_shares.ravel()[rarest],
      share=never, real=real_shares.ravel()[rarest])
claim("the sound is right in nine out of ten of its images",
      abs(of(obeyed, "published")[0] - 0.9) < 0.05,
      share=of(obeyed, "published")[0])
ordered = np.concatenate([np.full(200, form) for form in chosen]).astype("int32")
obeys = (read(draw(longer, ordered, 5)).argmax(axis=1) == ordered).reshape(len(chosen), -1).mean(axis=1)
claim("Most generated signs can be recognised, and that includes *ha 3*.",
      np.mean(obeys) > 0.7 and obeys[chosen.index(rarest)] > 0.5, least=obeys.min(), mean=obeys.mean(),
      rarest=obeys[chosen.index(rarest)])
