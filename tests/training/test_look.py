"""A first look at a data set, through the desk and the engine's own process."""

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.faces import face_set

from fercam.training.data_choice import DataChoice
from fercam.training.data_desk import DataDesk
from fercam.training.data_report import DataReport
from fercam.training.engine import readers
from fercam.training.engine.dataset import Skipped
from fercam.training.engine.look import look as first_look

PATIENCE_S = 60


def test_a_file_whose_name_is_no_text_is_looked_at_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = face_set(["happy", "sad"] * 10)
    odd = replace(faces, skipped=(Skipped("sad/\udcff.jpg", "cannot be read"),))
    monkeypatch.setattr(readers, "load", lambda *_: odd)
    monkeypatch.setattr(readers, "unknown_classes", lambda *_: {})
    first_look(tmp_path, {}, False, tmp_path, lambda *_, **__: None)
    assert "udcff" in (tmp_path / "data.json").read_text(encoding="utf-8")


class Listener:
    """Remembers what it hears."""

    def __init__(self) -> None:
        self.reports: list[DataReport] = []
        self.failure = ""
        self.over, self.begun = threading.Event(), threading.Event()

    def on_report(self, report: DataReport) -> None:
        self.reports.append(report)
        self.begun.set()
        if report.finished:
            self.over.set()

    def on_data_failed(self, message: str) -> None:
        self.failure = message
        self.over.set()


def write(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(number).integers(0, 256, (48, 48), dtype=np.uint8)
    assert cv2.imwrite(str(path), cv2.GaussianBlur(noise, (0, 0), 2))


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Thirty faces of two emotions, a copy, a conflict, and a file that is no picture."""
    root = tmp_path / "set"
    for number in range(30):
        write(root / ("happy", "sad")[number % 2] / f"{number:02d}.png", number)
    shutil.copy(root / "happy" / "00.png", root / "happy" / "copy.png")
    shutil.copy(root / "happy" / "02.png", root / "sad" / "conflict.png")
    (root / "sad" / "text.png").write_text("no picture")
    return root


def look(choice: DataChoice, home: Path) -> Listener:
    listener = Listener()
    desk = DataDesk(listener, home)
    desk.look_at(choice)
    assert listener.over.wait(PATIENCE_S)
    desk.close()
    assert desk.join(PATIENCE_S)
    return listener


def test_a_data_set_is_counted_and_its_troubles_are_named(faces: Path, tmp_path: Path) -> None:
    heard = look(DataChoice(faces, "Mine"), tmp_path / "home")
    report = heard.reports[-1]
    assert report.usable
    assert report.faces == 32
    assert report.counts["train"]["happy"] == 16
    assert set(report.used) == {"train", "validation"}
    said = {trouble.what: trouble for trouble in report.trouble}
    unreadable = said["1 file that cannot be read"]
    assert "text.png" in unreadable.files[0]
    for what in ("2 exact copies, 0 near copies", "1 group of copies with several emotions"):
        sheet = said[what].sheet
        assert sheet is not None
        assert cv2.imread(str(sheet)) is not None
    assert {"happy", "sad"} == set(report.sheets)
    assert "few" in report.problem
    assert json.loads((tmp_path / "home" / "data.json").read_text())["faces"] == 32
    reading = [report for report in heard.reports if report.of]
    assert (reading[-1].done, reading[-1].of, reading[-1].finished) == (33, 33, False)


def test_unknown_names_are_left_out_and_asked_for(faces: Path, tmp_path: Path) -> None:
    for number in range(20):
        write(faces / "contempt" / f"{number}.png", 100 + number)
    report = look(DataChoice(faces, "Mine"), tmp_path / "home").reports[-1]
    assert report.unknown == {"contempt": 20}
    assert report.faces == 32
    mapped = DataChoice(faces, "Mine", {"contempt": "disgust"})
    report = look(mapped, tmp_path / "home").reports[-1]
    assert report.unknown == {}
    assert report.counts["train"]["disgust"] == 20


@pytest.mark.parametrize(
    ("copies", "said"), [(1, "1 copy of a test picture is"), (2, "2 copies of test pictures are")]
)
def test_copies_of_test_pictures_are_counted(copies: int, said: str, tmp_path: Path) -> None:
    root = tmp_path / "set"
    for number in range(48):
        part = "test" if number < 8 else "train"
        write(root / part / ("happy", "sad")[number % 2] / f"{number}.png", number)
    for number in range(0, 2 * copies, 2):
        write(root / "train" / "happy" / f"copy{number}.png", number)
    report = look(DataChoice(root, "Mine"), tmp_path / "home").reports[-1]
    assert any(
        f"{said} left out of training." in trouble.done_about_it for trouble in report.trouble
    )


def test_only_unknown_names_can_still_be_mapped(tmp_path: Path) -> None:
    write(tmp_path / "set" / "glad" / "a.png", 1)
    report = look(DataChoice(tmp_path / "set", "Mine"), tmp_path / "home").reports[-1]
    assert report.unknown == {"glad": 1}
    assert not report.usable
    assert report.problem


@pytest.mark.parametrize(
    ("emotions", "sentence"),
    [
        (["happy"] * 3, "3 training pictures are too few"),
        (["happy"] * 30, "one emotion"),
        ([], "No usable pictures"),
    ],
)
def test_what_nothing_can_be_trained_on_is_one_sentence(
    tmp_path: Path, emotions: list[str], sentence: str
) -> None:
    root = tmp_path / "set"
    root.mkdir()
    for number, emotion in enumerate(emotions):
        write(root / emotion / f"{number}.png", number)
    heard = look(DataChoice(root, "Mine"), tmp_path / "home")
    assert sentence in (heard.failure or heard.reports[-1].problem)
    assert not heard.reports[-1].usable


def test_a_data_set_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    heard = look(DataChoice(tmp_path / "gone", "Mine"), tmp_path / "home")
    assert "There is no data set" in heard.failure


def test_a_new_wish_takes_the_place_of_the_one_under_way(faces: Path, tmp_path: Path) -> None:
    listener = Listener()
    desk = DataDesk(listener, tmp_path / "home")
    desk.look_at(DataChoice(faces, "First"))
    assert listener.begun.wait(PATIENCE_S)
    desk.look_at(DataChoice(faces, "Second"))
    assert listener.over.wait(PATIENCE_S)
    desk.close()
    assert desk.join(PATIENCE_S)
    assert listener.failure == ""
    assert [r.choice.title for r in listener.reports if r.finished] == ["Second"]


def test_a_look_that_is_given_up_says_nothing_more(faces: Path, tmp_path: Path) -> None:
    listener = Listener()
    desk = DataDesk(listener, tmp_path / "home")
    desk.look_at(DataChoice(faces, "Mine"))
    assert listener.begun.wait(PATIENCE_S)
    desk.close()
    assert desk.join(PATIENCE_S)
    assert listener.failure == ""
    assert not any(report.finished for report in listener.reports)
