"""What 11_mnist_dcgan says about its results."""

sizes = {name: run.generator.count_params() for name, run in runs.items()}
claim("Fewer weights: less than half.", max(sizes[name] for name in NAMES) < 0.5 * sizes["dense"])
products = {name: multiplications(run.generator) for name, run in runs.items()}
claim("What is saved in weights is spent on arithmetic",
      min(products[name] for name in NAMES) > 3 * products["dense"], **products)


def inside(kernel_size, stride):
    return footprint(kernel_size, stride)[2 * stride : -2 * stride, 2 * stride : -2 * stride].round()


claim("coverage is even when the stride divides the kernel size",
      all((len(np.unique(inside(size, stride))) == 1) == (size % stride == 0)
          for stride in (2, 3) for size in range(stride, 8)))
fives = [name for name in ("mnist_dcgan_dropout", "food101_dcgan")
         if ganlib.recipes.get(name, profile="full").generator["kernel_size"] == 5]
claim("Two of the repositories that this course reproduces have kernel 5 and stride 2", len(fives) == 2)
claim("there are four kinds of pixel", len(np.unique(stamped[4:-4, 4:-4].round(5))) == 4)
claim("a flat map stays flat", np.ptp(smoothed[2:-2, 2:-2]) < 1e-5)
grains = {name: spectra[name, "trained"][-FASTEST:].sum() / power(real)[-FASTEST:].sum() for name in runs}
claim("as a rule, those of the dense network are grainy", grains["dense"] > 1.3, **grains)
claim("Grain, on the other hand, is what the dense network has, and the convolutional ones have "
      "much less of it.",
      max(grains[name] for name in NAMES) - 1 < 0.5 * (grains["dense"] - 1), **grains)
slow, fast = power(real)[0], power(real)[-1]
claim("the power of real digits falls by two orders of magnitude", 50 < slow / fast < 500)
spike = {key: values[-1] / values[-2] for key, values in spectra.items()}
own = power(real)[-1] / power(real)[-2]
raw = spectra["transposed", "untrained"]
claim("The transposed one is nearly flat with two spikes",
      raw[6] > 1.3 * max(raw[4], raw[8]) and raw[-1] > 2 * raw[-2] and raw[:5].max() < 2 * raw[:5].min())
claim("Upsampling has no spike at 14.", spike["upsampling", "untrained"] < 1)
claim("Untrained transposed convolutions have several times as much power in the fastest wave as in the one before.",
      spike["transposed", "untrained"] > 2.5, ratio=spike["transposed", "untrained"])
claim("Little of that is left after the first stretch of training",
      spike["transposed", "early"] < 1.6, ratio=spike["transposed", "early"])
claim("at the end the ratio is like that of real images",
      all(abs(spike[name, "trained"] / own - 1) < 0.15 for name in NAMES),
      transposed=spike["transposed", "trained"], upsampling=spike["upsampling", "trained"], real=own)
claim("Both generators draw all ten.", all(counts[name].min() >= 10 for name in NAMES))
claim("As a rule, the generators' counts are not much less even.",
      max(counts[name].std() for name in NAMES) < 2 * counts["real"].std(),
      **{name: each.std() for name, each in counts.items()})
