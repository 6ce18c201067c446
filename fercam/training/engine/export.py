"""From a trained network to a model bundle that runs live."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import ModelError
from fercam.detection.crop import CROP_SIDE, FACE_PX
from fercam.inference.bundle import FLOAT, INT8, KERAS, Card, load_bundle, write_card
from fercam.training.config import TrainingConfig
from fercam.training.engine import builder
from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.evaluate import (
    classifier_of,
    evaluate,
    fit_sure_threshold,
    fit_temperature,
)

INTENDED_USE = (
    "Showing what facial expressions look like to people, for study, teaching and play, with the "
    "knowledge of those filmed. Not for judging people. In the European Union inferring emotions "
    "at work and in education is prohibited (AI Act, Article 5(1)(f))."
)
LIMITS = (
    "Reads expressions, not feelings. Trained on small gray web pictures with noisy labels; worse "
    "on disgust, fear and sad faces, on turned, covered, dark or very small faces, and on groups "
    "of people the training pictures show less often. Not tested for fairness between groups."
)


def export_bundle(
    trained: keras.Model, config: TrainingConfig, faces: FaceSet, everything: FaceSet, name: str
) -> Path:
    """Write the bundle `name` into the run folder, all of it or nothing, and return its folder.

    Temperature and the threshold for "sure" are chosen on the validation part of prepared
    `faces`, with the int8 network that runs live; `everything` are the faces before copies of test
    pictures were dropped, so that test figures can be given with and without them.

    Raises:
        ModelError: the result cannot be put in place.
    """
    model = builder.build(config.architecture)
    model.set_weights(trained.get_weights())
    target = config.run_dir / name
    work = Path(tempfile.mkdtemp(prefix=".bundle-", dir=config.run_dir))
    try:
        model.save(work / KERAS, include_optimizer=False)
        (work / FLOAT).write_bytes(to_tflite(model, int8=False))
        (work / INT8).write_bytes(to_tflite(model, int8=True))
        _write_card(work, config, model, faces, everything, name)
        load_bundle(work, verify_all=True)
        if target.exists():
            shutil.rmtree(target)
        work.chmod(0o755)
        os.replace(work, target)  # noqa: PTH105
    except OSError as error:
        raise ModelError(f"The model cannot be written to {target}: {error.strerror}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def to_tflite(model: keras.Model, *, int8: bool) -> bytes:
    """Return a float32 Keras network as a LiteRT file; int8 = dynamic-range quantised weights."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return bytes(converter.convert())


def _write_card(
    folder: Path,
    config: TrainingConfig,
    model: keras.Model,
    faces: FaceSet,
    everything: FaceSet,
    name: str,
) -> None:
    def card(temperature: float, threshold: float, metrics: dict[str, dict[str, Any]]) -> Card:
        return Card(
            name=name,
            architecture=config.architecture,
            parameters=model.count_params(),
            classes=EMOTIONS,
            input="(n, 48, 48, 1) float32, gray 0..255; scaling is a layer inside the network",
            crop_side=CROP_SIDE,
            face_px=FACE_PX,
            temperature=temperature,
            sure_threshold=threshold,
            data=_data(config, faces, everything),
            metrics=metrics,
            licence="GPL-3.0-or-later; the training pictures may have terms of their own",
            intended_use=INTENDED_USE,
            limits=LIMITS,
        )

    write_card(folder, card(1.0, 1.0, {}))
    validation = faces.part("validation")
    raw = classifier_of(load_bundle(folder), "int8")(validation.pixels)
    temperature = fit_temperature(raw, validation.labels)
    write_card(folder, card(temperature, 1.0, {}))
    classify = classifier_of(load_bundle(folder), "int8")
    threshold = fit_sure_threshold(classify(validation.pixels), validation.labels)
    metrics = {"validation": evaluate(faces, "validation", classify, threshold)}
    if len(everything.part("test")):
        metrics["test"] = evaluate(everything, "test", classify, threshold)
    write_card(folder, card(temperature, threshold, metrics))


def _data(config: TrainingConfig, faces: FaceSet, everything: FaceSet) -> dict[str, Any]:
    return {
        "name": config.dataset.name,
        "fingerprint": faces.fingerprint(),
        "train": len(faces.part("train")),
        "validation": len(faces.part("validation")),
        "test": len(faces.part("test")),
        "copies_of_test_left_out": len(everything) - len(faces),
        "skipped": len(everything.skipped),
        "recipe": {
            key: value
            for key, value in config.to_json().items()
            if key not in ("dataset", "run_dir", "resume")
        },
    }
