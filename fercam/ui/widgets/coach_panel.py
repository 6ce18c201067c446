"""Five lights that say what would help to be read better."""

import math
import time
from collections.abc import Callable, Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from fercam.overlay.palette import LEVEL_COLOURS
from fercam.pipeline.coach import LIGHTS, Advice, Level
from fercam.ui import theme as look
from fercam.ui.widgets.parts import heading

CHANGE_EVERY_S = 1.0
WORDS: dict[Level, str] = {"good": "good", "fair": "fair", "bad": "poor", "unknown": "–"}


class CoachPanel(QFrame):
    """A line for each of the `LIGHTS`: mark, name, word; below it, unless all is well, what helps.

    Lines change once a second at most, so that they can be read.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName("Coach")
        self._clock = clock
        self._changed_s = -math.inf
        self._shown: tuple[Advice, ...] = ()
        title = heading("Coach")
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 12)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(title, 0, 0, 1, 3)
        self._lights = {name: _Light(name) for name in LIGHTS}
        for number, light in enumerate(self._lights.values()):
            row = 1 + 2 * number
            grid.setRowMinimumHeight(row, 24)
            grid.addWidget(light.mark, row, 0)
            grid.addWidget(light.name, row, 1)
            grid.addWidget(light.word, row, 2, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(light.hint, row + 1, 1, 1, 2)

    @property
    def lines(self) -> dict[str, str]:
        """What each light says, such as "fair: Come closer to the camera."."""
        return {name: light.words for name, light in self._lights.items()}

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for light in self._lights.values():
            light.mark.set_theme(theme)

    def show_advice(self, advice: Sequence[Advice]) -> None:
        """Show the five lights; news within a second of the last change is left out."""
        now_s = self._clock()
        if tuple(advice) == self._shown or now_s - self._changed_s < CHANGE_EVERY_S:
            return
        self._shown, self._changed_s = tuple(advice), now_s
        above = ""
        for one in advice:
            self._lights[one.name].show_advice(one, above)
            above = one.hint

    def clear(self) -> None:
        """Know nothing, and take the next advice at once."""
        self._shown, self._changed_s = (), -math.inf
        for name, light in self._lights.items():
            light.show_advice(Advice(name, "unknown", ""))


class _Light:
    """One line of the panel."""

    def __init__(self, name: str) -> None:
        self.mark, self.name, self.word, self.hint = _Mark(), QLabel(name), QLabel(), QLabel()
        for part in (self.name, self.word, self.hint):
            part.setFont(look.font(look.SMALL_PX))
        for quiet in (self.word, self.hint):
            quiet.setProperty("quiet", True)
        self.hint.setWordWrap(True)
        self.show_advice(Advice(name, "unknown", ""))

    @property
    def words(self) -> str:
        return self.name.accessibleName().split(": ", 1)[1]

    def show_advice(self, advice: Advice, above: str = "") -> None:
        """Show an advice; what the line above says already is not repeated."""
        self.mark.set_level(advice.level)
        self.word.setText(WORDS[advice.level])
        self.hint.setText(advice.hint)
        self.hint.setVisible(advice.level != "good" and advice.hint not in ("", above))
        said = "unknown" if advice.level == "unknown" else WORDS[advice.level]
        self.name.setAccessibleName(f"{advice.name}: {said}: {advice.hint}".rstrip(": "))
        self.name.setToolTip(advice.hint)


class _Mark(QWidget):
    """A disc with a tick (good), a triangle (fair), a square with a cross (poor), a ring (–)."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._level: Level = "unknown"
        self.setFixedSize(16, 16)

    def set_theme(self, theme: look.Theme) -> None:
        self._theme = theme
        self.update()

    def set_level(self, level: Level) -> None:
        self._level = level
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QPen(QColor(self._theme.surface), 2)
        ink.setCapStyle(Qt.PenCapStyle.RoundCap)
        if self._level == "unknown":
            painter.setPen(QPen(QColor(self._theme.quiet), 1.5))
            painter.drawEllipse(QPointF(8, 8), 5.5, 5.5)
            painter.end()
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*LEVEL_COLOURS[self._theme.name][self._level]))
        if self._level == "good":
            painter.drawEllipse(QPointF(8, 8), 7, 7)
            painter.setPen(ink)
            painter.drawPolyline(_points((5, 8.2), (7.2, 10.4), (11, 6)))
        elif self._level == "fair":
            painter.drawPolygon(_points((8, 1), (15.5, 15), (0.5, 15)))
            painter.setPen(ink)
            painter.drawPolyline(_points((8, 6.2), (8, 9.8)))
            painter.drawPoint(QPointF(8, 12.8))
        else:
            painter.drawRoundedRect(QRectF(1.5, 1.5, 13, 13), 2, 2)
            painter.setPen(ink)
            painter.drawPolyline(_points((5.2, 5.2), (10.8, 10.8)))
            painter.drawPolyline(_points((10.8, 5.2), (5.2, 10.8)))
        painter.end()


def _points(*places: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in places])
