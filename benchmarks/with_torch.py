"""The contenders in PyTorch: the same networks, trained as PyTorch's own DCGAN example does.

Run by bench.py. One pass of the generator serves both players. The discriminator's weights take no
gradient in the generator's turn. Adam is the fused one. All data is in memory. Where Keras's "same"
padding cannot be even, it has one pixel more on one side; here it is the same on both.
"""

import sys

import torch
from torch import nn
from torch.nn import functional
from worker import num_cores, serve

NUM_IMAGES = 4096


class Crop(nn.Module):
    """Keeps the first (height, width) pixels."""

    def __init__(self, height, width):
        super().__init__()
        self.height, self.width = height, width

    def forward(self, images):
        return images[:, :, : self.height, : self.width]


def same_convolution(layer):
    """Returns a convolution with ceil(size / stride) outputs.

    It is padded alike on both sides, and cropped where that is too much.
    """
    kernel_size, stride = layer["kernel_size"][0], layer["strides"][0]
    (height, _, channels), wanted = layer["inputs"], layer["outputs"][0]
    padding = (max((wanted - 1) * stride + kernel_size - height, 0) + 1) // 2
    convolution = nn.Conv2d(
        channels, layer["filters"], kernel_size, stride, padding, bias=layer["use_bias"]
    )
    exact = (height + 2 * padding - kernel_size) // stride + 1 == wanted
    # Measured: cheaper than padding="same", which copies its inputs for even kernels.
    return convolution if exact else nn.Sequential(convolution, Crop(*layer["outputs"][:2]))


def transposed_convolution(layer):
    """Returns a transposed convolution with stride * size outputs."""
    kernel_size, stride = layer["kernel_size"][0], layer["strides"][0]
    padding = (kernel_size - stride + 1) // 2
    odd = stride - kernel_size + 2 * padding  # the odd pixel is added at the end
    return nn.ConvTranspose2d(
        layer["inputs"][-1], layer["filters"], kernel_size, stride, padding, odd,
        bias=layer["use_bias"],
    )  # fmt: skip


def module(layer):
    """Returns the PyTorch module of one layer as bench.describe gives it.

    Raises:
        ValueError: if there is none for this kind of layer.
    """
    kind, inputs, outputs = layer["kind"], layer["inputs"], layer["outputs"]
    if kind == "Dense":
        return nn.Linear(inputs[-1], layer["units"], layer["use_bias"])
    if kind == "Conv2D":
        return same_convolution(layer)
    if kind == "Conv2DTranspose":
        return transposed_convolution(layer)
    if kind == "BatchNormalization":
        norm = nn.BatchNorm2d if len(inputs) == 3 else nn.BatchNorm1d
        return norm(inputs[-1], layer["epsilon"], 1.0 - layer["momentum"])
    if kind == "LeakyReLU":
        return nn.LeakyReLU(layer["negative_slope"], inplace=True)
    if kind == "Activation" and layer["activation"] == "tanh":
        return nn.Tanh()
    if kind == "Reshape":
        return nn.Unflatten(1, (outputs[-1], *outputs[:-1]))
    if kind == "Flatten":
        return nn.Flatten()
    if kind == "Dropout":
        return nn.Dropout(layer["rate"])
    if kind == "UpSampling2D":
        return nn.Upsample(scale_factor=tuple(layer["size"]))
    raise ValueError(f"no translation of a {kind} layer to PyTorch")


class Training:
    """Two networks and the loop of PyTorch's DCGAN example.

    Args:
        recipe: a dict with the fields of ganlib.recipes.Recipe.
        image_shape: (height, width, channels).
        layers: the layers of generator and discriminator.
        precision: "float32", or "bfloat16" for autocast and the channels-last memory format.
    """

    def __init__(self, recipe, image_shape, layers, precision):
        torch.manual_seed(0)
        self.precision, self.note = precision, ""
        channels_last = precision == "bfloat16"
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.generator, self.discriminator = self.networks = [
            nn.Sequential(*map(module, each)).to(memory_format=self.memory_format)
            for each in layers
        ]
        self.batch_size, self.latent_dim = recipe["batch_size"], recipe["latent_dim"]
        options = {"beta_1": 0.9, "beta_2": 0.999} | recipe["optimizer_options"]
        betas = (options["beta_1"], options["beta_2"])
        self.g_optimizer, self.d_optimizer = (
            torch.optim.Adam(network.parameters(), recipe[rate], betas, fused=True)
            for network, rate in zip(self.networks, ("g_rate", "d_rate"), strict=True)
        )
        self.parameters = sum(
            weights.numel() for network in self.networks for weights in network.parameters()
        )
        height, width, channels = image_shape
        images = torch.randint(0, 256, (NUM_IMAGES, channels, height, width), dtype=torch.uint8)
        images = images.float() / 127.5 - 1.0
        self.images = images.contiguous(memory_format=self.memory_format)
        self.batches = []
        made = self.generator(torch.randn(2, self.latent_dim))
        assert made.shape[1:] == images.shape[1:] and self.discriminator(made).shape == (2, 1)

    def sums(self):
        """Returns the sums of the absolute weights of generator and discriminator."""
        return [
            sum(weights.detach().double().abs().sum().item() for weights in network.parameters())
            for network in self.networks
        ]

    def next_images(self):
        if not self.batches:
            order = torch.randperm(len(self.images))
            whole = len(order) // self.batch_size * self.batch_size
            self.batches = list(order[:whole].split(self.batch_size))
        return self.images[self.batches.pop()].contiguous(memory_format=self.memory_format)

    def autocast(self):
        return torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bfloat16")

    def loss(self, images, label):
        with self.autocast():
            logits = self.discriminator(images).float()
        answers = torch.full_like(logits, label)
        return functional.binary_cross_entropy_with_logits(logits, answers)

    def run(self, steps):
        for _ in range(steps):
            with self.autocast():
                fakes = self.generator(torch.randn(self.batch_size, self.latent_dim))
            self.d_optimizer.zero_grad()
            self.loss(self.next_images(), 1.0).backward()
            self.loss(fakes.detach(), 0.0).backward()
            self.d_optimizer.step()
            self.discriminator.requires_grad_(False)
            self.g_optimizer.zero_grad()
            self.loss(fakes, 1.0).backward()
            self.g_optimizer.step()
            self.discriminator.requires_grad_(True)


def build(recipe, image_shape, layers):
    """Returns the contender named on the command line."""
    precision = "bfloat16" if sys.argv[1].endswith("bfloat16") else "float32"
    return Training(recipe, image_shape, layers, precision)


if __name__ == "__main__":
    torch.set_num_threads(num_cores())
    serve(build)
