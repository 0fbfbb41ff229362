"""What 21_fashion_mnist_dcgan says about its results."""

claim("the best D pulls G as it does with hard labels", abs(slopes["one-sided"] / slopes["hard"] - 1) < 1e-6)
claim("With the other two it is almost flat out there.",
      max(slopes["two-sided"], slopes["soft"]) < 0.05 * slopes["hard"], **{"hard": slopes["hard"], "soft": slopes["soft"]})
typical = {name: np.median(pair, axis=1) for name, pair in answers.items()}  # on real, on fakes
sizes = {name: np.abs(value).mean() for name, value in typical.items()}
claim("With hard labels the logits are the largest",
      sizes["hard"] > 1.3 * max(sizes["two-sided"], sizes["soft"])
      and typical["hard"][0] > 1.3 * typical["one-sided"][0],
      hard=sizes["hard"], two_sided=sizes["two-sided"], soft=sizes["soft"])
smoothed = [(name, side) for name in ("one-sided", "two-sided", "soft") for side in (0, 1)]
smoothed.remove(("one-sided", 1))  # its best answer has no finite logit
off = max(abs(typical[name][side] - best[name][side]) for name, side in smoothed)
claim("With smoothed labels they settle near the diamonds, which are the formula's best answers.",
      off < 1, farthest=off)
claim("One-sided smoothing does that on the real side only.",
      abs(typical["one-sided"][0] - best["one-sided"][0]) < 1
      and -typical["one-sided"][1] > 1.3 * typical["one-sided"][0],
      real=typical["one-sided"][0], generated=typical["one-sided"][1])
beyond = {name: np.mean(answers[name][0] > best[name][0]) for name in ("one-sided", "two-sided", "soft")}
claim("Single answers go beyond it", min(beyond.values()) > 0.01, least=min(beyond.values()))
claim("Whichever game made the images, the judge is right far more often than a coin.",
      min(low for rows in recognized.values() for _, low, _ in rows) > 0.6,
      lowest=min(low for rows in recognized.values() for _, low, _ in rows))
import scipy.stats

limit = scipy.stats.t.ppf(0.975, df=4)
claim("it has to be 2.8 times as large", abs(limit - 2.8) < 0.05, limit=limit)
found = 1 - scipy.stats.nct.cdf(limit, 4, 3.8)
claim("it takes 3.8 standard errors to find one four times out of five", abs(found - 0.8) < 0.02, power=found)
sizes_of = {name: (run.folder / name).stat().st_size for name in ("checkpoint.npz", "generator.keras")}
claim("It is smaller, because generating images needs neither D nor the optimizers.",
      sizes_of["generator.keras"] < 0.5 * sizes_of["checkpoint.npz"])
