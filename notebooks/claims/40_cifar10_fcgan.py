"""What 40_cifar10_fcgan says about its results."""

def colours(images):
    return ganlib.images.as_rows(images).reshape(len(images), -1, 3).mean(axis=1)


of_all = colours(photographs).var(axis=0).sum()
drawn_colours = [ganlib.metrics.frechet_distance(colours(photographs), colours(each)) / of_all
                 for several in gaussians.values() for each in several]
claim("The colours are right", max(drawn_colours) < 0.05, farthest=max(drawn_colours))


def grain(images):
    return np.abs(steps_between(images)).mean()


clear, grainy = grain(sets["published FC-GAN"][0]), [grain(each) for each in sets["FC-GAN"]]
claim("More steps make the grain finer",
      clear < 0.8 * min(grainy), published=clear, least=min(grainy))

floor_of_blind = blind["photographs"][0]
few, many = blind[f"Gaussian, {FEW}"], blind[f"Gaussian, {MANY}"]
claim("The forgers come right after it.", floor_of_blind < min(few + many) <= max(few + many) < 2.5 * floor_of_blind, farthest=max(few + many), floor=floor_of_blind)
connected = blind["FC-GAN"] + blind["published FC-GAN"]
claim("All FC-GANs are far behind.",
      min(connected) > 3 * max(few + many), nearest=min(connected), forgers=max(few + many))
claim("Even the DCGAN, with its shapes, is behind every forger.",
      blind["published DCGAN"][0] > 1.3 * max(few + many),
      DCGAN=blind["published DCGAN"][0], forgers=max(few + many))
claim("so it cannot tell 64 from 256.", abs(np.mean(few) - np.mean(many)) < floor_of_blind, few=np.mean(few), many=np.mean(many))

flat = {name: np.mean(np.abs(steps) < 0.25 * steps.std()) for name, steps in found.items()}
most_tail, most_flat = (max(of[f"forger {number}"] for number in (1, 2, 3)) for of in (tails, flat))
claim("So their curve has a high peak and long tails.",
      tails["photographs"] > 10 * most_tail and flat["photographs"] > 1.5 * most_flat,
      flat=flat["photographs"], flat_of_forgers=most_flat, tail=tails["photographs"], tail_of_forgers=most_tail)
spreads = {name.replace(" ", "_"): steps.std() for name, steps in found.items()}
claim("Their mean and spread are right", all(abs(each / spreads["photographs"] - 1) < 0.1 for each in spreads.values()), **spreads)

for kind, distances in judges.items():
    forged, fully = distances[f"Gaussian, {MANY}"], distances["FC-GAN"] + distances["published FC-GAN"]
    claim("256 components are nearer to photographs than 64", max(forged) < min(distances[f"Gaussian, {FEW}"]),
          many=max(forged), few=min(distances[f"Gaussian, {FEW}"]))
    claim("For all three judges, the forger with 256 components is also nearer than any FC-GAN "
          "here",
          max(forged) < min(fully), forger=max(forged), FC_GAN=min(fully))
    best, worst = distances["published DCGAN"][0], min(forged + distances[f"Gaussian, {FEW}"])
    claim("For all three, the DCGAN is nearer than every forger",
          best < worst, DCGAN=best, forger=worst)
    claim("All generators in the table are more than twice as far away as the floor.",
          best > 2 * distances["photographs"][0],
          nearest=best, floor=distances["photographs"][0])

recall = {name: [both[1] for both in several] for name, several in shares.items()}
of_forger, of_connected = recall[f"Gaussian, {MANY}"], recall["FC-GAN"] + recall["published FC-GAN"]
claim("The recall of the forger with 256 components is low as well, but higher than that of any "
      "FC-GAN.",
      max(of_connected) < min(of_forger) < 0.6 * recall["photographs"][0], FC_GAN=max(of_connected), forger=min(of_forger))
claim("In recall.", shares["published FC-GAN"][0][0] > max(both[0] for both in shares[f"Gaussian, {MANY}"]) - 0.02,
      published=shares["published FC-GAN"][0][0], forger=max(both[0] for both in shares[f"Gaussian, {MANY}"]))
few = [both[1] for both in shares[f"Gaussian, {FEW}"]]
claim("The one with 64 leaves too much out.", max(few) < 0.5 * min(of_forger), few=max(few), many=min(of_forger))
claim("Only the DCGAN covers a good part of the photographs.",
      recall["published DCGAN"][0] > 1.3 * max(of_forger),
      DCGAN=recall["published DCGAN"][0], forger=max(of_forger))


def unevenness(images):
    return np.abs(np.diff(ganlib.images.as_rows(images).reshape(images.shape), axis=2)).std(axis=(1, 2, 3))


of_real, of_forgers = unevenness(photographs), [unevenness(each) for each in mixed]
claim("In a photograph many are next to nothing, and a few are edges.",
      of_real.mean() > 1.1 * max(each.mean() for each in of_forgers),
      photographs=of_real.mean(), forgers=max(each.mean() for each in of_forgers))
claim("Photographs also differ more from each other in this than the forger's pictures do",
      of_real.std() > 3 * max(each.std() for each in of_forgers),
      photographs=of_real.std(), forgers=max(each.std() for each in of_forgers))
