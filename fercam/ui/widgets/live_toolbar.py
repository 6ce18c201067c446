"""The Live tab's toolbar: what to watch, with which model, start and stop, what to show."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from fercam.pipeline.choices import Choice
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.picker import Picker

OPEN_FILE = "Video or picture file…"
OPEN_ADDRESS = "Network address…"
COMPARE = "Compare two models"
ONE_MODEL = ""
NO_SECOND = Choice(ONE_MODEL, "No second model")

VIEWS = {
    "overlay": ("Boxes and labels in the picture", "O"),
    "bars": ("Bars in the picture", "A"),
    "people": ("People panel", "P"),
    "timeline": ("Timeline", "L"),
    "coach": ("Coach", "C"),
    "circumplex": ("Pleasant and excited", "V"),
    "details": ("Details: what the model sees", "D"),
}
"""What can be switched on and off: the name of its setting, its words and its key."""


class LiveToolbar(QWidget):
    """Buttons and pickers only; the tab decides what they do."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self.source = Picker(
            "camera", "What to watch", {OPEN_FILE: "file", OPEN_ADDRESS: "network"}
        )
        self.mode = Picker("size", "Size and rate of the camera")
        self.model = Picker("model", "Model that reads the expressions", {COMPARE: "model"})
        self.second_model = Picker("model", "Second model, beside the first")
        self.start = QPushButton()
        self.start.setObjectName("start")
        self.start.setFont(look.font(look.SMALL_PX, strong=True))
        self.start.setMinimumWidth(84)
        self.freeze = _button("Freeze the picture, or go on (Space)", "Freeze")
        self.freeze.setCheckable(True)
        self.snapshot = _button("Keep this picture and its numbers (S)", "Snapshot")
        self.record = _button("Record a session (R)", "Record")
        self.record.setCheckable(True)
        self.replay = _button("Save the last seconds (B)", "Save the last seconds")
        self.view = _button("What to show", "What to show")
        self.view.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.views: dict[str, QAction] = {}
        self.view.setMenu(self._view_menu())
        self._icons = {
            self.record: "record",
            self.replay: "replay",
            self.freeze: "freeze",
            self.snapshot: "snapshot",
            self.view: "view",
        }
        self._pickers = (self.source, self.mode, self.model, self.second_model)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for picker, stretch in zip(self._pickers, (3, 2, 2, 2), strict=True):
            row.addWidget(picker, stretch)
        row.addWidget(self.start)
        row.addStretch(0)
        for button in self._icons:
            button.setIconSize(QSize(icons.SIZE_PX, icons.SIZE_PX))
            button.setFixedSize(36, 32)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        for control in (*self._pickers, self.start):
            control.setFixedHeight(32)
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.mode.hide()
        self.second_model.hide()
        self.show_running(False)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        for picker in self._pickers:
            picker.set_theme(theme)
        for button, name in self._icons.items():
            button.setIcon(icons.icon(name, theme.text))
        self.show_running(self.running)
        self.show_recording(self.record.isChecked())

    @property
    def running(self) -> bool:
        """Whether the button says Stop."""
        return bool(self.start.property("running"))

    def show_running(self, running: bool) -> None:
        """Make the button say Stop or Start."""
        ink = self._theme.text if running else self._theme.on_accent
        self.start.setText("Stop" if running else "Start")
        self.start.setIcon(icons.icon("stop" if running else "start", ink))
        self.start.setToolTip("Stop watching" if running else "Start watching")
        self.start.setProperty("running", running)
        for button in (self.freeze, self.replay):
            button.setEnabled(running)
        self.record.setEnabled(running or self.record.isChecked())
        look.restyle(self.start)

    def show_recording(self, recording: bool) -> None:
        """Make the record button say Stop or Record; what is not watched cannot be recorded."""
        self.record.setChecked(recording)
        self.record.setToolTip("Stop and save (R)" if recording else "Record a session (R)")
        self.record.setAccessibleName("Stop recording" if recording else "Record")
        ink = self._theme.record if recording else self._theme.text
        self.record.setIcon(icons.icon("stop" if recording else "record", ink))
        self.record.setEnabled(self.running or recording)

    def _view_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setFont(look.font(look.SMALL_PX))
        for name, (words, key) in VIEWS.items():
            action = QAction(f"{words}\t{key}", menu)
            action.setCheckable(True)
            menu.addAction(action)
            self.views[name] = action
        return menu


def _button(tooltip: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setToolTip(tooltip)
    button.setAccessibleName(name)
    return button
