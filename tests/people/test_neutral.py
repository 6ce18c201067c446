"""A resting face reads neutral, and strong expressions survive."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from helpers.pictures import PORTRAIT_FACE_PX, portrait

from fercam import paths
from fercam.core.emotions import EMOTIONS, emotion_index
from fercam.core.errors import DataError
from fercam.core.values import Doubt, FaceQuality, Probabilities
from fercam.detection.crop import crop_face
from fercam.inference.bundle import load_bundle
from fercam.inference.registry import RUNTIMES
from fercam.people.neutral import (
    DURATION_S,
    MAX_OFFSET,
    NEUTRAL,
    RestingFace,
    Step,
    correct,
    resting_offsets,
)
from fercam.people.neutrals import delete_neutral, load_neutrals, save_neutral

BIASES = ("angry", "sad", "fear")
STRENGTHS = (5.0, 20.0, 60.0)


def reading(emotion: str, share: float, rest: str = "neutral") -> Probabilities:
    """An answer that gives one emotion its share, another half of what is left."""
    values = np.full(7, (1 - share) / 2 / (5 if rest != emotion else 6), np.float32)
    values[emotion_index(rest)] = (1 - share) / 2
    values[emotion_index(emotion)] = share
    return values / values.sum()


def biased(answers: Probabilities, emotion: str, factor: float) -> Probabilities:
    """The answers of a face that a network takes for `emotion` too often."""
    wrong = answers.copy()
    wrong[..., emotion_index(emotion)] *= factor
    return wrong / wrong.sum(axis=-1, keepdims=True)


def at_rest(seed: int = 0, count: int = 100) -> Probabilities:
    """Answers (n, 7) to a resting face: mostly neutral, never twice the same."""
    noise = np.random.default_rng(seed).normal(0, 0.4, (count, 7))
    logits = np.log(reading("neutral", 0.75, rest="sad")) + noise
    answers = np.exp(logits)
    return (answers / answers.sum(axis=1, keepdims=True)).astype(np.float32)


def quality(flaw: Doubt | None) -> FaceQuality:
    return FaceQuality(120, 120, 10, 0, 0, 0, flaw)


def learn(answers: Probabilities, flaw: Doubt | None = None) -> RestingFace:
    """Ten seconds of answers at ten a second."""
    face = RestingFace()
    for number, answer in enumerate(answers):
        face.add(answer, 5.0 + number / 10, quality(flaw))
    face.tick(5.0 + DURATION_S)
    return face


def share_of(answers: Probabilities, emotion: str) -> float:
    return float((answers.argmax(axis=1) == emotion_index(emotion)).mean())


@pytest.mark.parametrize("emotion", BIASES)
@pytest.mark.parametrize("factor", STRENGTHS)
def test_a_resting_face_that_reads_wrong_reads_neutral(emotion: str, factor: float) -> None:
    offsets = learn(biased(at_rest(), emotion, factor)).offsets()
    later = biased(at_rest(seed=7), emotion, factor)
    assert share_of(correct(later, offsets), "neutral") >= 0.97
    if factor == max(STRENGTHS):
        assert share_of(later, emotion) >= 0.7  # so there was something to correct


@pytest.mark.parametrize("expressed", [name for name in EMOTIONS if name != "neutral"])
@pytest.mark.parametrize("emotion", BIASES)
@pytest.mark.parametrize("factor", STRENGTHS)
def test_strong_expressions_survive(expressed: str, emotion: str, factor: float) -> None:
    """An emotion that an unbiased network gives 90 % stays on top, the biased one too."""
    offsets = learn(biased(at_rest(), emotion, factor)).offsets()
    strong = biased(reading(expressed, 0.9)[None], emotion, factor)
    corrected = correct(strong, offsets)[0]
    assert EMOTIONS[corrected.argmax()] == expressed
    assert corrected.max() >= 0.7


def test_a_face_that_reads_neutral_at_rest_is_left_alone() -> None:
    offsets = resting_offsets(np.tile(reading("neutral", 0.9), (30, 1)))
    assert (offsets == 0).all()
    strong = np.stack([reading(name, 0.6) for name in EMOTIONS])
    assert correct(strong, offsets) == pytest.approx(strong, abs=1e-6)


def test_corrected_answers_are_probabilities() -> None:
    answers = biased(at_rest(), "sad", 20)
    offsets = resting_offsets(answers)
    assert offsets[NEUTRAL] == 0
    assert 0 < offsets.max() <= MAX_OFFSET
    assert correct(answers, offsets).sum(axis=1) == pytest.approx(1)
    assert correct(answers[0], offsets) == pytest.approx(correct(answers, offsets)[0])


def test_answers_without_any_doubt_cannot_break_it() -> None:
    certain = np.eye(7, dtype=np.float32)
    offsets = resting_offsets(np.tile(certain[emotion_index("sad")], (30, 1)))
    assert np.isfinite(correct(certain, offsets)).all()


def test_where_time_goes_back_the_ten_seconds_begin_anew() -> None:
    face = learn(biased(at_rest()[:50], "sad", 60))
    for number, answer in enumerate(at_rest()):
        face.add(answer, 2.0 + number / 10)
    assert (face.samples, face.step) == (100, Step.RIGHT)
    face.tick(2.0 + DURATION_S)
    assert face.step is Step.DONE
    assert (face.offsets() == learn(at_rest()).offsets()).all()


def test_how_close_to_nothing_an_answer_is_says_nothing() -> None:
    def resting_at(neutral: float) -> np.ndarray:
        answers = np.tile(reading("sad", 0.6), (30, 1))
        answers[:5, NEUTRAL] = neutral
        return resting_offsets(answers)

    assert resting_at(1e-9) == pytest.approx(resting_at(0.004))
    assert resting_at(0.004) != pytest.approx(resting_at(0.04), abs=0.1)


def test_the_person_is_led_through_the_steps() -> None:
    face = RestingFace()
    assert (face.step, face.progress) == (Step.RELAXED, 0)
    seen = []
    for number in range(101):
        face.tick(50.0 + number / 10)
        seen.append(face.step)
    assert list(dict.fromkeys(seen)) == [Step.RELAXED, Step.LEFT, Step.RIGHT, Step.DONE]
    assert face.progress == 1
    assert not face.add(reading("neutral", 0.9), 61.0)


def test_a_turned_face_is_used_and_a_bad_one_is_not() -> None:
    face = RestingFace()
    answer = reading("neutral", 0.9)
    assert face.add(answer, 0.0)
    assert face.add(answer, 0.1, quality(None))
    assert face.add(answer, 0.2, quality(Doubt.TURNED_AWAY))
    for flaw in set(Doubt) - {Doubt.TURNED_AWAY}:
        assert not face.add(answer, 0.3, quality(flaw))
    assert face.samples == 3


def test_a_face_hardly_seen_is_refused() -> None:
    with pytest.raises(DataError, match="seen well enough"):
        learn(at_rest(), Doubt.TOO_DARK).offsets()
    with pytest.raises(DataError, match="seen well enough"):
        learn(at_rest(count=60)).offsets()


def test_a_camera_that_hardly_delivers_is_refused() -> None:
    face = RestingFace()
    for number in range(16):
        face.add(reading("neutral", 0.9), number * 0.62)
    with pytest.raises(DataError, match="Too few"):
        face.offsets()


def test_a_face_that_was_not_at_rest_is_refused() -> None:
    restless = at_rest()
    restless[::2] = reading("happy", 0.9)
    with pytest.raises(DataError, match="changed too much"):
        learn(restless).offsets()


def test_the_networks_answer_to_a_portrait_can_be_made_neutral() -> None:
    bundle = load_bundle(paths.resource_dir("models") / "fercam-nano")
    image, (x, y, width, height) = portrait(), PORTRAIT_FACE_PX
    crops = np.stack(
        [crop_face(image, (x + dx, y + dy, width, height)) for dx in (-6, 0, 6) for dy in (-6, 6)]
    )
    network = RUNTIMES["int8"](bundle)
    answers = network.classify(crops)
    network.close()
    wrong = biased(answers, "angry", 30)
    assert share_of(wrong, "neutral") < share_of(correct(wrong, resting_offsets(wrong)), "neutral")


def test_resting_faces_are_kept_by_name(tmp_path: Path) -> None:
    file = tmp_path / "data" / "neutrals.json"
    assert load_neutrals(file) == {}
    sad, angry = (resting_offsets(biased(at_rest(), name, 9)) for name in ("sad", "angry"))
    save_neutral("Ada", sad, file)
    save_neutral(" Žofie ", angry, file)
    kept = load_neutrals(file)
    assert list(kept) == ["Ada", "Žofie"]
    assert kept["Žofie"] == pytest.approx(angry, abs=1e-4)
    save_neutral("Ada", angry, file)
    assert load_neutrals(file)["Ada"] == pytest.approx(angry, abs=1e-4)
    delete_neutral("Ada", file)
    delete_neutral("nobody", file)
    assert list(load_neutrals(file)) == ["Žofie"]
    assert [path.name for path in file.parent.iterdir()] == ["neutrals.json"]


@pytest.mark.parametrize(
    "bad",
    [
        {},
        [],
        "sad",
        dict.fromkeys(EMOTIONS, 99.0),
        dict.fromkeys(EMOTIONS, "x"),
        dict.fromkeys(EMOTIONS, float("nan")),
    ],
)
def test_an_entry_that_cannot_be_understood_is_reported_and_left_out(
    tmp_path: Path, bad: object, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "neutrals.json"
    good = dict.fromkeys(EMOTIONS, 0.5)
    file.write_text(json.dumps({"schema": 1, "people": {"bad": bad, "good": good}}))
    with caplog.at_level(logging.WARNING, "fercam"):
        assert list(load_neutrals(file)) == ["good"]
    assert "left out" in caplog.text


@pytest.mark.parametrize("content", ["", "{", "[]", '{"people": 3}'])
def test_a_broken_file_is_set_aside(tmp_path: Path, content: str) -> None:
    file = tmp_path / "neutrals.json"
    file.write_text(content)
    assert load_neutrals(file) == {}
    assert [path.name for path in tmp_path.iterdir()] == ["neutrals.json.bad"]


def test_what_cannot_be_kept_is_said(tmp_path: Path) -> None:
    offsets = resting_offsets(at_rest())
    with pytest.raises(DataError, match="type one"):
        save_neutral("  ", offsets, tmp_path / "neutrals.json")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="cannot be kept"):
        save_neutral("Ada", offsets, tmp_path / "file" / "neutrals.json")
