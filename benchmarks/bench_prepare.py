"""How many images a second `data prepare` takes, from a zip and from a folder.

    python benchmarks/bench_prepare.py
        20,000 JPEG files of 128x128 to 32x32, three rounds, under a minute on two cores
    python benchmarks/bench_prepare.py --from PATH --size 64
        an archive or a folder of your own
    python benchmarks/bench_prepare.py --count 500 --rounds 1
        a quick check that everything runs

The images are made here: coarse noise, enlarged, which costs a JPEG decoder about as much as a
photograph. Every round prepares all of them again: listing, reading, decoding, resizing, writing,
checksums, and flushing the file to the disk. Run it on an idle machine.
"""

import argparse
import contextlib
import io
import os
import statistics
import tempfile
import time
import zipfile
from pathlib import Path

from ganlib import data  # isort: skip  (first: it starts TensorFlow without its chatter)
import numpy as np
from PIL import Image

TARGET = 1500  # images a second on two cores


def jpegs(count):
    """Yields (name, bytes) of JPEG files of 128x128, in ten folders."""
    random = np.random.default_rng(0)
    for i in range(count):
        file, coarse = io.BytesIO(), random.integers(0, 256, (16, 16, 3), "uint8")
        image = Image.fromarray(coarse).resize((128, 128), Image.Resampling.BICUBIC)
        image.save(file, "JPEG", quality=90)
        yield f"class {i % 10}/{i:06}.jpg", file.getvalue()


def measure(source, size):
    """Returns (images a second, milliseconds of processor time per image) of one preparation."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.environ["GANLIB_DATA"] = folder
        start, start_of_work = time.perf_counter(), time.process_time()
        data.prepare("bench", source, size=size)
        seconds, work = time.perf_counter() - start, time.process_time() - start_of_work
        count = sum(len(data.load("bench", split)) for split in ("train", "test"))
        return count / seconds, 1000 * work / count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="source", metavar="PATH")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sources = [arguments.source]
        if not arguments.source:
            folder, archive = sources = Path(temporary, "folder"), Path(temporary, "images.zip")
            with zipfile.ZipFile(archive, "w") as file:
                for name, content in jpegs(arguments.count):
                    file.writestr(name, content)
            with zipfile.ZipFile(archive) as file:
                file.extractall(folder)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the first round")
        for source in sources:
            rounds = [measure(source, arguments.size) for _ in range(arguments.rounds)]
            rates, work = zip(*rounds, strict=True)
            text = ", ".join(f"{value:,.0f}" for value in rates)
            print(
                f"{Path(source).name}: {statistics.median(rates):,.0f} images/s "
                f"(rounds: {text}; aim: {TARGET:,} on two cores),"
            )
            print(f"  {statistics.median(work):.2f} ms of processor time per image")


if __name__ == "__main__":
    main()
