"""Covering the part that a network looks at lowers its answer; covering another does not."""

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.inference.bundle import find_bundle
from fercam.inference.classifier import EmotionClassifier
from fercam.inference.occlusion import MAX_BATCH, importance_map
from fercam.inference.registry import RUNTIMES

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


class CornerClassifier(EmotionClassifier):
    """Calls a face happy the more, the finer the pattern in its upper left corner is."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def classify(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.batches.append(len(faces))
        answers = np.zeros((len(faces), 7), np.float32)
        contrast = faces[:, :12, :12].astype(np.float32).std(axis=(1, 2)) / 128
        answers[:, HAPPY] = contrast
        answers[:, SAD] = 1 - contrast
        return answers

    def close(self) -> None:
        pass


@pytest.fixture
def crop() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 2, (48, 48), dtype=np.uint8) * 255


def test_the_corner_that_decides_is_found(crop: NDArray[np.uint8]) -> None:
    importance = importance_map(CornerClassifier(), crop, HAPPY)
    assert importance.shape == (48, 48)
    assert importance.dtype == np.float32
    assert importance.max() == 1.0
    assert importance[:12, :12].min() > 0.2
    row, column = np.unravel_index(importance.argmax(), importance.shape)
    assert row < 12
    assert column < 12
    assert np.abs(importance[24:, :]).max() < 0.01
    assert np.abs(importance[:, 24:]).max() < 0.01


def test_what_speaks_against_an_emotion_is_negative(crop: NDArray[np.uint8]) -> None:
    for_happy = importance_map(CornerClassifier(), crop, HAPPY)
    for_sad = importance_map(CornerClassifier(), crop, SAD)
    assert for_sad.min() == -1.0
    np.testing.assert_allclose(for_sad, -for_happy, atol=1e-5)


def test_an_answer_that_nothing_changes_has_an_empty_map(crop: NDArray[np.uint8]) -> None:
    assert not importance_map(CornerClassifier(), crop, EMOTIONS.index("fear")).any()


def test_faces_go_in_batches(crop: NDArray[np.uint8]) -> None:
    classifier = CornerClassifier()
    importance_map(classifier, crop, HAPPY)
    assert max(classifier.batches) <= MAX_BATCH
    assert len(classifier.batches) <= 4


def test_the_face_stays_as_it_was(crop: NDArray[np.uint8]) -> None:
    before = crop.copy()
    crop.flags.writeable = False
    importance_map(CornerClassifier(), crop, HAPPY)
    np.testing.assert_array_equal(crop, before)


def test_with_the_shipped_network_it_is_there_soon(crop: NDArray[np.uint8]) -> None:
    classifier = RUNTIMES["int8"](find_bundle())
    best_s = 60.0
    for _ in range(3):
        start_s = time.process_time()
        importance = importance_map(classifier, crop, HAPPY)
        best_s = min(best_s, time.process_time() - start_s)
    classifier.close()
    assert np.abs(importance).max() in (0.0, 1.0)
    assert best_s < 1.5  # about 0.2 on an idle core; the bound allows for slow machines
