"""Copies are found however they were changed, and what only looks alike is none."""

import cv2
import numpy as np
import pytest

from fercam.training.engine.duplicates import joined, near_groups


def smooth(seed: int) -> np.ndarray:
    """A picture (48, 48) uint8 with nothing finer than a few pixels in it."""
    noise = np.random.default_rng(seed).normal(0, 1, (48, 48))
    blurred = cv2.GaussianBlur(noise, (0, 0), 3)
    return np.clip(128 + 30 * blurred / blurred.std(), 0, 255).astype(np.uint8)


def mixed(one: np.ndarray, other: np.ndarray, correlation: float) -> np.ndarray:
    """The picture `one` with so much of another in it that it correlates with itself so much."""
    a, b = (np.asarray(picture, float) - np.mean(picture) for picture in (one, other))
    b -= a * (a * b).sum() / (a * a).sum()
    b *= a.std() / b.std()
    changed = correlation * a + np.sqrt(1 - correlation**2) * b
    return np.clip(128 + changed, 0, 255).astype(np.uint8)


def test_darker_and_brighter_copies_are_of_one_group_and_strangers_of_none() -> None:
    face = smooth(1)
    dark, bright = (cv2.convertScaleAbs(face, alpha=0.6, beta=beta) for beta in (0, 100))
    groups = near_groups(np.stack([face, smooth(2), dark, bright, smooth(3)])).tolist()
    assert groups[0] == groups[2] == groups[3]
    assert len(set(groups)) == 3


@pytest.mark.parametrize(("correlation", "copy"), [(0.95, True), (0.8, False)])
def test_a_grainy_copy_is_one_while_its_pixels_agree(correlation: float, copy: bool) -> None:
    grain = (-1.0) ** np.indices((48, 48)).sum(axis=0)
    first, second = near_groups(np.stack([smooth(4), mixed(smooth(4), grain, correlation)]))
    assert (first == second) == copy


def test_what_agrees_in_most_pixels_but_not_in_its_lines_is_no_copy() -> None:
    first, second = near_groups(np.stack([smooth(4), mixed(smooth(4), smooth(9), 0.93)]))
    assert first != second


def test_groups_that_share_a_member_become_one() -> None:
    groups = joined(np.array([0, 0, 1, 1, 2, 3]), np.array([0, 1, 1, 2, 3, 4])).tolist()
    assert groups == [groups[0]] * 4 + groups[4:]
    assert len(set(groups)) == 3
