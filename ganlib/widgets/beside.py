"""A run's pictures above those of the published generator of the same recipe."""

import numpy as np

from ganlib import plots, sampling, store
from ganlib.errors import InputError
from ganlib.widgets.screen import display_picture


def beside(run, count=10, seed=0):
    """Shows a row of a run's pictures, and below it one of the published generator of its recipe.

    Both rows show the same latents and labels. A line says how long each was trained.

    Args:
        run: a ganlib.training.Run.
        count: pictures in a row.
        seed: of the latents.

    Raises:
        InputError: if no generator is published under the name of the recipe, or it makes other
            images.
    """
    name, step = run.recipe.name, int(run.gan.step.numpy())
    published = store.load_generator(name)
    own, labels = sampling.generate(run.gan.averaged_generator, count, None, seed, run.recipe.noise)
    theirs, _ = sampling.generate(published, count, labels, seed, store.noise_of(name))
    if own.shape != theirs.shape:
        raise InputError(f"the published {name} makes images of shape {theirs.shape[1:]}, the run "
                         f"of {own.shape[1:]}; expected the same.")
    empty = [""] * (count - 1)
    titles = ["this run", *empty, "published", *empty]
    figure = plots.plot_images(np.concatenate([own, theirs]), columns=count, titles=titles)
    steps = store.training_of(name)["steps"]
    times = f", {steps / step:.1f} times as many" if step else ""
    display_picture(figure, f"Above: this run after {step:,} steps. Below: the published generator "
                            f"of {name}, the best of a run of {steps:,} steps{times}.")
