"""Seven bars with names and numbers that move smoothly."""

import math
import time

import numpy as np
from PyQt6.QtCore import QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QBrush, QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from fercam.core.emotions import EMOTIONS
from fercam.core.values import Probabilities
from fercam.overlay.palette import EMOTION_COLOURS
from fercam.ui import theme as look

ROW_PX = 20
SETTLE_S = 0.15
TICK_MS = 16
NUMBERS_EVERY_S = 0.25


class EmotionBars(QWidget):
    """Shows probabilities in the fixed order of emotions. Bars reach a new value in about 150 ms;
    numbers change four times a second at most, so that they can be read."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._shown = np.zeros(len(EMOTIONS))
        self._wanted = np.zeros(len(EMOTIONS))
        self._numbers = np.zeros(len(EMOTIONS))
        self._before: Probabilities | None = None
        self._sure = True
        self._numbers_s = self._moved_s = -math.inf
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._move)
        self.setFont(look.font(look.SMALL_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def shown(self) -> tuple[float, ...]:
        """How long the bars are now, 0..1."""
        return tuple(float(share) for share in self._shown)

    @property
    def moving(self) -> bool:
        """Whether a bar is still on its way."""
        return self._timer.isActive()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.update()

    def set_probabilities(
        self, probabilities: Probabilities, sure: bool, before: Probabilities | None = None
    ) -> None:
        """Move the bars to new values (7,); those of a doubtful face are hatched. Marks show where
        they would be without the person's resting face, if `before` says so."""
        self._wanted = np.asarray(probabilities, float)
        if before is not None or self._before is not None:
            self._before = before
            self.update()
        if sure != self._sure:
            self._sure = sure
            self.update()
        if not self._timer.isActive() and np.any(self._wanted != self._shown):
            self._moved_s = time.monotonic()
            self._timer.start()

    def stand_still(self) -> None:
        """Stop moving: be where the bars were going."""
        self._timer.stop()
        self._shown = self._numbers = self._wanted
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size that shows every row."""
        return QSize(200, ROW_PX * len(EMOTIONS))

    def _move(self) -> None:
        now_s = time.monotonic()
        # An exponential that has covered 95 % of the way after SETTLE_S.
        share = 1.0 - math.exp(-3.0 * (now_s - self._moved_s) / SETTLE_S)
        self._moved_s = now_s
        self._shown = self._shown + share * (self._wanted - self._shown)
        if np.abs(self._wanted - self._shown).max() < 0.002:
            self._shown = self._wanted
            self._timer.stop()
        if now_s - self._numbers_s >= NUMBERS_EVERY_S or not self._timer.isActive():
            self._numbers, self._numbers_s = self._wanted, now_s
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint the seven rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        left = max(metrics.horizontalAdvance(name) for name in EMOTIONS) + 8
        right = metrics.horizontalAdvance("100%") + 8
        strongest = int(self._numbers.argmax())
        for row, name in enumerate(EMOTIONS):
            line = QRectF(0, row * ROW_PX, self.width(), ROW_PX)
            ink = self._theme.text if row == strongest else self._theme.quiet
            painter.setPen(QColor(ink))
            centred = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(line, centred | Qt.AlignmentFlag.AlignLeft, name)
            number = f"{self._numbers[row] * 100:.0f}%"
            painter.drawText(line, centred | Qt.AlignmentFlag.AlignRight, number)
            track = line.adjusted(left, 6, -right, -6)
            self._paint_bar(painter, track, float(self._shown[row]), name)
            if self._before is not None:
                x = track.x() + track.width() * float(self._before[row])
                painter.fillRect(QRectF(x - 1, line.y() + 3, 2, ROW_PX - 6), QColor(ink))
        painter.end()

    def _paint_bar(self, painter: QPainter, track: QRectF, share: float, name: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.hover))
        painter.drawRoundedRect(track, 3, 3)
        filled = QRectF(track.x(), track.y(), track.width() * min(1.0, share), track.height())
        if filled.width() < 0.5:
            return
        painter.setBrush(emotion_brush(self._theme, name if self._sure else None))
        painter.drawRoundedRect(filled, 3, 3)


def emotion_brush(theme: look.Theme, emotion: str | None) -> QBrush:
    """Return the colour of an emotion in a theme; hatched and without colour for anything else."""
    colour = EMOTION_COLOURS[theme.name].get(emotion or "")
    if colour is None:
        return QBrush(QColor(theme.quiet), Qt.BrushStyle.BDiagPattern)
    return QBrush(QColor(*colour))


def emotion_ink(theme: look.Theme, emotion: str) -> QColor:
    """Return the black or white that is easier to read on the colour of an emotion."""
    paper = QColor(*EMOTION_COLOURS[theme.name][emotion]).name()
    inks = ("#000000", "#ffffff")
    return QColor(max(inks, key=lambda ink: look.contrast_ratio(ink, paper)))
