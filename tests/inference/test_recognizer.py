"""Waiting crops become predictions in one batch."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.values import Doubt, FaceCrop, FaceQuality
from fercam.inference.classifier import EmotionClassifier
from fercam.inference.recognizer import EmotionRecognizer
from fercam.inference.smoothing import EmotionSmoother

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


class Brightness(EmotionClassifier):
    """Bright is happy, dark is sad, and how sure depends on how bright or dark."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.closed = False

    def classify(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.batches.append(len(faces))
        answers = np.zeros((len(faces), 7), np.float32)
        answers[:, HAPPY] = faces.mean(axis=(1, 2)) / 255
        answers[:, SAD] = 1 - answers[:, HAPPY]
        return answers

    def close(self) -> None:
        self.closed = True


def crop(
    track_id: int, value: int, frame_id: int = 0, quality: FaceQuality | None = None
) -> FaceCrop:
    return FaceCrop(frame_id, track_id, np.full((48, 48), value, np.uint8), quality)


def quality(flaw: Doubt | None) -> FaceQuality:
    return FaceQuality(200.0, 120.0, 0.2, 0.0, 0.0, 0.0, flaw)


@pytest.fixture
def classifier() -> Brightness:
    return Brightness()


@pytest.fixture
def recognizer(classifier: Brightness) -> EmotionRecognizer:
    return EmotionRecognizer(classifier, 0.6, EmotionSmoother(time_constant_s=0.35))


def test_all_waiting_faces_of_several_frames_are_one_batch(
    recognizer: EmotionRecognizer, classifier: Brightness
) -> None:
    waiting = [crop(1, 255, 7), crop(2, 0, 7), crop(1, 255, 8), crop(2, 0, 8), crop(3, 255, 8)]
    predictions = recognizer.recognize(waiting, [0.28, 0.28, 0.32, 0.32, 0.32])
    assert classifier.batches == [5]
    assert [answer.track_id for answer in predictions] == [1, 2, 1, 2, 3]
    assert [answer.label for answer in predictions] == ["happy", "sad", "happy", "sad", "happy"]


def test_without_faces_the_network_is_left_alone(
    recognizer: EmotionRecognizer, classifier: Brightness
) -> None:
    assert recognizer.recognize([], []) == []
    assert classifier.batches == []


def test_a_confident_answer_is_sure(recognizer: EmotionRecognizer) -> None:
    (sure,) = recognizer.recognize([crop(1, 200)], [0.0])
    assert (sure.doubt, sure.sure) == (None, True)
    assert sure.confidence == pytest.approx(200 / 255)


@pytest.mark.parametrize(
    ("value", "doubt"),
    [(140, Doubt.CLOSE_CALL), (115, Doubt.CLOSE_CALL), (150, Doubt.LOW_CONFIDENCE)],
)
def test_under_the_threshold_the_doubt_says_whether_two_emotions_are_close(
    recognizer: EmotionRecognizer, value: int, doubt: Doubt
) -> None:
    """Happy is value / 255, sad the rest: 0.10 apart at 140 and 115, 0.18 at 150."""
    (unsure,) = recognizer.recognize([crop(1, value)], [0.0])
    assert (unsure.doubt, unsure.sure) == (doubt, False)


@pytest.mark.parametrize("value", [140, 150, 255])
@pytest.mark.parametrize("flaw", [Doubt.TOO_DARK, Doubt.BLURRED, Doubt.CUT_OFF])
def test_a_flaw_of_the_picture_is_the_doubt_whatever_the_confidence(
    recognizer: EmotionRecognizer, value: int, flaw: Doubt
) -> None:
    (unsure,) = recognizer.recognize([crop(1, value, quality=quality(flaw))], [0.0])
    assert (unsure.doubt, unsure.sure) == (flaw, False)
    assert unsure.confidence == pytest.approx(max(value, 255 - value) / 255)


def test_a_flawless_face_is_judged_by_its_confidence(recognizer: EmotionRecognizer) -> None:
    fine = quality(None)
    sure, unsure = recognizer.recognize(
        [crop(1, 200, quality=fine), crop(2, 150, quality=fine)], [0.0, 0.0]
    )
    assert (sure.doubt, unsure.doubt) == (None, Doubt.LOW_CONFIDENCE)


def test_doubt_follows_the_smoothed_answer(recognizer: EmotionRecognizer) -> None:
    recognizer.recognize([crop(1, 255)], [0.0])
    (steady,) = recognizer.recognize([crop(1, 140)], [0.04])
    assert steady.sure
    (wavering,) = recognizer.recognize([crop(1, 0)], [0.24])
    assert wavering.doubt is Doubt.CLOSE_CALL


def test_raw_is_this_frames_answer_and_smoothed_follows(recognizer: EmotionRecognizer) -> None:
    recognizer.recognize([crop(1, 255)], [0.0])
    (later,) = recognizer.recognize([crop(1, 0)], [0.04])
    assert later.raw[SAD] == 1
    assert later.smoothed[SAD] == pytest.approx(1 - np.exp(-0.04 / 0.35), abs=1e-4)
    assert later.label == "happy"
    assert not later.raw.flags.writeable


def test_a_forgotten_face_starts_anew(recognizer: EmotionRecognizer) -> None:
    recognizer.corrections = dict.fromkeys((1, 2), np.zeros(7, np.float32))
    recognizer.recognize([crop(1, 255), crop(2, 255)], [0.0, 0.0])
    recognizer.forget_except({2})
    gone, kept = recognizer.recognize([crop(1, 0), crop(2, 0)], [0.04, 0.04])
    assert (gone.label, kept.label) == ("sad", "happy")
    assert gone.before is not None and kept.before is not None
    assert (gone.before.argmax(), kept.before.argmax()) == (SAD, HAPPY)


def test_closing_closes_the_classifier(
    recognizer: EmotionRecognizer, classifier: Brightness
) -> None:
    recognizer.close()
    assert classifier.closed
