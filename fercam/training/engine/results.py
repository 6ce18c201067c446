"""What the app shows of a finished run: results.json and answers.npz in its folder."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fercam.core.errors import TrainingError
from fercam.inference.bundle import KERAS, ModelBundle
from fercam.training.config import TrainingConfig
from fercam.training.engine import dataset, readers
from fercam.training.engine.dataset import SPLITS, FaceSet
from fercam.training.engine.evaluate import classifier_of, keras_classifier
from fercam.training.engine.metrics import (
    Labels,
    Probabilities,
    calibration_error,
    confidence_bins,
    with_temperature,
)
from fercam.training.engine.pictures import write_pictures
from fercam.training.results import ANSWERS, RESULTS
from fercam.training.runs import read_history

MOST_FACES = 5000
SEED = 1


def write_results(config: TrainingConfig, faces: FaceSet, bundle: ModelBundle) -> None:
    """Write the pictures, the figures and the answers of a finished run into its folder.

    They are those of the test part of prepared `faces`, or of the validation part where there is
    none. Of more than 5,000 faces as many are kept, drawn at random.
    """
    part = faces.part("test")
    if not len(part):
        part = faces.part("validation")
    calibrated = classifier_of(bundle, "int8")(part.pixels)
    raw = with_temperature(calibrated, 1 / bundle.card.temperature)
    history = read_history(config.run_dir)
    write_pictures(config.run_dir, part, raw, calibrated, history, config.choose_by)
    split = SPLITS[part.splits[0]]
    _write_figures(config.run_dir, bundle, part, split, raw, calibrated)
    _write_answers(config.run_dir, bundle, part, split, calibrated)


def make_up_for(run_dir: Path, config: TrainingConfig, bundle: ModelBundle) -> None:
    """Write the results of a run that was finished before FerCam kept any.

    Raises:
        DataError: its data set is not there, or cannot be read.
        TrainingError: the data set is not what it was trained on.
    """
    faces = dataset.prepare(readers.load(config.dataset), config.validation_share, config.seed)
    if faces.fingerprint() != bundle.card.data.get("fingerprint"):
        raise TrainingError(
            f"{config.dataset} is not what it was when this run was trained, so its figures cannot "
            "be worked out any more."
        )
    write_results(replace(config, run_dir=run_dir), faces, bundle)


def _write_figures(
    run_dir: Path,
    bundle: ModelBundle,
    part: FaceSet,
    split: str,
    raw: Probabilities,
    calibrated: Probabilities,
) -> None:
    majority = part.majority()
    voted = bool((majority >= 0).any())
    truth, known = (majority, majority >= 0) if voted else (part.labels, np.full(len(part), True))
    record = {
        **bundle.card.metrics[split],
        "split": split,
        "model": bundle.card.name,
        "fingerprint": bundle.card.data["fingerprint"],
        "reliability": {
            "truth": "what most taggers said" if voted else "the labels",
            "faces": int(known.sum()),
            "before": _bins(raw[known], truth[known]),
            "after": _bins(calibrated[known], truth[known]),
        },
    }
    work = run_dir / f".{RESULTS}"
    work.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    work.replace(run_dir / RESULTS)


def _bins(answers: Probabilities, labels: Labels) -> dict[str, Any]:
    """Return the calibration error and, for each bin that is not empty, how confident the answers
    in it are on average, the share of them that is right, and how many they are.
    """
    confidence, right = answers.max(axis=1), answers.argmax(axis=1) == labels
    bins = confidence_bins(confidence)
    chosen = [bins == number for number in np.unique(bins)]
    return {
        "ece": calibration_error(answers, labels),
        "bins": [
            {
                "confidence": float(confidence[those].mean()),
                "right": float(right[those].mean()),
                "faces": int(those.sum()),
            }
            for those in chosen
        ],
    }


def _write_answers(
    run_dir: Path, bundle: ModelBundle, part: FaceSet, split: str, calibrated: Probabilities
) -> None:
    kept = np.random.default_rng(SEED).permutation(len(part))[:MOST_FACES]
    kept.sort()
    pixels = part.pixels[kept]
    work = run_dir / f".{ANSWERS}"
    np.savez_compressed(
        work,
        pixels=pixels,
        labels=part.labels[kept],
        keras=keras_classifier(bundle.verified_file(KERAS))(pixels),
        int8=calibrated[kept],
        split=np.array(split),
    )
    work.replace(run_dir / ANSWERS)
