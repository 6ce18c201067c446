"""How quickly a run goes and how long it will take, pauses left out."""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 30
"""Batches that the speed is the mean of."""
TELL_EVERY_S = 0.2


class Pace:
    """Counts batches and epochs. `faces` are those of one epoch; all times are in seconds."""

    def __init__(
        self, faces: int, epochs_left: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._faces, self._epochs_left, self._clock = faces, epochs_left, clock
        self._steps: deque[tuple[float, int]] = deque(maxlen=WINDOW)
        self._first = True
        self._seen = 0
        self._overhead_s = 0.0
        self._began = self._last = self._batches_done = clock()
        self._told = float("-inf")

    def batch(self, faces: int) -> None:
        """Take note that a batch is done; the very first is not counted, since all is set up."""
        now = self._clock()
        if not self._first:
            self._steps.append((now - self._last, faces))
        self._first = False
        self._seen += faces
        self._last = self._batches_done = now

    def paused(self, began: float) -> None:
        """Leave out the time since `began`."""
        away = self._clock() - began
        self._began += away
        self._last += away

    def epoch(self, epochs: int = 1) -> float:
        """Take note that epochs are done, validation and all, and return how long they took."""
        now = self._clock()
        took = now - self._began
        self._overhead_s = (now - self._batches_done) / epochs
        self._began = self._last = now
        self._seen = 0
        self._epochs_left -= epochs
        return took

    def due(self) -> bool:
        """Return whether the app should hear of a batch again."""
        due = self._clock() - self._told >= TELL_EVERY_S
        if due:
            self._told = self._clock()
        return due

    @property
    def faces_per_s(self) -> float | None:
        """The speed of training lately; None before it is known."""
        seconds = sum(took for took, _ in self._steps)
        return sum(faces for _, faces in self._steps) / seconds if seconds else None

    @property
    def seconds_left(self) -> float | None:
        """How long all epochs that are wanted will take; None before it is known."""
        speed = self.faces_per_s
        if speed is None:
            return None
        return self._epochs_left * (self._faces / speed + self._overhead_s) - self._seen / speed
