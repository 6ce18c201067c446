"""Rates and durations over the last moments, cheap enough for every frame."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

KEPT = 5000


class Rate:
    """Events per second over the last two seconds."""

    WINDOW_S = 2.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque()
        self._lock = threading.Lock()

    def tick(self) -> None:
        """Count one event now."""
        with self._lock:
            self._times.append(self._clock())
            self._forget()

    def per_second(self) -> float:
        """Return the rate; 0 with fewer than two events in the window."""
        with self._lock:
            self._forget()
            if len(self._times) < 2:
                return 0.0
            span = self._times[-1] - self._times[0]
            return (len(self._times) - 1) / span if span > 0 else 0.0

    def _forget(self) -> None:
        oldest = self._clock() - self.WINDOW_S
        while self._times and self._times[0] < oldest:
            self._times.popleft()


@dataclass(frozen=True, slots=True)
class Summary:
    """Durations of one stage in milliseconds."""

    median_ms: float
    p95_ms: float
    count: int


class StageTimer:
    """Durations by stage name; keeps the last `KEPT` of each."""

    def __init__(self) -> None:
        self._durations_ms: dict[str, deque[float]] = {}

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Time the block as one run of `stage`."""
        start = time.perf_counter_ns()
        try:
            yield
        finally:
            self.add(stage, (time.perf_counter_ns() - start) / 1e6)

    def add(self, stage: str, duration_ms: float) -> None:
        """Add one duration."""
        self._durations_ms.setdefault(stage, deque(maxlen=KEPT)).append(duration_ms)

    def clear(self) -> None:
        """Forget every duration."""
        self._durations_ms.clear()

    def summary(self) -> dict[str, Summary]:
        """Return median, 95th percentile and count of each stage, in order of first use."""
        return {
            stage: Summary(float(np.median(values)), float(np.percentile(values, 95)), len(values))
            for stage, values in ((s, list(d)) for s, d in self._durations_ms.items())
        }
