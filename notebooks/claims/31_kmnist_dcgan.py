"""What 31_kmnist_dcgan says about its results."""

varies = {name: images.std(axis=0).mean() for name, images in untrained.items()}
claim("after a few of them all latents give nearly the same gray image",
      varies["without"] < 0.1 * varies["with"], **varies)
documented = ganlib.recipes.get("kmnist_dcgan", "full")
claim("the repository that this recipe follows has it only in the hidden layers of G",
      documented.generator.get("normalization", "before") == "before" and "normalization" not in documented.discriminator)
mean = {place: np.array([distance[key] for key in runs if key[0] == place]) for place in PLACES}
key = ("mixed", RECIPE.seed)
claim("The last row is noise.", distance[key] > 5 * max(each.max() for each in mean.values()) and told_apart[key] > 0.98,
      distance=distance[key], told_apart=told_apart[key])
last = mixed.history[-1]
claim("D's loss is near zero, so D recognises the generated images.", last["d_loss"] < 0.1, loss=last["d_loss"])
claim("G's loss is near zero, so D believes them.", last["g_loss"] < 0.1, loss=last["g_loss"])
claim("It judges an image *in its company*.", trust["real images"] < 0.05 and trust["other generated images"] > 0.9,
      real=trust["real images"], generated=trust["other generated images"])
claim("In training mode the image from a latent depends on what else is in the batch, and "
      "uniform company changes it most.",
      change["uniform"] > 2 * change["random"] > 0.002, **change)
others = np.concatenate([mean[place] for place in ("in G", "in D", "in both")])
claim("*Mixed* is a disaster by either number.", distance[key] > 5 * mean["nowhere"].max() and told_apart[key] > 0.99)
claim("*Nowhere* is the worst of the other four: all of its seeds are behind all seeds of the others.",
      mean["nowhere"].min() > others.max(), best_of_nowhere=mean["nowhere"].min(), worst_of_others=others.max())
middles = [mean[place].mean() for place in ("in G", "in D", "in both")]
claim("*In G*, *in D* and *in both* are close together, compared with their distance from "
      "*nowhere*.",
      np.ptp(middles) < mean["nowhere"].mean() - max(middles), apart=np.ptp(middles),
      distance=mean["nowhere"].mean() - max(middles))
