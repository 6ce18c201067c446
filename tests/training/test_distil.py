"""The shipped network's training on a GPU: its pictures are those of the training engine."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import pytest
from helpers.faces import face_set

from fercam.core.emotions import EMOTIONS

jax = pytest.importorskip("jax")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def gpu() -> dict[str, Any]:
    return runpy.run_path(str(BENCHMARKS / "changed_faces.py"))


def smooth_faces(count: int) -> np.ndarray:
    noise = np.random.default_rng(1).integers(0, 256, (count, 48, 48)).astype(np.float32)
    return np.stack([cv2.GaussianBlur(face, (0, 0), 3) * 4 - 384 for face in noise]).clip(0, 255)


def test_a_face_is_blurred_and_shrunk_as_opencv_does_it(gpu: dict[str, Any]) -> None:
    face = smooth_faces(1)[0]
    blurring = gpu["_blurring"](0.8)
    blurred = cv2.GaussianBlur(face, (0, 0), 0.8)
    assert blurring @ face @ blurring.T == pytest.approx(blurred, abs=0.01)
    shrinking = gpu["_shrinking"](25)
    small = cv2.resize(face, (25, 25), interpolation=cv2.INTER_AREA)
    shrunk = cv2.resize(small, (48, 48), interpolation=cv2.INTER_LINEAR)
    assert shrinking @ face @ shrinking.T == pytest.approx(shrunk, abs=0.01)


def test_a_face_is_compressed_as_a_jpeg_file_is(gpu: dict[str, Any]) -> None:
    faces = np.round(smooth_faces(40))
    compressed = np.asarray(gpu["_compressed"](faces, jax.random.key(1)))
    off = np.abs(compressed - faces).mean(axis=(1, 2))
    expected = [
        np.abs(cv2.imdecode(cv2.imencode(".jpg", face, [1, quality])[1], 0) - face).mean()
        for quality in (70, 20)
        for face in faces.astype(np.uint8).astype(np.float32)
    ]
    assert np.mean(expected[:40]) < off.mean() < np.mean(expected[40:])


def test_a_face_is_moved_no_farther_than_in_training_here(gpu: dict[str, Any]) -> None:
    dot = np.zeros((64, 48, 48), np.float32)
    dot[:, 20:28, 20:28] = 255
    moved = np.asarray(gpu["_moved"](dot, jax.random.key(1)))
    rows, columns = np.indices((48, 48))
    for place in (rows, columns):
        centre = (moved * place).sum(axis=(1, 2)) / moved.sum(axis=(1, 2))
        assert np.abs(centre - 23.5).max() <= 3.2
        assert np.ptp(centre) > 3, "they are moved"


def test_changes_depend_on_the_key_alone_and_give_pictures(gpu: dict[str, Any]) -> None:
    faces = smooth_faces(16)
    one, same, other = (np.asarray(gpu["changed"](faces, jax.random.key(key))) for key in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.array_equal(one, one.astype(np.uint8))


TINY = """
import sys
sys.path[:0] = [sys.argv[1]]
import distil
distil.BATCH, distil.FOLDS, distil.SEEDS = 16, 2, (1,)
distil.TEACHER = distil.Recipe("fercam-nano", 1, 2e-3, 0.1, 0.9, 1)
distil.PUPIL = distil.Recipe("fercam-nano", 1, 2e-3, 0.05, 0.9, 0.35)
distil.main(distil.Path(sys.argv[2]), distil.Path(sys.argv[3]), None)
"""


@pytest.mark.slow
def test_teachers_and_pupil_make_a_network_to_train_on_from(tmp_path: Path) -> None:
    faces = face_set([emotion for emotion in EMOTIONS for _ in range(16)])
    np.savez(tmp_path / "faces.npz", x=faces.pixels, y=faces.labels, classes=np.array(EMOTIONS))
    told = subprocess.run(
        [sys.executable, "-c", TINY, BENCHMARKS, tmp_path / "faces.npz", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "teacher-0-1, 1 epochs" in told
    assert "fercam, 1 epochs" in told
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "faces.npz",
        "fercam.keras",
        "teacher-0-1.npz",
        "teacher-1-1.npz",
    ]
    network = keras.models.load_model(tmp_path / "out" / "fercam.keras", compile=False)
    answers = network.predict(faces.pixels[..., np.newaxis].astype(np.float32), verbose=0)
    assert answers.sum(axis=1) == pytest.approx(np.ones(len(faces)), abs=1e-5)
