"""The self-check in the window: a button, the lines as they come, and a way to copy them."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from fercam.core.words import counted
from fercam.ui import theme as look
from fercam.ui.check_bridge import Check, CheckBridge, CheckFactory

if TYPE_CHECKING:
    from fercam.pipeline.self_check import Checked

TEACHES = (
    "Looks at every part of FerCam and compares what its models answer with what they answered "
    "when they were trained. Takes a few seconds; nothing is sent anywhere."
)


class SelfCheckPanel(QWidget):
    """Checks when asked; `make_check` makes what does it, the first time."""

    def __init__(self, make_check: CheckFactory) -> None:
        super().__init__()
        self._make_check = make_check
        self._bridge = CheckBridge()
        self._check: Check | None = None
        self._lines: list[str] = []
        self.start = QPushButton("Check FerCam")
        self.start.setAccessibleName("Check FerCam")
        self.start.setToolTip("Tells whether every part works on this computer")
        self.copy = QPushButton("Copy")
        self.copy.setAccessibleName("Copy what the check said")
        self.copy.setToolTip("Puts the lines on the clipboard, to be pasted into a report")
        self.copy.setEnabled(False)
        self.words = QLabel(TEACHES)
        self.words.setFont(look.font(look.SMALL_PX))
        self.words.setWordWrap(True)
        self.words.setMinimumWidth(1)  # a long path must not widen the page
        self.words.setTextFormat(Qt.TextFormat.PlainText)  # a camera may be called anything
        self.words.setAccessibleName("What the check said")
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        for button in (self.start, self.copy):
            button.setFont(look.font(look.SMALL_PX))
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addLayout(buttons)
        self.start.clicked.connect(self._begin)
        self.copy.clicked.connect(self._copy)
        self._bridge.checked.connect(self._say)
        self._bridge.done.connect(self._finish)

    @property
    def text(self) -> str:
        """The lines so far."""
        return "\n".join(self._lines)

    def leave(self) -> None:
        """End after the part that is being looked at."""
        if self._check is not None:
            self._check.close()

    def left(self) -> bool:
        """Return whether the thread has ended."""
        return self._check is None or self._check.join(0)

    def _begin(self) -> None:
        if self._check is None:
            self._check = self._make_check(self._bridge)
        self._lines.clear()
        self.words.setText("Looking…")
        self.start.setEnabled(False)
        self.copy.setEnabled(False)
        self._check.start()

    def _say(self, checked: "Checked") -> None:
        self._lines.append(checked.line)
        self.words.setText(self.text)

    def _finish(self, failed: int) -> None:
        sick = f"{counted(failed, 'part is', 'parts are')} not well."
        self._lines.append(sick if failed else "All is well.")
        self.words.setText(self.text)
        self.start.setEnabled(True)
        self.copy.setEnabled(True)

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.text)
