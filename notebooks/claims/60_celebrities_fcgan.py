"""What 60_celebrities_fcgan says about its results."""

claim("The search finds the picture again",
      own_errors[-1].mean() < 0.003 and np.quantile(own_errors[-1], 0.9) < 0.005,
      mean=own_errors[-1].mean(), tenth=np.quantile(own_errors[-1], 0.9))
claim("It does not find the latent, though it comes nearer.",
      0.25 < after < 0.8 * before, before=before, after=after)
claim("The eigenfaces win by far.", aside[-1] < 0.4 * ends, eigenfaces=aside[-1], G=ends)
claim("So z, with all its numbers, is worth no more than a few eigenfaces.",
      2 <= equal <= 12, equal=equal)
at_end = np.mean([errors[seed][-1] for seed in SEEDS], axis=0)
claim("At the end, training faces have the smaller error, both with G and with eigenfaces.",
      at_end[is_member].mean() < at_end[~is_member].mean()
      and by_count[-1][is_member].mean() < by_count[-1][~is_member].mean(),
      training=at_end[is_member].mean(), aside=at_end[~is_member].mean())
areas = np.array([leads[f"G, seed {seed}"] for seed in SEEDS])
many, few = leads[f"{length} eigenfaces"], leads[f"{equal} eigenfaces"]
claim("Their interval lies above a half, and that took no game and no network.", many[1] > 0.5,
      area=many[0], low=many[1])
claim("It is the eigenfaces that tell on people.",
      many[0] > areas[:, 2].max() - 0.02 and many[0] > areas[:, 0].max() + 0.08,
      area=many[0], G=areas[:, 0].max())
claim("The three starts give nearly the same area.", np.ptp(areas[:, 0]) < 0.03, spread=np.ptp(areas[:, 0]),
      interval=np.ptp(areas[0, 1:]))
claim("A few eigenfaces, with about the error of G, do not tell much either.", few[0] < 0.62 and few[0] < many[0] - 0.08,
      few=few[0], many=many[0])
knows = {repeats: [knowing[seed, repeats] for seed in SEEDS] for repeats in (0, *REPEATS)}
claim("The more often G repeats the faces, the more it gives them away, for every seed.",
      all(np.all(np.diff([knows[repeats][row] for repeats in knows]) > 0) for row in range(len(SEEDS))),
      **{f"after_{repeats}": np.mean(values) for repeats, values in knows.items()})
claim("It does not know its faces as well as a G that has repeated them as often as in the last two lines.",
      areas[:, 2].max() < min(knows[REPEATS[1]]), G=areas[:, 2].max(), repeated=min(knows[REPEATS[1]]))
claim("The training faces have become portraits.", pupil_errors[-1][is_member].mean() < 0.02,
      error=pupil_errors[-1][is_member].mean())
claim("The others are clearer than before", pupil_errors[-1][~is_member].mean() < 0.85 * ends,
      error=pupil_errors[-1][~is_member].mean())
claim("The cube costs next to nothing: without it the errors are hardly smaller.", 0 < cost.mean() < 0.03, cost=cost.mean())
long = {name: np.linalg.norm(z, axis=1) for name, z in piles.items()}
shell = np.sqrt(length / 3)
claim("Drawn latents lie in a thin *shell* of radius $\\sqrt{n/3}$.",
      abs(long["drawn"].mean() / shell - 1) < 0.01 and long["drawn"].std() < 0.06 * shell, mean=long["drawn"].mean())
claim("Without limits it runs far out", np.mean(long["found without limits"] > long["drawn"].max()) > 0.7,
      share=np.mean(long["found without limits"] > long["drawn"].max()))
claim("Within the cube, most photographs still end up further out than the shell.",
      np.mean(long["found, photographs"] > shell) > 0.7, share=np.mean(long["found, photographs"] > shell))
claim("since for G's own faces it ends up further in.",
      np.mean(long["found, G's own faces"] < shell) > 0.8,
      share=np.mean(long["found, G's own faces"] < shell))
