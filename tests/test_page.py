import json
import re
import shutil
import statistics
import subprocess
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

import ganlib
from browser import lab
from ganlib import sampling
from ganlib.__main__ import main
from ganlib.errors import InputError
from ganlib.widgets import export

# One of each architecture, number of channels and size; dropout changes only the training.
NAMES = (
    "mnist_fcgan", "cifar10_fcgan", "food101_fcgan", "calligraphy_fcgan", "mnist_dcgan",
    "mnist_dcgan_upsampling", "celebrities_dcgan", "food101_dcgan", "food101_gray_dcgan",
    "mnist_cgan", "cifar10_cgan", "food101_cgan", "calligraphy_cgan",
)  # fmt: skip
LARGEST = ("food101_dcgan", "food101_cgan", "calligraphy_dcgan")  # 64 x 64 pixels
# Computes images in node, with the page's own script. It reads latents and labels from stdin.
IN_NODE = """
const fs = require("fs"), page = fs.readFileSync(process.argv[1], "utf8");
const inside = id => page.match(new RegExp(`<script[^>]*id="${id}">([^]*?)</script>`))[1];
const load = new Function(`${inside("engine")}; return loadGenerator`)();
const generate = load(JSON.parse(inside("model")), inside("weights"));
const asked = JSON.parse(fs.readFileSync(0));
console.log(JSON.stringify(asked.map(([z, label]) => [...generate(Float32Array.from(z), label)])));
"""
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


def some_inputs(generator, count=3):
    latents = sampling.draw_latents(count, generator.inputs[0].shape[-1], seed=5)
    classes = sampling.num_classes_of(generator)
    return latents, np.arange(count) * 7 % max(classes, 1)


def by_keras(generator, latents, labels):
    inputs = latents if len(generator.inputs) == 1 else [latents, labels.astype("int32")]
    return np.asarray(generator(inputs, training=False)).reshape(len(latents), -1)


def by_node(page, latents, labels):
    asked = json.dumps([*zip(latents.tolist(), labels.tolist(), strict=True)])
    result = subprocess.run(["node", "-e", IN_NODE, str(page)], input=asked, capture_output=True,
                            text=True, check=True)  # fmt: skip
    return np.array(json.loads(result.stdout))


def block(page, name):
    text = page.read_text(encoding="utf-8")
    return re.search(rf'<script[^>]*id="{name}">(.*?)</script>', text, re.DOTALL)[1]


def saved(tmp_path, *body, latent_dim=6):
    """The path of a generator made of layers, with weights of all kinds that float16 has."""
    generator = keras.Sequential([keras.Input((latent_dim,)), *body])
    random = np.random.default_rng(0)
    weights = [random.uniform(0.1, 0.5, each.shape) for each in generator.get_weights()]
    generator.set_weights([each.astype("float16") for each in weights])
    generator.save(tmp_path / "own.keras")
    return tmp_path / "own.keras"


@pytest.mark.slow
@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_the_page_computes_the_images_that_keras_makes(name, tmp_path):
    page, generator = export(name, tmp_path / f"{name}.html"), ganlib.load_generator(name)
    inputs = some_inputs(generator)
    np.testing.assert_allclose(by_node(page, *inputs), by_keras(generator, *inputs), atol=1e-4)


BODIES = {
    "convolutions": (
        layers.Dense(60, activation="relu"), layers.Reshape((3, 5, 4)),
        layers.Conv2DTranspose(6, 5, 2, "valid"), layers.BatchNormalization(center=False),
        layers.LeakyReLU(0.3), layers.Conv2DTranspose(5, (2, 3), 3, "same", use_bias=False),
        layers.BatchNormalization(scale=False), layers.Conv2D(4, 3, 2, "same"),
        layers.Activation("sigmoid"), layers.Conv2D(3, (1, 4), padding="valid", activation="tanh"),
    ),
    "enlarged": (
        layers.Dense(24), layers.Dropout(0.5), layers.Reshape((2, 3, 4)), layers.ReLU(),
        keras.Sequential([layers.UpSampling2D((3, 2)), layers.Dense(5, "leaky_relu")]),
        layers.Conv2DTranspose(1, 1, 2, "same"), layers.Activation("tanh"),
    ),
}  # fmt: skip


@needs_node
@pytest.mark.parametrize("kind", BODIES)
def test_all_known_layers_and_options_give_keras_numbers(kind, tmp_path):
    source = saved(tmp_path, *BODIES[kind])
    generator = ganlib.load_generator(source)
    inputs = some_inputs(generator)
    found = by_node(export(source, tmp_path / "own.html"), *inputs)
    np.testing.assert_allclose(found, by_keras(generator, *inputs), atol=1e-4)


@needs_node
def test_branches_shared_layers_and_labels_give_keras_numbers(tmp_path):
    latents, label = keras.Input((4,)), keras.Input((1,), dtype="int32")
    shared = layers.Dense(4, activation="tanh")
    table = layers.Flatten()(layers.Embedding(3, 4)(label))
    once = shared(layers.Multiply()([latents, table]))
    twice = layers.Add()([shared(once), once, latents])
    map_of = layers.Reshape((2, 2, 1))
    joined = layers.Concatenate()([map_of(twice), map_of(once), map_of(latents)])
    generator = keras.Model([latents, label], layers.Activation("tanh")(joined))
    generator.save(tmp_path / "own.keras")
    inputs = np.random.default_rng(1).normal(size=(3, 4)), np.array([2, 0, 1])
    found = by_node(export(tmp_path / "own.keras", tmp_path / "own.html"), *inputs)
    # Its weights are not rounded to float16 beforehand.
    expected = by_keras(generator, inputs[0], inputs[1][:, None])
    np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (layers.LayerNormalization(name="odd"), "'odd', LayerNormalization (known are Activation"),
        (layers.Conv2D(3, 1, activation="silu", name="odd"), "'odd', Conv2D (activation=silu)"),
        (layers.Conv2D(3, 2, dilation_rate=2, name="odd"), "(dilation_rate=(2, 2))"),
        (layers.UpSampling2D(interpolation="bilinear", name="odd"), "(interpolation=bilinear)"),
        (layers.BatchNormalization(axis=1, name="odd"), "(axis=1)"),
        (layers.ReLU(max_value=6, name="odd"), "(max_value=6"),
    ],
)
def test_a_layer_that_the_page_cannot_compute_is_named_in_one_line(layer, said, tmp_path):
    source = saved(tmp_path, layers.Dense(48), layers.Reshape((4, 4, 3)), layer)
    with pytest.raises(InputError) as caught:
        export(source, tmp_path / "own.html")
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "own.html").exists()


def test_weights_beyond_float16_are_said_and_the_former_page_stays(tmp_path):
    source = saved(tmp_path, layers.Dense(4), layers.Reshape((2, 2, 1)))
    before = export(source, tmp_path / "own.html").read_bytes()
    generator = keras.models.load_model(source)
    generator.set_weights([each * 1e6 for each in generator.get_weights()])
    generator.save(source)
    with pytest.raises(InputError, match="beyond float16"):
        export(source, tmp_path / "own.html")
    assert (tmp_path / "own.html").read_bytes() == before


def test_a_page_is_an_html_file(tmp_path):
    with pytest.raises(InputError, match="page.png'; expected a name that ends in .html"):
        export("mnist_dcgan", tmp_path / "page.png")


def test_no_title_or_name_of_a_class_breaks_the_page_and_nothing_is_fetched(tmp_path, monkeypatch):
    bad = "</script><b>{{weights}} &"
    monkeypatch.setattr("ganlib.store.class_names_of", lambda _: [bad] * 10)
    page = export("mnist_cgan", tmp_path / "new" / "page.html", title=bad)
    model, text = json.loads(block(page, "model")), page.read_text(encoding="utf-8")
    assert model["classes"] == [bad] * 10 and len(model["shape"]) == 3
    assert "<title>&lt;/script&gt;&lt;b&gt;{{weights}} &amp;</title>" in text
    assert not re.search(r"https?:|src=|@import|url\(|fetch\(", text)


def test_the_page_tells_what_the_card_tells(tmp_path):
    model = json.loads(block(export("food101_cgan", tmp_path / "page.html"), "model"))
    assert len(model["classes"]) == 101 and model["classes"][0] == "apple_pie"
    assert model["facts"] == [
        "8,000 training steps", "data: Food-101, photographs of 101 dishes",
        "licence: for research only", "Kernel distance 31.0 (real images: 0.0)",
    ]  # fmt: skip
    fashion = json.loads(block(export("fashion_mnist_cgan", tmp_path / "page.html"), "model"))
    assert fashion["classes"][9] == "ankle boot" and fashion["noise"] == "normal"
    own = saved(tmp_path, layers.Dense(4), layers.Reshape((2, 2, 1)))
    page = export(own, tmp_path / "own.html")
    assert "<h1>own</h1>" in page.read_text("utf-8")
    assert json.loads(block(page, "model"))["facts"] == []
    (tmp_path / "recipe.json").write_text('{"name": "mine", "dataset": "pets", "noise": "uniform"}')
    (tmp_path / "training.json").write_text('{"steps": 1234}')
    model = json.loads(block(export(own, page), "model"))
    assert "<h1>mine</h1>" in page.read_text("utf-8") and model["noise"] == "uniform"
    assert model["facts"] == ["1,234 training steps", "data: pets"]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not lab.CHROMIUM:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=lab.CHROMIUM, args=lab.FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, tmp_path, request):
    """A page, that of mnist_cgan, in a browser; at the end, nothing may have gone wrong in it."""
    page, wrong = browser.new_page(viewport={"width": 1200, "height": 900}), []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: wrong.append(request.url))
    name = getattr(request, "param", "mnist_cgan")
    path = tmp_path / f"{name}.html"
    assert main(["export", name, "--out", str(path)]) == 0
    address = path.as_uri()
    page.goto(address)
    page.wait_for_function("others.every(each => each.button.firstChild.width === width)")
    yield page
    lab.shoot(page, f"page_{name}")
    page.close()
    assert wrong == [address]


@pytest.mark.slow
def test_the_page_in_a_browser_computes_the_images_that_keras_makes(opened):
    generator = ganlib.load_generator("mnist_cgan")
    latents, labels = some_inputs(generator)
    asked = [*zip(latents.tolist(), labels.tolist(), strict=True)]
    found = opened.evaluate(
        "asked => asked.map(([z, label]) => [...generate(Float32Array.from(z), label)])", asked
    )
    np.testing.assert_allclose(found, by_keras(generator, latents, labels), atol=1e-4)


@pytest.mark.slow
def test_mouse_keys_and_buttons_change_the_picture(opened, tmp_path):
    def picture():  # after the next frame
        return opened.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>"
            " done(document.getElementById('picture').toDataURL()))))"
        )

    seen = [picture()]

    def changed():
        seen.append(picture())
        assert len(set(seen)) == len(seen)

    handle = opened.get_by_label("z1", exact=True)
    box = handle.bounding_box()
    opened.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    opened.mouse.down()
    for share in (0.7, 0.98):
        opened.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2, steps=3)
        changed()
    opened.mouse.up()
    assert float(handle.input_value()) > 2.5
    handle.press("Home")
    changed()
    assert float(handle.input_value()) == -3
    opened.get_by_label("Class", exact=True).select_option("7")
    changed()
    opened.get_by_role("button", name="Random").click()
    changed()
    opened.get_by_role("button", name="take picture 4, 3").press("Enter")
    changed()
    assert opened.get_by_role("img").first.get_attribute("aria-label") == "generated picture, 3"
    opened.get_by_role("button", name="Show 8 more of 64").click()
    assert opened.get_by_role("slider").count() == 16
    with opened.expect_download() as download:
        opened.get_by_role("button", name="Download PNG").click()
    assert download.value.suggested_filename == "mnist_cgan_3.png"
    assert keras.utils.img_to_array(keras.utils.load_img(download.value.path())).shape[0] >= 512


# Moves the first slider and waits for each picture; returns the times of the whole, in ms.
MOVES = """async () => {
  const slider = document.getElementById('z1'), times = [];
  for (let i = 0; i < 40; i++) {
    slider.value = i / 10 - 2;
    const start = performance.now();
    slider.dispatchEvent(new Event('input'));
    cancelAnimationFrame(asked);
    asked = 0;
    paintCurrent();
    times.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


@pytest.mark.slow
@pytest.mark.parametrize("opened", LARGEST, indirect=True)
def test_large_pictures_too_follow_a_slider(opened, request):
    before = opened.evaluate("$('picture').toDataURL()")
    times = opened.evaluate(MOVES)
    assert opened.evaluate("$('picture').toDataURL()") != before
    print(f"{request.node.callspec.id}: median {statistics.median(times):.0f} ms an image, "
          f"max {max(times):.0f} ms")
    assert statistics.median(times) < 1000  # that it follows; how fast depends on the machine


def test_the_command_writes_the_page(tmp_path, capsys):
    path = tmp_path / "page.html"
    assert main(["export", "mnist_dcgan", "--out", str(path)]) == 0
    assert capsys.readouterr().out == f"wrote {path}\n" and Path(path).stat().st_size > 1_000_000
