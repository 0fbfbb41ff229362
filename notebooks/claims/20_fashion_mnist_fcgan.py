"""What 20_fashion_mnist_fcgan says about its results."""

commonest = [divmod(int(place), len(names)) for place in misses.ravel().argsort()[::-1][:3]]
upper_garments = {names.index(name) for name in ("T-shirt", "pullover", "dress", "coat", "shirt")}
claim("Its most common mistakes are among the garments for the upper body",
      all({true, seen_as} <= upper_garments for true, seen_as in commonest))
claim("As a rule, no class is missing altogether", ratios.min() > 0.1, least=ratios.min())
claim("some are far from their due", ratios.min() < 0.8 or ratios.max() > 1.25,
      least=ratios.min(), most=ratios.max())
claim("Anything beyond that is the generator's doing.",
      displaced(made, verdicts) > 1.5 * displaced(more, verdicts),
      generated=displaced(made, verdicts), real=displaced(more, verdicts))
last = {name: {player: losses[-1] for player, losses in gan.losses_seen.items()} for name, gan in games.items()}
claim("In the minimax game **D has won**.", last["minimax"]["d_loss"] < 0.1 < last["control"]["d_loss"],
      minimax=last["minimax"]["d_loss"], control=last["control"]["d_loss"])
claim("In the minimax game the slope is next to nothing, and G does not hear what D knows.",
      answers["minimax"][1] < 0.01 < answers["control"][1], minimax=answers["minimax"][1],
      control=answers["control"][1])
claim("In the game with momentum, all latents give the same image.",
      charts["momentum"]["pixels"] < 0.05 < 0.5 < charts["control"]["pixels"],
      momentum=charts["momentum"]["pixels"], control=charts["control"]["pixels"])
claim("here, too, D has won", last["momentum"]["d_loss"] < 0.1 and answers["momentum"][1] < 0.01,
      loss=last["momentum"]["d_loss"], answer=answers["momentum"][1])
claim("G went on until nearly all pixels were where no slope reaches them.", stuck["momentum"] > 0.9 > stuck["control"],
      momentum=stuck["momentum"], control=stuck["control"])
claim("Its loss is not flat in the logit.", answers["momentum"][1] < 0.1, slope=1 - answers["momentum"][1])
claim("D's losses in both sick games say the same: D has won.",
      max(last[name]["d_loss"] for name in ("minimax", "momentum")) < 0.1)
claim("are fooled by noise, which varies as much as garments do. They do notice when all "
      "images are the same.",
      charts["noise"]["pixels"] > 0.5 and charts["momentum"]["pixels"] < 0.05,
      noise=charts["noise"]["pixels"])
claim("the images of this one vary no more than that", varied["minimax"] < 1.2 * varied["untrained"],
      minimax=varied["minimax"], untrained=varied["untrained"])
claim("All images of this G are nearly alike.", varied["minimax"] < 0.1, varied=varied["minimax"])
claim("to the last pixel", varied["momentum"] < 0.002, varied=varied["momentum"])
sick = max(charts[name]["features"] for name in ("minimax", "momentum", "untrained", "noise"))
claim("vary less than real ones in all games, and hardly at all in the sick ones, "
      "before training and in noise",
      sick < 0.1 < charts["control"]["features"] < charts["healthy"]["features"] < 1, sick=sick,
      control=charts["control"]["features"], healthy=charts["healthy"]["features"])
claim("are few in both sick games.",
      max(charts[name]["classes"] for name in ("minimax", "momentum")) < charts["control"]["classes"],
      minimax=charts["minimax"]["classes"], control=charts["control"]["classes"])
