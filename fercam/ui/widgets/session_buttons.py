"""Under the picture: play, step, and where one is."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.parts import icon_button
from fercam.ui.widgets.transport import Transport


class SessionButtons(QWidget):
    """Buttons beside the slider; the page decides what they do."""

    def __init__(self) -> None:
        super().__init__()
        self.previous = _button("A frame back", "A frame back (Left; Shift: a second)")
        self.play = _button("Play", "Play, or hold (Space)")
        self.next = _button("A frame on", "A frame on (Right; Shift: a second)")
        self.marker = _button("Add a marker", "Set a marker here (M)")
        self.transport = Transport()
        self._icons = {self.previous: "previous", self.next: "next", self.marker: "marker"}
        self._theme = look.THEMES["dark"]
        self._playing = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for part in (self.previous, self.play, self.next):
            row.addWidget(part)
        row.addWidget(self.transport, 1)
        row.addWidget(self.marker)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._playing

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        for button, name in self._icons.items():
            button.setIcon(icons.icon(name, theme.text))
        self.show_playing(self._playing)

    def show_playing(self, playing: bool) -> None:
        """Offer to hold, or to play."""
        self._playing = playing
        self.play.setIcon(icons.icon("freeze" if playing else "start", self._theme.text))
        self.play.setAccessibleName("Hold" if playing else "Play")


def _button(name: str, tooltip: str) -> QToolButton:
    button = icon_button(name, tooltip)
    button.setFixedSize(36, 32)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
