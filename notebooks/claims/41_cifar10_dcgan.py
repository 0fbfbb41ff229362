"""What 41_cifar10_dcgan says about its results."""

horse, airplane = (means[cifar.class_names.index(name)].astype(float) for name in ("horse", "airplane"))
middle, ground = horse[12:20, 12:20].mean(axis=(0, 1)), horse[-6:].mean(axis=(0, 1))
claim("A reddish smudge on a green one.",
      middle[0] > middle[1] + 10 and ground[1] > ground[2] + 15, red=middle[0], green=middle[1])
sky = airplane[:6].mean(axis=(0, 1))
claim("Of the airplanes, little more than the sky remains.", sky[2] > sky[0] + 20, blue=sky[2], red=sky[0])
uneven = {name: mean.astype(float).mean(axis=-1).std() for name, mean in zip(cifar.class_names, means)}
claim("Cars and trucks keep a ghost of a shape",
      min(uneven["automobile"], uneven["truck"]) > max(uneven[name] for name in ("bird", "cat", "dog", "horse")), **uneven)
claim("In photographs it decides far less.", told["cifar10"] < 0.5 * told["mnist"], **told)
claim("For most of the generated pictures it chooses one of the two right ones, and it finds both kinds.",
      sum(named["generated pictures"]) > 0.55 and min(named["generated pictures"]) > 0.1,
      car=named["generated pictures"][0], horse=named["generated pictures"][1])
claim("The smallest pictures are the hardest to judge.",
      all(max(shares[SIDES[0]]) < np.mean(shares[side]) for side in SIDES[1:]), **{f"n{side}": np.mean(shares[side]) for side in SIDES})
luck = max(abs(found[0] - found[1]) for found in shares.values())
claim("from the top of the list to the bottom the gap is much larger",
      np.mean(shares[SIDES[-1]]) - np.mean(shares[SIDES[0]]) > 2 * luck, luck=luck)
untrained_share, placebo, seamed = controls.values()
claim("Four pixels are enough to recognise the untrained G", untrained_share > 0.95, share=untrained_share)
claim("so the trained one has learned much of what they show", max(shares[SIDES[0]]) < untrained_share - 0.15,
      trained=max(shares[SIDES[0]]))
claim("Against photographs a judge can only toss a coin, and does.", abs(placebo - 0.5) < 0.05, share=placebo)
claim("such as the one that this page was made with", found[0] > 0.03 and abs(found[1]) < 0.02,
      borders=found[0], middle=found[1])
claim("saving the generated pictures as JPEG files gives them seams as well.",
      seams(jpegs[RECIPE.seed]) > seams(ganlib.images.to_uint8(samples[RECIPE.seed])) + 0.02,
      saved=seams(jpegs[RECIPE.seed]), before=seams(ganlib.images.to_uint8(samples[RECIPE.seed])))
claim("Nor is it the lack of seams that gives G away at 32 pixels.", seamed > np.mean(shares[SIDES[-1]]) - 0.07,
      with_seams=seamed, without=np.mean(shares[SIDES[-1]]))
