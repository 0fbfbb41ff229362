"""What 50_food101_fcgan says about its results."""

rarest_of_mnist = 5_421  # images of the digit 5, of LeCun et al.'s 60,000
claim("MNIST has more than sixty times as many of its rarest digit.", rarest_of_mnist > 60 * counts.max(),
      most=counts.max())
outer = {network.name: max(layer.count_params() for layer in network.layers) / network.count_params()
         for network in (run.generator, run.discriminator)}
claim("Nearly all weights sit where the networks touch the image", min(outer.values()) > 0.9, **outer)


def contrast(images):
    pixels = ganlib.images.as_rows(images).reshape(images.shape)
    middle, edge = pixels[:, 24:40, 24:40].mean((1, 2, 3)), np.concatenate(
        [pixels[:, :8].mean((1, 2, 3))[None], pixels[:, -8:].mean((1, 2, 3))[None]]).mean(0)
    return np.abs(middle - edge).mean()


claim("the middle has a different shade from the edge",
      contrast(fakes) > 0.5 * contrast(photographs),
      generated=contrast(fakes), real=contrast(photographs))
claim("The grain in the generated pictures is more than twice that of photographs.",
      grain(fakes) > 2 * grain(photographs), generated=grain(fakes), real=grain(photographs))
claim("Every weight meets the very number that it met before, so D gives the same answer.",
      np.allclose(draw_networks(GAME)[1](ganlib.images.to_float(small.images[:20])),
                  (lambda d: (d.layers[2].set_weights([w[moved], b]), d)[1])(draw_networks(GAME)[1])(
                      ganlib.images.to_float(confetti.images[:20])), atol=1e-4))
claim("What is left at first is rounding", differences[0] < 0.01, per_cent=differences[0])
full = ganlib.recipes.get("food101_fcgan", profile="full")
pair = ganlib.training.build_networks(full, food.image_shape, len(dishes))
weights = sum(network.count_params() for network in pair)
claim("with its 55 million weights and its 100,000 steps", 55e6 < weights < 56e6 and full.steps == 100_000,
      weights=weights)


def of(values, kind, data):
    return np.array([values[kind, data, seed] for seed in SEEDS])


dense, dense_confetti = of(distances, "dense", "in order"), of(distances, "dense", "confetti")
conv, conv_confetti = of(distances, "convolutional", "in order"), of(distances, "convolutional", "confetti")
claim("In order or scrambled, their distances are about the same, and so is the grain.",
      abs(dense_confetti.mean() / dense.mean() - 1) < 0.1
      and abs(of(grains, "dense", "confetti").mean() / of(grains, "dense", "in order").mean() - 1) < 0.1,
      in_order=dense.mean(), confetti=dense_confetti.mean())
claim("In order, every seed gets nearer to photographs than any dense game does, and with much "
      "less grain.",
      conv.max() < min(dense.min(), dense_confetti.min())
      and of(grains, "convolutional", "in order").max() < 0.75 * of(grains, "dense", "in order").min(),
      convolutional=conv.max(), dense=min(dense.min(), dense_confetti.min()))
claim("With confetti the same networks do no better than dense ones.",
      conv_confetti.mean() > 0.97 * dense_confetti.mean(),
      convolutional=conv_confetti.mean(), dense=dense_confetti.mean())
claim("it is the order that convolutions live on", conv_confetti.min() > 1.2 * conv.max(),
      confetti=conv_confetti.min(), in_order=conv.max())
