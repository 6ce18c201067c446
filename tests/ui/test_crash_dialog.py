"""After a crash one question, which holds nothing up."""

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from fercam.ui.widgets.crash_dialog import CrashDialog


class Asked:
    """Stands in for the dialog that asks for a file, and for what writes it."""

    def __init__(self, answer: Path | None) -> None:
        self.answer = answer
        self.written: list[Path] = []
        self.fault: OSError | None = None

    def ask(self, parent: QWidget) -> Path | None:
        return self.answer

    def write(self, file: Path) -> None:
        if self.fault is not None:
            raise self.fault
        self.written.append(file)


def opened(qtbot: QtBot, asked: Asked) -> tuple[CrashDialog, QPushButton]:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    dialog = CrashDialog(owner, asked.write, asked.ask)
    dialog.open()
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.save is not None
    dialog.owner = owner  # type: ignore[attr-defined]  # lives as long as the dialog
    return dialog, dialog.save


def test_it_says_what_a_report_holds_and_saves_it_where_asked(qtbot: QtBot, tmp_path: Path) -> None:
    asked = Asked(tmp_path / "report.txt")
    dialog, save = opened(qtbot, asked)
    assert "stopped unexpectedly" in dialog.text()
    assert "no pictures and no names" in dialog.informativeText()
    assert asked.written == []
    save.click()
    assert asked.written == [tmp_path / "report.txt"]
    qtbot.waitUntil(lambda: not dialog.isVisible())


def test_asking_and_not_saving_leaves_the_question(qtbot: QtBot) -> None:
    asked = Asked(None)
    dialog, save = opened(qtbot, asked)
    save.click()
    assert dialog.isVisible() and asked.written == []
    dialog.no.click()  # type: ignore[union-attr]
    assert not dialog.isVisible() and asked.written == []


def test_a_file_that_cannot_be_written_is_said_and_asked_for_again(
    qtbot: QtBot, tmp_path: Path
) -> None:
    asked = Asked(tmp_path / "report.txt")
    asked.fault = PermissionError(13, "Permission denied")
    dialog, save = opened(qtbot, asked)
    save.click()
    assert dialog.isVisible()
    assert dialog.informativeText() == (
        "report.txt cannot be written (Permission denied); choose another place."
    )
    asked.fault = None
    save.click()
    qtbot.waitUntil(lambda: not dialog.isVisible())


@pytest.mark.parametrize("name", ["save", "no"])
def test_its_buttons_are_reached_with_the_keyboard(qtbot: QtBot, name: str) -> None:
    from PyQt6.QtCore import Qt

    dialog, _ = opened(qtbot, Asked(None))
    assert getattr(dialog, name).focusPolicy() & Qt.FocusPolicy.TabFocus
