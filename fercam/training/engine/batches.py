"""The batches of an epoch, which depend on the seed and the epoch alone, so runs resume alike."""

import math
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from fercam.training.config import TrainingConfig
from fercam.training.engine.augment import augment
from fercam.training.engine.dataset import FaceSet, network_input
from fercam.training.engine.targets import Probabilities, class_balance, targets_of

Floats = NDArray[np.float32]
Batch = tuple[Floats, Floats, Floats]

AHEAD = 4
"""Batches that are made while the network learns from those before them."""


class Batches:
    """Shuffled, changed batches: x (b, 48, 48, 1) of 0..255, y (b, 7) targets, weights (b,).

    All are of one size, since a network is built anew for every other, which takes seconds: the
    last is filled up with faces of the first that count nothing.
    """

    def __init__(self, faces: FaceSet, config: TrainingConfig) -> None:
        self._pixels = faces.pixels
        self._targets: Probabilities = targets_of(config, faces)
        self._class_weights = class_balance(self._targets, config.balance)
        self._config = config
        self._batches = math.ceil(len(self._pixels) / config.batch_size)
        self._size = math.ceil(len(self._pixels) / self._batches)

    def __len__(self) -> int:
        return self._batches

    @property
    def faces(self) -> int:
        """How many faces an epoch has."""
        return len(self._pixels)

    def count(self, number: int) -> int:
        """Return how many faces of a batch count."""
        return min(self._size, len(self._pixels) - number * self._size)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, made ahead on a thread of their own."""
        with ThreadPoolExecutor(1, "batches") as maker:
            numbers = iter(range(self._batches))
            coming = deque(maker.submit(self.batch, epoch, n) for n in islice(numbers, AHEAD))
            while coming:
                batch = coming.popleft().result()
                coming.extend(maker.submit(self.batch, epoch, n) for n in islice(numbers, 1))
                yield batch

    def batch(self, epoch: int, number: int) -> Batch:
        """Return a batch of an epoch, both counted from 0."""
        config, count = self._config, self.count(number)
        order = np.random.default_rng((config.seed, epoch)).permutation(len(self._pixels))
        rows = np.resize(order, self._batches * self._size)
        rows = rows[number * self._size : (number + 1) * self._size]
        rng = np.random.default_rng((config.seed, epoch, number))
        x = network_input(augment(self._pixels[rows], config.augmentation, rng))
        y = self._targets[rows]
        if config.mixup:
            share = np.float32(rng.beta(config.mixup, config.mixup))
            x = share * x + (1 - share) * x[::-1]
            y = share * y + (1 - share) * y[::-1]
        weights = y @ self._class_weights * np.float32(self._size / count)
        weights[count:] = 0
        return x, y, weights
