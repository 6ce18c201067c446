"""How good a model is on a data set, in each of its runtimes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fercam.core.errors import DataError, UsageError
from fercam.inference.bundle import KERAS, ModelBundle
from fercam.inference.registry import RUNTIMES
from fercam.training.engine.dataset import SPLITS, FaceSet
from fercam.training.engine.duplicates import near_groups
from fercam.training.engine.metrics import (
    Probabilities,
    measure,
    measure_majority,
    side_by_side,
    with_temperature,
)
from fercam.training.engine.robustness import robustness

Classify = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Faces (n, 48, 48) uint8 in, probabilities (n, 7) out."""

BATCH = 64
TEST_SPLITS = ("test", "private_test")


def evaluate_bundle(
    bundle: ModelBundle, faces: FaceSet, split: str, runtime: str, with_robustness: bool
) -> dict[str, Any]:
    """Return `evaluate` of a bundle in one runtime; `all` is that of int8 and a table `runtimes`.

    `with_robustness` adds the table `robustness`; on a test split it leaves copies of training
    pictures out.

    Raises:
        DataError: the split is empty.
        ModelError: the bundle lacks a file or it is damaged.
        UsageError: there is no such runtime.
    """
    card = bundle.card
    part = _part(faces, split)
    names = ("int8", "float", "keras") if runtime == "all" else (runtime,)
    classifiers = {name: classifier_of(bundle, name) for name in names}
    answers = {name: classify(part.pixels) for name, classify in classifiers.items()}
    result = figures(faces, split, answers[names[0]], card.sure_threshold, card.temperature)
    if runtime == "all":
        result["runtimes"] = side_by_side(answers, part.labels)
    if with_robustness:
        if "without_copies_of_training" in result:
            part = part.where(~faces.copies_of_training(split))
        result["robustness"] = robustness(part, classifiers[names[0]])
    return result


def evaluate(
    faces: FaceSet, split: str, classify: Classify, threshold: float, temperature: float = 1.0
) -> dict[str, Any]:
    """Return `figures` of what `classify` says of one split; `temperature` is its own.

    Raises:
        DataError: the split is empty.
    """
    answers = classify(_part(faces, split).pixels)
    return figures(faces, split, answers, threshold, temperature)


def figures(
    faces: FaceSet, split: str, answers: Probabilities, threshold: float, temperature: float
) -> dict[str, Any]:
    """Return `measure` of the answers to one split, with `majority` for the faces on which taggers
    agree; for the test splits also how many are copies of training pictures, and all of it without
    the exact copies.

    `faces` must still hold the training pictures that are copies of test pictures.
    """
    part = faces.part(split)

    def both_yardsticks(keep: NDArray[np.bool_]) -> dict[str, Any]:
        given, labels, majority = answers[keep], part.labels[keep], part.majority()[keep]
        return {
            **measure(given, labels, threshold, temperature),
            "majority": measure_majority(given, majority, temperature),
        }

    result = {"split": split, **both_yardsticks(np.full(len(part), True))}
    if split in TEST_SPLITS:
        exact = faces.copies_of_training(split)
        result["copies_of_training"] = int(exact.sum())
        result["near_copies_of_training"] = int((_near_copies(faces, split) & ~exact).sum())
        if not exact.all():
            result["without_copies_of_training"] = both_yardsticks(~exact)
    return result


def classifier_of(bundle: ModelBundle, runtime: str) -> Classify:
    """Return what a bundle's network says in one of the runtimes `int8`, `float` or `keras`.

    Raises:
        ModelError: the bundle lacks that file or it is damaged.
        UsageError: there is no such runtime.
    """
    if runtime == "keras":
        return keras_classifier(bundle.verified_file(KERAS), bundle.card.temperature)
    if runtime not in RUNTIMES:
        raise UsageError(f"There is no runtime '{runtime}'; choose int8, float, keras or all.")
    classifier = RUNTIMES[runtime](bundle)

    def classify(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        return _in_batches(classifier.classify, faces)

    return classify


def keras_classifier(file: Path, temperature: float = 1.0) -> Classify:
    """Return what a .keras file says, with `temperature` applied."""
    import keras

    from fercam.training.engine.answers import answers_of

    model = keras.models.load_model(file, compile=False)

    def classify(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        return with_temperature(answers_of(model, faces), temperature)

    return classify


def _part(faces: FaceSet, split: str) -> FaceSet:
    part = faces.part(split)
    if not len(part):
        raise DataError(f"The data set has no {split} part.")
    return part


def _near_copies(faces: FaceSet, split: str) -> NDArray[np.bool_]:
    train, wanted = (faces.splits == SPLITS.index(name) for name in ("train", split))
    both = faces.where(train | wanted)
    groups = near_groups(both.pixels)
    is_train = both.splits == SPLITS.index("train")
    return np.isin(groups[~is_train], groups[is_train])


def _in_batches(classify: Classify, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    # one batch size only: the runtime lays its memory out anew for every other
    parts = []
    for start in range(0, len(faces), BATCH):
        batch = faces[start : start + BATCH]
        padded = np.concatenate([batch, np.zeros((BATCH - len(batch), *batch.shape[1:]), np.uint8)])
        parts.append(classify(padded)[: len(batch)])
    return np.concatenate(parts)
