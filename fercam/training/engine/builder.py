"""The networks FerCam can train, by name."""

from collections.abc import Callable

import keras
from keras import layers

from fercam.core.errors import UsageError

FACE_PX = 48


def build(
    architecture: str,
    classes: int = 7,
    dropout_scale: float = 1.0,
    initializer: str = "glorot_uniform",
) -> keras.Model:
    """Return an untrained network: (n, 48, 48, 1) gray of 0..255 in, (n, classes) softmax out.

    Scaling to the network's own range is its first layer, so no caller can get it wrong.
    `dropout_scale` multiplies the published dropout rates, `initializer` is Keras's name for how
    the hidden weights start; both matter to training alone.

    Raises:
        UsageError: no architecture has this name.
    """
    if architecture not in ARCHITECTURES:
        raise UsageError(
            f"There is no architecture '{architecture}'; choose one of: {', '.join(ARCHITECTURES)}."
        )
    return ARCHITECTURES[architecture](classes, dropout_scale, initializer)


def seed(classes: int, dropout_scale: float, initializer: str) -> keras.Model:
    """The CNN of the notebook FerCam grew from: 4,232,199 parameters for seven classes."""
    stack: list[keras.Layer] = [
        keras.Input((FACE_PX, FACE_PX, 1), name="face"),
        layers.Rescaling(1 / 255),
    ]
    for filters in (128, 256, 512, 512):
        stack += [
            layers.Conv2D(filters, 3, activation="relu", kernel_initializer=initializer),
            layers.MaxPooling2D(2),
            layers.Dropout(0.4 * dropout_scale),
        ]
    stack.append(layers.Flatten())
    for units, rate in ((512, 0.4), (256, 0.3)):
        stack += [
            layers.Dense(units, activation="relu", kernel_initializer=initializer),
            layers.Dropout(rate * dropout_scale),
        ]
    # float32 keeps the softmax exact when the rest of the network computes in bfloat16
    stack.append(layers.Dense(classes, activation="softmax", dtype="float32", name="emotion"))
    return keras.Sequential(stack, name="seed")


ARCHITECTURES: dict[str, Callable[[int, float, str], keras.Model]] = {
    "seed": seed,
}
