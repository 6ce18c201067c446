"""Answers adjusted for rarity: what is rarely said is said more often, if that is balanced."""

import numpy as np
import pytest
from helpers.faces import face_set

from fercam.core.emotions import EMOTIONS
from fercam.training.engine.adjust import adjust_for_rarity, best_score, best_strength
from fercam.training.engine.builder import build
from fercam.training.engine.dataset import network_input

SAD, NEUTRAL = EMOTIONS.index("sad"), EMOTIONS.index("neutral")


def test_a_network_that_mostly_says_neutral_is_shifted_towards_the_rest() -> None:
    faces = face_set(["neutral"] * 8 + ["sad"] * 8)
    answers = np.full((16, 7), 0.01, np.float32)
    answers[:8, [NEUTRAL, SAD]] = 0.90, 0.05
    answers[8:, [NEUTRAL, SAD]] = 0.55, 0.40  # sad faces: near, but neutral wins
    assert 0 < best_strength(answers, faces) <= 0.5


def test_a_balanced_network_stays_as_it_is() -> None:
    right = np.eye(7, dtype=np.float32)[[SAD, NEUTRAL] * 4]
    assert best_strength(right, face_set(["sad", "neutral"] * 4)) == 0


def test_what_a_stronger_shift_gains_by_chance_is_not_worth_it() -> None:
    faces = face_set(["neutral"] * 300 + ["sad"] * 100)
    answers = np.full((400, 7), 0.01, np.float32)
    answers[:300, [NEUTRAL, SAD]] = 0.90, 0.05
    answers[300:, [NEUTRAL, SAD]] = 0.05, 0.90
    answers[399, [NEUTRAL, SAD]] = 0.50, 0.45  # a shift would put this one right, it alone
    assert best_score(answers, faces) == 1
    assert best_strength(answers, faces) == 0


def test_an_epoch_is_chosen_by_what_adjusting_will_make_of_it() -> None:
    faces = face_set(["neutral"] * 8 + ["sad"] * 8)
    near = np.full((16, 7), 0.01, np.float32)
    near[:8, [NEUTRAL, SAD]] = 0.90, 0.05
    near[8:, [NEUTRAL, SAD]] = 0.55, 0.40  # always neutral as it is, right once adjusted
    far = np.full((16, 7), 0.01, np.float32)
    far[:, [NEUTRAL, SAD]] = 0.55, 0.40
    far[8:10, [NEUTRAL, SAD]] = 0.40, 0.55  # two of them right as it is, and no more
    assert best_score(near, faces) == 1
    assert best_score(far, faces) < 0.7


def test_the_shift_is_a_part_of_the_network() -> None:
    model = build("fercam-nano")
    faces = face_set(["sad", "happy", "disgust"] * 5)
    before = model.predict(network_input(faces.pixels), verbose=0)
    strength = adjust_for_rarity(model, faces)
    expected = before * before.mean(axis=0) ** -strength
    expected /= expected.sum(axis=1, keepdims=True)
    assert model.predict(network_input(faces.pixels), verbose=0) == pytest.approx(
        expected, abs=1e-5
    )
