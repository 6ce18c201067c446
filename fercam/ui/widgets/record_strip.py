"""What is being recorded: how long, how large, how much room is left, and what can be done."""

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout

from fercam.core import words
from fercam.pipeline.events import RecordingStatus
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.parts import icon_button

LONGEST_TEXT = 80


class RecordStrip(QFrame):
    """Hidden while nothing is recorded."""

    pause_asked = pyqtSignal(bool)
    stop_asked = pyqtSignal()
    marker_asked = pyqtSignal()
    marker_done = pyqtSignal(str)
    """A person is done with the text of a marker, which may be empty."""
    marker_dropped = pyqtSignal()
    left = pyqtSignal()
    """A person is done here and wants the keyboard elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._figures = ElidedLabel()
        self._warning = ElidedLabel()
        self._figures.setFont(look.font(look.SMALL_PX))
        self._warning.setFont(look.font(look.SMALL_PX, strong=True))
        self.marker_text = QLineEdit()
        self.marker_text.setFont(look.font(look.SMALL_PX))
        self.marker_text.setMaxLength(LONGEST_TEXT)
        self.marker_text.setFixedWidth(220)
        self.marker_text.setPlaceholderText("What was it? Enter keeps it")
        self.marker_text.setAccessibleName("Text of the marker")
        self.marker_text.returnPressed.connect(self.left)
        self.marker_text.editingFinished.connect(self.finish_marker)
        self.marker_text.installEventFilter(self)
        self.marker_text.hide()
        self.marker = _button("Set a marker here (M)", "Set a marker")
        self.marker.clicked.connect(self.marker_asked)
        self.pause = _button("Rest: nothing is recorded until you go on", "Pause recording")
        self.pause.setCheckable(True)
        self.pause.clicked.connect(self.pause_asked)
        self.stop = _button("Stop and save (R)", "Stop recording")
        self.stop.clicked.connect(self.stop_asked)
        self._icons = {self.marker: "marker", self.pause: "freeze", self.stop: "stop"}
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self._figures)
        said.addWidget(self._warning)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(8)
        row.addLayout(said, 1)
        row.addWidget(self.marker_text)
        for button in self._icons:
            row.addWidget(button)
        self.hide()

    @property
    def words(self) -> str:
        """What it says; empty while nothing is recorded."""
        return "" if self.isHidden() else f"{self._figures.text()} {self._warning.text()}".strip()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for button, name in self._icons.items():
            button.setIcon(icons.icon(name, theme.text))

    def show_status(self, status: RecordingStatus) -> None:
        """Show how a recording is doing; hide when there is none."""
        self.setVisible(status.active)
        if not status.active:
            self.marker_text.hide()
            return
        self.pause.setChecked(status.paused)
        parts = [
            f"{'Paused' if status.paused else 'Recording'} {words.clock(status.seconds)}",
            words.size(status.bytes),
        ]
        if status.room_bytes is not None:
            parts.append(f"{words.size(status.room_bytes)} left on the disk")
        if status.markers:
            parts.append(f"{len(status.markers)} marker{'s'[: len(status.markers) > 1]}")
        if status.dropped:
            parts.append(f"{status.dropped} dropped")
        self._figures.setText(" · ".join(parts))
        self._figures.setToolTip(str(status.folder or ""))
        self._warning.setText(status.warning)
        self._warning.setVisible(bool(status.warning))

    def ask_for_text(self) -> None:
        """Let a person say what a marker stands for."""
        self.marker_text.clear()
        self.marker_text.show()
        self.marker_text.setFocus()

    def finish_marker(self) -> None:
        """Keep the marker that is being written, if there is one."""
        if not self.marker_text.isHidden():
            self.marker_text.hide()
            self.marker_done.emit(self.marker_text.text().strip())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Let Escape drop the marker that is being written."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() == Qt.Key.Key_Escape:
                event.accept()  # the window's own Escape stays out of it
        elif isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.marker_text.hide()
            self.marker_dropped.emit()
            self.left.emit()
            return True
        return super().eventFilter(watched, event)


def _button(tooltip: str, name: str) -> QToolButton:
    button = icon_button(name, tooltip)
    button.setFixedSize(36, 28)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
