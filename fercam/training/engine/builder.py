"""The networks FerCam can train, by name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras
from keras import layers

from fercam.core.errors import UsageError
from fercam.detection.crop import FACE_PX
from fercam.training.config import TrainingConfig
from fercam.training.engine import transfer

CLASSES = 7


@dataclass(frozen=True, slots=True)
class Options:
    """What an architecture may be varied in.

    `dropout_scale` multiplies its dropout rates, `initializer` is Keras's name for how hidden
    weights start, `weights` is a file to start from instead; `backbone` and `enlarged_px` are for
    `transfer`. EfficientNet-Lite0 has batch normalisation only if it is `normalised`, and 1x1
    convolutions or, faster to train, `pointwise_dense` layers.
    """

    dropout_scale: float = 1.0
    initializer: str = "glorot_uniform"
    backbone: str = ""
    weights: Path | None = None
    enlarged_px: int = 96
    normalised: bool = True
    pointwise_dense: bool = False


def build(architecture: str, options: Options = Options()) -> keras.Model:
    """Return an untrained network: (n, 48, 48, 1) gray of 0..255 in, (n, 7) softmax out.

    Scaling to the network's own range is a layer inside it, so no caller can get it wrong.

    Raises:
        UsageError: no architecture has this name, or its options do not fit.
    """
    if architecture not in ARCHITECTURES:
        raise UsageError(
            f"There is no architecture '{architecture}'; choose one of: {', '.join(ARCHITECTURES)}."
        )
    face = keras.Input((FACE_PX, FACE_PX, 1), name="face")
    features = ARCHITECTURES[architecture](face, options)
    # float32 keeps the softmax exact when the rest of the network computes in bfloat16
    emotion = layers.Dense(CLASSES, activation="softmax", dtype="float32", name="emotion")(features)
    model = keras.Model(face, emotion, name=architecture.replace("-", "_"))
    if options.weights and options.weights.suffix in (".keras", ".pth"):
        transfer.adopt(model, options.weights)
    elif options.weights and not _published(architecture, options.backbone):
        raise UsageError(
            f"{model.name} cannot start from {options.weights.name}: it takes the weights of a "
            ".keras file."
        )
    return model


def _published(architecture: str, backbone: str) -> bool:
    """Return whether keras.applications has the network, and its makers the weights, as .h5."""
    return architecture == "transfer" and backbone != transfer.EFFICIENTNET_LITE0


def for_training(config: TrainingConfig) -> keras.Model:
    """Return the network a run starts with."""
    model = build(config.architecture, _options(config, config.weights))
    # in a network that knows nothing the head alone could learn nothing
    all_of_it = config.trained == "all" or config.weights is None
    for layer in model.layers:
        layer.trainable = all_of_it or layer.name == "emotion"
    return model


def for_use(trained: keras.Model, config: TrainingConfig) -> keras.Model:
    """Return a run's trained network as it is shipped: the same function, with the architecture's
    own dropout and convolutions, and batch normalisation folded into them.
    """
    options = replace(
        _options(config, None), dropout_scale=1.0, normalised=False, pointwise_dense=False
    )
    model = build(config.architecture, options)
    transfer.copy_weights(trained, model)
    return model


def _options(config: TrainingConfig, weights: Path | None) -> Options:
    return Options(
        config.dropout_scale,
        config.initializer,
        config.backbone,
        weights,
        config.enlarged_px,
        normalised=config.weights is None or config.weights.suffix == ".pth",
        pointwise_dense=True,
    )


def seed(face: keras.KerasTensor, options: Options) -> keras.KerasTensor:
    """The CNN of the notebook FerCam grew from: 4,232,199 parameters in all."""
    x = layers.Rescaling(1 / 255)(face)
    for filters in (128, 256, 512, 512):
        x = layers.Conv2D(filters, 3, activation="relu", kernel_initializer=options.initializer)(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(0.4 * options.dropout_scale)(x)
    x = layers.Flatten()(x)
    for units, rate in ((512, 0.4), (256, 0.3)):
        x = layers.Dense(units, activation="relu", kernel_initializer=options.initializer)(x)
        x = layers.Dropout(rate * options.dropout_scale)(x)
    return x


def seed_small(face: keras.KerasTensor, options: Options) -> keras.KerasTensor:
    """The notebook's smaller variant."""
    x = layers.Rescaling(1 / 255)(face)
    for filters in (32, 64):
        x = layers.Conv2D(filters, 3, activation="relu", kernel_initializer=options.initializer)(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(0.25 * options.dropout_scale)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu", kernel_initializer=options.initializer)(x)
    return layers.Dropout(0.5 * options.dropout_scale)(x)


def mini_xception(face: keras.KerasTensor, options: Options) -> keras.KerasTensor:
    """Mini-Xception of Arriaga et al. (2017, arXiv:1710.07557), with a dense softmax at its end.

    The published network ends in a convolution to seven maps and their global mean; the mean of
    features and a dense layer compute the same function.
    """
    x = layers.Rescaling(2 / 255, offset=-1)(face)
    for _ in range(2):
        x = _normalised(layers.Conv2D(8, 3, use_bias=False)(x))
    for filters in (16, 32, 64, 128):
        shortcut = layers.Conv2D(filters, 1, strides=2, padding="same", use_bias=False)(x)
        shortcut = layers.BatchNormalization()(shortcut)
        x = _normalised(layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x))
        x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        x = layers.Add()([x, shortcut])
    return _features(x, 0.3 * options.dropout_scale)


def fercam(face: keras.KerasTensor, options: Options) -> keras.KerasTensor:
    """FerCam's network: residual blocks of plain 3x3 convolutions (He et al., 2016,
    arXiv:1512.03385) on small maps, where they cost least.
    """
    x = _halved(face, 32)
    for filters in (64, 128, 256):
        x = _residual(x, filters, strides=2)
        x = _residual(_residual(x, filters), filters)
    return _features(x, 0.2 * options.dropout_scale)


def fercam_nano(face: keras.KerasTensor, options: Options) -> keras.KerasTensor:
    """For weak machines: a small residual network of plain 3x3 convolutions (He et al., 2016,
    arXiv:1512.03385), thin where the maps are large.
    """
    x = _halved(face, 8)
    for stage, filters in enumerate((16, 24, 48, 96)):
        x = _residual(x, filters, strides=2 if stage else 1)
    return _features(x, 0.1 * options.dropout_scale)


def fercam_mini(face: keras.KerasTensor, options: Options) -> keras.KerasTensor:
    """Wider than `fercam_nano`, with all residual blocks on small maps, where they cost least."""
    x = _halved(face, 32)
    for filters, strides in ((64, 2), (64, 1), (128, 2), (256, 2)):
        x = _residual(x, filters, strides)
    return _features(x, 0.2 * options.dropout_scale)


def residual(face: keras.KerasTensor, options: Options) -> keras.KerasTensor:
    """ResNet-18 (He et al., 2016) for small faces: 11 million parameters, made to teach others."""
    x = layers.Rescaling(1 / 64, offset=-2)(face)
    x = _normalised(_conv(32)(x))
    for filters in (64, 128, 256, 512):
        x = _residual(_residual(x, filters, strides=2), filters)
    return _features(x, 0.4 * options.dropout_scale)


def _halved(face: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    x = layers.Rescaling(1 / 64, offset=-2)(face)
    return _normalised(layers.Conv2D(filters, 5, strides=2, padding="same", use_bias=False)(x))


def _features(maps: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    x = layers.GlobalAveragePooling2D()(maps)
    return layers.Dropout(dropout)(x)


def _residual(x: keras.KerasTensor, filters: int, strides: int = 1) -> keras.KerasTensor:
    shortcut = layers.AveragePooling2D(2)(x) if strides > 1 else x
    if x.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, use_bias=False)(shortcut)
        shortcut = layers.BatchNormalization()(shortcut)
    x = _normalised(_conv(filters, strides=strides)(x))
    x = layers.BatchNormalization()(_conv(filters)(x))
    return layers.ReLU()(layers.Add()([x, shortcut]))


def _conv(filters: int, strides: int = 1) -> keras.Layer:
    return layers.Conv2D(
        filters,
        3,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )


def _normalised(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.ReLU()(layers.BatchNormalization()(x))


def transferred(face: keras.KerasTensor, options: Options) -> keras.KerasTensor:
    """A backbone made for colour photos, its weights from a local file or from scratch."""
    # left to itself, Resizing says that it is training, and with it all layers behind it
    x = layers.Resizing(options.enlarged_px, options.enlarged_px)(face, training=False)
    if options.backbone == transfer.EFFICIENTNET_LITE0:
        x = transfer.efficientnet_lite0(
            x, normalised=options.normalised, pointwise_dense=options.pointwise_dense
        )
    else:
        weights = options.weights if options.weights and options.weights.suffix == ".h5" else None
        x = transfer.backbone(x, options.backbone, weights)
    return _features(x, 0.2 * options.dropout_scale)


ARCHITECTURES: dict[str, Callable[[keras.KerasTensor, Options], keras.KerasTensor]] = {
    "seed": seed,
    "seed-small": seed_small,
    "mini-xception": mini_xception,
    "fercam": fercam,
    "fercam-nano": fercam_nano,
    "fercam-mini": fercam_mini,
    "residual": residual,
    "transfer": transferred,
}
