"""A few faces of one's own change what a model says of that person, and nothing is lost for it."""

import csv
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fercam import cli
from fercam.commands import training
from fercam.detection.crop import crop_face
from fercam.training.config import RECIPES, default_recipe
from fercam.training.samples import SampleStore

Row = dict[str, str]


def run(*line: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fercam.cli", *map(str, line)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def rows_of(session: Path) -> list[Row]:
    with (session / "frames.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["label"]]


def faces_of(video: Path, rows: list[Row]) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    reader = cv2.VideoCapture(str(video))
    for row in rows:
        _, image = reader.read()
        yield float(row["time_s"]), crop_face(image, tuple(float(row[k]) for k in "xywh"))
    reader.release()


def test_few_faces_train_the_head_alone() -> None:
    weights = Path("model.keras")
    assert default_recipe("fercam", weights, 100) == "few faces"
    assert default_recipe("fercam", weights, 20_000) == "fine-tune"
    assert default_recipe("fercam", weights) == "fine-tune"
    assert default_recipe("seed", None, 100) == "notebook"
    assert RECIPES["few faces"]["trained"] == "head"


def test_a_folder_of_the_models_name_is_not_taken_for_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fercam").mkdir()
    options = cli._parser().parse_args(["train", "faces", "--weights", "fercam", "-o", "run"])
    weights = training._training_config(options).weights
    assert weights is not None
    assert weights.name == "model.keras"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_faces_gathered_from_a_video_change_its_labels_as_they_should(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    video = shared("media/videos/liveportrait_d9.mp4")
    run("analyze", video, "--no-video", "-o", tmp_path / "before")
    before = rows_of(tmp_path / "before")
    store = SampleStore(tmp_path / "samples")
    for number, (t_s, face) in enumerate(faces_of(video, before)):
        if t_s < 8 and number % 8 == 0:  # he looks neutral; we say that this is his sad face
            store.add(face, "sad", "he", f"a{t_s // 2:.0f}")
        elif 10 <= t_s < 11.2 and number % 3 == 0:
            store.add(face, "happy", "he", f"b{(t_s - 10) // 0.6:.0f}")
    out = tmp_path / "run"
    run("train", store.home, "--weights", "fercam", "--arch", "fercam", "--recipe", "few faces",
        "-o", out)  # fmt: skip
    run("analyze", video, "--no-video", "--model", out / "fercam", "-o", tmp_path / "after")
    labels = [(float(row["time_s"]), row["label"]) for row in rows_of(tmp_path / "after")]
    later = Counter(label for t_s, label in labels if t_s > 13)  # none of these was shown to it
    smiles = Counter(label for t_s, label in labels if 11.3 < t_s < 12.3)
    assert later["sad"] > 0.9 * later.total()
    assert smiles["happy"] > 0.9 * smiles.total()
    assert Counter(row["label"] for row in before)["sad"] == 0
