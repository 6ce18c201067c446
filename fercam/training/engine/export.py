"""From a trained network to a model bundle that runs live."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from ai_edge_quantizer import quantizer
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import ModelError, reason_of
from fercam.detection.crop import CROP_SIDE, FACE_PX
from fercam.inference.bundle import (
    FLOAT,
    INPUT,
    INT8,
    KERAS,
    Card,
    load_bundle,
    read_card,
    write_card,
)
from fercam.training.config import SETTINGS, TrainingConfig
from fercam.training.engine import builder
from fercam.training.engine.adjust import adjust
from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.evaluate import Classify, classifier_of, evaluate
from fercam.training.engine.metrics import fit_sure_threshold, fit_temperature

INTENDED_USE = (
    "Showing what facial expressions look like to people, for study, teaching and play, with the "
    "knowledge of those filmed. Not for judging people. In the European Union inferring emotions "
    "at work and in education is prohibited (AI Act, Article 5(1)(f))."
)
LIMITS = (
    "Says what people see in a face, not what the person feels. No better than the pictures it "
    "learned from: in public sets many are posed, and ages, skin tones and head poses are not "
    "balanced; not tested for fairness between groups. Worse on turned, covered, dark or very "
    "small faces."
)
FEWEST_TO_FIT = 50
NOT_FITTED = (
    f"Fewer than {FEWEST_TO_FIT} faces were left to check it with: its confidence is not "
    "calibrated, and nothing below 100% counts as sure."
)
MIN_INT8_WEIGHTS = 12_000
"""Convolutions of fewer weights stay float: of EfficientNet-Lite0's weights they hold 3 %, and they
make most of the difference that rounding makes to its answers."""


def export_bundle(
    trained: keras.Model, config: TrainingConfig, faces: FaceSet, everything: FaceSet, name: str
) -> Path:
    """Write the bundle `name` into the run folder, all of it or nothing, and return its folder.

    The answers of a run chosen by "balanced" are made even (`adjust`). Temperature and the
    threshold for "sure" are chosen on the validation part of prepared `faces`, with the int8
    network that runs live; where it has fewer than 50 faces they stay those of the model that the
    run began from, or are 1 if it began from none. `everything` are the faces before copies of test
    pictures were dropped, so that test figures can be given with and without them.

    Raises:
        ModelError: the result cannot be put in place.
    """
    model = builder.for_use(trained, config)
    balanced = config.choose_by == "balanced"
    adjustment = adjust(model, faces.part("validation")) if balanced else {}
    target = config.run_dir / name
    for left in config.run_dir.glob(".bundle-*"):  # by one that was killed
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=".bundle-", dir=config.run_dir))
    try:
        model.save(work / KERAS)
        floats = to_tflite(model)
        (work / FLOAT).write_bytes(floats)
        (work / INT8).write_bytes(rounded(floats))
        _write_card(work, config, model, faces, everything, name, adjustment)
        load_bundle(work, verify_all=True)
        if target.exists():
            shutil.rmtree(target)
        work.chmod(0o755)
        os.replace(work, target)  # noqa: PTH105
    except OSError as error:
        raise ModelError(f"The model cannot be written to {target}: {reason_of(error)}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def to_tflite(model: keras.Model) -> bytes:
    """Return a float32 Keras network as a LiteRT file."""
    return bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())


def rounded(floats: bytes) -> bytes:
    """Return a LiteRT file with the weights of dense layers and convolutions in eight bits per
    channel; it computes with inputs rounded while it runs (dynamic range).
    """
    rounding = quantizer.Quantizer(floats)
    rounding.load_quantization_recipe(
        [_rounded("CONV_2D", MIN_INT8_WEIGHTS), _rounded("FULLY_CONNECTED", 1024)]
    )
    return bytes(rounding.quantize().quantized_model)


def _rounded(operation: str, min_weights: int) -> dict[str, Any]:
    weights = {"num_bits": 8, "symmetric": True, "granularity": "CHANNELWISE", "dtype": "INT"}
    return {
        "regex": ".*",
        "operation": operation,
        "algorithm_key": "min_max_uniform_quantize",
        "op_config": {
            "weight_tensor_config": weights,
            "compute_precision": "INTEGER",
            "explicit_dequantize": False,
            "skip_checks": False,
            "min_weight_elements": min_weights,
        },
    }


def _write_card(
    folder: Path,
    config: TrainingConfig,
    model: keras.Model,
    faces: FaceSet,
    everything: FaceSet,
    name: str,
    adjustment: dict[str, float],
) -> None:
    validation, labels = _calibration_part(faces)
    few = len(labels) < FEWEST_TO_FIT
    base = _base_card(config.weights) if few else None

    def card(temperature: float, threshold: float, metrics: dict[str, dict[str, Any]]) -> Card:
        return Card(
            name=name,
            architecture=config.architecture,
            parameters=model.count_params(),
            classes=EMOTIONS,
            input=INPUT,
            crop_side=CROP_SIDE,
            face_px=FACE_PX,
            temperature=temperature,
            sure_threshold=threshold,
            data={**_data(config, faces, everything), **adjustment},
            metrics=metrics,
            licence=_licence(config),
            intended_use=INTENDED_USE,
            limits=f"{LIMITS} {NOT_FITTED}" if few and base is None else LIMITS,
        )

    write_card(folder, card(1.0, 1.0, {}))

    def classifier() -> Classify:
        return classifier_of(load_bundle(folder), "int8")

    if few:
        temperature, threshold = (base.temperature, base.sure_threshold) if base else (1.0, 1.0)
    else:
        temperature = fit_temperature(classifier()(validation.pixels), labels)
        write_card(folder, card(temperature, 1.0, {}))
        threshold = fit_sure_threshold(classifier()(validation.pixels), labels)
    write_card(folder, card(temperature, threshold, {}))
    classify = classifier()
    metrics = {"validation": evaluate(faces, "validation", classify, threshold, temperature)}
    if len(everything.part("test")):
        metrics["test"] = evaluate(everything, "test", classify, threshold, temperature)
    write_card(folder, card(temperature, threshold, metrics))


def _base_card(weights: Path | None) -> Card | None:
    """Return the card of the model that a run began from, if it was one."""
    if weights is None:
        return None
    try:
        return read_card(weights.parent)
    except ModelError:
        return None


def _licence(config: TrainingConfig) -> str:
    """Return what is known of the terms of a network: what it was made of."""
    terms = (
        "For whoever trained it to say; the pictures it learned from "
        f"({config.dataset.name}) may have terms of their own."
    )
    base = _base_card(config.weights)
    return f"{terms} It began from {base.name}, whose licence is: {base.licence}" if base else terms


def _calibration_part(faces: FaceSet) -> tuple[FaceSet, NDArray[np.int64]]:
    """Return the validation faces that confidence is fitted on, and what they are taken to show:
    what most taggers said, where there are votes, since one label alone is often wrong.
    """
    validation = faces.part("validation")
    majority = validation.majority()
    agreed = majority >= 0
    if not agreed.any():
        return validation, validation.labels
    return validation.where(agreed), majority[agreed]


def _data(config: TrainingConfig, faces: FaceSet, everything: FaceSet) -> dict[str, Any]:
    return {
        "name": config.dataset.name,
        "fingerprint": faces.fingerprint(),
        "train": len(faces.part("train")),
        "validation": len(faces.part("validation")),
        "test": len(faces.part("test")),
        "left_out": len(everything) - len(faces),
        "skipped": len(everything.skipped),
        "recipe": {
            **{name: getattr(config, name) for name in SETTINGS},
            "weights": config.weights.name if config.weights else None,
            "teachers": [run_dir.name for run_dir in config.teachers],
        },
    }
