"""People for a stage: the portrait in other colours, put anywhere on a background."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from helpers.pictures import PORTRAIT_FACE_PX, portrait

from fercam.core.values import Box, Detection, Image

STAGE_PX = (480, 640)
HEAD_AND_SHOULDERS = (slice(40, 560), slice(40, 490))
"""The part of the portrait that is put on the stage."""


@dataclass(frozen=True)
class Actor:
    """The portrait with its colours turned by `hue` (of 180) and, perhaps, seen in a mirror."""

    hue: int = 0
    mirrored: bool = False
    shade: float = 1.0


@cache
def stage() -> Image:
    """Return an empty room (480, 640, 3), the same every time."""
    blocks = np.random.default_rng(3).integers(60, 200, (12, 16, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(blocks, STAGE_PX[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def put(
    image: Image, actor: Actor, x: float, y: float, face_px: float, light: float = 1.0
) -> Detection:
    """Put an actor on an image, the middle of the face at (x, y), and return the face.

    `face_px` is the height of the face, `light` what the actor's brightness is multiplied by.
    """
    picture, (left, top, width, height) = _picture(actor)
    scale = face_px / height
    to_x, to_y = x - scale * (left + width / 2), y - scale * (top + height / 2)
    move = np.array([[scale, 0, to_x], [0, scale, to_y]])
    size = (image.shape[1], image.shape[0])
    moved = cv2.warpAffine(cv2.convertScaleAbs(picture, alpha=light), move, size)
    there = cv2.warpAffine(np.full(picture.shape[:2], 255, np.uint8), move, size) > 127
    image[there] = moved[there]
    box = (x - scale * width / 2, y - face_px / 2, scale * width, face_px)
    across, down = (0.3, 0.7, 0.5, 0.35, 0.65), (0.4, 0.4, 0.6, 0.8, 0.8)
    points = np.stack([box[0] + np.multiply(across, box[2]), box[1] + np.multiply(down, box[3])], 1)
    return Detection(
        Box(*(max(round(value), 0) for value in box)), box, 0.9, points.astype(np.float32)
    )


@cache
def _picture(actor: Actor) -> tuple[Image, tuple[int, int, int, int]]:
    rows, columns = HEAD_AND_SHOULDERS
    image = portrait()[rows, columns]
    left, top, width, height = PORTRAIT_FACE_PX
    left, top = left - columns.start, top - rows.start
    if actor.mirrored:
        image, left = image[:, ::-1], image.shape[1] - left - width
    smaller = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    left, top, width, height = left // 2, top // 2, width // 2, height // 2
    hsv = cv2.cvtColor(smaller, cv2.COLOR_BGR2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(int) + actor.hue) % 180
    coloured = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    shaded = np.clip(255 * (coloured / 255) ** actor.shade, 0, 255).astype(np.uint8)
    return shaded, (left, top, width, height)
