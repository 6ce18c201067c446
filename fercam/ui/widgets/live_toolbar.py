"""The Live tab's toolbar: what to watch, with which model, start and stop, what to show."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.picker import Picker

OPEN_FILE = "Video or picture file…"
OPEN_ADDRESS = "Network address…"
THEME_TITLES = {"system": "Like the system", "dark": "Dark", "light": "Light"}


class LiveToolbar(QWidget):
    """Buttons and pickers only; the tab decides what they do."""

    theme_picked = pyqtSignal(str)
    """ "system", "dark" or "light"."""

    def __init__(self, wanted_theme: str) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self.source = Picker(
            "camera", "What to watch", {OPEN_FILE: "file", OPEN_ADDRESS: "network"}
        )
        self.model = Picker("model", "Model that reads the expressions")
        self.start = QPushButton()
        self.start.setObjectName("start")
        self.start.setFont(look.font(look.SMALL_PX, strong=True))
        self.start.setMinimumWidth(84)
        self.overlay = _toggle("Boxes and labels in the picture (O)", "Boxes and labels")
        self.bars = _toggle("Bars beside each face in the picture", "Bars in the picture")
        self.people = _toggle("People panel", "People panel")
        self.theme_button = QToolButton()
        self.theme_button.setToolTip("Colours")
        self.theme_button.setAccessibleName("Colours")
        self.theme_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.theme_button.setMenu(self._theme_menu(wanted_theme))
        self._icons = {
            self.overlay: "overlay",
            self.bars: "bars",
            self.people: "people",
            self.theme_button: "theme",
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.source, 3)
        row.addWidget(self.model, 2)
        row.addWidget(self.start)
        row.addStretch(0)
        for button in self._icons:
            button.setIconSize(QSize(icons.SIZE_PX, icons.SIZE_PX))
            button.setFixedSize(36, 32)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        for control in (self.source, self.model, self.start):
            control.setFixedHeight(32)
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_running(False)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.source.set_theme(theme)
        self.model.set_theme(theme)
        for button, name in self._icons.items():
            button.setIcon(icons.icon(name, theme.text))
        self.show_running(self.running)

    @property
    def running(self) -> bool:
        """Whether the button says Stop."""
        return bool(self.start.property("running"))

    def show_running(self, running: bool) -> None:
        """Make the button say Stop or Start."""
        ink = self._theme.text if running else self._theme.on_accent
        self.start.setText("Stop" if running else "Start")
        self.start.setIcon(icons.icon("stop" if running else "start", ink))
        self.start.setToolTip("Stop watching (Space)" if running else "Start watching (Space)")
        self.start.setProperty("running", running)
        style = self.start.style()
        if style is not None:
            style.unpolish(self.start)
            style.polish(self.start)

    def _theme_menu(self, wanted: str) -> QMenu:
        menu = QMenu(self)
        menu.setFont(look.font(look.SMALL_PX))
        group = QActionGroup(menu)
        for name, title in THEME_TITLES.items():
            action = QAction(title, menu)
            action.setCheckable(True)
            action.setChecked(name == wanted)
            action.triggered.connect(lambda _checked, name=name: self.theme_picked.emit(name))
            group.addAction(action)
            menu.addAction(action)
        return menu


def _toggle(tooltip: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setCheckable(True)
    button.setToolTip(tooltip)
    button.setAccessibleName(name)
    return button
