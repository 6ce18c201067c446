"""Networks that others trained, made into model bundles of the user's.

Around a Keras network come the layers that it lacks, so that gray faces of 0..255 go in and
probabilities in the order of `EMOTIONS` come out; its own weights stay as they are.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from fercam import paths
from fercam.core.emotions import EMOTIONS, emotion_index
from fercam.core.errors import ModelError, UsageError
from fercam.detection.crop import CROP_SIDE, FACE_PX
from fercam.inference.bundle import (
    FLOAT,
    INPUT,
    INT8,
    KERAS,
    Card,
    list_bundles,
    load_bundle,
    write_card,
)
from fercam.inference.litert import LiteRtClassifier
from fercam.sessions.leftovers import workshop
from fercam.training.engine import adapt, checks, foreign
from fercam.training.engine.control import last_step
from fercam.training.engine.export import INTENDED_USE, rounded, to_tflite
from fercam.training.own_models import check_name

LICENCE = "that of the imported file, which FerCam does not know; ask who made it"
LIMITS = (
    "Reads expressions, not feelings. Imported: FerCam has not measured it, its confidence is not "
    "calibrated, and nothing below 100% counts as sure. Run `fercam evaluate` on pictures that it "
    "was not trained on before trusting it. Not tested for fairness between groups."
)

IN_ORDER = tuple(range(len(EMOTIONS)))


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be imported, and what is known of it.

    `order` says for each emotion of `EMOTIONS` which output of the network it is.
    """

    files: tuple[Path, ...]
    name: str
    scale: str | None
    order: tuple[int, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The emotions in the order of the network's outputs."""
        return tuple(EMOTIONS[self.order.index(output)] for output in IN_ORDER)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import.

    `assumptions` are sentences to show. `largest_difference` is that of any probability between
    the original network and the bundle's float form on `faces` sample faces, on `same_labels` of
    which the form that runs live gives the same emotion.
    """

    scale: str
    parameters: int
    assumptions: tuple[str, ...]
    faces: int
    largest_difference: float
    same_labels: int


def import_model(
    files: Sequence[Path],
    name: str | None = None,
    scale: str | None = None,
    classes: Sequence[str] | None = None,
) -> tuple[Path, Imported]:
    """Put a network into the user's models folder, all of it or nothing; return its folder.

    `files` are one .keras, .h5 or .tflite file, or a .json and its .h5 file. `scale`, a key of
    `adapt.SCALES`, is what the network was trained on; None: looked for in its first layers,
    otherwise taken to be 0..1. `classes` are its seven outputs in their order, aliases allowed;
    None: the order of `EMOTIONS`.

    Raises:
        DataError: a class is none of the seven emotions.
        ModelError: the network is refused; one plain line.
        UsageError: the files, the name or the classes do not make sense.
    """
    given = Given(tuple(files), _free_name(name, files[0]), scale, class_order(classes))
    home = paths.user_models_dir()
    home.mkdir(parents=True, exist_ok=True)
    # hidden and one folder deeper than a model: nobody lists half of one
    with workshop(".import-", home) as work:
        bundle = work / "bundle"
        bundle.mkdir()
        take = _take_tflite if foreign.kind_of(files[0]) == "tflite" else _take_keras
        imported = take(given, bundle)
        if classes is None:
            order = f"Its classes are in this order: {', '.join(EMOTIONS)} (else: --classes)."
            imported = replace(imported, assumptions=(*imported.assumptions, order))
        write_card(bundle, _card(given, imported))
        load_bundle(bundle, verify_all=True)
        last_step()
        os.replace(bundle, home / given.name)  # noqa: PTH105
    return home / given.name, imported


def class_order(classes: Sequence[str] | None) -> tuple[int, ...]:
    """Return for each emotion of `EMOTIONS` which output of the network it is.

    Raises:
        DataError: a name is none of the seven.
        UsageError: they are not the seven, each once.
    """
    given = [emotion_index(name) for name in (EMOTIONS if classes is None else classes)]
    if sorted(given) != list(IN_ORDER):
        raise UsageError(f"The classes must be these seven, each once: {', '.join(EMOTIONS)}.")
    return tuple(given.index(index) for index in IN_ORDER)


def _take_keras(given: Given, bundle: Path) -> Imported:
    with tempfile.TemporaryDirectory(dir=bundle.parent) as copies:
        network = foreign.float32(foreign.open_keras(given.files, Path(copies)))
    adapt.check_shapes(network)
    scale, assumptions = given.scale, []
    if scale is None:
        scale, why = adapt.likely_scale(network)
        assumptions.append(f"It takes pictures of {scale}: {why} (else: --scale).")
    faces = checks.sample_faces()
    expected = np.asarray(adapt.answer_of(network, adapt.as_it_was_fed(faces, network, scale)))
    softmax = adapt.lacks_softmax(network, expected)
    if softmax:
        expected = np.asarray(keras.ops.softmax(expected))
        assumptions.append("It ends without softmax, so one was added.")
    expected = expected[:, list(given.order)]
    model = adapt.wrap(network, scale, given.order, softmax=softmax)
    model.save(bundle / KERAS)
    floats = to_tflite(model)
    (bundle / FLOAT).write_bytes(floats)
    (bundle / INT8).write_bytes(rounded(floats))
    difference = checks.largest_difference(_answers(bundle / FLOAT, faces), expected)
    if not difference < checks.SAME:
        raise ModelError(
            f"{given.files[0].name} answers otherwise after its conversion (by {difference:.3f}), "
            "so it is not imported."
        )
    same = checks.same_labels(_answers(bundle / INT8, faces), expected)
    return Imported(scale, model.count_params(), tuple(assumptions), len(faces), difference, same)


def _take_tflite(given: Given, bundle: Path) -> Imported:
    name = given.files[0].name
    other = "import the .keras or .h5 file that it was made from"
    if len(given.files) > 1:
        raise UsageError(foreign.ONE_AT_A_TIME)
    copy = bundle.parent / name  # what is looked at is what is kept, and has its name in refusals
    shutil.copyfile(given.files[0], copy)
    faces = checks.sample_faces()
    try:
        answers = _answers(copy, faces)
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{name} cannot take several faces at once: {other}.") from error
    if not adapt.are_probabilities(answers, name):
        raise ModelError(f"The outputs of {name} do not add up to 1: {other}.")
    if given.order != IN_ORDER:
        raise ModelError(
            f"{name} is a .tflite file, whose classes cannot be put in another order: {other}."
        )
    if given.scale != "0..255":
        raise ModelError(
            f"{name} is a .tflite file, which cannot be given a scaling of its own: {other}, or "
            "say --scale 0..255 if it takes pictures as they are."
        )
    copy.replace(bundle / INT8)
    # a LiteRT file does not say which of its numbers are parameters
    return Imported("0..255", 0, (), len(faces), 0.0, len(faces))


def _answers(file: Path, faces: checks.Faces) -> checks.Probabilities:
    classifier = LiteRtClassifier(file)
    try:
        return classifier.classify(faces)
    finally:
        classifier.close()


def _card(given: Given, imported: Imported) -> Card:
    return Card(
        name=given.name,
        architecture="imported",
        parameters=imported.parameters,
        classes=EMOTIONS,
        input=INPUT,
        crop_side=CROP_SIDE,
        face_px=FACE_PX,
        temperature=1.0,
        sure_threshold=1.0,
        data={
            "name": " + ".join(file.name for file in given.files),
            "scale": imported.scale,
            "classes": list(given.classes),
        },
        metrics={},
        licence=LICENCE,
        intended_use=INTENDED_USE,
        limits=LIMITS,
    )


def _free_name(name: str | None, file: Path) -> str:
    if name is None:
        name = re.sub(r"[^\w.-]+", "-", file.stem).strip("-.") or "imported"
    check_name(name)
    known = {path.name for path in list_bundles()}
    if name in known or (paths.user_models_dir() / name).exists():
        raise UsageError(f"There is a model '{name}' already; choose another --name.")
    return name
