"""What a finished run shows."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.faces import face_set
from matplotlib.figure import Figure
from matplotlib.text import Text

from fercam.core.emotions import EMOTIONS
from fercam.training.engine.metrics import with_temperature
from fercam.training.engine.pictures import write_pictures
from fercam.training.runs import best_epoch

PICTURES = ("accuracy", "loss", "confusion_matrix", "reliability", "most_confused")
HISTORY = [
    {"epoch": 1, "loss": 1.9, "accuracy": 0.2, "val_loss": 1.8, "val_accuracy": 0.3,
     "val_balanced": 0.2},
    {"epoch": 2, "loss": 1.5, "accuracy": 0.4, "val_loss": 1.4, "val_accuracy": 0.4,
     "val_balanced": 0.3},
    {"epoch": 3, "loss": 1.2, "accuracy": 0.6, "val_loss": 1.6, "val_accuracy": 0.5,
     "val_balanced": 0.4},
]  # fmt: skip


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Return what is written in each picture that is saved, by the picture's name."""
    seen: dict[str, set[str]] = {}
    save = Figure.savefig

    def spy(figure: Figure, file: Path, **options: object) -> None:
        seen[file.stem] = {text.get_text() for text in figure.findobj(Text) if text.get_text()}
        save(figure, file, **options)

    monkeypatch.setattr(Figure, "savefig", spy)
    return seen


def answers(labels: np.ndarray, confidence: float = 0.7) -> np.ndarray:
    rows = np.full((len(labels), 7), (1 - confidence) / 6, np.float32)
    rows[np.arange(len(labels)), labels] = confidence
    return rows


def write(folder: Path, split: str = "test", *, mistaken: bool = True, **more: object) -> None:
    part = face_set(["happy", "fear", "fear", "fear", "sad", "angry"] * 2, [split] * 12)
    said = part.labels.copy()
    if mistaken:
        said[part.labels == EMOTIONS.index("fear")] = EMOTIONS.index("sad")
        said[0] = EMOTIONS.index("neutral")
    calibrated = answers(said)
    write_pictures(
        folder,
        part,
        with_temperature(calibrated, 0.5),
        calibrated,
        **{"history": HISTORY, "choose_by": "loss", **more},
    )


def test_a_run_whose_figures_are_lost_gets_the_pictures_of_its_model(tmp_path: Path) -> None:
    write(tmp_path, history=[])
    drawn = {file.stem for file in tmp_path.glob("*.png")}
    assert drawn == {"confusion_matrix", "reliability", "most_confused"}


def test_a_run_folder_gets_every_picture_and_the_report(tmp_path: Path) -> None:
    write(tmp_path)
    for name in PICTURES:
        picture = cv2.imread(str(tmp_path / f"{name}.png"))
        assert picture.std() > 5, name
    table = json.loads((tmp_path / "classification_report.json").read_text())
    assert table["sad"]["recall"] == 1.0
    assert table["fear"]["precision"] == table["disgust"]["support"] == 0
    text = (tmp_path / "classification_report.txt").read_text()
    assert all(emotion in text for emotion in EMOTIONS)
    assert len(list(tmp_path.iterdir())) == len(PICTURES) + 2


def test_pictures_say_which_split_and_what_is_confused(
    tmp_path: Path, texts: dict[str, set[str]]
) -> None:
    write(tmp_path)
    assert {"fear taken for sad: 6", "happy taken for neutral: 1"} <= texts["most_confused"]
    for name in ("most_confused", "confusion_matrix", "reliability"):
        assert any("12 test faces" in text for text in texts[name])
    assert {"100%\n6", *EMOTIONS} <= texts["confusion_matrix"]
    assert any(text.startswith("before temperature") for text in texts["reliability"])
    write(tmp_path, "validation")
    assert any("12 validation faces" in text for text in texts["confusion_matrix"])


def test_the_epoch_that_was_kept_is_marked(tmp_path: Path, texts: dict[str, set[str]]) -> None:
    assert (best_epoch(HISTORY, "loss"), best_epoch(HISTORY, "balanced")) == (2, 3)
    write(tmp_path, choose_by="balanced")
    assert "kept: epoch 3, 50.0%" in texts["accuracy"]
    assert "kept: epoch 3, 1.600" in texts["loss"]


def test_a_run_of_one_epoch_without_mistakes_has_its_pictures_too(
    tmp_path: Path, texts: dict[str, set[str]]
) -> None:
    write(tmp_path, mistaken=False, history=HISTORY[:1])
    assert set(texts) == set(PICTURES)
    assert texts["most_confused"] == {"None of the 12 test faces was mistaken."}
