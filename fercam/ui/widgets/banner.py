"""A hint or an error inside a tab, with one action."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from fercam.ui import icons
from fercam.ui import theme as look


class Banner(QFrame):
    """Hidden until there is something to say. Its kind is "info", "warning" or "error"."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._theme = look.THEMES["dark"]
        self._action: Callable[[], object] | None = None
        self._mark = QLabel()
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)  # names of files are in it
        self._words.setWordWrap(True)
        self._words.setFont(look.font(look.SMALL_PX))
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = _Button()
        self._button.setFont(look.font(look.SMALL_PX))
        self._button.clicked.connect(self._act)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words, 1)
        row.addWidget(self._button)
        self.hide()

    @property
    def kind(self) -> str:
        """What it shows now; empty while it is hidden."""
        return "" if self.isHidden() else str(self.property("kind"))

    @property
    def text(self) -> str:
        """The sentence it shows."""
        return self._words.text()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self._repaint_mark()

    def show_banner(self, kind: str, text: str, action: str, do: Callable[[], object]) -> None:
        """Show a sentence and a button called `action` that calls `do`."""
        self.setProperty("kind", kind)
        self._words.setText(text)
        self._button.setText(action)
        self._action = do
        self._repaint_mark()
        look.restyle(self, self._words)
        self.setAccessibleName(text)
        self.show()

    def tell(self, text: str, kind: str = "info") -> None:
        """Show a sentence that OK takes away."""
        self.show_banner(kind, text, "OK", self.hide)

    def press(self) -> None:
        """Do what a click on the button does."""
        self._button.click()

    def _act(self) -> None:
        if self._action is not None:
            self._action()

    def _repaint_mark(self) -> None:
        kind = self.property("kind") or "info"
        ink = getattr(self._theme, f"on_{kind}")
        self._mark.setPixmap(icons.pixmap(kind, ink, self.devicePixelRatioF()))


class _Button(QPushButton):
    """Not pressed by the second half of a double click on what was there before the banner."""

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Do nothing."""
