"""What a face looks like, wherever it is in the frame: good enough to know somebody again for a
minute, far too coarse to know them another day. Held in memory only.

The colours of hair, face and clothes are compared as histograms (Swain and Ballard 1991,
doi:10.1007/BF00130487) by the Bhattacharyya coefficient (Comaniciu et al. 2003,
doi:10.1109/TPAMI.2003.1195991); the face itself, turned upright by its eyes, by histograms of
oriented gradients (Dalal and Triggs 2005, doi:10.1109/CVPR.2005.177).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from fercam.core.values import Detection, Image

Vector = NDArray[np.float32]


class _Part(NamedTuple):
    """A part of the body, in face heights from the middle of the face, and how much it says."""

    left: float
    top: float
    right: float
    bottom: float
    weight: float


PARTS = (
    _Part(-0.30, -0.80, 0.30, -0.50, 0.35),  # hair
    _Part(-0.26, -0.35, 0.26, 0.40, 0.05),  # face
    _Part(-0.60, 0.85, 0.60, 1.60, 0.50),  # clothes
)
SHAPE_WEIGHT = 0.10

CANVAS_PX = (24, 48)
"""Width and height of the scaled-down person, `PX_PER_FACE` to the height of the face."""
PX_PER_FACE = 18
MIDDLE_PX = (12, 16)
MAX_LOOKS = 8
MIN_SEEN = 0.4
"""A part of which less is inside the picture says nothing."""

TINT_BINS, TINT_RANGE = 14, (-0.7, 0.7)
LIGHT_BINS, LIGHT_RANGE = 12, (-2.4, 1.2)
LOG = np.log(np.arange(256, dtype=np.float32) + 12)

SHAPE_PX, CELL_PX, ORIENTATIONS = 32, 8, 8
EYES_APART_PX, EYES_DOWN_PX = 13.0, 11.0
GLANCE_PX = 8


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """`parts` are the roots of the colour histograms of `PARTS` (one row each, of unit length),
    `seen` is how much of each is in the picture, 0..1, `shape` has unit length.
    """

    parts: Vector
    seen: Vector
    shape: Vector


def describe(image: Image, face: Detection) -> Appearance:
    """Return how a face of a BGR image (H, W, 3) looks, in about 0.4 ms."""
    person, inside = _canvas(image, face)
    blue, green, red = LOG[person.reshape(-1, 3)[_PIXELS]].T
    light = 0.25 * blue + 0.5 * green + 0.25 * red
    face_light = light[_FACE].mean()
    weights = inside.ravel()[_PIXELS]
    tint = _bins(red - green, TINT_BINS, TINT_RANGE) * TINT_BINS
    tint += _bins(blue - green, TINT_BINS, TINT_RANGE) + _PART_OF * TINT_BINS**2
    lights = _bins(light - face_light, LIGHT_BINS, LIGHT_RANGE) + _PART_OF * LIGHT_BINS
    count = len(PARTS)
    counted = np.bincount(tint, weights, count * TINT_BINS**2).reshape(count, TINT_BINS, TINT_BINS)
    tints = (_SMOOTH_TINT @ counted @ _SMOOTH_TINT).reshape(count, -1)
    shades = np.bincount(lights, weights, count * LIGHT_BINS).reshape(count, -1) @ _SMOOTH_LIGHT
    share = np.bincount(_PART_OF, weights) / _PART_SIZE
    area = np.maximum(share * _PART_SIZE, 1e-6)[:, None]
    parts = np.sqrt(np.hstack([tints, shades]) / (2 * area)).astype(np.float32)
    parts /= np.maximum(np.linalg.norm(parts, axis=1, keepdims=True), 1e-6)
    seen = np.where(share >= MIN_SEEN, share, 0).astype(np.float32)
    return Appearance(parts, seen, _shape(image, face))


def similarity(a: Appearance, b: Appearance) -> float:
    """Return how alike two faces look, 0..1, from what is seen of both.

    It is 1 less the mean Hellinger distance of the parts. Looks of one person in a video are
    mostly above 0.7, of two people in the same scene mostly below 0.65.
    """
    return Gallery(a).likeness(b)


class Gallery:
    """The last few looks of a person that differ from one another."""

    def __init__(self, first: Appearance) -> None:
        self._parts, self._seen, self._shapes = (
            first.parts[None],
            first.seen[None],
            first.shape[None],
        )

    def likeness(self, look: Appearance) -> float:
        """Return the similarity with the look that is most alike, 0..1."""
        weights = np.minimum(self._seen, look.seen) * _WEIGHTS
        overlap = np.einsum("kpb,pb->kp", self._parts, look.parts)
        away = (weights * np.sqrt(np.maximum(1 - overlap, 0))).sum(axis=1)
        away += SHAPE_WEIGHT * np.sqrt(np.maximum(1 - self._shapes @ look.shape, 0))
        return float(1 - (away / (weights.sum(axis=1) + SHAPE_WEIGHT)).min())

    def learn(self, look: Appearance) -> None:
        """Keep a look, and only the last `MAX_LOOKS`."""
        keep = slice(-MAX_LOOKS, None)
        self._parts = np.concatenate([self._parts, look.parts[None]])[keep]
        self._seen = np.concatenate([self._seen, look.seen[None]])[keep]
        self._shapes = np.concatenate([self._shapes, look.shape[None]])[keep]


def _canvas(image: Image, face: Detection) -> tuple[Image, NDArray[np.bool_]]:
    """Return head and shoulders at `CANVAS_PX`, and which pixels lie inside the picture."""
    x, y, width, height = face.raw_box_px
    step = max(height, 4.0) / PX_PER_FACE
    left = x + width / 2 - MIDDLE_PX[0] * step
    top = y + height / 2 - MIDDLE_PX[1] * step
    to_image = np.array([[step, 0, left], [0, step, top]])
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    person = cv2.warpAffine(image, to_image, CANVAS_PX, flags=flags)
    rows = top + np.arange(CANVAS_PX[1]) * step
    columns = left + np.arange(CANVAS_PX[0]) * step
    inside = np.logical_and.outer(
        (rows >= 0) & (rows < image.shape[0]), (columns >= 0) & (columns < image.shape[1])
    )
    return np.asarray(person, np.uint8), inside


def _bins(values: Vector, count: int, span: tuple[float, float]) -> NDArray[np.intp]:
    scaled = (values - span[0]) * (count / (span[1] - span[0]))
    bins: NDArray[np.intp] = np.minimum(np.maximum(scaled, 0), count - 1).astype(np.intp)
    return bins


def _shape(image: Image, face: Detection) -> Vector:
    """Return the oriented gradients of the upright face, (128,) of unit length."""
    (right_x, right_y), (left_x, left_y) = face.landmarks_px[:2].tolist()
    across_x, across_y = left_x - right_x, left_y - right_y
    _, _, width, height = face.raw_box_px
    if math.hypot(across_x, across_y) < 0.2 * width:  # a profile: upright, sized by its box
        across_x, across_y = 0.36 * max(height, 4.0), 0.0
    scale = EYES_APART_PX / (across_x**2 + across_y**2)
    cos, sin = scale * across_x, scale * across_y
    x, y = (right_x + left_x) / 2, (right_y + left_y) / 2
    turn = np.array(
        [
            [cos, sin, SHAPE_PX / 2 - cos * x - sin * y],
            [-sin, cos, EYES_DOWN_PX + sin * x - cos * y],
        ]
    )
    upright = cv2.warpAffine(image, turn, (SHAPE_PX, SHAPE_PX), borderMode=cv2.BORDER_REPLICATE)
    gray = cv2.GaussianBlur(cv2.cvtColor(upright, cv2.COLOR_BGR2GRAY), (3, 3), 0)
    dx = cv2.Sobel(gray, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    size, angle = cv2.cartToPolar(dx, dy)
    bins = np.asarray(angle * (ORIENTATIONS / math.pi), np.intp) % ORIENTATIONS
    sums = np.bincount((_CELLS + bins).ravel(), size.ravel(), int(_CELLS.max()) + ORIENTATIONS)
    vector = np.sqrt(sums.reshape(-1, ORIENTATIONS))
    vector /= np.linalg.norm(vector, axis=1, keepdims=True) + 1e-3 * vector.max() + 1e-6
    flat: Vector = (vector / max(float(np.linalg.norm(vector)), 1e-6)).ravel().astype(np.float32)
    return flat


def _pixels(part: _Part) -> NDArray[np.intp]:
    """Return where a part lies on the flattened canvas."""
    (x, y), per = MIDDLE_PX, PX_PER_FACE
    rows = np.arange(max(round(y + part.top * per), 0), round(y + part.bottom * per))
    columns = np.arange(max(round(x + part.left * per), 0), round(x + part.right * per))
    return (rows[:, None] * CANVAS_PX[0] + columns).ravel()


def _blur(bins: int) -> NDArray[np.float64]:
    """Return the (bins, bins) matrix that spreads a histogram to its neighbours."""
    away = np.abs(np.subtract.outer(np.arange(bins), np.arange(bins)))
    return np.where(away == 0, 0.6, np.where(away == 1, 0.2, 0.0))


_WEIGHTS = np.array([part.weight for part in PARTS], np.float32)
_PIXELS = np.concatenate([_pixels(part) for part in PARTS])
_PART_OF = np.repeat(np.arange(len(PARTS)), [len(_pixels(part)) for part in PARTS])
_FACE = slice(len(_pixels(PARTS[0])), len(_pixels(PARTS[0])) + len(_pixels(PARTS[1])))
_PART_SIZE = np.bincount(_PART_OF)
_SMOOTH_TINT = _blur(TINT_BINS)
_SMOOTH_LIGHT = _blur(LIGHT_BINS)
_ACROSS = np.arange(SHAPE_PX) // CELL_PX
_CELLS = ORIENTATIONS * (_ACROSS[:, None] * (SHAPE_PX // CELL_PX) + _ACROSS)


def glance_at(image: Image, face: Detection) -> NDArray[np.float32]:
    """Return the picture in a face's box as (8, 8, 3), without brightness and contrast: enough to
    notice at little cost that something else is there.
    """
    box = face.box_px
    step = max(1, box.side // (4 * GLANCE_PX))  # an average over every pixel would be slow
    inside = image[box.y : box.y + box.height : step, box.x : box.x + box.width : step]
    small = cv2.resize(inside, (GLANCE_PX, GLANCE_PX), interpolation=cv2.INTER_AREA)
    values = np.asarray(small, np.float32)
    values -= values.mean()
    return values / max(float(np.linalg.norm(values)), 1.0)


def alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the correlation of two glances, -1..1."""
    return float((one * other).sum())
