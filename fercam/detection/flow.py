"""How faces move from one picture to the next, by sparse optical flow.

The Median Flow of Kalal, Mikolajczyk and Matas ("Forward-Backward Error: Automatic Detection of
Tracking Failures", ICPR 2010, doi:10.1109/ICPR.2010.675): a grid of points in each face is
followed forward and back again (Lucas-Kanade on pyramids), the half that comes back to where it
started worst is dropped, and medians over the rest give shift and growth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fercam.core.values import Image
from fercam.detection.boxes import RawBox
from fercam.detection.yunet import work_size

Points = NDArray[np.float32]

GRID = 5
"""Points along each side of a face: enough for steady medians, few enough to be quick."""
GRID_SPAN = (0.15, 0.85)
"""The part of a box that is face rather than hair and background."""
UNIT_GRID = np.stack(np.meshgrid(*[np.linspace(*GRID_SPAN, GRID)] * 2), axis=-1)
UNIT_GRID = UNIT_GRID.reshape(-1, 2).astype(np.float32)
KEPT = (GRID * GRID + 1) // 2
PAIRS = np.triu_indices(KEPT, 1)

WINDOW_PX = (9, 9)
PYRAMID_LEVELS = 2
STOP_AFTER = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 10, 0.03)

MAX_ERROR_PX = 0.5
"""A face is lost unless half its points come back this close to their start (in the copy)."""
MAX_SHIFT = 0.5
MAX_GROWTH = 1.15
"""A face that moves by more of its larger side, or grows by more, in one picture has jumped."""

GLANCE_PX = (32, 18)
CUT_DIFFERENCE = 20.0
"""Mean change of a thumbnail's gray values (0..255), brightness as a whole aside, at a cut."""


@dataclass(frozen=True, slots=True)
class Motion:
    """How a face moved: the shift of its centre in pixels of the picture, its growth (1: none)."""

    shift_px: tuple[float, float]
    growth: float

    def box(self, box: RawBox) -> RawBox:
        """Return a box (x, y, w, h) moved along."""
        x, y, width, height = box
        grown_x, grown_y = width * (self.growth - 1), height * (self.growth - 1)
        left, top = x + self.shift_px[0] - grown_x / 2, y + self.shift_px[1] - grown_y / 2
        return left, top, width + grown_x, height + grown_y

    def points(self, points_px: Points, box: RawBox) -> Points:
        """Return points (n, 2) of the face in `box` moved along."""
        x, y, width, height = box
        centre = np.array([x + width / 2, y + height / 2], np.float32)
        shift = np.array(self.shift_px, np.float32)
        moved: Points = (points_px - centre) * np.float32(self.growth) + centre + shift
        return moved


class FaceFlow:
    """Follows faces through pictures shown one after the other.

    Points are followed in a gray copy of the size the detector works at; of the last picture only
    this copy is kept.
    """

    def __init__(self) -> None:
        self._frame_size = (0, 0)
        self._gray: Image | None = None
        self._glance: NDArray[np.float32] | None = None

    def show(self, image: Image, boxes: Sequence[RawBox]) -> list[Motion | None] | None:
        """Take the next picture, (H, W, 3) BGR; return how the last one's boxes moved into it.

        A face that was lost or jumped has None. The answer as a whole is None where there is no
        picture before, or another one: of another size, or after a cut.
        """
        height, width = image.shape[:2]
        before, glance_before = self._gray, self._glance
        same_size, self._frame_size = self._frame_size == (width, height), (width, height)
        small = cv2.resize(image, work_size(width, height), interpolation=cv2.INTER_LINEAR)
        self._gray = gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        self._glance = glance = _glance(gray)
        if before is None or glance_before is None or not same_size:
            return None
        if np.abs(glance - glance_before).mean() > CUT_DIFFERENCE:
            return None
        if not boxes:
            return []
        scale = np.array([gray.shape[1] / width, gray.shape[0] / height], np.float32)
        given = np.array(boxes, np.float32)
        starts = _grids(given)
        ends, errors_px = _follow(before, gray, starts * scale)
        return _motions(starts, ends / scale, errors_px, given[:, 2:].max(axis=1))


def _glance(gray: Image) -> NDArray[np.float32]:
    thumbnail = cv2.resize(gray, GLANCE_PX, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(thumbnail - thumbnail.mean(), np.float32)


def _grids(boxes: NDArray[np.float32]) -> Points:
    """Return points (n, GRID * GRID, 2) spread evenly over the middle of boxes (n, 4)."""
    return np.asarray(boxes[:, None, :2] + boxes[:, None, 2:] * UNIT_GRID, np.float32)


def _follow(before: Image, after: Image, starts: Points) -> tuple[Points, NDArray[np.float32]]:
    """Return where points (faces, n, 2) went, and how far from their start they come back (px).

    Points outside the picture or without a trace are infinitely far off.
    """

    def flow(source: Image, target: Image, points: Points) -> tuple[Points, NDArray[np.bool_]]:
        moved, found, _ = cv2.calcOpticalFlowPyrLK(
            source,
            target,
            points,
            np.empty_like(points),
            winSize=WINDOW_PX,
            maxLevel=PYRAMID_LEVELS,
            criteria=STOP_AFTER,
        )
        return np.asarray(moved, np.float32), np.asarray(found[:, 0], np.bool_)

    flat = starts.reshape(-1, 2)
    ends, found = flow(before, after, flat)
    back, found_back = flow(after, before, ends)
    errors_px = np.linalg.norm(back - flat, axis=1)
    size = np.array([before.shape[1], before.shape[0]], np.float32)
    inside = ((flat >= 0) & (flat < size) & (ends >= 0) & (ends < size)).all(axis=1)
    errors_px[~(found & found_back & inside)] = np.inf
    return ends.reshape(starts.shape), errors_px.astype(np.float32).reshape(starts.shape[:2])


def _motions(
    start_px: Points, end_px: Points, errors_px: NDArray[np.float32], sides_px: NDArray[np.float32]
) -> list[Motion | None]:
    """Return each face's medians over the better half of its points, None if not to be believed.

    Points are (faces, n, 2) in the frame, errors (faces, n) in the gray copy.
    """
    best = np.argsort(errors_px, axis=1)[:, :KEPT]
    shifts = np.take_along_axis(end_px - start_px, best[..., None], axis=1)
    before = _distances(np.take_along_axis(start_px, best[..., None], axis=1))
    after = _distances(np.take_along_axis(end_px, best[..., None], axis=1))
    growths = np.median(after / before, axis=1)
    medians_px = np.median(shifts, axis=1)
    worst_px = np.take_along_axis(errors_px, best[:, -1:], axis=1)[:, 0]
    sane = (worst_px <= MAX_ERROR_PX) & (np.abs(medians_px).max(axis=1) <= MAX_SHIFT * sides_px)
    sane &= (growths <= MAX_GROWTH) & (growths >= 1 / MAX_GROWTH)
    return [
        Motion((float(shift[0]), float(shift[1])), float(growth)) if believed else None
        for shift, growth, believed in zip(medians_px, growths, sane, strict=True)
    ]


def _distances(points: Points) -> NDArray[np.float32]:
    """Return the distances between all pairs of a face's points, (faces, pairs)."""
    apart = points[:, PAIRS[0]] - points[:, PAIRS[1]]
    distances: NDArray[np.float32] = np.hypot(apart[..., 0], apart[..., 1])
    return distances
