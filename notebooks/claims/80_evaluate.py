"""What 80_evaluate says about its results."""

last = {name: game.history[-1] for name, game in games.items()}
landmark = {name: max(abs(row["g_loss"] - np.log(2)), abs(row["d_loss"] - np.log(2))) for name, row in last.items()}
claim("G's loss is lower, and both losses are nearer to $\\log 2$.",
      last["B"]["g_loss"] < last["A"]["g_loss"] and landmark["B"] < landmark["A"], A=last["A"]["g_loss"], B=last["B"]["g_loss"])
quality = {name: metrics.kernel_distance(held_out, digits_judge.outputs(ganlib.images.to_uint8(images))[0], len(held_out))[0]
           for name, images in pictures.items()}
claim("A's.", quality["B"] > 1.5 * quality["A"], **quality)
claim("Against A's D, the images of B do far worse than those of A, while B's D hardly prefers either.",
      scores["B"][0] > 1.5 * scores["A"][0] and abs(scores["B"][1] - scores["A"][1]) < 0.2,
      of_A=scores["A"][0], of_B=scores["B"][0], by_B=scores["B"][1] - scores["A"][1])

perfect, wide, fog = rows["perfect"], rows["too wide"], rows["fog"]
three, other = rows["three modes missing"], rows["every other mode"]
claim("many points are not credible, which precision and density show. The Frechet distance hardly notices.",
      wide["precision"] < 0.6 and wide["density"] < 0.5 and wide["Frechet"] < 0.05 * three["Frechet"], Frechet=wide["Frechet"])
claim("recall and coverage fall to about the share of heaps that are left.",
      all(abs(row[title] - left) < 0.06 for row, left in ((three, 5 / 8), (other, 4 / 8)) for title in ("recall", "coverage")))
claim("Precision is spotless", min(three["precision"], other["precision"]) > 0.95)
claim("The Frechet distance notices three missing neighbours, because the mean has moved, but not "
      "every other heap.",
      three["Frechet"] > 0.5 and other["Frechet"] < 0.05, three=three["Frechet"], other=other["Frechet"])
claim("precision and density are the lowest of all, and the Frechet distance is that of a perfect cloud.",
      all(fog[title] == min(row[title] for row in rows.values()) for title in ("precision", "density")) and fog["Frechet"] < 0.02)
claim("Recall is fooled", fog["recall"] > 0.9 and fog["coverage"] < 0.5, recall=fog["recall"], coverage=fog["coverage"])
copies = rows["copies"]
claim("as good as perfect in every column but the last.", copies["new"] == 0 and all(
    abs(copies[title] - perfect[title]) < 0.12 for title in copies if title != "new"))
claim("the fog is the newest of all.", fog["new"] == max(row["new"] for row in rows.values()))
claim("but it misses the same clouds", max(abs(row["kernel"]) for row in (fog, other)) < 0.15 < 0.5 < three["kernel"],
      fog=fog["kernel"], other=other["kernel"], three=three["kernel"])
claim("The share told apart shows every fault here but the copies.", copies["told apart"] < 0.55 and min(
    row["told apart"] for name, row in rows.items() if name not in ("perfect", "copies")) > 0.57)
claim("the CGAN is ahead of the DCGAN, and the FC-GAN is last",
      distances["mnist_cgan"] < distances["mnist_dcgan"] < distances["mnist_fcgan"], **distances)
claim("Ten images, over and over, get the highest score, higher even than the real digits.",
      max(inception, key=inception.get) == "ten images", **{"ten": inception["ten images"], "real": inception["real"]})
claim("With 150 images, *real* digits get many times what the CGAN gets with 3,000.",
      curves["Frechet", "real"][0] > 4 * curves["Frechet", "mnist_cgan"][-1],
      real=curves["Frechet", "real"][0], CGAN=curves["Frechet", "mnist_cgan"][-1])
claim("Smaller sets get a larger Frechet distance", all(np.all(np.diff(curves["Frechet", name]) < 0) for name in ("real", "mnist_cgan")))
claim("with 3,000 that of real digits is near zero.",
      sizes[-1] == 3_000 and abs(curves["kernel", "real"][-1]) < 0.05 * curves["Frechet", "real"][0],
      of_3000=curves["kernel", "real"][-1], of_150=curves["kernel", "real"][0])
claim("With few images it goes up and down", np.ptp([curves["kernel", "real"][:3]]) > abs(curves["kernel", "real"][-1]),
      few=np.ptp([curves["kernel", "real"][:3]]))
claim("averaging costs more than the worst of the three generators", moved["averaged"] > max(distances.values()), averaged=moved["averaged"])
claim("costs more than the floor", moved["as_jpeg"] > 1.3 * distances["real"], jpeg=moved["as_jpeg"], real=distances["real"])
claim("Merely because other people wrote them, real digits are farther from real digits than the DCGAN is.",
      distances["mnist_dcgan"] < moved["employees against students"], writers=moved["employees against students"])
photographs, digits_view = views["imagenet"], views["classifier"]
claim("To the network of photographs it is the other way round, and the FC-GAN is far behind both.",
      photographs["mnist_dcgan"] < photographs["mnist_cgan"] < 0.1 * photographs["mnist_fcgan"],
      **{name: photographs[name] for name in GENERATORS})
claim("JPEG's traces are worse than anything that the two convolutional generators do",
      photographs["as_jpeg"] > 5 * max(photographs["mnist_dcgan"], photographs["mnist_cgan"]), jpeg=photographs["as_jpeg"])
claim("while the classifier hardly notices them", digits_view["as_jpeg"] < 0.2 * digits_view["averaged"],
      jpeg=digits_view["as_jpeg"], averaged=digits_view["averaged"])
over_latents = np.mean(np.std(luck, axis=1, ddof=1))
claim("Neither spread can be neglected", min(over_latents, over_trainings) > 0.01 * np.mean(luck),
      latents=over_latents, trainings=over_trainings, mean=np.mean(luck))
first = result["judges"]
near, far = (first[kind]["generated"] for kind in ("classifier", "imagenet"))
claim("To the classifier, the CGAN is close to real digits.",
      near["frechet_distance"] < 3 * first["classifier"]["floor"]["frechet_distance"], generated=near["frechet_distance"],
      real=first["classifier"]["floor"]["frechet_distance"])
claim("A dash means that there are too few images for a Frechet distance.",
      far["frechet_distance"] is None)
claim("To the network of photographs it is far from them, and nearest neighbours tell the two apart.",
      far["kernel_distance"] > 5 * far["kernel_distance_deviation"] and far["neighbour_accuracy"][1] > 0.8,
      kernel=far["kernel_distance"], apart=far["neighbour_accuracy"][0])
generated = result["generated"]
claim("The CGAN is as far from training images as new digits are, so it does not copy.",
      0.9 < generated["memorisation"] < 1.2 and generated["copied"] < 0.02, ratio=generated["memorisation"])
claim("All ten classes are there, evenly, which is no merit", generated["mode_count"] == 10 and generated["class_entropy"] > 0.99)
claim("within a class it varies about as much as real digits do",
      0.85 < generated["mean_diversity"] < 1.15,
      generated=generated["mean_diversity"])
