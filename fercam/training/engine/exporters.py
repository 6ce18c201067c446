"""A bundle's network in the formats that other programs read, each checked against the original."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from fercam.core.errors import ModelError, UsageError
from fercam.inference.bundle import FLOAT, INT8, KERAS, ModelBundle
from fercam.inference.litert import LiteRtClassifier
from fercam.sessions.leftovers import workshop
from fercam.training.engine import checks
from fercam.training.engine.control import last_step
from fercam.training.engine.dataset import network_input
from fercam.training.engine.evaluate import Classify, keras_classifier

Write = Callable[[ModelBundle, Path], Classify]
"""Writes a bundle's network as a file and returns how that file answers.

The path has the format's first suffix. The answers are the network's own, not calibrated.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """A format's file names: the stem, unless told otherwise, and the suffix of each file.

    The stem `{name}` stands for the model's name; the others are those of the notebook's files.
    """

    write: Write
    stem: str
    suffixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """The files, and the largest difference of any probability (0..1) on `faces` faces."""

    files: tuple[Path, ...]
    faces: int
    largest_difference: float
    same_labels: int


def export_model(bundle: ModelBundle, file_format: str, out: Path | None) -> Exported:
    """Write a bundle's network in one of `FORMATS` and check what the file answers.

    `out` is a file, or a folder (made if need be) for files with the format's own names; None is
    the current folder. Nothing is overwritten, and nothing is left when the check fails.

    Raises:
        ModelError: the bundle lacks a file, something cannot be written, or the answers differ.
        UsageError: `out` has another format's suffix, or is there already.
    """
    how = FORMATS[file_format]
    targets = _targets(how, file_format, bundle.card.name, out or Path())
    targets[0].parent.mkdir(parents=True, exist_ok=True)
    faces = checks.sample_faces()
    expected = _original(bundle)(faces)
    with workshop(".export-", targets[0].parent) as work:
        drafts = [work / f"model{suffix}" for suffix in how.suffixes]
        answers = how.write(bundle, drafts[0])(faces)
        difference = checks.largest_difference(answers, expected)
        same = checks.same_labels(answers, expected)
        if file_format != "tflite" and not difference < checks.SAME:  # int8 rounds its weights
            raise ModelError(
                f"The {file_format} file answers otherwise than '{bundle.card.name}' (by "
                f"{difference:.3f}), so it was not kept."
            )
        last_step()
        for draft, target in zip(drafts, targets, strict=True):
            draft.replace(target)
    return Exported(tuple(targets), len(faces), difference, same)


def _targets(how: Format, file_format: str, name: str, out: Path) -> list[Path]:
    if out.is_dir() or not out.suffix:
        # not with_suffix: a model's name may hold a dot
        first = out / f"{how.stem.format(name=name)}{how.suffixes[0]}"
    elif out.suffix in how.suffixes:
        first = out.with_suffix(how.suffixes[0])
    else:
        raise UsageError(
            f"A file of the format {file_format} ends in {' or '.join(how.suffixes)}, "
            f"not in {out.suffix}; -o also takes a folder."
        )
    targets = [first, *(first.with_suffix(suffix) for suffix in how.suffixes[1:])]
    for target in targets:
        if target.exists():
            raise UsageError(f"{target} is there already; choose another name with -o.")
    return targets


def _original(bundle: ModelBundle) -> Classify:
    if KERAS in bundle.card.sha256:
        return keras_classifier(bundle.verified_file(KERAS))
    return LiteRtClassifier(bundle.verified_file(FLOAT)).classify


def _network(bundle: ModelBundle) -> keras.Model:
    return keras.models.load_model(bundle.verified_file(KERAS), compile=False)


def _answers_of(network: keras.Model) -> Classify:
    def classify(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(network(network_input(faces), training=False), np.float32)

    return classify


def _keras(bundle: ModelBundle, file: Path) -> Classify:
    shutil.copyfile(bundle.verified_file(KERAS), file)
    return keras_classifier(file)


def _h5(bundle: ModelBundle, file: Path) -> Classify:
    _network(bundle).save(file, include_optimizer=False)
    return keras_classifier(file)


def _json_h5(bundle: ModelBundle, file: Path) -> Classify:
    network = _network(bundle)
    weights = file.with_suffix(".h5")
    file.write_text(network.to_json(), encoding="utf-8")
    network.save(weights, include_optimizer=False)
    # as a notebook reads the pair
    again = keras.models.model_from_json(file.read_text(encoding="utf-8"))
    again.load_weights(weights)
    return _answers_of(again)


def _tflite(bundle: ModelBundle, file: Path) -> Classify:
    shutil.copyfile(bundle.verified_file(INT8), file)
    return LiteRtClassifier(file).classify


def _tflite_float(bundle: ModelBundle, file: Path) -> Classify:
    shutil.copyfile(bundle.verified_file(FLOAT), file)
    return LiteRtClassifier(file).classify


def _onnx(bundle: ModelBundle, file: Path) -> Classify:
    if any(find_spec(package) is None for package in ("tf2onnx", "onnxruntime")):
        raise ModelError("ONNX needs two more packages: pip install tf2onnx onnxruntime")
    import onnxruntime

    network = _network(bundle)
    network(network_input(checks.sample_faces()[:1]))  # export wants it to have been called
    network.export(file, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()

    def classify(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {given.name: network_input(faces)})[0], np.float32)

    return classify


FORMATS: dict[str, Format] = {
    "keras": Format(_keras, "final_emotion_model", (".keras",)),
    "h5": Format(_h5, "{name}", (".h5",)),
    "json+h5": Format(_json_h5, "emotiondetector", (".json", ".h5")),
    "tflite": Format(_tflite, "{name}", (".tflite",)),
    "tflite-float": Format(_tflite_float, "{name}_float", (".tflite",)),
    "onnx": Format(_onnx, "{name}", (".onnx",)),
}
"""What a network can be exported as, by name."""
