"""The game of the page, which node plays here: against ganlib itself, and preset by preset."""

import html
import json
import re
import shutil
import subprocess
import warnings

import keras
import numpy as np
import pytest
from keras import layers

import ganlib
from ganlib.errors import InputError
from ganlib.training.parts import ClipWeights
from ganlib.widgets.game import PAGE, game, options, save_game

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node, which plays the page's game, is absent")
ENGINE = re.compile(r'<script id="engine">(.*?)</script>', re.DOTALL)
BATCH, WIDTH, LATENTS = 128, 32, 3


def play(script, **given):
    """Returns what a script gets to know of the page's engine; `given` are its variables."""
    engine = ENGINE.search(PAGE.read_text(encoding="utf-8"))[1]
    names = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    done = subprocess.run([NODE, "-"], input=f"{engine}\n{names}\n{script}", encoding="utf-8",
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def settings_of(preset, cured=False):
    known = options()
    usual = {name: each["usual"] for name, each in known["settings"].items()}
    chosen = known["presets"][preset]
    return usual | chosen["settings"] | (chosen["cure"] if cured else {})


# ---- One step of the page and one of ganlib.GAN ----


class Given(ganlib.GAN):
    """A GAN whose latents and shares are given instead of drawn."""

    def _draw(self, distribution, shape, turn, stream, **options):
        drawn = self.latents if stream == 0 else self.shares
        return keras.ops.reshape(keras.ops.convert_to_tensor(drawn[turn]), shape)


def keras_networks():
    """Returns G and D for images of 1x1 pixels with two channels, which are points."""

    def dense(numbers, outs):
        numbers = layers.LeakyReLU(0.2)(layers.Dense(WIDTH)(numbers))
        numbers = layers.LeakyReLU(0.2)(layers.Dense(WIDTH)(numbers))
        return layers.Dense(outs)(numbers)

    latents, points = keras.Input((LATENTS,)), keras.Input((1, 1, 2))
    return (keras.Model(latents, layers.Reshape((1, 1, 2))(dense(latents, 2))),
            keras.Model(points, dense(layers.Flatten()(points), 1)))


def flat(weights):
    return np.concatenate([np.ravel(each) for each in weights])


# The page's name of a loss: ganlib's name, and the penalty.
LOSSES = {
    "minimax": ("minimax", None),
    "non_saturating": ("non_saturating", None),
    "r1": ("non_saturating", ganlib.losses.r1_penalty),
    "wasserstein_clipping": ("wasserstein", None),
    "wasserstein_penalty": ("wasserstein", ganlib.losses.gradient_penalty),
}
STEPS_OF_BOTH = """
const game = new Game(settings), result = [];
[game.generator, game.discriminator].forEach((each, i) => each.values.set(weights[i]));
const losses = game.step({real, latents, shares});
for (const each of [game.generator, game.discriminator]) result.push(Array.from(each.values));
console.log(JSON.stringify({weights: result, losses}));
"""


@needs_node
@pytest.mark.parametrize("loss", LOSSES)
def test_one_step_of_the_page_is_one_step_of_ganlib(loss):
    d_steps, clip, weight = 2, 0.2, 5.0
    name, penalty = LOSSES[loss]
    rng = np.random.default_rng(3)
    keras.utils.set_random_seed(0)
    generator, discriminator = keras_networks()
    for network in (generator, discriminator):  # biases at work, and D of some slope
        network.set_weights([1.5 * each + rng.normal(0, 0.05, each.shape)
                             for each in network.get_weights()])
    before = [flat(network.get_weights()) for network in (generator, discriminator)]
    if loss == "wasserstein_clipping":
        for variable in discriminator.trainable_variables:
            variable.constraint = ClipWeights(clip)
    gan = Given(generator, discriminator, d_steps=d_steps)
    real = rng.uniform(-1, 1, (BATCH, 1, 1, 2)).astype("float32")
    gan.latents = rng.normal(size=(d_steps, BATCH, LATENTS)).astype("float32")
    gan.shares = rng.uniform(size=(d_steps, BATCH)).astype("float32")
    adam = keras.optimizers.Adam
    gan.compile(adam(0.002, 0.5), adam(0.005, 0.5), loss=name,
                penalties=[(weight, penalty)] if penalty else ())
    logs = gan.train_step(keras.ops.convert_to_tensor(real))

    settings = settings_of("ring") | {
        "loss": loss, "g_rate": 0.002, "d_rate": 0.005, "d_steps": d_steps, "clip": clip,
        "penalty": weight, "latent_dim": LATENTS, "g_width": WIDTH, "d_width": WIDTH,
    }  # fmt: skip
    played = play(STEPS_OF_BOTH, settings=settings, real=real.ravel().tolist(),
                  latents=gan.latents.reshape(d_steps, -1).tolist(), shares=gan.shares.tolist(),
                  weights=[each.tolist() for each in before])
    worst = 0
    for network, start, ours in zip((generator, discriminator), before, played["weights"],
                                    strict=True):
        theirs = flat(network.get_weights())
        assert np.abs(theirs - start).max() > 1e-3  # something was learned
        worst = max(worst, np.abs(theirs - ours).max())
    print(f"{loss}: largest difference {worst:.1e}")
    assert worst < 1e-4
    assert played["losses"]["gLoss"] == pytest.approx(float(logs["g_loss"]), abs=1e-4)


# ---- The presets ----

PLAY = """
const game = new Game(settings), seen = [];
let most = 0;
for (let i = 1; i <= steps; i++) {
  const losses = game.step();
  most = Math.max(most, losses.gLoss);
  if (i % 50) continue;
  const {made, modes, quality, pull} = game.measure(), at = [0, 0];
  made.forEach((value, j) => { at[j % 2] += value / 512; });
  seen.push({modes, quality, pull, at, most, ...losses});
}
console.log(JSON.stringify(seen));
"""


def travelled(seen):
    """Returns how far the middle of the generated points moved, looked at every 50 steps."""
    return np.linalg.norm(np.diff([each["at"] for each in seen], axis=0), axis=1).sum()


# What a preset's sentence says: the steps that it takes, and whether it is seen, by the last
# measurement and by all of them.
SEEN = {
    "mode_collapse": (600, lambda last, seen: last["modes"] <= 4 and last["quality"] > 0.4),
    "mode_hopping": (300, lambda last, seen: travelled(seen) > 2 and
                     max(each["modes"] for each in seen) <= 2),
    "no_gradient": (450, lambda last, seen: last["pull"] < 0.05 and last["right"] > 0.8 and
                    last["quality"] < 0.2),
    "race": (800, lambda last, seen: last["most"] > 3 and travelled(seen) > 2 and
             max(each["modes"] for each in seen) <= 4),
    "clipped_too_hard": (150, lambda last, seen: last["pull"] < 0.001 and
                         abs(last["dLoss"]) < 0.001 and last["quality"] < 0.1),
    "critic_unbound": (450, lambda last, seen: abs(last["gLoss"]) > 100 and last["pull"] > 70),
    "weak_d": (450, lambda last, seen: 0.66 < last["dLoss"] < 0.73 and last["quality"] < 0.2),
    "narrow_g": (450, lambda last, seen: last["modes"] <= 4 and last["quality"] < 0.25),
    "penalty_too_strong": (600, lambda last, seen: abs(last["dLoss"] - np.log(2)) < 0.01 and
                           last["pull"] < 0.01 and last["quality"] < 0.25),
    "thin_latent": (600, lambda last, seen: last["quality"] < 0.4),
}  # fmt: skip


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("preset", SEEN)
def test_a_preset_goes_wrong_as_its_sentence_says(preset, seed=0):
    steps, goes_wrong = SEEN[preset]
    seen = play(PLAY, settings=settings_of(preset) | {"seed": seed}, steps=steps)
    assert goes_wrong(seen[-1], seen), seen[-1]


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("preset, cured", [("ring", False), ("mode_collapse", True),
                                           ("clipped_too_hard", True)])
def test_a_healthy_game_finds_the_modes(preset, cured, seed=0):
    last = play(PLAY, settings=settings_of(preset, cured) | {"seed": seed}, steps=1200)[-1]
    assert last["modes"] >= 6 and last["quality"] > 0.3


@needs_node
def test_the_same_seed_gives_the_same_game_and_another_seed_another():
    games = [play(PLAY, settings=settings_of("ring") | {"seed": seed}, steps=50)
             for seed in (0, 0, 1)]
    assert games[0] == games[1] != games[2]


def test_every_preset_that_goes_wrong_is_tried():
    assert set(SEEN) == {name for name, each in options()["presets"].items() if "cure" in each}


def test_every_preset_says_what_to_look_for_and_goes_by_known_settings():
    known = options()
    wrong = {name for name, each in known["presets"].items() if "cure" in each}
    assert len(wrong) >= 8 and "ring" not in wrong
    for name, each in known["presets"].items():
        assert each["name"] and each["look"].endswith("."), name
        assert (name in wrong) == each.get("help", "").startswith("The cure: "), name
        for settings in (each["settings"], each.get("cure", {})):
            game(name, **settings)


# ---- In Python ----


def start_of(text):
    return json.loads(re.search(r'id="start">(.*?)</script>', text)[1])


def test_several_games_stand_in_one_notebook_each_with_its_own_settings():
    for data, theme in (("moons", "light"), ("grid", "dark")):
        with warnings.catch_warnings(action="error"):  # as IPython warns of a bare frame
            shown = game("race", theme, data=data, seed=np.int64(3), g_rate=1e-3).data
        assert "<script" not in shown and shown.count("<iframe") == 1  # all is in the frame
        text = html.unescape(re.search(r'srcdoc="(.*?)"', shown, re.DOTALL)[1])
        assert start_of(text) == {"preset": "race", "theme": theme,
                                  "settings": {"data": data, "seed": 3, "g_rate": 1e-3}}


def test_the_page_is_one_file_that_needs_no_network(tmp_path):
    path = save_game(tmp_path / "new" / "game.html", "moons")
    text = path.read_text(encoding="utf-8")
    assert start_of(text) == {"preset": "moons", "settings": {}, "theme": "auto"}
    assert not re.search(r"https?:|<link|\ssrc=|@import|url\(|fetch\(", text)
    assert "document" not in ENGINE.search(text)[1]


@pytest.mark.parametrize("preset, settings, message", [
    ("mode_colapse", {}, "Did you mean 'mode_collapse'"),
    ("ring", {"learning_rate": 1}, "unknown setting 'learning_rate'"),
    ("ring", {"g_rates": 1}, "Did you mean 'g_rate'"),
    ("ring", {"data": "moon"}, "Did you mean 'moons'"),
    ("ring", {"loss": None}, "unknown loss None"),
    ("ring", {"data": ["ring"]}, "unknown data"),
    ("ring", {"d_steps": 11}, "d_steps is 11; expected a whole number from 1 to 10"),
    ("ring", {"d_steps": 1.5}, "expected a whole number"),
    ("ring", {"g_rate": float("nan")}, "g_rate is nan"),
    ("ring", {"seed": -1}, "seed is -1"),
    ("ring", {"theme": "drak"}, "Did you mean 'dark'"),
    (None, {}, "unknown preset None"),
    (["ring"], {}, "unknown preset"),
])  # fmt: skip
def test_what_the_game_does_not_know_is_said_in_one_line(preset, settings, message, tmp_path):
    path = tmp_path / "game.html"
    for make in (game, lambda *given, **named: save_game(path, *given, **named)):
        with pytest.raises(InputError, match=re.escape(message)) as error:
            make(preset, **settings)
        assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_the_page_is_not_written_over_a_file_of_another_kind(tmp_path):
    with pytest.raises(InputError, match="ends in .html"):
        save_game(tmp_path / "game.py")
