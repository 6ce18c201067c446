"""How steadily the picture is painted, and how old its labels are by then."""

from collections import deque
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class PaintFigures:
    """Pictures painted a second, the longest gap between two of them, and the median and 95th
    percentile of the time from capture to paint of the labels painted, in milliseconds."""

    per_second: float
    longest_gap_ms: float
    label_age_ms: float
    label_age_p95_ms: float


class PaintLog:
    """Remembers the paints of new pictures, `keep` at most."""

    def __init__(self, keep: int = 90) -> None:
        self._painted_ns: deque[int] = deque(maxlen=keep)
        self._ages_ms: deque[float] = deque(maxlen=keep)

    def add(self, painted_ns: int, labels_captured_ns: int | None) -> None:
        """Note a paint, and when the frame of the labels on it was captured (monotonic)."""
        self._painted_ns.append(painted_ns)
        if labels_captured_ns is not None:
            self._ages_ms.append((painted_ns - labels_captured_ns) / 1e6)

    def clear(self) -> None:
        """Forget everything."""
        self._painted_ns.clear()
        self._ages_ms.clear()

    def figures(self) -> PaintFigures | None:
        """Return what was seen; None before two pictures with labels."""
        if len(self._painted_ns) < 2 or not self._ages_ms:
            return None
        gaps_ms = np.diff(np.array(self._painted_ns)) / 1e6
        return PaintFigures(
            1000 / float(gaps_ms.mean()),
            float(gaps_ms.max()),
            float(np.median(self._ages_ms)),
            float(np.percentile(self._ages_ms, 95)),
        )
