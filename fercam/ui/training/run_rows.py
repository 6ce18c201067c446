"""What waits for its turn and what was not finished: a row each."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from fercam.core.words import counted, date
from fercam.training.runs import epochs_done
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from fercam.training.run_list import RunEntry
    from fercam.training.run_status import RunStatus

MOST = 3
"""Unfinished runs that are listed, the newest; the others are on the Results page."""


class RunRows(QWidget):
    """Hidden while there is nothing in it."""

    unqueue_asked = pyqtSignal(Path)
    resume_asked = pyqtSignal(Path)
    discard_asked = pyqtSignal(Path)

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.rows: list[Row] = []
        heading = QLabel(title)
        heading.setFont(look.font(look.SMALL_PX, strong=True))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(heading)
        self.hide()

    def show_queue(self, queue: "Sequence[RunStatus]") -> None:
        """Show what waits for its turn."""
        self._clear()
        for status in queue:
            row = self._add(
                f"{status.name} · {status.architecture}, {counted(status.epochs, 'epoch')}"
            )
            row.offer("Remove", "Do not train it", self.unqueue_asked, status.folder)

    def show_unfinished(self, runs: "Sequence[RunEntry]") -> None:
        """Show which runs could go on."""
        self._clear()
        for run in runs[:MOST]:
            done = epochs_done(run.history)
            row = self._add(
                f"{run.name} · {done} of {counted(run.config.epochs, 'epoch')} · "
                f"{date(run.started.isoformat())}"
            )
            row.offer("Resume", "Go on after its last epoch", self.resume_asked, run.folder)
            row.offer("Discard", "Delete it for good", self.discard_asked, run.folder)

    def _clear(self) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        self.hide()

    def _add(self, words: str) -> "Row":
        row = Row(words)
        self.rows.append(row)
        self._column.addWidget(row)
        self.show()
        return row


class Row(QFrame):
    """One run and what can be done with it."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.buttons: dict[str, QPushButton] = {}
        self.words = ElidedLabel()
        self.words.setText(words)
        self.words.setFont(look.font(look.SMALL_PX))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 4, 4, 4)
        self._row.setSpacing(8)
        self._row.addWidget(self.words, 1)

    def offer(self, name: str, does: str, signal: object, folder: Path) -> None:
        """Add a button that sends `signal` with the run's folder."""
        button = QPushButton(name)
        button.setFont(look.font(look.SMALL_PX))
        button.setToolTip(does)
        button.setAccessibleName(f"{name} {self.words.text()}")
        button.clicked.connect(lambda: signal.emit(folder))  # type: ignore[attr-defined]
        self.buttons[name] = button
        self._row.addWidget(button)
