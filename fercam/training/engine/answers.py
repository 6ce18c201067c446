"""What a network says of faces."""

import math

import keras
import numpy as np
from numpy.typing import NDArray

from fercam.training.engine.dataset import network_input

BATCH = 64


def answers_of(model: keras.Model, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the (n, 7) probabilities that a network gives faces (n, 48, 48) gray.

    All batches are of one size, since a network is built anew for every other, which takes seconds.
    """
    batches = math.ceil(len(pixels) / BATCH)
    filled = np.resize(pixels, (batches * BATCH, *pixels.shape[1:]))
    answers = model.predict(network_input(filled), batch_size=BATCH, verbose=0)
    return np.asarray(answers[: len(pixels)], np.float32)
