"""What a network from elsewhere lacks to be one of FerCam's, and the layers that give it that."""

from collections.abc import Sequence
from typing import Any

import cv2
import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import ModelError
from fercam.detection.crop import FACE_PX
from fercam.training.engine.checks import Faces, Probabilities
from fercam.training.engine.foreign import layers_of

SCALES = {"0..1": (1 / 255, 0.0), "0..255": (1.0, 0.0), "-1..1": (2 / 255, -1.0)}
"""What a network may expect of a gray face of 0..255: times the first, plus the second."""

_BEFORE_SCALING = (
    "Resizing", "CenterCrop", "Dropout", "SpatialDropout2D", "GaussianNoise", "ZeroPadding2D",
)  # fmt: skip


def wrap(network: keras.Model, scale: str, order: Sequence[int], *, softmax: bool) -> keras.Model:
    """Return a network that takes (n, 48, 48, 1) gray 0..255 and gives (n, 7) as `EMOTIONS`.

    The outputs are put in order by a fixed dense layer of ones and zeros, which every format can
    hold and which is too small for int8 conversion to round.
    """
    height, width, channels = _input_shape(network)
    face = keras.Input((FACE_PX, FACE_PX, 1), name="face")
    x = face
    if (height, width) != (FACE_PX, FACE_PX):
        x = layers.Resizing(height, width, name="to_its_size")(x)
    times, plus = SCALES[scale]
    if scale != "0..255":
        x = layers.Rescaling(times, offset=plus, name="to_its_scale")(x)
    if channels == 3:
        x = layers.Concatenate(name="to_its_channels")([x, x, x])
    x = answer_of(network, x)
    if softmax:
        x = layers.Softmax(name="to_probabilities")(x)
    if tuple(order) != tuple(range(len(EMOTIONS))):
        to_our_order = layers.Dense(len(EMOTIONS), use_bias=False, name="to_our_order")
        to_our_order.trainable = False
        x = to_our_order(x)
        to_our_order.set_weights([np.eye(len(EMOTIONS), dtype=np.float32)[:, list(order)]])
    return keras.Model(face, x, name="imported")


def answer_of(network: keras.Model, faces: Any) -> Any:
    """Return the one output of a network, which may come in a list or dict."""
    return keras.tree.flatten(network(faces, training=False))[0]


def check_shapes(network: keras.Model) -> None:
    """Refuse a network that faces cannot be fed to, or that does not give seven numbers.

    Raises:
        ModelError: what it takes or gives does not fit; one plain line.
    """
    takes: Sequence[Any] = getattr(network, "inputs", ())
    gives: Sequence[Any] = getattr(network, "outputs", ())
    if len(takes) != 1 or len(gives) != 1:
        raise ModelError("The network must have one input, a face, and one output.")
    batch, *shape = takes[0].shape
    if batch is not None or len(shape) != 3 or shape[2] not in (1, 3):
        raise ModelError(
            f"The network takes {_shown(takes[0].shape)}, but must take (any number, height, "
            "width, 1 or 3 channels)."
        )
    if len(gives[0].shape) != 2 or gives[0].shape[1] != len(EMOTIONS):
        raise ModelError(
            f"The network gives {_shown(gives[0].shape)}, but must give (any number, 7), one for "
            f"each emotion: {', '.join(EMOTIONS)}."
        )


def _shown(shape: Sequence[int | None]) -> str:
    return f"({', '.join('any number' if side is None else str(side) for side in shape)})"


def _input_shape(network: keras.Model) -> tuple[int, int, int]:
    height, width, channels = network.inputs[0].shape[1:]
    return height or FACE_PX, width or FACE_PX, channels


def likely_scale(network: keras.Model) -> tuple[str, str]:
    """Return the scale that the first layers speak for, and the reason."""
    for layer in layers_of(network):
        kind = type(layer).__name__
        if kind.startswith("Random") or kind in _BEFORE_SCALING:
            continue
        if kind == "Rescaling" and np.max(layer.scale) < 0.1:
            return "0..255", "it scales them itself"
        if kind in ("BatchNormalization", "Normalization"):
            mean = layer.moving_mean if kind == "BatchNormalization" else layer.mean
            if np.max(np.asarray(mean)) > 2:
                return "0..255", "it normalises such values itself"
        break
    return "0..1", "most networks were trained on x/255"


def as_it_was_fed(faces: Faces, network: keras.Model, scale: str) -> NDArray[np.float32]:
    """Return faces as the network's own author gave them to it, with none of our layers."""
    height, width, channels = _input_shape(network)
    times, plus = SCALES[scale]
    sized = np.stack([cv2.resize(face.astype(np.float32), (width, height)) for face in faces])
    return np.repeat((sized * times + plus)[..., np.newaxis], channels, axis=3).astype(np.float32)


def lacks_softmax(network: keras.Model, answers: Probabilities) -> bool:
    """Return whether the network's `answers` to some faces still need a softmax.

    Raises:
        ModelError: they are no probabilities, and a softmax would not make them so.
    """
    if are_probabilities(answers, "The network"):
        return False
    last = list(layers_of(network))[-1]
    if getattr(last, "activation", None) is not keras.activations.linear:
        raise ModelError(
            "The network's outputs do not add up to 1, and it does not end in a linear layer that "
            "a softmax could follow."
        )
    return True


def are_probabilities(answers: Probabilities, name: str) -> bool:
    """Return whether each row (n, 7) adds up to 1 with nothing below 0.

    Raises:
        ModelError: some are no numbers.
    """
    if not np.isfinite(answers).all():
        raise ModelError(f"{name} does not answer with numbers; the file may be damaged.")
    return bool((np.abs(answers.sum(axis=1) - 1) < 1e-2).all() and (answers > -1e-6).all())
