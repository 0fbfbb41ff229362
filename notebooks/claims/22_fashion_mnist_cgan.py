"""What 22_fashion_mnist_cgan says about its results."""

light = agreement["brightness"]
claim("In the trained generator the correlation of brightness is far from what other latents give",
      light["trained"] > 0.4 and abs(light["other latents"]) < 0.1, **{"trained": light["trained"]})
claim("But the untrained generator has a correlation of nearly 1!", light["untrained"] > 0.95,
      untrained=light["untrained"])
claim("For a generator that has learned nothing, the label makes hardly any difference",
      label_decides["untrained"] < 0.05 < label_decides["trained"], **label_decides)
sleeves = [names.index(name) for name in ("T-shirt", "pullover", "coat", "shirt")]
upper = light["table"][np.ix_(sleeves, sleeves)][~np.eye(4, dtype=bool)].mean()
claim("They agree with each other better than the average pair does.", upper > light["trained"],
      upper=upper, all=light["trained"])
claim("their squared length is a sum of $n$ squares with mean 1",
      np.isclose(np.mean(lengths**2), RECIPE.latent_dim, rtol=0.1), squared=np.mean(lengths**2))
claim("halfway between them the length is only",
      np.isclose(halves["line"].mean(), np.sqrt(RECIPE.latent_dim / 2), rtol=0.1),
      line=halves["line"].mean())
claim("its points stay near the shell", abs(halves["sphere"].mean() / lengths.mean() - 1) < 0.05,
      sphere=halves["sphere"].mean(), all=lengths.mean())
claim("The straight line leads through a region of less variety.", narrower.max() < 1,
      largest=narrower.max(), mean=narrower.mean())
claim("Generated garments vary less than real ones, on average over the classes.",
      generated.mean() < real_sets.mean(), generated=generated.mean(), real=real_sets.mean())
claim("No class is near zero.", generated.min() > 0.4, least=generated.min())
calm_ratios = ratios(dress(generator, CALM * many))
claim("The ratio falls, but it stays above half of the real variance.",
      0.5 < repeated.mean() < generated.mean(), repeated=repeated.mean(), generated=generated.mean())
claim("This measure notices blur and timidity, but not repetition.",
      calm_ratios.mean() < repeated.mean(), calm=calm_ratios.mean(), repeated=repeated.mean())
near = closeness["generated"]
claim("This measure finds the collapse at once.",
      closeness["in the collapse"].max() < 0.01)
claim("nearest siblings are closer to each other than in reality, as blurred images are, "
      "but not twice as close.",
      near.mean() < 1 and near.min() > 0.5, mean=near.mean(), least=near.min())
