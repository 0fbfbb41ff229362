"""What 62_celebrities_cgan says about its results."""


def column(kind, measure):
    """Returns what was found with labels of a kind, a number for each seed."""
    return np.array([found[kind, seed][measure] for seed in SEEDS])


shares_of_largest = {kind: np.bincount(labels).max() / len(labels) for kind, labels in labelings.items()}
corners = measured(faces.images)[:, RULERS.index("background")]
lightness = [corners[labelings["pixels"] == label].mean() for label in range(CLASSES)]
claim("Pixels sort by light: one class is dark all over, and in another the background is white.",
      min(lightness) < -0.4 and max(lightness) > 0.4, darkest=min(lightness), lightest=max(lightness))
claim("Shuffled labels cannot be read, as it should be.",
      readable["nothing"] < shares_of_largest["nothing"] + 0.05, read=readable["nothing"],
      largest=shares_of_largest["nothing"])
farther = [column("nothing", measure).mean() / max(column(kind, measure).mean() for kind in ("pixels", "features"))
           for measure in judges]
claim("by both judges, the mean distance over the seeds is largest for the shuffled labels.",
      min(farther) > 1, least=min(farther), most=max(farther))
decides = {kind: column(kind, "label decides") for kind in labelings}
obeyed = {kind: column(kind, "obedience") for kind in labelings}
aligned_by = {kind: column(kind, "obedience, aligned") for kind in labelings}
claim("the label decides next to nothing, and obedience is close to chance.",
      decides["nothing"].max() < 0.05 and np.abs(obeyed["nothing"] - 0.25).max() < 0.06
      and np.abs(aligned_by["nothing"] - 0.25).max() < 0.08, decides=decides["nothing"].max(),
      least=obeyed["nothing"].min(), most=obeyed["nothing"].max(), aligned=aligned_by["nothing"].max())
claim("With clusters of pixels, most faces are what was asked for.",
      min(obeyed["pixels"].min(), aligned_by["pixels"].min()) > 0.6, least=obeyed["pixels"].min(), aligned=aligned_by["pixels"].min())
claim("Their labels decide about a quarter of the variance or more, but the reader finds little of "
      "it.",
      decides["features"].min() > 0.2 and obeyed["features"].max() < 0.45, decides=decides["features"].min(),
      least=obeyed["features"].min(), most=obeyed["features"].max())
claim("with it the reader finds more of these labels.",
      np.min(aligned_by["features"] - obeyed["features"]) > 0.05,
      least=aligned_by["features"].min(), most=aligned_by["features"].max(), gain=np.min(aligned_by["features"] - obeyed["features"]))
claim("Most of it!", explained.min() > 0.7, least=explained.min(), most=explained.max())
parts = [np.s_[start : start + FEW[1]] for start in range(0, half - FEW[1] + 1, FEW[1])]
fits = np.stack([LinearRegression().fit(z[part], values[part]).coef_ for part in parts])
fits = (fits * normals).sum(axis=2) / np.linalg.norm(fits, axis=2)
claim("With two hundred labels the direction is nearly the same.", FEW[1] == 200 and fits.min() > 0.9, least=fits.min())


def ratio(values):
    """Returns the mean of paired differences in standard errors."""
    return values.mean() / (values.std() / len(values) ** 0.5)


own = np.array([walked[name].mean(axis=0) for name in RULERS])
best_single = np.array([changed.mean(axis=0)[place] for place, changed in enumerate(singles.values())])
claim("Each normal changes its own ruler most, by more than three standard deviations.",
      np.all(np.abs(own).argmax(axis=1) == np.arange(4)) and own.diagonal().min() > 2.9,
      least=own.diagonal().min())
claim("The best single number does less than half of that.", np.all(best_single < 0.5 * own.diagonal()),
      largest=np.max(best_single / own.diagonal()))
others = np.abs(own - np.diag(own.diagonal())).max(axis=1)
claim("No walk changes its own ruler alone.", others.min() > 0.4, least=others.min())
claim("A walk along `hair`, for instance, makes the background lighter, too.",
      own[3, 2] > 0.5 and ratio(walked["hair"][:, 2]) > 4, change=own[3, 2], errors=ratio(walked["hair"][:, 2]))
largest, by_luck_largest = shares(normals)[:, 0], by_luck[:, 0]
claim("The normals look like directions that were drawn at random.",
      np.mean(by_luck_largest > largest.max()) > 0.005 and np.mean(by_luck_largest < largest.min()) > 0.001,
      smallest=largest.min(), largest=largest.max(), above=np.mean(by_luck_largest > largest.max()))
claim("Here they are not, since in these pictures light hair often comes with a light background.",
      hair @ background > 0.2 and np.corrcoef(values[:, 2], values[:, 3])[0, 1] > 0.2, cosine=hair @ background,
      correlation=np.corrcoef(values[:, 2], values[:, 3])[0, 1])
now = walked["hair alone"].mean(axis=0)
claim("Most of the change in the background is gone, and the hair has lost little.",
      abs(now[2]) < 0.25 * own[3, 2] and now[3] > 0.85 * own[3, 3]
      and ratio(walked["hair"][:, 2] - walked["hair alone"][:, 2]) > 4,
      background=now[2], before=own[3, 2], hair=now[3] / own[3, 3])
claim("The brightness of the face still changes", now[1] > 0.4, face=now[1])
cosines = normals @ unasked.T
claim("The first one is the background and the third one is the hair, for which you had rulers.",
      abs(cosines[2, 0]) > 0.7 and abs(cosines[3, 2]) > 0.6, background=cosines[2, 0], hair=cosines[3, 2])
claim("none of your rulers knows about that.", np.abs(cosines[:, 1]).max() < 0.3, largest=np.abs(cosines[:, 1]).max())
claim("These directions are loud: a lot changes along them.", min(loud[:3]) > 2 * np.mean(loud[3:]),
      least=min(loud[:3]) / np.mean(loud[3:]), most=max(loud[:3]) / np.mean(loud[3:]))
