"""Cutting a face out exactly as the training faces are cut: the one definition of the crop."""

import cv2
import numpy as np

from fercam.core.values import Image

FACE_PX = 48
"""Side of a face crop in pixels."""

CROP_SIDE = 0.94
"""Side of the square that is cut out, as a multiple of the face box's larger side.

FER2013's faces fill their pictures this way: YuNet's box on them is centred, its larger side
1.04 to 1.08 times the picture's.
"""


def crop_face(image: Image, raw_box_px: tuple[float, float, float, float]) -> Image:
    """Return the face in a box (x, y, w, h) of a BGR image as (48, 48) uint8 gray, read-only.

    A square around the centre of the box is scaled to 48 pixels by area. Outside the image, where
    a box may partly or wholly lie, the border's pixels go on.
    """
    height, width = image.shape[:2]
    x, y, box_width, box_height = raw_box_px
    side = max(round(max(box_width, box_height) * CROP_SIDE), 1)
    left = round(x + (box_width - side) / 2)
    top = round(y + (box_height - side) / 2)
    # at least one row and column of the image, which then fill the square
    x0, x1 = _span(left, side, width)
    y0, y1 = _span(top, side, height)
    gray = _gray(image[y0:y1, x0:x1])
    before_x, before_y = min(max(x0 - left, 0), side - 1), min(max(y0 - top, 0), side - 1)
    after_x, after_y = side - before_x - gray.shape[1], side - before_y - gray.shape[0]
    if before_x or before_y or after_x or after_y:
        gray = np.pad(gray, ((before_y, after_y), (before_x, after_x)), mode="edge")
    return to_face_gray(gray)


def to_face_gray(image: Image) -> Image:
    """Return a picture that is a face crop already, BGR or gray, as (48, 48) uint8, read-only."""
    gray = _gray(image)
    height, width = gray.shape
    if (height, width) != (FACE_PX, FACE_PX):
        shrink = height >= FACE_PX and width >= FACE_PX
        how = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
        gray = cv2.resize(gray, (FACE_PX, FACE_PX), interpolation=how)  # type: ignore[assignment]
    elif gray.base is not None or gray is image:
        gray = gray.copy()
    gray.flags.writeable = False
    return gray


def _gray(image: Image) -> Image:
    if image.ndim == 2:
        return image
    if image.shape[2] == 1:
        return image[..., 0]
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)  # type: ignore[return-value]


def _span(start: int, length: int, limit: int) -> tuple[int, int]:
    """Clip start..start+length to 0..limit, keeping at least the nearest pixel."""
    low = min(max(start, 0), limit - 1)
    return low, min(max(start + length, low + 1), limit)
