"""Answers made even: what is rarely said, or taken for something else, is said more often."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from helpers.faces import face_set

from fercam.core.emotions import EMOTIONS
from fercam.training.engine.adjust import (
    adjust,
    adjust_for_rarity,
    best_score,
    best_shifts,
    best_strength,
)
from fercam.training.engine.builder import build
from fercam.training.engine.dataset import VOTES, FaceSet, network_input
from fercam.training.engine.targets import one_hot

SAD, NEUTRAL = EMOTIONS.index("sad"), EMOTIONS.index("neutral")


@pytest.mark.parametrize(
    ("neutral", "sad", "strength"), [(0.55, 0.40, 0.3), (0.75, 0.20, 0.8), (0.10, 0.85, 0.0)]
)
def test_a_network_that_mostly_says_neutral_is_shifted_as_far_as_the_rest_needs(
    neutral: float, sad: float, strength: float
) -> None:
    answers = np.full((16, 7), 0.01, np.float32)
    answers[:8, [NEUTRAL, SAD]] = 0.90, 0.05
    answers[8:, [NEUTRAL, SAD]] = neutral, sad
    assert best_strength(answers, face_set(["neutral"] * 8 + ["sad"] * 8)) == strength


def test_a_balanced_network_stays_as_it_is() -> None:
    right = np.eye(7, dtype=np.float32)[[SAD, NEUTRAL] * 4]
    assert best_strength(right, face_set(["sad", "neutral"] * 4)) == 0


@pytest.mark.parametrize(("put_right", "shifted"), [(1, False), (4, True)])
def test_what_a_stronger_shift_gains_by_chance_is_not_worth_it(
    put_right: int, shifted: bool
) -> None:
    faces = face_set(["neutral"] * 300 + ["sad"] * 100)
    answers = np.full((400, 7), 0.01, np.float32)
    answers[:300, [NEUTRAL, SAD]] = 0.90, 0.05
    answers[300:, [NEUTRAL, SAD]] = 0.05, 0.90
    answers[400 - put_right :, [NEUTRAL, SAD]] = 0.50, 0.45  # a shift would put these right
    assert best_score(answers, faces) == 1
    assert (best_strength(answers, faces) > 0) == shifted


def test_a_score_is_half_accuracy_and_half_balance_by_label_and_by_what_most_said() -> None:
    votes = [{"happy": 8}, {"happy": 8}, {"sad": 8}, {"happy": 8}, {}]
    faces = face_set(["happy", "happy", "sad", "sad", "sad"], votes=votes)
    by_label, by_most = (1 + 1) / 2, (3 / 4 + (2 / 3 + 1) / 2) / 2
    assert best_score(one_hot(faces.labels), faces) == pytest.approx((by_label + by_most) / 2)


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


def given_logits(logits: dict[str, dict[str, float]], each: int) -> tuple[keras.Model, FaceSet]:
    """Return faces of every emotion, `each` of them, and a network that answers those of one with
    the same logits, of 0 where nothing else is said, but for a little noise.
    """
    faces = face_set([emotion for emotion in EMOTIONS for _ in range(each)])
    pixels = np.random.default_rng(1).integers(0, 20, faces.pixels.shape, np.uint8)
    for row, label in zip(pixels, faces.labels, strict=True):
        for answer, logit in logits.get(EMOTIONS[label], {EMOTIONS[label]: 5.0}).items():
            row[0, EMOTIONS.index(answer)] += round(logit * 40)
    face = keras.Input((48, 48, 1))
    emotion = keras.layers.Dense(7, activation="softmax", name="emotion")
    model = keras.Model(face, emotion(keras.layers.Flatten()(face)))
    kernel = np.zeros((48 * 48, 7), np.float32)
    kernel[:7] = np.eye(7) / 40
    emotion.set_weights([kernel, np.zeros(7)])
    return model, replace(faces, pixels=pixels)


def said(model: keras.Model, faces: FaceSet, emotion: str) -> set[str]:
    shown = faces.pixels[faces.labels == EMOTIONS.index(emotion)]
    answers = model.predict(network_input(shown), verbose=0)
    return {EMOTIONS[winner] for winner in answers.argmax(axis=1)}


TAKEN_FOR_OTHERS = {"sad": {"neutral": 4, "sad": 3}, "fear": {"surprise": 5, "fear": 3}}


def test_what_an_emotion_is_taken_for_is_put_right_by_a_shift_where_many_faces_show_it() -> None:
    model, faces = given_logits(TAKEN_FOR_OTHERS, each=150)
    assert said(model, faces, "sad") == {"neutral"}
    assert said(model, faces, "fear") == {"surprise"}
    kernel, _ = model.get_layer("emotion").get_weights()
    how = adjust(model, faces)
    assert list(how) == ["evenness"]
    for emotion in EMOTIONS:
        assert said(model, faces, emotion) == {emotion}
    assert np.array_equal(model.get_layer("emotion").get_weights()[0], kernel)


def test_a_network_that_is_right_is_hardly_shifted() -> None:
    model, faces = given_logits({}, each=150)
    answers = model.predict(network_input(faces.pixels), verbose=0)
    assert best_shifts(answers, faces) == pytest.approx(np.zeros(7), abs=0.05)


def test_a_right_answer_is_worth_more_where_it_is_rare() -> None:
    faces = face_set(["happy"] * 1000 + ["disgust"] * 100)
    answers = np.full((1100, 7), 1e-3, np.float32)
    happy, disgust = EMOTIONS.index("happy"), EMOTIONS.index("disgust")
    answers[:900, happy] = answers[1060:, disgust] = 0.9
    answers[900:1060, [happy, disgust]] = 0.55, 0.42  # 100 of the one and 60 of the other
    shifted = (np.log(answers) + best_shifts(answers, faces)).argmax(axis=1)
    assert set(shifted[900:]) == {disgust}
    assert set(shifted[:900]) == {happy}


def test_an_epoch_is_chosen_by_what_shifts_make_of_other_faces() -> None:
    model, faces = given_logits(TAKEN_FOR_OTHERS, each=150)
    answers = model.predict(network_input(faces.pixels), verbose=0)
    assert best_score(answers, faces) == 1
    by_chance = np.random.default_rng(1).dirichlet(np.ones(7), len(faces)).astype(np.float32)
    assert best_score(by_chance, faces) == pytest.approx(1 / 7, abs=0.04)


def test_what_most_people_see_counts_beside_the_label() -> None:
    model, faces = given_logits(TAKEN_FOR_OTHERS, each=150)
    answers = model.predict(network_input(faces.pixels), verbose=0)
    votes = face_set(
        [EMOTIONS[label] for label in faces.labels],
        votes=[
            {"surprise" if EMOTIONS[label] == "fear" else EMOTIONS[label]: 10}
            for label in faces.labels
        ],
    ).votes
    fear, surprise = EMOTIONS.index("fear"), EMOTIONS.index("surprise")
    by_labels = best_shifts(answers, faces)
    by_both = best_shifts(answers, replace(faces, votes=votes))
    assert by_labels[fear] - by_labels[surprise] > 2
    assert by_both[fear] - by_both[surprise] < 2


def test_a_label_counts_though_most_people_see_something_else() -> None:
    model, faces = given_logits({"sad": {"neutral": 4, "sad": 3}}, each=150)
    answers = model.predict(network_input(faces.pixels), verbose=0)
    sad = np.flatnonzero(faces.labels == SAD)
    votes = faces.votes.copy()
    votes[sad[:110], VOTES.index("neutral")] = 10  # nobody voted on the other 40
    shifted = np.log(answers) + best_shifts(answers, replace(faces, votes=votes))
    assert set(shifted[sad].argmax(axis=1)) == {SAD}


@pytest.mark.parametrize(("voted_on", "wins"), [(700, "neutral"), (900, "sad")])
def test_what_most_people_see_counts_more_where_not_every_face_has_it(
    voted_on: int, wins: str
) -> None:
    model, faces = given_logits({"sad": {"neutral": 4, "sad": 3}}, each=150)
    answers = model.predict(network_input(faces.pixels), verbose=0)
    sad = faces.labels == SAD
    votes = faces.votes.copy()
    for face in np.random.default_rng(1).permutation(np.flatnonzero(~sad))[:voted_on]:
        votes[face, VOTES.index(EMOTIONS[faces.labels[face]])] = 10
    votes[np.flatnonzero(sad)[:140], VOTES.index("neutral")] = 10
    shifted = np.log(answers) + best_shifts(answers, replace(faces, votes=votes))
    assert {EMOTIONS[winner] for winner in shifted[sad].argmax(axis=1)} == {wins}


@pytest.mark.parametrize(
    ("each", "surprised", "how"),
    [
        (142, 142, "logit_adjustment"),
        (200, 0, "logit_adjustment"),
        (200, 9, "logit_adjustment"),
        (200, 10, "evenness"),
    ],
)
def test_few_faces_shift_answers_by_one_strength(each: int, surprised: int, how: str) -> None:
    model, faces = given_logits(TAKEN_FOR_OTHERS, each)
    counted = faces.labels != EMOTIONS.index("surprise")
    counted[np.flatnonzero(~counted)[:surprised]] = True
    kernel, _ = model.get_layer("emotion").get_weights()
    assert list(adjust(model, faces.where(counted))) == [how]
    assert np.array_equal(model.get_layer("emotion").get_weights()[0], kernel)
