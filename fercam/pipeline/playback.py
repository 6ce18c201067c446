"""Playing a file at its own speed, another one, or not at all, from wherever one wishes."""

import threading
import time
from collections.abc import Callable

SLICE_S = 0.05
SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)


class Playback:
    """Told from the window's thread, asked by the capture thread.

    `wait(seconds)` sleeps and returns True at once when everything ends.
    """

    def __init__(self, wait: Callable[[float], bool]) -> None:
        self._wait = wait
        self._lock = threading.Lock()
        self._speed = 1.0
        self._paused = False
        self._seek_to_s: float | None = None
        self._anchor: tuple[float, float] | None = None

    def set_speed(self, speed: float) -> None:
        """Play `speed` times as fast as it was filmed."""
        with self._lock:
            self._speed, self._anchor = speed, None

    def set_paused(self, paused: bool) -> None:
        """Hold still, or go on."""
        with self._lock:
            self._paused, self._anchor = paused, None

    def seek(self, t_s: float) -> None:
        """Go on at media time `t_s`; a picture that is held becomes the one there."""
        with self._lock:
            self._seek_to_s = max(0.0, t_s)

    def take_seek(self) -> float | None:
        """Return where to go on, once; None if nobody asked."""
        with self._lock:
            wanted_s, self._seek_to_s = self._seek_to_s, None
            if wanted_s is not None:
                self._anchor = None
            return wanted_s

    def hold(self) -> None:
        """Wait while paused, but not if a seek is asked for."""
        while self._paused and self._seek_to_s is None and not self._wait(SLICE_S):
            pass

    def hold_at_end(self) -> bool:
        """Wait for a seek; return False when everything ends instead."""
        while self._seek_to_s is None:
            if self._wait(SLICE_S):
                return False
        return True

    def wait_until(self, t_media_s: float) -> None:
        """Wait until the frame of this time is due."""
        while (ahead_s := self._ahead_s(t_media_s)) > 0:
            if self._wait(min(ahead_s, SLICE_S)) or self._paused or self._seek_to_s is not None:
                return

    def _ahead_s(self, t_media_s: float) -> float:
        now_s = time.monotonic()
        with self._lock:
            if self._anchor is None:
                self._anchor = (now_s, t_media_s)
            start_s, from_s = self._anchor
            return start_s + (t_media_s - from_s) / self._speed - now_s
