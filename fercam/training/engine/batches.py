"""The batches of an epoch, which depend on the seed and the epoch alone, so runs resume alike."""

import math

import numpy as np
from numpy.typing import NDArray

from fercam.training.config import TrainingConfig
from fercam.training.engine.augment import augment
from fercam.training.engine.dataset import FaceSet, network_input
from fercam.training.engine.targets import Probabilities, class_balance, targets_of

Floats = NDArray[np.float32]


class Batches:
    """Shuffled, changed batches: x (b, 48, 48, 1) of 0..255, y (b, 7) targets, weights (b,)."""

    def __init__(self, faces: FaceSet, config: TrainingConfig) -> None:
        self._pixels = faces.pixels
        self._targets: Probabilities = targets_of(config, faces)
        self._class_weights = class_balance(self._targets, config.balance)
        self._config = config

    def __len__(self) -> int:
        return math.ceil(len(self._pixels) / self._config.batch_size)

    def batch(self, epoch: int, number: int) -> tuple[Floats, Floats, Floats]:
        config = self._config
        order = np.random.default_rng((config.seed, epoch)).permutation(len(self._pixels))
        rows = order[number * config.batch_size : (number + 1) * config.batch_size]
        rng = np.random.default_rng((config.seed, epoch, number))
        x = network_input(augment(self._pixels[rows], config.augmentation, rng))
        y = self._targets[rows]
        if config.mixup:
            share = np.float32(rng.beta(config.mixup, config.mixup))
            x = share * x + (1 - share) * x[::-1]
            y = share * y + (1 - share) * y[::-1]
        return x, y, y @ self._class_weights
