"""A whole session drawn: markers on top, a lane for each person, what is left out, the time."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPixmap, QPolygonF

from fercam.core.emotions import EMOTIONS
from fercam.core.words import called, clock
from fercam.overlay.palette import person_colour
from fercam.recording.session_json import Marker, Span
from fercam.ui import theme as look
from fercam.ui.widgets.emotion_bars import emotion_brush, emotion_ink
from fercam.ui.widgets.session_steps import ABSENT, NOT_SURE, StepLane

if TYPE_CHECKING:  # it needs OpenCV, which must not delay the window
    from fercam.sessions.comparison import Difference

NAMES_PX = 128
RIGHT_PX = 12
MARKERS_PX = 20
AXIS_PX = 20
DIFFER_PX = 16
GAP_PX = 4
LANE_PX = {1: 32, 2: 32, 3: 28, 4: 24}
"""How high a lane is, by the number of people; with more of them 20 px."""
TICKS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
TICK_PX = 72


class ChartShape:
    """Where things are in a chart of a width for a number of people."""

    def __init__(self, width_px: int, people: int, differs: bool) -> None:
        self.left, self.right = NAMES_PX, max(NAMES_PX + 1, width_px - RIGHT_PX)
        self.lane_px = LANE_PX.get(people, 20)
        self.lanes_bottom = MARKERS_PX + max(people, 1) * self.lane_px
        self.bottom = self.lanes_bottom + (DIFFER_PX if differs else 0)
        self.height = self.bottom + AXIS_PX

    @property
    def width(self) -> int:
        """How many pixels there are for the time."""
        return self.right - self.left

    def lane(self, number: int) -> QRectF:
        """The place of a lane, from the top."""
        top = MARKERS_PX + number * self.lane_px + GAP_PX
        return QRectF(self.left, top, self.width, self.lane_px - GAP_PX)

    def lane_at(self, y: float) -> int | None:
        """The number of the lane at a height; None above and below them."""
        if not MARKERS_PX <= y < self.lanes_bottom:
            return None
        return int((y - MARKERS_PX) // self.lane_px)


class TimeScale:
    """Which time is at which pixel."""

    def __init__(self, shape: ChartShape, from_s: float, to_s: float) -> None:
        self._left, self._from_s = shape.left, from_s
        self._px_per_s = shape.width / max(to_s - from_s, 1e-9)

    def x(self, t_s: float) -> float:
        """The place of a time."""
        return self._left + (t_s - self._from_s) * self._px_per_s

    def t_s(self, x: float) -> float:
        """The time at a place."""
        return self._from_s + (x - self._left) / self._px_per_s

    @property
    def tick_s(self) -> float:
        """How far apart the times under the chart are."""
        return next((s for s in TICKS_S if s * self._px_per_s >= TICK_PX), TICKS_S[-1])


class ChartPainter:
    """Draws everything that stays while the place moves, once, into a picture of its own."""

    def __init__(
        self, theme: look.Theme, shape: ChartShape, scale: TimeScale, span_s: tuple[float, float]
    ) -> None:
        self._theme, self._shape, self._scale = theme, shape, scale
        self._from_s, self._to_s = span_s
        self._font = look.font(look.SMALL_PX)

    def picture(
        self,
        ratio: float,
        lanes: Sequence[StepLane],
        names: Mapping[int, str],
        markers: Sequence[Marker],
        excluded: Sequence[Span],
        differs: "Sequence[Difference] | None",
    ) -> QPixmap:
        """Return the picture, `ratio` device pixels to one of the window's."""
        shape = self._shape
        wide = shape.right + RIGHT_PX
        made = QPixmap(round(wide * ratio), round(shape.height * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(QColor(self._theme.window))
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        for number, lane in enumerate(lanes):
            self._paint_name(painter, number, lane.person, names.get(lane.person, ""))
            self._paint_lane(painter, shape.lane(number), lane)
        if differs is not None:
            self._paint_differences(painter, differs)
        self._paint_excluded(painter, excluded)
        self._paint_markers(painter, markers)
        self._paint_axis(painter)
        painter.end()
        return made

    def _paint_name(self, painter: QPainter, number: int, person: int, name: str) -> None:
        line = self._shape.lane(number)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*person_colour(person, self._theme.name)))
        painter.drawRoundedRect(QRectF(0, line.top() + 2, 4, line.height() - 4), 2, 2)
        place = QRectF(12, line.top(), NAMES_PX - 16, line.height())
        self._write(painter, place, called(person, name), self._theme.text)

    def _write(self, painter: QPainter, place: QRectF, words: str, ink: str) -> None:
        fitting = painter.fontMetrics().elidedText(
            words, Qt.TextElideMode.ElideRight, int(place.width())
        )
        painter.setPen(QColor(ink))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, fitting)

    def _paint_lane(self, painter: QPainter, track: QRectF, lane: StepLane) -> None:
        painter.save()
        painter.setClipRect(track)
        painter.fillRect(track, QColor(self._theme.surface))
        if self._theme.name == "contrast":
            painter.setPen(QColor(self._theme.hover))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(track.adjusted(0, 0, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        step_px = track.width() / max(len(lane.kinds), 1)
        runs = _runs(lane)
        for kind, start, end in runs:
            emotion = None if kind == NOT_SURE else EMOTIONS[kind]
            painter.setBrush(emotion_brush(self._theme, emotion))
            painter.drawPolygon(_outline(lane, start, end, track, step_px))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for kind, start, end in runs:
            if kind != NOT_SURE:
                place = QRectF(
                    track.left() + start * step_px, track.top(), (end - start) * step_px,
                    track.height(),
                )  # fmt: skip
                low = float(lane.heights[start:end].min()) * track.height()
                self._write_word(painter, place, EMOTIONS[kind], low)
        painter.restore()

    def _write_word(self, painter: QPainter, place: QRectF, word: str, low_px: float) -> None:
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance(word) + 12 > place.width() or metrics.ascent() > low_px:
            return
        painter.setPen(emotion_ink(self._theme, word))
        painter.drawText(QPointF(round(place.left()) + 6, place.bottom() - 4), word)

    def _paint_differences(self, painter: QPainter, spans: "Sequence[Difference]") -> None:
        top = self._shape.lanes_bottom + GAP_PX
        place = QRectF(12, top, NAMES_PX - 16, DIFFER_PX - GAP_PX)
        self._write(painter, place, "Models differ", self._theme.quiet)
        track = QRectF(self._shape.left, top, self._shape.width, DIFFER_PX - GAP_PX)
        painter.fillRect(track, QColor(self._theme.surface))
        for span in spans:
            painter.fillRect(self._between(span, track, 1.0), QColor(self._theme.text))

    def _paint_excluded(self, painter: QPainter, spans: Sequence[Span]) -> None:
        whole = QRectF(
            self._shape.left, MARKERS_PX, self._shape.width, self._shape.bottom - MARKERS_PX
        )
        veil = QColor(self._theme.window)
        veil.setAlphaF(0.72)
        for span in spans:
            place = self._between(span, whole, 2.0)
            if place.width() <= 0:
                continue
            painter.fillRect(place, veil)
            faint = QColor(self._theme.quiet)
            faint.setAlphaF(0.45)
            painter.fillRect(place, QBrush(faint, Qt.BrushStyle.DiagCrossPattern))
            painter.setPen(QColor(self._theme.quiet))
            for x in (place.left(), place.right()):
                painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))

    def _between(self, span: "Span | Difference", track: QRectF, least_px: float) -> QRectF:
        left = max(self._scale.x(span.start_s), track.left())
        right = min(max(self._scale.x(span.end_s), left + least_px), track.right())
        return QRectF(left, track.top(), max(0.0, right - left), track.height())

    def _paint_markers(self, painter: QPainter, markers: Sequence[Marker]) -> None:
        place = QRectF(12, 0, NAMES_PX - 16, MARKERS_PX)
        self._write(painter, place, "Markers", self._theme.quiet)
        for marker in markers:
            if not self._from_s <= marker.t_s <= self._to_s:
                continue
            x = round(self._scale.x(marker.t_s))
            line = QColor(self._theme.text)
            line.setAlphaF(0.5)
            painter.setPen(line)
            painter.drawLine(QPointF(x, 4), QPointF(x, self._shape.bottom))
            known = marker.emotion in EMOTIONS
            painter.setPen(QColor(self._theme.window))
            painter.setBrush(
                emotion_brush(self._theme, marker.emotion) if known else QColor(self._theme.text)
            )
            painter.drawPolygon(
                QPolygonF([QPointF(x, 3), QPointF(x + 11, 7.5), QPointF(x, 12), QPointF(x, 3)])
            )

    def _paint_axis(self, painter: QPainter) -> None:
        tick_s = self._scale.tick_s
        top = self._shape.bottom
        number = math.ceil(self._from_s / tick_s - 1e-6)
        last_px = float("-inf")
        while (t_s := number * tick_s) <= self._to_s + 1e-6:
            number += 1
            words = clock(t_s, 1 if tick_s < 1 else 0)
            wide = painter.fontMetrics().horizontalAdvance(words)
            x = self._scale.x(t_s)
            left = min(max(x - wide / 2, self._shape.left), self._shape.right + RIGHT_PX - wide)
            if left < last_px + 12:
                continue
            last_px = left + wide
            painter.setPen(QColor(self._theme.quiet))
            painter.drawText(
                QRectF(left, top, wide + 1, AXIS_PX), Qt.AlignmentFlag.AlignVCenter, words
            )


def _runs(lane: StepLane) -> list[tuple[int, int, int]]:
    """Return the stretches of one kind: kind, first step, step after the last."""
    kinds = [int(kind) for kind in lane.kinds]
    found: list[tuple[int, int, int]] = []
    start = 0
    for step in range(1, len(kinds) + 1):
        if step == len(kinds) or kinds[step] != kinds[start]:
            if kinds[start] != ABSENT:
                found.append((kinds[start], start, step))
            start = step
    return found


def _outline(lane: StepLane, start: int, end: int, track: QRectF, step_px: float) -> QPolygonF:
    left, bottom, high = track.left(), track.bottom(), track.height()
    points = [QPointF(left + start * step_px, bottom)]
    for step in range(start, end):
        y = bottom - float(lane.heights[step]) * high
        points += (QPointF(left + step * step_px, y), QPointF(left + (step + 1) * step_px, y))
    points.append(QPointF(left + end * step_px, bottom))
    return QPolygonF(points)
