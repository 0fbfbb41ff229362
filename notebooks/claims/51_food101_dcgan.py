"""What 51_food101_dcgan says about its results."""

varies = {name: brightness(mean[None]).std() for name, mean in zip(groups, averages)}
every, ten = varies.pop("all dishes"), varies.pop("ten bowls")
fog = averages[0].mean(axis=(0, 1))
claim("The average of everything is a brownish fog.", fog[0] > fog[1] > fog[2] and every < 8, all=every)
claim("The average of a single dish shows more.", min(varies.values()) > 1.3 * every,
      least=min(varies.values()), all=every)
claim("(The ten together blur again", ten < every, ten=ten)
claim("So nearly all of its weights go where there is something left to learn",
      outer < 0.01 * generator.count_params())
claim("By this count, colour is the small remainder.", colour < 0.2, colour=colour)
ratio = np.median(distances) / np.median(of_aside)
claim("A copier would be nearer to its photographs than honest photographs are, and this G is not.",
      ratio > 0.9,
      ratio=ratio)
claim("Photographs of bowls are rounder than those of any dish", round_real["bowls"] > 1.1 * round_real["any dish"], **{"bowls": round_real["bowls"], "any": round_real["any dish"]})
claim("for every seed, the game with bowls makes rounder ones.",
      all(round_fakes["bowls", seed] > round_fakes["any dish", seed] for seed in SEEDS),
      **{f"{kind.split()[0]}{seed}": value for (kind, seed), value in round_fakes.items()})
