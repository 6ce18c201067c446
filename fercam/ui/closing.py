"""How the window closes: what is asked before, and what is waited for behind."""

import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QMessageBox, QWidget

POLL_MS = 20
WAIT_S = 12.0
"""The longest wait for threads: reading from a camera may hang for ten seconds."""


class Closing(QObject):
    """Asks before work that is under way is given up, then waits until all threads have ended."""

    over = pyqtSignal()
    """Everything has ended, or has had its time."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.ask_close: Callable[[str], bool] = self._ask_close
        self.ask_training: Callable[[], bool | None] = self._ask_training
        """Shall training go on without the window? None: do not close."""
        self.training_goes_on = False
        self._window = window
        self._deadline_s: float | None = None
        self._left: Callable[[], bool] = lambda: True
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def begun(self) -> bool:
        """Whether the window is gone already."""
        return self._deadline_s is not None

    def may_begin(self, training: bool, jobs: int) -> bool:
        """Ask what is to become of training, if there is any, and of so many jobs."""
        if training:
            wish = self.ask_training()
            if wish is None:
                return False
            self.training_goes_on = wish
        if not jobs:
            return True
        what = "An export or import is" if jobs == 1 else f"{jobs} exports or imports are"
        return self.ask_close(f"{what} still under way. Stop and close?")

    def wait_for(self, left: Callable[[], bool]) -> None:
        """Tell when `left` says that every thread has ended."""
        self._left = left
        self._deadline_s = time.monotonic() + WAIT_S
        self._timer.start()

    def _look(self) -> None:
        assert self._deadline_s is not None
        if self._left() or time.monotonic() > self._deadline_s:
            self._timer.stop()
            self.over.emit()

    def _ask_close(self, question: str) -> bool:
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window, "FerCam", question, buttons.Close | buttons.Cancel, buttons.Cancel
        )
        return answer == buttons.Close

    def _ask_training(self) -> bool | None:
        box = QMessageBox(self._window)
        box.setWindowTitle("FerCam")
        box.setText("A model is in training. Shall it go on without the window?")
        box.setInformativeText("You will find it in Training the next time.")
        go_on = box.addButton("Go on", QMessageBox.ButtonRole.AcceptRole)
        stop = box.addButton("Stop, keep the best", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(go_on)
        box.exec()
        answers = {go_on: True, stop: False}
        return answers.get(box.clickedButton())  # type: ignore[arg-type]
