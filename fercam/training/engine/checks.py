"""Do two forms of one network answer alike? Asked with faces that are the same on every machine."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from fercam.capture.demo import LOOP_FRAMES, demo_image
from fercam.detection.crop import FACE_PX, crop_face
from fercam.detection.yunet import YuNetDetector

Faces = NDArray[np.uint8]
Probabilities = NDArray[np.float32]

COUNT = 32
SAME = 1e-3
"""Exact forms of one network give probabilities that differ by less."""


@cache
def sample_faces() -> Faces:
    """Return (32, 48, 48) uint8 gray: the demo's portrait, dark to bright, and pictures of noise.

    Raises:
        ModelError: the face detector's model file is not installed.
    """
    rng = np.random.default_rng(1)
    faces = rng.integers(0, 256, (COUNT, FACE_PX, FACE_PX)).astype(np.uint8)
    detector = YuNetDetector()
    for number, gain in enumerate(np.linspace(0.3, 1.5, COUNT // 2)):
        image = demo_image("", number * LOOP_FRAMES // (COUNT // 2))
        for found in detector.detect(image)[:1]:
            crop = crop_face(image, found.raw_box_px).astype(np.float32)
            faces[number] = np.clip(crop * gain, 0, 255).astype(np.uint8)
    faces.setflags(write=False)
    return faces


def largest_difference(given: Probabilities, expected: Probabilities) -> float:
    """Return the largest difference of any probability (0..1)."""
    return float(np.abs(given - expected).max())


def same_labels(given: Probabilities, expected: Probabilities) -> int:
    """Return on how many faces the most probable emotion is the same."""
    return int((given.argmax(axis=1) == expected.argmax(axis=1)).sum())
