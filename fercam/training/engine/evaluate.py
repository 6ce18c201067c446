"""How good a model is: accuracy, balance, calibration, and where it errs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import DataError, UsageError
from fercam.inference.bundle import KERAS, ModelBundle
from fercam.inference.registry import RUNTIMES
from fercam.training.engine.dataset import FaceSet, network_input

Classify = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Faces (n, 48, 48) uint8 in, probabilities (n, 7) out."""

ECE_BINS = 15
BATCH = 64


def classifier_of(bundle: ModelBundle, runtime: str) -> Classify:
    """Return what a bundle's network says in one of the runtimes `int8`, `float` or `keras`.

    Raises:
        ModelError: the bundle lacks that file or it is damaged.
        UsageError: there is no such runtime.
    """
    if runtime == "keras":
        return keras_classifier(bundle.verified_file(KERAS), bundle.card.temperature)
    if runtime not in RUNTIMES:
        raise UsageError(f"There is no runtime '{runtime}'; choose int8, float or keras.")
    classifier = RUNTIMES[runtime](bundle)

    def classify(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        return _in_batches(classifier.classify, faces)

    return classify


def keras_classifier(file: Path, temperature: float = 1.0) -> Classify:
    """Return what a .keras file says, with `temperature` applied."""
    import keras

    model = keras.models.load_model(file, compile=False)

    def classify(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        raw = model.predict(network_input(faces), batch_size=BATCH, verbose=0)
        return with_temperature(raw, temperature)

    return classify


def with_temperature(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return softmax(log p / temperature) row by row (Guo et al., 2017, arXiv:1706.04599)."""
    scaled = np.log(np.maximum(probabilities, 1e-12)) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def measure(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64], sure_threshold: float
) -> dict[str, Any]:
    """Return accuracy, balanced accuracy (mean recall of the classes present), expected
    calibration error, the share and accuracy of sure faces, figures per class and the confusion
    matrix (rows true, columns predicted, order of `EMOTIONS`).
    """
    predicted = probabilities.argmax(axis=1)
    right = predicted == labels
    sure = probabilities.max(axis=1) >= sure_threshold
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=range(len(EMOTIONS)), zero_division=0
    )
    return {
        "faces": len(labels),
        "accuracy": float(right.mean()),
        "balanced_accuracy": float(recall[support > 0].mean()),
        "ece": calibration_error(probabilities, labels),
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


def evaluate(faces: FaceSet, split: str, classify: Classify, threshold: float) -> dict[str, Any]:
    """Return `measure` of one split of prepared faces; for the test splits also without the
    pictures that are exact copies of training pictures.

    `faces` must still hold the training pictures that are copies of test pictures.

    Raises:
        DataError: the split is empty.
    """
    part = faces.part(split)
    if not len(part):
        raise DataError(f"The data set has no {split} part.")
    probabilities = classify(part.pixels)
    result = {"split": split, **measure(probabilities, part.labels, threshold)}
    if split in ("test", "private_test"):
        fresh = ~faces.copies_of_training(split)
        result["without_copies_of_training"] = measure(
            probabilities[fresh], part.labels[fresh], threshold
        )
    return result


def balanced_accuracy(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """Return the mean recall of the classes present in `labels`."""
    right = predicted == labels
    return float(np.mean([right[labels == emotion].mean() for emotion in np.unique(labels)]))


def calibration_error(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the expected calibration error over 15 equal bins (Guo et al., 2017)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    return float(
        sum(
            (bins == b).mean() * abs(confidence[bins == b].mean() - right[bins == b].mean())
            for b in np.unique(bins)
        )
    )


def fit_temperature(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the temperature (0.25..4) with the lowest negative log-likelihood."""
    rows = np.arange(len(labels))
    candidates = np.geomspace(0.25, 4.0, 161)
    losses = [
        -np.log(np.maximum(with_temperature(probabilities, t)[rows, labels], 1e-12)).mean()
        for t in candidates
    ]
    return round(float(candidates[int(np.argmin(losses))]), 4)


def fit_sure_threshold(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64], wanted: float = 0.9
) -> float:
    """Return the lowest confidence from which on at least `wanted` of the faces are right; 1 if
    there is none.
    """
    confidence = probabilities.max(axis=1)
    right = (probabilities.argmax(axis=1) == labels).astype(float)
    order = np.argsort(-confidence)
    falling = confidence[order]
    share_right = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last_of_equals = np.append(falling[1:] != falling[:-1], True)
    good = np.flatnonzero((share_right >= wanted) & last_of_equals)
    return float(falling[good[-1]]) if len(good) else 1.0


def _in_batches(classify: Classify, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    # one batch size only: the runtime lays its memory out anew for every other
    parts = []
    for start in range(0, len(faces), BATCH):
        batch = faces[start : start + BATCH]
        padded = np.concatenate([batch, np.zeros((BATCH - len(batch), *batch.shape[1:]), np.uint8)])
        parts.append(classify(padded)[: len(batch)])
    return np.concatenate(parts)
