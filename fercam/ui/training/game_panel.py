"""The mirror game under the picture: a big word, how near you are, and what to do."""

from PyQt6.QtCore import QRectF, QSize, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from fercam.core.words import counted
from fercam.training.mirror_game import NEAR_ENOUGH, Turn
from fercam.ui import theme as look
from fercam.ui.widgets.emotion_bars import emotion_brush
from fercam.ui.widgets.parts import push, words

HIGH_PX = 16
ASKS = {
    "angry": "Look angry",
    "disgust": "Look disgusted",
    "fear": "Look afraid",
    "happy": "Look happy",
    "neutral": "Relax your face",
    "sad": "Look sad",
    "surprise": "Look surprised",
}


class NearBar(QWidget):
    """How near the face is to what is asked for, with a mark where it is near enough."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._near, self._emotion = 0.0, "neutral"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.update()

    def show_near(self, near: float, emotion: str) -> None:
        """Show how near, 0..1."""
        self._near, self._emotion = near, emotion
        self.setAccessibleName(f"{near:.0%} of the way to {emotion}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a bar's size."""
        return QSize(200, HIGH_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint the bar and the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect()).adjusted(0, 2, 0, -2)
        painter.setPen(QPen(QColor(0, 0, 0, 0)))
        painter.setBrush(QColor(self._theme.hover))
        painter.drawRoundedRect(whole, 4, 4)
        if self._near > 0:
            painter.setBrush(emotion_brush(self._theme, self._emotion))
            filled = QRectF(whole)
            filled.setWidth(max(whole.width() * self._near, 4.0))
            painter.drawRoundedRect(filled, 4, 4)
        painter.setPen(QPen(QColor(self._theme.text), 2))
        at = whole.width() * NEAR_ENOUGH
        painter.drawLine(round(at), 0, round(at), self.height())
        painter.end()


class GamePanel(QFrame):
    """What a round of the mirror game shows, and its buttons."""

    skipped = pyqtSignal()
    again = pyqtSignal()
    ended = pyqtSignal()
    keep_anyway = pyqtSignal(bool)
    """While true, keep faces that do not look like it to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.asks, self._says = QLabel(), words()
        self.asks.setFont(look.font(look.LARGE_PX, strong=True))
        self.near = NearBar()
        self.anyway = push("Keep anyway", "Hold it while FerCam misreads you: from those it learns")
        self.skip = push("Skip", "Go on with the next expression")
        self.repeat = push("Again", "Begin this one anew; what was kept stays")
        self.end = push("End", "End the game; what was kept stays")
        self.anyway.pressed.connect(lambda: self.keep_anyway.emit(True))
        self.anyway.released.connect(lambda: self.keep_anyway.emit(False))
        self.skip.clicked.connect(self.skipped)
        self.repeat.clicked.connect(self.again)
        self.end.clicked.connect(self.ended)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.asks)
        top.addWidget(self._says, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.anyway)
        row.addStretch(1)
        for button in (self.repeat, self.skip, self.end):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.near)
        column.addLayout(row)

    def show_turn(self, turn: Turn) -> None:
        """Show how the game stands."""
        if turn.phase == "over":
            return
        self.asks.setText(ASKS[turn.emotion])
        left = f"{turn.seconds_left:.0f} s"
        self._says.setText(f"{turn.words} {left} · {counted(turn.kept, 'face')} kept")
        self.near.show_near(turn.near, turn.emotion)
