"""The batches of an epoch, which depend on the seed and the epoch alone, so runs resume alike."""

import math
import os
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context, parent_process

import numpy as np
from numpy.typing import NDArray

from fercam.training.config import TrainingConfig
from fercam.training.engine.augment import augment
from fercam.training.engine.dataset import FaceSet, network_input
from fercam.training.engine.targets import Probabilities, Teachers, class_balance, targets_of

Floats = NDArray[np.float32]
Batch = tuple[Floats, Floats, Floats]

AHEAD = 4
"""Batches that are made while the network learns from those before them, for each maker."""


@dataclass(frozen=True, slots=True, eq=False)
class _Begun:
    """A batch being made: how many faces count, their rows, the share of a face in its mixture with
    another, and their changed pixels."""

    count: int
    rows: NDArray[np.int64]
    share: np.float32
    pixels: Future[NDArray[np.uint8]]


def _end_with_parent() -> None:
    """Have a worker end when the run is killed: it would wait for work for ever."""

    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


class Batches:
    """Shuffled, changed batches: x (b, 48, 48, 1) of 0..255, y (b, 7) targets, weights (b,).

    All are of one size, since a network is built anew for every other, which takes seconds: the
    last is filled up with faces of the first that count nothing. Use it in a `with`: it keeps a
    thread or processes that make batches ahead.
    """

    def __init__(self, faces: FaceSet, config: TrainingConfig) -> None:
        self._pixels = faces.pixels
        self._targets: Probabilities = targets_of(config, faces)
        self._teachers = Teachers(config)
        self._class_weights = class_balance(self._targets, config.balance)
        self._config = config
        self._batches = math.ceil(len(self._pixels) / config.batch_size)
        self._size = math.ceil(len(self._pixels) / self._batches)
        self._makers: Executor = (
            ProcessPoolExecutor(config.workers, get_context("spawn"), _end_with_parent)
            if config.workers
            else ThreadPoolExecutor(1, "batches")
        )
        self._ahead = AHEAD * max(config.workers, 1)

    def __len__(self) -> int:
        return self._batches

    @property
    def faces(self) -> int:
        """How many faces an epoch has."""
        return len(self._pixels)

    def count(self, number: int) -> int:
        """Return how many faces of a batch count."""
        return min(self._size, len(self._pixels) - number * self._size)

    def __enter__(self) -> "Batches":
        return self

    def __exit__(self, *_: object) -> None:
        self._makers.shutdown(cancel_futures=True)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, the next ones being made meanwhile."""
        numbers = iter(range(self._batches))
        coming = deque(self._begun(epoch, number) for number in islice(numbers, self._ahead))
        while coming:
            begun = coming.popleft()
            coming.extend(self._begun(epoch, number) for number in islice(numbers, 1))
            yield self._finished(begun)

    def batch(self, epoch: int, number: int) -> Batch:
        """Return a batch of an epoch, both counted from 0."""
        return self._finished(self._begun(epoch, number))

    def _begun(self, epoch: int, number: int) -> _Begun:
        config = self._config
        order = np.random.default_rng((config.seed, epoch)).permutation(len(self._pixels))
        rows = np.resize(order, self._batches * self._size)
        rows = rows[number * self._size : (number + 1) * self._size]
        rng = np.random.default_rng((config.seed, epoch, number))
        share = np.float32(rng.beta(config.mixup, config.mixup) if config.mixup else 1)
        pixels = self._makers.submit(augment, self._pixels[rows], config.augmentation, rng)
        return _Begun(self.count(number), rows, share, pixels)

    def _finished(self, begun: _Begun) -> Batch:
        x = network_input(begun.pixels.result())
        y = self._targets[begun.rows]
        if begun.share < 1:
            x = begun.share * x + (1 - begun.share) * x[::-1]
            y = begun.share * y + (1 - begun.share) * y[::-1]
        weights = y @ self._class_weights * np.float32(self._size / begun.count)
        weights[begun.count :] = 0
        return x, self._teachers.blended(y, x), weights
