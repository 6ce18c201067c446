"""Colours that mean different things stay apart, for colour-blind people too."""

from itertools import combinations

import cv2
import numpy as np
import pytest

from fercam.core.emotions import EMOTIONS
from fercam.overlay.palette import (
    AGAINST,
    EMOTION_COLOURS,
    FOR,
    LEVEL_COLOURS,
    NOT_SURE,
    PERSON_COLOURS,
    person_colour,
)

Colour = tuple[int, int, int]
PAPER = {"dark": (31, 34, 40), "light": (244, 245, 247), "contrast": (0, 0, 0)}
"""What the colours of a theme stand on."""

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


def linear_rgb(colour: Colour) -> np.ndarray:
    rgb = np.array(colour) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def distance(one: Colour, other: Colour, vision: str) -> float:
    return float(np.linalg.norm(seen_lab(one, vision) - seen_lab(other, vision)))


def contrast(one: Colour, other: Colour) -> float:
    lights = [float(linear_rgb(colour) @ (0.2126, 0.7152, 0.0722)) for colour in (one, other)]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def seen_lab(colour: Colour, vision: str) -> np.ndarray:
    linear = np.clip(np.array(VISION[vision]) @ linear_rgb(colour), 0, 1)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return cv2.cvtColor(srgb.astype(np.float32).reshape(1, 1, 3), cv2.COLOR_RGB2LAB).ravel()


@pytest.mark.parametrize("theme", EMOTION_COLOURS)
@pytest.mark.parametrize("vision", VISION)
def test_every_pair_of_colours_can_be_told_apart(theme: str, vision: str) -> None:
    colours = EMOTION_COLOURS[theme]
    assert tuple(colours) == EMOTIONS
    for one, other in combinations(EMOTIONS, 2):
        assert distance(colours[one], colours[other], vision) >= 18, (one, other)


@pytest.mark.parametrize("theme", PERSON_COLOURS)
@pytest.mark.parametrize("vision", VISION)
def test_people_can_be_told_apart_and_nobody_looks_not_sure(theme: str, vision: str) -> None:
    colours = PERSON_COLOURS[theme]
    assert len(colours) == 8
    for one, other in combinations(colours, 2):
        assert distance(one, other, vision) >= 25, (one, other)
    for colour in colours:
        assert distance(colour, NOT_SURE, vision) >= 20, colour


@pytest.mark.parametrize("theme", LEVEL_COLOURS)
@pytest.mark.parametrize("vision", VISION)
def test_levels_can_be_told_apart(theme: str, vision: str) -> None:
    for one, other in combinations(LEVEL_COLOURS[theme].values(), 2):
        assert distance(one, other, vision) >= 18, (one, other)


@pytest.mark.parametrize("vision", VISION)
def test_for_and_against_can_be_told_apart_on_any_gray(vision: str) -> None:
    assert distance(FOR, AGAINST, vision) >= 60


@pytest.mark.parametrize("theme", PAPER)
def test_marks_stand_out_from_what_they_stand_on(theme: str) -> None:
    wanted = 4.5 if theme == "contrast" else 3.0
    for colour in (*PERSON_COLOURS[theme], *LEVEL_COLOURS[theme].values()):
        assert contrast(colour, PAPER[theme]) >= wanted, colour
    if theme == "contrast":
        for emotion, colour in EMOTION_COLOURS[theme].items():
            assert contrast(colour, PAPER[theme]) >= wanted, emotion


def test_a_person_keeps_a_colour_and_the_ninth_gets_the_first_again() -> None:
    assert person_colour(1, "dark") == PERSON_COLOURS["dark"][0]
    assert len({person_colour(number, "light") for number in range(1, 9)}) == 8
    assert person_colour(9, "light") == person_colour(1, "light")
