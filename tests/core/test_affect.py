"""Valence and arousal follow from the seven probabilities alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fercam.core.affect import CIRCUMPLEX, circumplex_point
from fercam.core.emotions import EMOTIONS


def shares(**given: float) -> np.ndarray:
    return np.array([given.get(emotion, 0.0) for emotion in EMOTIONS], np.float32)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_a_certain_emotion_is_at_its_published_place(emotion: str) -> None:
    assert circumplex_point(shares(**{emotion: 1.0})) == pytest.approx(CIRCUMPLEX[emotion])


def test_neutral_is_the_origin() -> None:
    assert circumplex_point(shares(neutral=1.0)) == (0.0, 0.0)


def test_a_mixture_lies_between() -> None:
    assert circumplex_point(shares(happy=0.5, neutral=0.5)) == pytest.approx((0.405, 0.255))
    assert circumplex_point(shares(angry=0.5, sad=0.5)) == pytest.approx((-0.57, 0.16))


def test_happy_is_pleasant_sad_is_calm_and_both_are_told_from_angry() -> None:
    happy, sad, angry = (circumplex_point(shares(**{e: 1.0})) for e in ("happy", "sad", "angry"))
    assert happy[0] > 0 > max(sad[0], angry[0])
    assert angry[1] > 0 > sad[1]


@given(st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda values: sum(values) > 0.01))
def test_it_never_leaves_the_square(values: list[float]) -> None:
    point = circumplex_point(np.array(values, np.float32) / np.float32(sum(values)))
    assert all(-1 <= coordinate <= 1 for coordinate in point)
