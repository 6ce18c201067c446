"""Smoothing follows time and each face on its own; labels do not flicker."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fercam.core.emotions import EMOTIONS
from fercam.core.values import Probabilities
from fercam.inference.smoothing import EmotionSmoother


def answer(label: str, confidence: float = 1.0) -> Probabilities:
    values = np.full(7, (1 - confidence) / 6, np.float32)
    values[EMOTIONS.index(label)] = confidence
    return values


def two(first: str, second: str, lead: float) -> Probabilities:
    """`first` leads `second` by `lead`; nothing else is likely."""
    values = np.zeros(7, np.float32)
    values[EMOTIONS.index(first)] = (1 + lead) / 2
    values[EMOTIONS.index(second)] = (1 - lead) / 2
    return values


def test_the_first_answer_stands_as_it_is() -> None:
    smoothed, label = EmotionSmoother().update(1, answer("happy", 0.7), 5.0)
    np.testing.assert_allclose(smoothed, answer("happy", 0.7), rtol=1e-6)
    assert label == "happy"


def test_an_answer_that_was_rounded_sums_to_one_again() -> None:
    smoothed, _ = EmotionSmoother().update(1, answer("happy", 0.7) * np.float32(0.97), 5.0)
    np.testing.assert_allclose(smoothed, answer("happy", 0.7), rtol=1e-6)


def test_a_second_answer_to_the_same_moment_changes_nothing() -> None:
    smoother = EmotionSmoother()
    smoother.update(1, answer("happy"), 5.0)
    assert smoother.update(1, answer("sad"), 5.0)[1] == "happy"


@pytest.mark.parametrize("frames", [1, 7, 30])
def test_a_change_comes_through_by_time_not_by_frames(frames: int) -> None:
    smoother = EmotionSmoother(time_constant_s=0.35)
    smoother.update(1, answer("sad"), 0.0)
    for frame in range(1, frames + 1):
        smoothed, _ = smoother.update(1, answer("happy"), 0.35 * frame / frames)
    assert smoothed[EMOTIONS.index("happy")] == pytest.approx(1 - math.exp(-1), abs=1e-4)


def test_faces_never_share_their_smoothing() -> None:
    smoother = EmotionSmoother()
    for step in range(20):
        first, first_label = smoother.update(1, answer("happy"), step / 25)
        second, second_label = smoother.update(2, answer("sad"), step / 25)
    assert (first_label, second_label) == ("happy", "sad")
    np.testing.assert_array_equal(first, answer("happy"))
    np.testing.assert_array_equal(second, answer("sad"))


def test_faces_without_a_track_are_not_smoothed() -> None:
    smoother = EmotionSmoother()
    smoother.update(0, answer("happy"), 0.0)
    smoothed, label = smoother.update(0, answer("sad"), 0.0)
    np.testing.assert_array_equal(smoothed, answer("sad"))
    assert label == "sad"


def test_a_small_lead_must_last_before_the_label_changes() -> None:
    smoother = EmotionSmoother(time_constant_s=0)
    smoother.update(1, two("happy", "neutral", 0.5), 0.0)
    labels = {
        t_s: smoother.update(1, two("neutral", "happy", 0.03), t_s)[1] for t_s in (0.1, 0.3, 0.45)
    }
    assert labels == {0.1: "happy", 0.3: "happy", 0.45: "neutral"}
    assert smoother.update(1, two("happy", "neutral", 0.03), 0.49)[1] == "neutral"


def test_a_clear_lead_changes_the_label_at_once() -> None:
    smoother = EmotionSmoother(time_constant_s=0)
    smoother.update(1, two("happy", "neutral", 0.5), 0.0)
    assert smoother.update(1, two("neutral", "happy", 0.06), 0.04)[1] == "neutral"


def test_two_emotions_close_together_do_not_flicker() -> None:
    smoother = EmotionSmoother(time_constant_s=0)
    pairs = [("happy", "neutral"), ("neutral", "happy")]
    labels = {smoother.update(1, two(*pairs[step % 2], 0.02), step / 25)[1] for step in range(100)}
    assert labels == {"happy"}


def test_a_face_forgotten_starts_anew() -> None:
    smoother = EmotionSmoother()
    for track in (1, 2):
        smoother.update(track, answer("happy"), 0.0)
    smoother.forget_except({2})
    assert smoother.update(1, answer("sad"), 0.01)[1] == "sad"
    assert smoother.update(2, answer("sad"), 0.01)[1] == "happy"


def test_time_that_runs_backwards_starts_anew() -> None:
    smoother = EmotionSmoother()
    smoother.update(1, answer("happy"), 19.0)
    assert smoother.update(1, answer("sad"), 0.0)[1] == "sad"


@given(st.lists(st.tuples(st.integers(0, 6), st.floats(0.2, 1), st.floats(0, 2)), min_size=1))
def test_smoothed_probabilities_always_sum_to_one(steps: list[tuple[int, float, float]]) -> None:
    smoother = EmotionSmoother()
    t_s = 0.0
    for emotion, confidence, elapsed_s in steps:
        t_s += elapsed_s
        smoothed, label = smoother.update(1, answer(EMOTIONS[emotion], confidence), t_s)
        assert smoothed.sum() == pytest.approx(1, abs=1e-5)
        assert smoothed.min() >= 0
        assert smoothed.dtype == np.float32
        assert not smoothed.flags.writeable
        assert label in EMOTIONS
