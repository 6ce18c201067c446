"""Where each person's expression lies between unpleasant and pleasant, calm and excited."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from fercam.core.affect import circumplex_point
from fercam.core.values import AnnotatedFrame
from fercam.overlay.palette import person_colour
from fercam.ui import theme as look
from fercam.ui.widgets.parts import heading

TRAIL_S = 2.0
TRAIL_STEP_S = 0.1
TRAIL_STEPS = 20
KEEP_ABSENT_S = 0.5
DRAW_EVERY_S = 1 / 15
DOT_PX = 6.0
NAME_PX = 72
SIDE_PX = 216
TITLE = "Pleasant and excited"
CAPTION = "derived from the seven"


@dataclass(slots=True)
class _Person:
    """Where somebody was: (t_s, valence, arousal), the newest last."""

    name: str
    sure: bool = True
    trail: deque[tuple[float, float, float]] = field(
        default_factory=lambda: deque(maxlen=TRAIL_STEPS)
    )


class Circumplex(QFrame):
    """A square with valence across and arousal up, one dot per person with a fading trail.

    The dot of somebody about whom the model is not sure is hollow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._drawn_s = float("-inf")
        self._now_s = 0.0
        self._paused = False
        self._people: dict[int, _Person] = {}
        self._square = _Square(self._people)
        self.setObjectName("card")
        self.setAccessibleName(f"{TITLE}, {CAPTION}")
        self.setToolTip("Worked out from the seven probabilities (Russell and Mehrabian 1977)")
        title, caption = heading(TITLE), QLabel(CAPTION)
        caption.setFont(look.font(look.SMALL_PX))
        caption.setProperty("quiet", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        for part in (title, self._square, caption):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        column.setAlignment(title, Qt.AlignmentFlag.AlignLeft)

    @property
    def points(self) -> dict[int, tuple[float, float]]:
        """The (valence, arousal) of each person who is shown, -1..1."""
        return {number: person.trail[-1][1:] for number, person in self._people.items()}

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._square.theme = theme
        self._square.update()

    def set_paused(self, paused: bool) -> None:
        """Stand still, leaving out what comes; or go on."""
        self._paused = paused

    def clear(self) -> None:
        """Forget everybody."""
        self._people.clear()
        self._square.update()

    def add(self, result: AnnotatedFrame, t_s: float) -> None:
        """Show the faces of a result whose time is `t_s`; repaints 15 times a second at most."""
        if self._paused:
            return
        if t_s < self._now_s:  # a file was wound back
            self._people.clear()
        self._now_s = self._square.now_s = t_s
        for face in result.faces:
            number, prediction = face.detection.track_id, face.prediction
            if not number or prediction is None:
                continue
            person = self._people.setdefault(number, _Person(""))
            person.name, person.sure = face.name or str(number), prediction.sure
            if len(person.trail) > 1 and t_s - person.trail[-2][0] < TRAIL_STEP_S:
                person.trail.pop()
            person.trail.append((t_s, *circumplex_point(prediction.smoothed)))
        for number, person in list(self._people.items()):
            if t_s - person.trail[-1][0] > KEEP_ABSENT_S:
                del self._people[number]
        now_s = self._clock()
        if now_s - self._drawn_s >= DRAW_EVERY_S:
            self._drawn_s = now_s
            self._square.update()


class _Square(QWidget):
    """Paints the axes and the people, who belong to the panel."""

    def __init__(self, people: dict[int, _Person]) -> None:
        super().__init__()
        self.theme = look.THEMES["dark"]
        self.now_s = 0.0
        self._people = people
        self.setFont(look.font(look.SMALL_PX))
        self.setFixedSize(SIDE_PX, SIDE_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter)
        for number, person in self._people.items():
            self._paint_person(painter, number, person)
        painter.end()

    def _paint_axes(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.raised))
        painter.drawRoundedRect(self.rect(), look.CORNER_PX, look.CORNER_PX)
        painter.setPen(QPen(QColor(self.theme.quiet), 1, Qt.PenStyle.DotLine))
        middle = SIDE_PX / 2
        painter.drawLine(QPointF(0, middle), QPointF(SIDE_PX, middle))
        painter.drawLine(QPointF(middle, 20), QPointF(middle, SIDE_PX - 20))
        painter.setPen(QColor(self.theme.quiet))
        sides = Qt.AlignmentFlag
        whole = QRectF(0, 0, SIDE_PX, SIDE_PX).adjusted(6, 2, -6, -2)
        below = QRectF(6, middle + 2, SIDE_PX - 12, 20)
        painter.drawText(whole, sides.AlignHCenter | sides.AlignTop, "excited")
        painter.drawText(whole, sides.AlignHCenter | sides.AlignBottom, "calm")
        painter.drawText(below, sides.AlignLeft | sides.AlignTop, "unpleasant")
        painter.drawText(below, sides.AlignRight | sides.AlignTop, "pleasant")

    def _paint_person(self, painter: QPainter, number: int, person: _Person) -> None:
        colour = QColor(*person_colour(number, self.theme.name))
        places = [(t_s, _place(valence, arousal)) for t_s, valence, arousal in person.trail]
        for (_, one), (t_s, other) in pairwise(places):
            faded = QColor(colour)
            faded.setAlphaF(max(0.0, 1 - (self.now_s - t_s) / TRAIL_S) * 0.6)
            painter.setPen(QPen(faded, 3, cap=Qt.PenCapStyle.RoundCap))
            painter.drawLine(one, other)
        dot = places[-1][1]
        painter.setPen(QPen(colour, 2))
        painter.setBrush(colour if person.sure else QColor(self.theme.raised))
        painter.drawEllipse(dot, DOT_PX - 1, DOT_PX - 1)
        painter.setPen(QColor(self.theme.text))
        name = self.fontMetrics().elidedText(person.name, Qt.TextElideMode.ElideRight, NAME_PX)
        left = min(max(dot.x() - NAME_PX / 2, 0), SIDE_PX - NAME_PX)
        over = QRectF(left, dot.y() - DOT_PX - 18, NAME_PX, 16)
        painter.drawText(over, Qt.AlignmentFlag.AlignCenter, name)


def _place(valence: float, arousal: float) -> QPointF:
    return QPointF((1 + valence) * SIDE_PX / 2, (1 - arousal) * SIDE_PX / 2)
