"""Round faces for the seven emotions, drawn from circles and curves: no font is needed."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from fercam.core.values import Image
from fercam.overlay.palette import EMOTION_COLOURS, NOT_SURE, Colour, bgr

_DRAWN_PX = 512  # then made as small or large as it is needed
_INK: Colour = (40, 30, 28)
_WHITE: Colour = (250, 250, 250)


def draw_emoji(image: Image, label: str, x: int, y: int, side_px: int) -> None:
    """Draw the emoji of a label (gray without one) around (x, y) into the picture.

    `side_px` is its diameter; what is outside the picture is left out.
    """
    side_px = max(4, side_px)
    left, top = x - side_px // 2, y - side_px // 2
    height, width = image.shape[:2]
    x0, x1 = max(0, left), min(width, left + side_px)
    y0, y1 = max(0, top), min(height, top + side_px)
    if x0 >= x1 or y0 >= y1:
        return
    face, cover = _emoji(label)
    inside = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    small = side_px < _DRAWN_PX // 2  # only then linear interpolation would leave points out
    size, way = (side_px, side_px), cv2.INTER_AREA if small else cv2.INTER_LINEAR
    face = np.ascontiguousarray(cv2.resize(face, size, interpolation=way)[inside])
    share = np.ascontiguousarray(cv2.resize(cover, size, interpolation=way)[inside])
    region = image[y0:y1, x0:x1]
    region[:] = cv2.blendLinear(face, region.copy(), share, 1 - share)


@lru_cache(maxsize=8)
def _emoji(label: str) -> tuple[Image, NDArray[np.float32]]:
    """Return a label's emoji (side, side, 3) BGR, and how far it covers (side, side) 0..1."""
    pen = _Pen(_DRAWN_PX, EMOTION_COLOURS["dark"].get(label, NOT_SURE))
    _FACES.get(label, _neutral)(pen)
    cover = np.zeros((_DRAWN_PX, _DRAWN_PX), np.uint8)
    middle = _DRAWN_PX // 2
    cv2.circle(cover, (middle, middle), middle - 1, 255, cv2.FILLED, cv2.LINE_AA)
    return pen.canvas, np.asarray(cover / 255, np.float32)


class _Pen:
    """Draws in units of the face: (0, 0) is its middle, 1 its radius."""

    def __init__(self, side: int, colour: Colour) -> None:
        self._unit = side / 2
        self.canvas: Image = np.zeros((side, side, 3), np.uint8)
        self.canvas[:] = bgr(colour)
        self.disc(0, 0, 0.97, _INK, width=0.06)

    def disc(self, x: float, y: float, r: float, colour: Colour = _INK, width: float = -1) -> None:
        """Draw a disc, or with a `width` a ring."""
        self.oval(x, y, r, r, 0, 360, colour, width)

    def oval(
        self, x: float, y: float, rx: float, ry: float, start: float, end: float,
        colour: Colour = _INK, width: float = 0.08,
    ) -> None:  # fmt: skip
        """Draw an arc from `start` to `end` degrees, clockwise from the right; filled below 0."""
        thickness = max(1, round(width * self._unit)) if width > 0 else cv2.FILLED
        axes = (max(1, round(rx * self._unit)), max(1, round(ry * self._unit)))
        cv2.ellipse(
            self.canvas, self._at(x, y), axes, 0, start, end, bgr(colour), thickness, cv2.LINE_AA
        )

    def line(self, *points: tuple[float, float]) -> None:
        """Draw a line through the points."""
        path = np.array([self._at(*point) for point in points], np.int32)
        thickness = max(1, round(0.09 * self._unit))
        cv2.polylines(self.canvas, [path], False, bgr(_INK), thickness, cv2.LINE_AA)

    def _at(self, x: float, y: float) -> tuple[int, int]:
        return round((1 + x) * self._unit), round((1 + y) * self._unit)


def _eyes(pen: _Pen, r: float = 0.11, y: float = -0.22) -> None:
    for x in (-0.34, 0.34):
        pen.oval(x, y, r, r * 1.25, 0, 360, width=-1)


def _brows(pen: _Pen, outer: float, inner: float) -> None:
    for side in (-1, 1):
        pen.line((side * 0.55, outer), (side * 0.17, inner))


def _neutral(pen: _Pen) -> None:
    _eyes(pen)
    pen.line((-0.36, 0.36), (0.36, 0.36))


def _happy(pen: _Pen) -> None:
    for x in (-0.36, 0.36):
        pen.oval(x, -0.16, 0.17, 0.2, 180, 360)
    pen.oval(0, 0.14, 0.52, 0.52, 0, 180, width=-1)
    pen.oval(0, 0.18, 0.42, 0.14, 0, 180, _WHITE, width=-1)


def _sad(pen: _Pen) -> None:
    _eyes(pen)
    _brows(pen, -0.42, -0.56)
    pen.oval(0, 0.62, 0.36, 0.28, 200, 340)
    pen.oval(0.46, 0.16, 0.09, 0.15, 0, 360, (120, 200, 255), width=-1)


def _angry(pen: _Pen) -> None:
    _eyes(pen, y=-0.14)
    _brows(pen, -0.5, -0.3)
    pen.oval(0, 0.62, 0.34, 0.24, 200, 340)


def _fear(pen: _Pen) -> None:
    for x in (-0.34, 0.34):
        pen.disc(x, -0.18, 0.22, _WHITE)
        pen.disc(x, -0.18, 0.22, _INK, width=0.05)
        pen.disc(x, -0.18, 0.08)
    _brows(pen, -0.5, -0.64)
    pen.line((-0.4, 0.5), (-0.2, 0.38), (0.0, 0.5), (0.2, 0.38), (0.4, 0.5))


def _disgust(pen: _Pen) -> None:
    for side in (-1, 1):
        pen.line((side * 0.5, -0.32), (side * 0.2, -0.18), (side * 0.5, -0.06))
    pen.oval(0, 0.58, 0.4, 0.26, 180, 360)
    pen.oval(0.14, 0.6, 0.16, 0.24, 0, 180, (235, 90, 110), width=-1)
    pen.line((-0.4, 0.58), (0.4, 0.58))


def _surprise(pen: _Pen) -> None:
    _eyes(pen, 0.14)
    for x in (-0.36, 0.36):
        pen.oval(x, -0.48, 0.18, 0.12, 190, 350)
    pen.oval(0, 0.42, 0.2, 0.28, 0, 360, width=-1)


_FACES = {
    "angry": _angry,
    "disgust": _disgust,
    "fear": _fear,
    "happy": _happy,
    "neutral": _neutral,
    "sad": _sad,
    "surprise": _surprise,
}
