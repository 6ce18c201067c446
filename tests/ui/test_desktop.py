"""Where a file should go is asked for, and an older one is replaced only if that was asked too."""

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from fercam.ui.desktop import ask_save


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def answer(monkeypatch: pytest.MonkeyPatch, *typed: Path) -> list[str]:
    """Let somebody type these, one each time the dialog shows, and then give up; return the names
    that it offers."""
    offered: list[str] = []
    left = list(typed)

    def shown(dialog: QFileDialog) -> bool:
        return bool(left)

    monkeypatch.setattr(QFileDialog, "exec", shown)
    monkeypatch.setattr(QFileDialog, "selectFile", lambda dialog, name: offered.append(name))
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda dialog: [str(left.pop(0))])
    return offered


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("anna.csv", "anna.csv"),
        ("anna.CSV", "anna.CSV"),
        ("anna", "anna.csv"),
        ("1.5 years", "1.5 years.csv"),
    ],
)
def test_a_file_gets_its_suffix_whatever_is_typed(
    parent: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, made: str
) -> None:
    offered = answer(monkeypatch, tmp_path / typed)
    assert ask_save(parent, "Export", tmp_path / "wish.csv") == tmp_path / made
    assert offered == ["wish.csv"]


def test_a_file_that_is_met_only_with_its_suffix_is_asked_about(
    parent: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.html").touch()
    offered = answer(monkeypatch, tmp_path / "report", tmp_path / "other")
    assert ask_save(parent, "Report", tmp_path / "wish.html") == tmp_path / "other.html"
    assert offered == ["wish.html", "report.html"]


def test_nowhere_is_an_answer(
    parent: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch)
    assert ask_save(parent, "Export", tmp_path / "wish.csv") is None
