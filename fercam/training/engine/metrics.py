"""Figures on answers: pure functions from probabilities and labels to numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from fercam.core.emotions import EMOTIONS

Probabilities = NDArray[np.float32]
"""(n, 7), in the order of `EMOTIONS`."""
Labels = NDArray[np.int64]
"""(n,), indices into `EMOTIONS`."""

ECE_BINS = 15
SURELY_RIGHT = 0.9
"""The share of sure answers that should be right."""
BOOTSTRAP_DRAWS = 1000
BOOTSTRAP_SEED = 1


def measure(
    probabilities: Probabilities, labels: Labels, sure_threshold: float, temperature: float = 1.0
) -> dict[str, Any]:
    """Return accuracy, balanced accuracy and macro F1 (means over the classes present), expected
    calibration error, the share and accuracy of sure faces, figures per class and the confusion
    matrix (rows true, columns predicted, order of `EMOTIONS`).

    `temperature` is the one that the probabilities went through already.
    """
    predicted = probabilities.argmax(axis=1)
    right = predicted == labels
    sure = probabilities.max(axis=1) >= sure_threshold
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=range(len(EMOTIONS)), zero_division=0
    )
    present = support > 0
    return {
        "faces": len(labels),
        "accuracy": float(right.mean()),
        "balanced_accuracy": float(recall[present].mean()),
        "macro_f1": float(f1[present].mean()),
        "ece": calibration_error(probabilities, labels),
        "ece_before_temperature": calibration_error(
            with_temperature(probabilities, 1 / temperature), labels
        ),
        "sure_share": float(sure.mean()),
        "sure_accuracy": float(right[sure].mean()) if sure.any() else None,
        "per_class": {
            emotion: {
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "faces": int(support[i]),
            }
            for i, emotion in enumerate(EMOTIONS)
        },
        "confusion_matrix": confusion_matrix(
            labels, predicted, labels=range(len(EMOTIONS))
        ).tolist(),
    }


def measure_majority(
    probabilities: Probabilities, majority: Labels, temperature: float = 1.0
) -> dict[str, Any] | None:
    """Return how far answers agree with what most taggers said and how well confidence tells it.

    `majority` is -1 where the taggers did not agree; None comes back if that is everywhere.
    """
    known = majority >= 0
    if not known.any():
        return None
    answers, labels = probabilities[known], majority[known]
    predicted = answers.argmax(axis=1)
    return {
        "faces": len(labels),
        "accuracy": float((predicted == labels).mean()),
        "balanced_accuracy": balanced_accuracy(labels, predicted),
        "ece": calibration_error(answers, labels),
        "ece_before_temperature": calibration_error(
            with_temperature(answers, 1 / temperature), labels
        ),
        "calibration_p": calibration_p(answers, labels),
    }


def side_by_side(answers: dict[str, Probabilities], labels: Labels) -> dict[str, dict[str, float]]:
    """Return figures for each runtime of one network, and how far it is from `keras`.

    `answers` maps names of runtimes, `keras` among them, to their answers to the same faces.
    """
    reference = answers["keras"]
    return {
        runtime: {
            "accuracy": float((given.argmax(axis=1) == labels).mean()),
            "balanced_accuracy": balanced_accuracy(labels, given.argmax(axis=1)),
            "ece": calibration_error(given, labels),
            "agreement_with_keras": float(
                (given.argmax(axis=1) == reference.argmax(axis=1)).mean()
            ),
            "largest_difference": float(np.abs(given - reference).max()),
        }
        for runtime, given in answers.items()
    }


def with_temperature(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Return softmax(log p / temperature) row by row (Guo et al., 2017, arXiv:1706.04599).

    The inverse of the temperature takes it back.
    """
    scaled = np.log(np.maximum(probabilities, 1e-12)) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def balanced_accuracy(labels: Labels, predicted: Labels) -> float:
    """Return the mean recall of the classes present in `labels`."""
    right = predicted == labels
    return float(np.mean([right[labels == emotion].mean() for emotion in np.unique(labels)]))


def two_yardsticks(predicted: Labels, labels: Labels, majority: Labels) -> float:
    """Return the balanced accuracy against the labels, or its mean with that against what most
    taggers said where any agreed (`majority` is -1 where they did not).
    """
    known = majority >= 0
    against_labels = balanced_accuracy(labels, predicted)
    if not known.any():
        return against_labels
    return (against_labels + balanced_accuracy(majority[known], predicted[known])) / 2


def confidence_bins(confidence: NDArray[np.float32]) -> Labels:
    """Return (n,) in which of the equal bins of 0..1 each confidence lies."""
    return np.minimum((confidence * ECE_BINS).astype(np.int64), ECE_BINS - 1)


def calibration_error(probabilities: Probabilities, labels: Labels) -> float:
    """Return the expected calibration error over 15 equal bins (Guo et al., 2017)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    return _binned_gap(confidence, right, confidence_bins(confidence))


def calibration_p(probabilities: Probabilities, labels: Labels) -> float:
    """Return how often a perfectly calibrated model of the same confidences would show at least
    this calibration error by chance: small means that the confidences are off.

    1000 draws of right and wrong, each face right with the probability that it was given
    (consistency resampling, Bröcker and Smith, 2007, doi:10.1175/WAF993.1).
    """
    confidence = probabilities.max(axis=1)
    bins = confidence_bins(confidence)
    measured = calibration_error(probabilities, labels)
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    drawn = [
        _binned_gap(confidence, rng.random(len(confidence)) < confidence, bins)
        for _ in range(BOOTSTRAP_DRAWS)
    ]
    return float((np.array(drawn) >= measured - 1e-9).mean())


def fit_temperature(probabilities: Probabilities, labels: Labels) -> float:
    """Return the temperature (0.25..4) under which it is likeliest that the first answers are right
    and wrong as they are.

    Only the confidence in the first answer counts (Gupta and Ramdas, 2022, arXiv:2107.08353): the
    likelihood of whole answers asks for too much of it where these were made even between emotions.
    """
    right = probabilities.argmax(axis=1) == labels
    candidates = np.geomspace(0.25, 4.0, 161)
    confidences = [with_temperature(probabilities, t).max(axis=1) for t in candidates]
    losses = [-np.log(np.maximum(np.where(right, c, 1 - c), 1e-6)).mean() for c in confidences]
    return round(float(candidates[int(np.argmin(losses))]), 4)


def fit_sure_threshold(probabilities: Probabilities, labels: Labels) -> float:
    """Return the lowest confidence from which on at least SURELY_RIGHT of the faces are right; 1
    if there is none.
    """
    confidence = probabilities.max(axis=1)
    right = (probabilities.argmax(axis=1) == labels).astype(float)
    order = np.argsort(-confidence)
    falling = confidence[order]
    share_right = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last_of_equals = np.append(falling[1:] != falling[:-1], True)
    good = np.flatnonzero((share_right >= SURELY_RIGHT) & last_of_equals)
    return float(falling[good[-1]]) if len(good) else 1.0


def _binned_gap(confidence: NDArray[np.float32], right: NDArray[np.bool_], bins: Labels) -> float:
    gaps = np.bincount(bins, weights=confidence.astype(np.float64) - right)
    return float(np.abs(gaps).sum() / len(bins))
