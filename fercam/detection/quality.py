"""How well a face can be read, and what is worst about it.

The limits were chosen where the model `fercam` begins to change its mind: 1,000 training faces on
whose emotion most people agree were made worse step by step, and its answers compared with those
on the untouched pictures. See each limit for the share of answers that stayed.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from fercam.core.values import Detection, Doubt, FaceQuality, Image
from fercam.detection.boxes import shared_area

MAX_CUT_OFF = 0.15
"""Of faces without their lower 17 % 81 % keep their answer, of those without 25 % only 59 %."""
MIN_SIDE_PX = 32.0
"""Of clean pictures shrunk to 34 px 89 % keep their answer, 26 px 84 %; cameras add noise."""
MIN_BRIGHTNESS = 40.0
"""Of pictures darkened to 45 on average 88 % keep their answer, 32: 84 %, 23: 80 %. Untouched, one
in a hundred is under 56."""
MAX_BRIGHTNESS = 210.0
"""Of pictures overexposed to 188 on average 83 % keep their answer, 222: 56 %. Untouched, one in a
hundred is over 202."""
MIN_SHARPNESS = 0.015
"""Untouched pictures have 0.047 to 0.63 (99 in 100). Of those with a Gaussian blur of 1.5 of the
crop's 48 pixels (79 % keep their answer) 96 % are under the limit, of one pixel (88 %) 32 %; of
those blurred by a motion of 7 pixels (58 to 70 %) 82 %, of 5 (72 to 78 %) 43 %."""
MAX_YAW_DEG = 45.0
"""Beyond half profile the far half of the face is mostly hidden."""
MAX_ROLL_DEG = 30.0
"""Of pictures tilted by 25 degrees 81 % keep their answer, 30: 78 %, 40: 69 %."""

NOSE_DEPTH = 0.55
"""How far the tip of the nose stands before the plane of eyes and mouth corners, in eye distances.

Taken from MediaPipe's canonical face model (canonical_face_model.obj, in cm): eyes 6.3 apart, the
tip of the nose 3.5 before that plane and as far from the eyes as from the mouth.
"""


def measure(image: Image, detection: Detection, crop_pixels: Image) -> FaceQuality:
    """Return the quality of a face of `image`, (H, W, 3), whose crop is (48, 48) uint8 gray.

    `flaw` is the first of: cut off, too small, too dark, too bright, blurred, turned away. Who is
    cut off or small is so whatever the light; and in the dark noise passes for sharpness.
    """
    side_px = max(detection.raw_box_px[2:])
    brightness, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(crop_pixels))
    sharp = sharpness(crop_pixels, deviation)
    yaw_deg, roll_deg = yaw_and_roll_deg(detection.landmarks_px)
    cut = cut_off(image, detection)
    flaws = (
        (cut > MAX_CUT_OFF, Doubt.CUT_OFF),
        (side_px < MIN_SIDE_PX, Doubt.TOO_SMALL),
        (brightness < MIN_BRIGHTNESS, Doubt.TOO_DARK),
        (brightness > MAX_BRIGHTNESS, Doubt.TOO_BRIGHT),
        (sharp < MIN_SHARPNESS, Doubt.BLURRED),
        (abs(yaw_deg) > MAX_YAW_DEG or abs(roll_deg) > MAX_ROLL_DEG, Doubt.TURNED_AWAY),
    )
    flaw = next((doubt for found, doubt in flaws if found), None)
    return FaceQuality(side_px, brightness, sharp, yaw_deg, roll_deg, cut, flaw)


def cut_off(image: Image, detection: Detection) -> float:
    """Return the share (0..1) of a face's box that lies outside the picture."""
    box = detection.raw_box_px
    inside = shared_area(box, (0.0, 0.0, image.shape[1], image.shape[0]))
    return max(1 - inside / max(box[2] * box[3], 1e-6), 0.0)


def sharpness(crop_pixels: Image, deviation: float) -> float:
    """Return how much fine detail there is in a crop (48, 48) whose gray values deviate so much.

    It is the energy of the second differences (the Laplacian's two terms, as in the modified
    Laplacian of Nayar and Nakagawa, "Shape from focus", 1994) over the variance, so that contrast
    does not count; and that of the poorer direction, because motion blurs one direction only. It
    is measured on what the network sees: the size of the face makes no difference, nor does a
    blur that is gone at 48 pixels.
    """
    gray = crop_pixels.astype(np.float32)
    across = 2 * gray[:, 1:-1] - gray[:, :-2] - gray[:, 2:]
    down = 2 * gray[1:-1] - gray[:-2] - gray[2:]
    energies = [cv2.norm(change, cv2.NORM_L2SQR) / change.size for change in (across, down)]
    return min(energies) / max(deviation**2, 1.0)


def yaw_and_roll_deg(landmarks_px: NDArray[np.float32]) -> tuple[float, float]:
    """Return how far a face is turned to the picture's right and tilted clockwise, -180..180.

    Roll is the slope of the line through the eyes. Yaw follows from the nose, which stands
    `NOSE_DEPTH` eye distances before the middle of eyes and mouth corners: seen from afar, turned
    by an angle a the eyes are cos(a) of their distance apart and the nose is sin(a) * `NOSE_DEPTH`
    of it aside, so tan(a) = aside / apart / `NOSE_DEPTH` (the weak perspective of Gee and Cipolla,
    "Determining the gaze of faces in images", 1994). Nodding changes neither.
    """
    right_eye, left_eye, nose, right_mouth, left_mouth = landmarks_px.astype(np.float64)
    across = left_eye - right_eye
    apart_px = math.hypot(*across)
    if apart_px == 0:
        return 0.0, 0.0
    middle = (right_eye + left_eye + right_mouth + left_mouth) / 4
    aside_px = float((nose - middle) @ across) / apart_px
    yaw_deg = math.degrees(math.atan2(aside_px, apart_px * NOSE_DEPTH))
    return yaw_deg, math.degrees(math.atan2(across[1], across[0]))
