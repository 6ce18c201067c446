"""Figures that can be worked out by hand."""

import numpy as np
import pytest

from fercam.core.errors import DataError
from fercam.training.engine.dataset import SPLITS, FaceSet
from fercam.training.engine.evaluate import (
    calibration_error,
    evaluate,
    fit_sure_threshold,
    fit_temperature,
    measure,
    with_temperature,
)


def answers(*pairs: tuple[int, float]) -> np.ndarray:
    """Return rows that give one class a probability and share the rest among the others."""
    rows = np.empty((len(pairs), 7), np.float32)
    for row, (winner, confidence) in zip(rows, pairs, strict=True):
        row[:] = (1 - confidence) / 6
        row[winner] = confidence
    return rows


def test_accuracy_balance_and_confusion() -> None:
    given = answers((3, 0.9), (3, 0.8), (3, 0.6), (5, 0.7))
    figures = measure(given, np.array([3, 3, 5, 5]), sure_threshold=0.75)
    assert figures["accuracy"] == 0.75
    assert figures["balanced_accuracy"] == 0.75
    assert (figures["sure_share"], figures["sure_accuracy"]) == (0.5, 1.0)
    matrix = np.array(figures["confusion_matrix"])
    assert (matrix[5, 3], matrix[5, 5], matrix[3, 3], matrix.sum()) == (1, 1, 2, 4)
    assert figures["per_class"]["sad"]["recall"] == 0.5


def test_a_model_that_is_right_as_often_as_it_says_has_no_calibration_error() -> None:
    given = answers(*[(3, 0.8)] * 10)
    labels = np.array([3] * 8 + [5] * 2)
    assert calibration_error(given, labels) == pytest.approx(0, abs=1e-6)
    assert calibration_error(given, np.full(10, 5)) == pytest.approx(0.8, abs=1e-6)


def test_the_fitted_temperature_cools_an_overconfident_model() -> None:
    given = answers(*[(3, 0.99)] * 100)
    labels = np.array([3] * 70 + [5] * 30)
    temperature = fit_temperature(given, labels)
    assert temperature > 1.5
    before, after = given, with_temperature(given, temperature)
    assert calibration_error(after, labels) < calibration_error(before, labels)
    assert np.allclose(after.sum(axis=1), 1)


def test_sure_is_where_nine_of_ten_are_right() -> None:
    given = answers(*[(3, 0.9)] * 10, *[(3, 0.5)] * 10)
    labels = np.array([3] * 10 + [5] * 10)
    assert fit_sure_threshold(given, labels) == pytest.approx(0.9, abs=1e-3)
    assert fit_sure_threshold(given, np.full(20, 5)) == 1.0


def test_test_figures_are_also_given_without_copies_of_training_faces() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (4, 48, 48), dtype=np.uint8)
    pixels[2] = pixels[0]
    splits = np.array([SPLITS.index(name) for name in ("train", "train", "test", "test")])
    faces = FaceSet(pixels, np.array([3, 3, 3, 5]), splits)

    def say_happy(batch: np.ndarray) -> np.ndarray:
        return answers(*[(3, 0.9)] * len(batch))

    figures = evaluate(faces, "test", say_happy, 0.5)
    assert (figures["faces"], figures["accuracy"]) == (2, 0.5)
    fresh = figures["without_copies_of_training"]
    assert (fresh["faces"], fresh["accuracy"]) == (1, 0.0)
    with pytest.raises(DataError, match="no private_test part"):
        evaluate(faces, "private_test", say_happy, 0.5)
