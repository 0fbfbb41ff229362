"""Pairs of pictures, one real and one generated, to be told apart in a terminal."""

from pathlib import Path

import numpy as np

from ganlib import files, plots, sampling, store
from ganlib.errors import InputError
from ganlib.images import to_uint8
from ganlib.widgets.guessing import imitated, score
from ganlib.widgets.screen import zoomed

PAIRS, COLUMNS, PIXELS = 20, 4, 96  # pairs in a row, and the least height of a picture


def make_pairs(generator, dataset, noise, seed, count=PAIRS):
    """Returns pictures (2 * count, height, width, channels) uint8, and which ones are real, bool.

    Each pair is a test image and a generated image that nobody chose, in an order drawn from the
    seed.
    """
    test = imitated(generator, dataset, "test")
    random = np.random.default_rng(seed)
    rows = random.choice(len(test), count, replace=count > len(test))
    shown = np.stack([test.images[row] for row in rows])
    fakes = to_uint8(sampling.generate(generator, count, seed=seed, noise=noise)[0])
    first = random.random(count) < 0.5
    is_real = np.stack([first, ~first], axis=1)
    chosen = is_real[..., None, None, None]
    pictures = np.where(chosen, shown[:, None], fakes[:, None])
    return pictures.reshape(2 * count, *shown.shape[1:]), is_real.ravel()


def quiz(source, seed=0, folder=".", ask=input):
    """Shows twenty pairs of pictures, real and generated, and asks which one is real.

    The pairs are in quiz_NAME.png, and the score is kept in quiz_NAME.json.

    Args:
        source: as for ganlib.store.load_generator, with a recipe.json beside it.
        seed: of the pairs.
        folder: for both files.
        ask: a function from a question to an answer.

    Raises:
        InputError: if no recipe names the dataset, or it has images of another shape.
    """
    generator, dataset = store.load_generator(source), store.recipe_of(source).get("dataset")
    if dataset is None:
        raise InputError(f"no recipe.json beside {source} names a dataset; expected a run folder or"
                         " the name of a published generator.")
    pictures, is_real = make_pairs(generator, dataset, store.noise_of(source), seed)
    name = store.folder_of(source).resolve().name
    path = Path(folder) / f"quiz_{name}.png"
    titles = [f"{number // 2 + 1}{'ab'[number % 2]}" for number in range(len(pictures))]
    figure = plots.plot_images(zoomed(pictures, PIXELS), 2 * COLUMNS, titles, scale=1.4)
    path.write_bytes(plots.png(figure))
    print(f"Open {path}. Which picture of each pair is real? An empty answer ends the quiz.")
    right = []
    for pair in range(PAIRS):
        answer = _answer(f"pair {pair + 1} of {PAIRS}, a or b? ", ask)
        if not answer:
            break
        right.append(bool(is_real[2 * pair + "ab".index(answer)]))
    if not right:
        print("no answers; nothing was kept.")
        return
    found = score(sum(right), len(right))
    print("{right} of {count} right; 95 %: {low:.0%} to {high:.0%}. A coin: 50%.".format(**found))
    files.write_json(path.with_suffix(".json"), {
        "source": str(source), "dataset": dataset, "seed": seed, **found})
    print(f"wrote {path.with_suffix('.json')}")


def _answer(question, ask):
    # "a", "b", or "" to end.
    while True:
        try:
            answer = ask(question).strip().lower()
        except EOFError:
            return ""
        if answer in ("a", "b", ""):
            return answer
