"""One question after a crash: should a report be saved?"""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QMessageBox, QWidget

from fercam.core.errors import reason_of
from fercam.ui.desktop import ask_save

EXPLAINS = (
    "A report can help to find out why: versions, this computer's system and the log, without your "
    "home folder or user name. There are no pictures and no names of people in it, and nothing is "
    "sent: you save it, read it, and pass it on or not."
)


def ask_report(parent: QWidget) -> Path | None:
    """Ask where the report should go; None for nowhere."""
    return ask_save(parent, "Save report", Path.home() / "fercam-report.txt")


class CrashDialog(QMessageBox):
    """Does not hold up the window: `open` it. `save` writes the report to a file or raises an
    OSError; `ask` asks for the file."""

    def __init__(
        self,
        parent: QWidget,
        save: Callable[[Path], None],
        ask: Callable[[QWidget], Path | None] = ask_report,
    ) -> None:
        super().__init__(parent)
        self._write, self._ask = save, ask
        self.setWindowTitle("FerCam")
        self.setIcon(QMessageBox.Icon.Warning)
        self.setText("FerCam stopped unexpectedly last time.")
        self.setInformativeText(EXPLAINS)
        self.save = self.addButton("Save report…", QMessageBox.ButtonRole.ActionRole)
        self.no = self.addButton(QMessageBox.StandardButton.Close)
        if self.save is not None:
            # a button of a message box closes it; this one only when something was saved
            self.save.clicked.disconnect()
            self.save.clicked.connect(self._save_report)
        self.setDefaultButton(self.no)
        self.setEscapeButton(self.no)

    def _save_report(self) -> None:
        file = self._ask(self)
        if file is None:
            return
        try:
            self._write(file)
        except OSError as error:
            self.setInformativeText(
                f"{file.name} cannot be written ({reason_of(error)}); choose another place."
            )
            return
        self.accept()
