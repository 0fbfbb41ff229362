"""Image files, and folders, zips and tars of them, as people have them on disk."""

import io
import tarfile
import zipfile

from PIL import Image

COLOURS = {"red": (250, 0, 0), "green": (0, 250, 0), "blue": (0, 0, 250), "white": (250, 250, 250)}


def picture(colour="red", size=(20, 16), kind="PNG", **options):
    """The bytes of an image file of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, COLOURS.get(colour, colour)).save(file, kind, **options)
    return file.getvalue()


def write(folder, files):
    """Writes {name: bytes}; a value of type str is a link to that."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(content) if isinstance(content, str) else path.write_bytes(content)
    return folder


def write_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            if isinstance(content, str):
                info.external_attr = 0o120777 << 16
            archive.writestr(info, content)
    return path


def write_tar(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return path


def classes_of(dataset):
    """Names of the classes, in the order of the images."""
    return [dataset.class_names[label] for label in dataset.labels]


def colours_of(dataset):
    """Names of the colours that the images have, in order."""
    colours = []
    for image in dataset.images:
        mean = image.mean(axis=(0, 1))
        colours.append(min(COLOURS, key=lambda name: abs(mean - COLOURS[name]).sum()))
    return colours


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
