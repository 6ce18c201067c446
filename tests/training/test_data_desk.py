"""The desk of the Data page: looks in a child process, one at a time, and can be stopped."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from fercam.training.data_choice import DataChoice
from fercam.training.data_desk import DataDesk
from fercam.training.data_report import DataReport

TIMEOUT_S = 60.0


class Listener:
    """Keeps what it hears; `wait` for the end of a look."""

    def __init__(self) -> None:
        self.reports: list[DataReport] = []
        self.failures: list[str] = []
        self.begun, self.over = threading.Event(), threading.Event()

    def on_report(self, report: DataReport) -> None:
        self.reports.append(report)
        self.begun.set()
        if report.finished:
            self.over.set()

    def on_data_failed(self, message: str) -> None:
        self.failures.append(message)
        self.over.set()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def desk(listener: Listener, tmp_path: Path) -> Iterator[DataDesk]:
    desk = DataDesk(listener, tmp_path / "cache")
    yield desk
    desk.close()
    assert desk.join(TIMEOUT_S)


def write_set(folder: Path, **pictures: int) -> DataChoice:
    for name, count in pictures.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            face = np.random.default_rng([len(name), number]).integers(0, 256, (48, 48))
            assert cv2.imwrite(str(folder / name / f"{number}.png"), face.astype(np.uint8))
    return DataChoice(folder, folder.name)


def test_a_new_wish_takes_the_place_of_the_look_under_way(
    desk: DataDesk, listener: Listener, tmp_path: Path
) -> None:
    many = write_set(tmp_path / "many", happy=1500, sad=1500)
    few = write_set(tmp_path / "few", happy=20, sad=20)
    desk.look_at(DataChoice(many.path, "many", detect=True))
    assert listener.begun.wait(TIMEOUT_S)
    desk.look_at(few)
    assert listener.over.wait(TIMEOUT_S)
    assert listener.failures == []
    assert [report.choice for report in listener.reports if report.finished] == [few]


def test_nothing_is_heard_of_a_look_that_was_cancelled(
    desk: DataDesk, listener: Listener, tmp_path: Path
) -> None:
    many = write_set(tmp_path / "many", happy=1500, sad=1500)
    desk.look_at(DataChoice(many.path, "many", detect=True))
    assert listener.begun.wait(TIMEOUT_S)
    desk.cancel()
    desk.close()
    assert desk.join(TIMEOUT_S)
    assert listener.failures == []
    assert not any(report.finished for report in listener.reports)


def test_a_child_that_dies_is_one_sentence(
    desk: DataDesk, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = [sys.executable, "-c", "raise SystemExit(3)"]
    monkeypatch.setattr("fercam.training.job._engine_command", lambda: dying)
    desk.look_at(write_set(tmp_path / "set", happy=2))
    assert listener.over.wait(TIMEOUT_S)
    (message,) = listener.failures
    assert "ended unexpectedly" in message


def test_the_sheets_of_one_look_do_not_stay_for_the_next(
    desk: DataDesk, listener: Listener, tmp_path: Path
) -> None:
    desk.look_at(write_set(tmp_path / "one", happy=20, sad=20))
    assert listener.over.wait(TIMEOUT_S)
    listener.over.clear()
    desk.look_at(write_set(tmp_path / "two", fear=20, neutral=20))
    assert listener.over.wait(TIMEOUT_S)
    sheets = {file.stem for file in (tmp_path / "cache" / "samples").iterdir()}
    assert sheets == set(listener.reports[-1].sheets) == {"fear", "neutral"}
