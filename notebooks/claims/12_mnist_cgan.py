"""What 12_mnist_cgan says about its results."""

from scipy.stats import binomtest

claim("All ten labels mean the same to it, since the table of its class vectors starts at zero.",
      np.abs(stages["untrained"]).max() < 1e-5, largest=np.abs(stages["untrained"]).max())
claim("Early in training, the right label raises the logit of most real digits.",
      np.mean(stages["early"] > 0) > 0.6, share=np.mean(stages["early"] > 0))
claim("Later, the right label raises the logit by less.",
      stages["trained"].mean() < 0.7 * stages["early"].mean(),
      early=stages["early"].mean(), trained=stages["trained"].mean())
claim("Latents that make one digit lean tend to make the others lean, too.",
      same > 0.3 and abs(other) < 0.1, same=same, other=other)
claim("You get what you ask for in more than nineteen cases out of twenty.", accuracy > 0.95,
      accuracy=accuracy, referee=own_accuracy)
claim("Generated digits vary less than real ones, but more than half as much",
      0.5 < np.mean(ratios) < 0.97 * np.mean(again), ratio=np.mean(ratios), real=np.mean(again))
ten_of_twenty = binomtest(10, 20).proportion_ci(method="wilson")
claim("With ten right answers out of twenty, the 95 % interval goes from 30 % to 70 %.",
      np.allclose(ten_of_twenty, (0.3, 0.7), atol=0.01))
