"""Sliders and buttons around a generator's latent space."""

import dataclasses
from pathlib import Path

import keras
import numpy as np

from ganlib import plots, store
from ganlib.widgets.screen import display_picture, enlarged, is_live, zoomed
from ganlib.widgets.space import PATHS, Place, Space, between, directions

SLIDERS = 6  # latent numbers that have one
PIXELS, STILL = 224, 64  # of the side of the picture on the screen, and where nothing is live


def explore(source, class_names=None, encoder=None):
    """Shows a generator to play with; where no front end is live, what its directions change.

    Args:
        source: a ganlib.training.Run, a GAN, a Keras model, or what ganlib.store.load_generator
            takes, such as the name of a published generator.
        class_names: one text for each class; None takes what is known.
        encoder: gives directions by the features of pictures, as `directions` says; None takes
            those of the first layer.

    Returns:
        The Explorer.
    """
    noise, name, kept = "normal", "generator", None
    if hasattr(source, "recipe"):  # a Run
        noise, name, kept = source.recipe.noise, source.recipe.name, source.folder
        class_names = class_names or source.dataset.class_names
        generator = source.gan.averaged_generator
    elif hasattr(source, "averaged_generator"):
        generator, noise = source.averaged_generator, source.noise
    elif isinstance(source, keras.Model):
        generator = source
    else:
        generator, noise = store.load_generator(source), store.noise_of(source)
        name, kept = Path(source).name, source
        class_names = class_names or store.class_names_of(source)
    found = directions(generator, encoder=encoder, noise=noise)
    explorer = Explorer(Space(generator, noise, class_names or (), found), name, kept=kept)
    explorer.show()
    return explorer


class Explorer:
    """Sliders and buttons around a Space.

    Attributes:
        space: the Space.
        place: where the sliders are.
        shown: the place on the screen; while the path is walked, one on the path.
        kept: where the generator can be loaded from; None if it is in memory alone.
        box: the widgets, once they are shown.
    """

    def __init__(self, space, name="generator", seed=0, kept=None):
        """Starts at the place drawn from a seed; `kept` is where the generator can be loaded."""
        self.space, self.name, self.seed, self.kept = space, name, seed, kept
        self.place, self.before, self.saved = space.random(seed), [], []

    def show(self):
        """Displays the widgets, or without a live front end a picture."""
        if is_live():
            from IPython.display import display

            display(self.widgets())
        else:
            pictures = self.space.overview(self.place)
            display_picture(
                plots.image_grid(zoomed(pictures, STILL),
                                 columns=len(pictures) // len(self.space.directions)),
                f"{self.name}: each row walks along a direction found in its latent space. In a "
                "live notebook there are sliders here: for latent numbers, directions and classes.",
            )

    def widgets(self):
        """Returns the widgets, made at the first call."""
        import ipywidgets as w

        fixed = w.Layout(width=f"{PIXELS}px", height=f"{PIXELS}px", flex="0 0 auto")
        self.picture = w.Image(layout=fixed)
        self.picture.add_class("ganlib-explore-picture")
        self.notes, self.quiet = w.HTML(), False
        self.numbers = [self._slider(f"z{i}", -3, 3, f"z{i}")
                        for i in range(min(SLIDERS, self.space.latent_dim))]
        self.locks = [w.Checkbox(description="lock", indent=False,
                                 layout=w.Layout(width="56px")) for _ in self.numbers]
        count = len(self.space.directions)
        self.moves = [self._slider("", -6, 6, f"move{i}") for i in range(count)]
        self.names = [w.Text(f"direction {i + 1}", layout=w.Layout(width="90px"))
                      for i in range(count)]
        self.truncation = self._slider("truncation", 0, 1, "truncation")
        options = list(zip(self.space.class_names, range(self.space.num_classes), strict=True))
        self.first, self.second = (w.Dropdown(options=options, description=text,
                                              layout=w.Layout(width="220px"))
                                   for text in ("class", "mixed with"))
        self.mix = self._slider("share", 0, 1, "mix")
        self.share, self.path = self._slider("path", 0, 1, "path"), w.Dropdown(
            options=PATHS, layout=w.Layout(width="100px"))
        for choice in (self.first, self.second, self.path):
            choice.observe(self._changed, "value")
        actions = {"Random": self.random, "Undo": self.undo, "Save place": self.save,
                   "PNG": self.export_png, "GIF of the path": self.export_gif,
                   "Code": self.export_code}
        buttons = []
        for text, action in actions.items():
            buttons.append(w.Button(description=text, layout=w.Layout(width="auto")))
            buttons[-1].on_click(lambda _, action=action: action())
            buttons[-1].add_class(f"ganlib-explore-{text.split()[0].lower()}")
        rows = [w.HBox(pair) for pair in zip(self.numbers, self.locks, strict=True)]
        columns = [w.VBox(rows),
                   w.VBox([w.HBox(pair) for pair in zip(self.names, self.moves, strict=True)])]
        classes = [w.HBox([self.first, self.second, self.mix])] if self.space.num_classes else []
        wrapped = w.Layout(flex_flow="row wrap", grid_gap="4px")
        self.box = w.VBox([w.HBox([self.picture, *columns], layout=wrapped), *classes,
                           w.HBox([self.truncation, self.share, self.path]), w.HBox(buttons),
                           self.notes])
        self._put(self.place)
        return self.box

    def _slider(self, text, low, high, css):
        import ipywidgets as w

        label, width = ("70px", "260px") if len(text) > 2 else (f"{12 * len(text)}px", "176px")
        slider = w.FloatSlider(0, min=low, max=high, step=0.05, description=text,
                               layout=w.Layout(width=width, flex="0 0 auto"),
                               style={"description_width": label})
        slider.observe(self._changed, "value")
        slider.add_class(f"ganlib-explore-{css}")
        return slider

    def _changed(self, event):
        if self.quiet:
            return
        latents = self.place.latents.copy()
        for number, slider in enumerate(self.numbers):
            if slider is event["owner"]:  # the others may stand for numbers beyond their ends
                latents[number] = slider.value
        self.before.append(self.place)
        self.place = Place(
            latents, np.array([slider.value for slider in self.moves], "float32"),
            self.first.value or 0, self.second.value or 0, self.mix.value, self.truncation.value,
        )
        place = self.place
        if event["owner"] in (self.share, self.path) and len(self.saved) > 1:
            first, second = self.saved[-2:]
            ends = self.space.latents_at(first), self.space.latents_at(second)
            place = dataclasses.replace(
                first, latents=between(*ends, self.share.value, self.path.value),
                moves=first.moves * 0, truncation=1.0, second=second.first, mix=self.share.value,
            )
        self._draw(place)

    def _put(self, place):
        """Sets all sliders to a place and draws it once."""
        self.quiet, self.place = True, place
        for slider, value in zip(self.numbers, place.latents, strict=False):
            slider.value = float(np.clip(value, slider.min, slider.max))
        for slider, value in zip(self.moves, place.moves, strict=True):
            slider.value = float(value)
        self.truncation.value, self.mix.value = place.truncation, place.mix
        if self.space.num_classes:
            self.first.value, self.second.value = place.first, place.second
        self.quiet = False
        self._draw(place)

    def _draw(self, place):
        self.shown = place
        self.picture.value = enlarged(self.space.picture(place), PIXELS)

    def random(self):
        """Goes to a newly drawn place; locked numbers, class and truncation stay."""
        self.before.append(self.place)
        self.seed += 1
        latents = self.space.random(self.seed).latents.copy()
        for number, lock in enumerate(self.locks):
            if lock.value:
                latents[number] = self.place.latents[number]
        self._put(dataclasses.replace(self.place, latents=latents))

    def undo(self):
        """Goes back to the previous place."""
        if self.before:
            self._put(self.before.pop())

    def save(self):
        """Saves this place as an end of a path; the path runs between the last two."""
        self.saved.append(self.place)
        self.notes.value = f"{len(self.saved)} saved; a path needs two. Then move its slider."

    def export_png(self):
        """Writes the picture into the current folder."""
        plots.save_grid(self.space.picture(self.shown)[None], f"{self.name}.png")
        self.notes.value = f"wrote {self.name}.png"

    def export_gif(self):
        """Writes the path between the last two saved places into the current folder."""
        if len(self.saved) < 2:
            self.notes.value = "A path needs two saved places: press Save place at each."
            return
        frames = self.space.path(*self.saved[-2:], self.path.value)
        plots.save_gif(frames, f"{self.name}.gif")
        self.notes.value = f"wrote {self.name}.gif"

    def export_code(self):
        """Shows code that makes this picture, with the names that were given to directions."""
        named = [f"# {name.value}: {slider.value:+.2f}" for name, slider
                 in zip(self.names, self.moves, strict=True) if slider.value]
        text = "\n".join([*named, self.space.code(self.shown, self.kept)])
        self.notes.value = f"<pre>{text}</pre>"
