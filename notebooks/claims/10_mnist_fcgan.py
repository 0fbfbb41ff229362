"""What 10_mnist_fcgan says about its results."""

claim("the mean label counts. A fixed label of 0.95 would pull D to the same answer",
      abs(np.mean(RECIPE.real_label) - 0.95) < 1e-6)
claim("In the first stretch D is far ahead.",
      first["d_loss"] < last["d_loss"] - 0.05 and first["g_loss"] > last["g_loss"] + 0.2, **first)
claim("At the end its loss is a little below that of a D that always answers one half, "
      "and G's loss is a little above it.",
      np.log(2) - 0.1 < last["d_loss"] < np.log(2) < last["g_loss"] < np.log(2) + 0.25, **last)
settled = watch.history[-10:]
claim("Neither curve runs away.", max(row["g_loss"] for row in settled) < 1.2
      and min(row["d_loss"] for row in settled) > 0.5)
real_loose = loose_pixels(real)
claim("Real digits have hardly any.", real_loose < 0.05 and loose_pixels(fakes) > 5 * real_loose,
      real=real_loose, generated=loose_pixels(fakes))
agree = np.mean(kinds[0] == kinds[1])
claim("Most latents, but not all of them, give the same digit in both networks.",
      0.6 < agree < 1, share=agree)
claim("The player's digits are more ragged.", loose_pixels(momentary) > 1.3 * loose_pixels(fakes),
      player=loose_pixels(momentary), average=loose_pixels(fakes))
ways = {name: sum(np.abs(after - before).mean() for before, after in zip(images, images[1:]))
        for name, images in looks.items()}
nets = {name: np.abs(images[-1] - images[0]).mean() for name, images in looks.items()}
claim("The player goes a long way and does not get far: most of the way is back and forth.",
      nets["player"] < 0.5 * ways["player"], way=ways["player"], far=nets["player"])
claim("The average travels much less.", ways["average"] < 0.4 * ways["player"], way=ways["average"])
claim("all of its images sit at the distance that the noise alone makes",
      np.quantile(np.abs(nearest["traced copies"] - COPY_NOISE * 28), 0.99) < 0.3)
shares = [np.mean(nearest[name] <= np.quantile(nearest["test images"], 0.1))
          for name in ("generated images", "test images")]
claim("The generated images are not nearer to the training images than honest test images are.",
      np.median(distances) > 0.9 * np.median(nearest["test images"]) and shares[0] < shares[1] + 0.06,
      generated=np.median(distances), test=np.median(nearest["test images"]), near=shares[0])
claim("Some test images are as near as the traced copies", close.sum() >= 3, count=close.sum())
claim("They are ones, all or nearly all of them.", np.mean(test.labels[:NUM_QUERIES][close] == 1) > 0.8)
shifted = ganlib.metrics.nearest(ganlib.images.as_rows(np.roll(mnist.images[:NUM_QUERIES], SHIFT, axis=2)), rows)
claim("is about as far from the training set as an honest digit",
      0.75 < np.median(shifted[1]) / np.median(nearest["test images"]) < 1.25, shifted=np.median(shifted[1]))
claim("most of them the nearest training image is not even the original",
      np.mean(shifted[0] == np.arange(NUM_QUERIES)) < 0.5)
