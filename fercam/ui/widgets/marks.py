"""Small marks that stand beside words: a person's disc, an emotion's square."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from fercam.overlay.palette import person_colour
from fercam.ui import theme as look
from fercam.ui.widgets.emotion_bars import emotion_brush


class PersonDisc(QWidget):
    """A disc in the person's own colour; a ring in the text's colour for number 0, everybody."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._theme = look.THEMES["dark"]
        self.setFixedSize(12, 12)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint the disc."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._number:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*person_colour(self._number, self._theme.name)))
        else:
            painter.setPen(QColor(self._theme.quiet))
        painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))
        painter.end()


class EmotionMark(QWidget):
    """A square in the emotion's colour; hatched when not sure."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._emotion: str | None = None
        self.setFixedSize(16, 16)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.update()

    def set_emotion(self, emotion: str | None) -> None:
        """Show an emotion; None for not sure."""
        self._emotion = emotion
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint the square."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(emotion_brush(self._theme, self._emotion))
        edge = QColor(self._theme.quiet)
        painter.setPen(edge if self._emotion is None else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 3, 3)
        painter.end()
