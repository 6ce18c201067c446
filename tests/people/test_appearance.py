"""Two looks at one person are more alike than looks at two."""

import itertools

import numpy as np
import pytest
from helpers.actors import Actor, put, stage

from fercam.core.values import Image
from fercam.people.appearance import MAX_LOOKS, Appearance, Gallery, describe, similarity

ADA, BEN, CLEO = Actor(), Actor(hue=60), Actor(hue=120, mirrored=True)


def look(
    actor: Actor, x: float = 320, y: float = 180, face_px: float = 140, light: float = 1.0
) -> Appearance:
    image: Image = stage().copy()
    return describe(image, put(image, actor, x, y, face_px, light))


def test_the_same_picture_is_as_alike_as_can_be() -> None:
    assert similarity(look(ADA), look(ADA)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"x": 200, "y": 220},
        {"face_px": 70},
        {"light": 0.7},
        {"x": 420, "face_px": 100, "light": 0.85},
    ],
)
def test_place_size_and_light_matter_less_than_the_person(elsewhere: dict[str, float]) -> None:
    again = similarity(look(ADA), look(ADA, **elsewhere))
    assert again > 0.72
    for other in (BEN, CLEO):
        assert similarity(look(ADA), look(other, **elsewhere)) < again - 0.1


def test_likeness_goes_both_ways_and_from_0_to_1() -> None:
    for a, b in itertools.combinations((look(ADA), look(BEN), look(CLEO)), 2):
        assert 0 <= similarity(a, b) <= 1
        assert similarity(a, b) == pytest.approx(similarity(b, a), abs=1e-5)


@pytest.mark.parametrize(
    ("x", "y", "face_px"), [(0, 0, 140), (640, 480, 140), (320, 460, 60), (320, 240, 460)]
)
def test_a_face_at_the_border_is_described_too(x: float, y: float, face_px: float) -> None:
    seen = look(ADA, x, y, face_px)
    assert np.isfinite(seen.parts).all()
    assert np.isfinite(seen.shape).all()
    assert similarity(seen, seen) == pytest.approx(1, abs=0.01)


def test_clothes_below_the_picture_say_nothing() -> None:
    assert look(ADA, y=420).seen[2] == 0
    assert look(ADA, y=180).seen[2] == pytest.approx(1)


def test_a_gallery_knows_every_look_it_keeps() -> None:
    gallery = Gallery(look(ADA))
    before = gallery.likeness(look(BEN))
    gallery.learn(look(BEN))
    assert gallery.likeness(look(BEN)) == pytest.approx(1, abs=0.01) != pytest.approx(before)
    assert gallery.likeness(look(ADA)) == pytest.approx(1, abs=0.01)
    for _ in range(MAX_LOOKS):
        gallery.learn(look(CLEO))
    assert gallery.likeness(look(ADA)) < 0.9
