"""The slim rail on the left: a button for each tab, and the help at its foot."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QToolButton, QVBoxLayout

from fercam.ui import icons
from fercam.ui import theme as look

WIDTH_PX = 84


class Rail(QFrame):
    """Icon and word for each place; `current` is the one that is shown."""

    picked = pyqtSignal(str)

    def __init__(self, tabs: dict[str, str], foot: dict[str, str]) -> None:
        """Make buttons from names and their icons, those of `foot` at the bottom."""
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(WIDTH_PX)
        self.buttons: dict[str, QToolButton] = {}
        self._icons = {**tabs, **foot}
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 12, 4, 12)
        column.setSpacing(4)
        for number, name in enumerate(self._icons, start=1):
            if number == len(tabs) + 1:
                column.addStretch(1)
            key = f" (Ctrl+{number})" if number <= len(tabs) else " (?)"
            column.addWidget(self._button(name, name + key))

    @property
    def current(self) -> str:
        """The name of the place that is shown."""
        return next((name for name, b in self.buttons.items() if b.isChecked()), "")

    def set_current(self, name: str) -> None:
        """Mark a place as the one that is shown."""
        for other, button in self.buttons.items():
            button.setChecked(other == name)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for name, button in self.buttons.items():
            button.setIcon(icons.icon(self._icons[name], theme.text))

    def _button(self, name: str, tooltip: str) -> QToolButton:
        button = QToolButton()
        button.setText(name)
        button.setToolTip(tooltip)
        button.setAccessibleName(name)
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(QSize(icons.SIZE_PX, icons.SIZE_PX))
        button.setFixedSize(WIDTH_PX - 8, 56)
        button.setFont(look.font(look.SMALL_PX))
        button.clicked.connect(lambda: self.picked.emit(name))
        self.buttons[name] = button
        return button
