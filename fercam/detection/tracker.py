"""Following faces from frame to frame, so that each keeps its number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fercam.core.values import Detection

Boxes = NDArray[np.float64]
"""(n, 4) centre x, centre y, width, height in pixels."""

SURVIVES_S = 1.0
"""How long a face may go unseen and still be the same."""

VELOCITY_MEMORY_S = 0.12
COAST_S = 0.5
"""A face out of sight is expected to come to rest: it goes on for this long at most."""

REACH = 0.6
REACH_PER_S = 1.0
MAX_REACH = 1.4
"""How far from where it is expected a face may turn up, as a multiple of its larger side."""

MAX_GROWTH = 2.0


@dataclass(slots=True)
class _Track:
    track_id: int
    box: NDArray[np.float64]
    velocity_px_s: NDArray[np.float64]
    seen_s: float

    def expected(self, t_s: float) -> NDArray[np.float64]:
        coast_s = COAST_S * (1 - math.exp(-(t_s - self.seen_s) / COAST_S))
        return np.concatenate([self.box[:2] + self.velocity_px_s * coast_s, self.box[2:]])

    def see(self, box: NDArray[np.float64], t_s: float) -> None:
        elapsed_s = t_s - self.seen_s
        if elapsed_s > 0:
            measured = (box[:2] - self.box[:2]) / elapsed_s
            weight = 1 - math.exp(-elapsed_s / VELOCITY_MEMORY_S)
            self.velocity_px_s = self.velocity_px_s + weight * (measured - self.velocity_px_s)
        self.box, self.seen_s = box, t_s


class FaceTracker:
    """Gives each face a number from 1 that it keeps while it is seen, or missed for a second.

    A face is looked for where its velocity leads; pairs that fit best are taken first. Numbers
    are never used again.
    """

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._last_id = 0
        self._t_s = -math.inf

    @property
    def active_ids(self) -> frozenset[int]:
        """The numbers of the faces that are seen or may still come back."""
        return frozenset(track.track_id for track in self._tracks)

    def update(self, detections: Sequence[Detection], t_s: float) -> list[Detection]:
        """Return the faces of the frame at `t_s` seconds, in the same order, with track ids.

        Time that runs backwards (a video that starts over) makes every face new.
        """
        if t_s < self._t_s:
            self._tracks = []
        self._t_s = t_s
        self._tracks = [track for track in self._tracks if t_s - track.seen_s <= SURVIVES_S]
        boxes = np.array([_centred(face) for face in detections], np.float64).reshape(-1, 4)
        matches = self._match(boxes, t_s)
        tracked = []
        for index, (face, box) in enumerate(zip(detections, boxes, strict=True)):
            track = matches.get(index)
            if track is None:
                self._last_id += 1
                track = _Track(self._last_id, box, np.zeros(2), t_s)
                self._tracks.append(track)
            else:
                track.see(box, t_s)
            tracked.append(replace(face, track_id=track.track_id))
        return tracked

    def _match(self, boxes: Boxes, t_s: float) -> dict[int, _Track]:
        """Pair detections (by index) with tracks, one to one."""
        if not self._tracks or not len(boxes):
            return {}
        expected = np.array([track.expected(t_s) for track in self._tracks])
        unseen_s = np.array([t_s - track.seen_s for track in self._tracks])
        reach = np.minimum(REACH + REACH_PER_S * unseen_s, MAX_REACH)[:, None]
        side = np.maximum(expected[:, 2:].max(1)[:, None], boxes[:, 2:].max(1)[None])
        between = np.linalg.norm(expected[:, None, :2] - boxes[None, :, :2], axis=2) / side
        growth = side / np.minimum(expected[:, 2:].max(1)[:, None], boxes[:, 2:].max(1)[None])
        fit = _iou(expected, boxes) - between - 0.5 * np.log(growth)
        fit[(between > reach) | (growth > MAX_GROWTH)] = -np.inf
        matches: dict[int, _Track] = {}
        taken: set[int] = set()
        for flat in np.argsort(-fit, axis=None):
            row, column = divmod(int(flat), len(boxes))
            if fit[row, column] == -np.inf:
                break
            if row not in taken and column not in matches:
                taken.add(row)
                matches[column] = self._tracks[row]
        return matches


def _centred(face: Detection) -> tuple[float, float, float, float]:
    x, y, width, height = face.raw_box_px
    return x + width / 2, y + height / 2, max(width, 1.0), max(height, 1.0)


def _iou(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """Return the (len(a), len(b)) shares of overlap, 0..1."""
    low = np.maximum((a[:, :2] - a[:, 2:] / 2)[:, None], (b[:, :2] - b[:, 2:] / 2)[None])
    high = np.minimum((a[:, :2] + a[:, 2:] / 2)[:, None], (b[:, :2] + b[:, 2:] / 2)[None])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    union = a[:, 2:].prod(axis=1)[:, None] + b[:, 2:].prod(axis=1)[None] - shared
    overlap: NDArray[np.float64] = shared / union
    return overlap
