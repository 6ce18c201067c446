"""Every pair of emotion colours stays apart, for colour-blind people too."""

from itertools import combinations

import cv2
import numpy as np
import pytest

from fercam.core.emotions import EMOTIONS
from fercam.overlay.palette import EMOTION_COLOURS

# Machado, Oliveira and Fernandes (2009), severity 1, in linear RGB
VISION = {
    "full": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def seen_lab(colour: tuple[int, int, int], vision: str) -> np.ndarray:
    rgb = np.array(colour) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return cv2.cvtColor(srgb.astype(np.float32).reshape(1, 1, 3), cv2.COLOR_RGB2LAB).ravel()


@pytest.mark.parametrize("theme", EMOTION_COLOURS)
@pytest.mark.parametrize("vision", VISION)
def test_every_pair_of_colours_can_be_told_apart(theme: str, vision: str) -> None:
    colours = EMOTION_COLOURS[theme]
    assert tuple(colours) == EMOTIONS
    for one, other in combinations(EMOTIONS, 2):
        distance = np.linalg.norm(seen_lab(colours[one], vision) - seen_lab(colours[other], vision))
        assert distance >= 18, (one, other, distance)
