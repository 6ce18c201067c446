"""The coloured bands of the timeline."""

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPolygonF, QTransform
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from fercam.core.emotions import EMOTIONS
from fercam.ui import theme as look
from fercam.ui.widgets.emotion_bars import emotion_brush, emotion_ink
from fercam.ui.widgets.timeline_lanes import STEP_S, WINDOW_S, Lane, Run

GAP_PX = 3
"""Between two lanes."""
SPACE_PX = 6
"""Around a word."""


class Bands(QGraphicsItem):
    """One lane below the other: lane n reaches from y = n to n + 1, x is seconds before now.

    Runs that are over keep their shape from one painting to the next.
    """

    def __init__(self) -> None:
        super().__init__()
        self.theme = look.THEMES["dark"]
        self._lanes: Sequence[Lane] = ()
        self._now_s = 0.0
        self._shapes: dict[tuple[int, int], QPolygonF] = {}
        self._font = look.font(look.SMALL_PX)
        metrics = QFontMetricsF(self._font)
        self._word_px = {word: metrics.horizontalAdvance(word) for word in EMOTIONS}
        self._high_px = metrics.ascent() + SPACE_PX

    def show_lanes(self, lanes: Sequence[Lane], now_s: float) -> None:
        """Show these lanes as they are at the time `now_s`."""
        if len(lanes) != len(self._lanes):
            self.prepareGeometryChange()
        self._lanes, self._now_s = lanes, now_s
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """Return the place of all lanes."""
        return QRectF(-WINDOW_S, 0, WINDOW_S, max(len(self._lanes), 1))

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Paint the bands and, where there is room, their words."""
        if painter is None:
            return
        to_px = painter.worldTransform()
        painter.save()
        painter.setFont(self._font)
        painter.setPen(Qt.PenStyle.NoPen)
        kept: dict[tuple[int, int], QPolygonF] = {}
        for number, lane in enumerate(self._lanes):
            place = to_px.mapRect(QRectF(-WINDOW_S, number, WINDOW_S, 1))
            top, bottom = round(place.top()) + GAP_PX, round(place.bottom())
            track = QRectF(place.left(), top, place.width(), bottom - top)
            self._paint_lane(painter, to_px, track, lane, kept)
        self._shapes = kept
        painter.restore()

    def _paint_lane(
        self,
        painter: QPainter,
        to_px: QTransform,
        track: QRectF,
        lane: Lane,
        kept: dict[tuple[int, int], QPolygonF],
    ) -> None:
        painter.resetTransform()
        painter.setClipRect(track)
        painter.fillRect(track, QColor(self.theme.surface))
        # x = number of the step, y = confidence
        step_px = to_px.m11() * STEP_S
        left_px = to_px.dx() - to_px.m11() * self._now_s
        steps = QTransform(step_px, 0, 0, -track.height(), left_px, track.bottom())
        to_steps, _ = steps.inverted()
        painter.setTransform(steps)
        for run in lane.runs:
            key = lane.person_id, run.start
            shape = self._shapes.get(key)
            if (
                shape is None
                or run is lane.runs[-1]
                or shape.size() != 2 * len(run.confidences) + 2
            ):
                shape = _shape(run)
            kept[key] = shape
            brush = emotion_brush(self.theme, run.emotion)
            brush.setTransform(to_steps)  # hatches stay as they are drawn
            painter.setBrush(brush)
            painter.drawPolygon(shape)
        painter.resetTransform()
        for run in lane.runs:
            if run.emotion is not None:
                self._write(painter, track, left_px, step_px, run, run.emotion)
        painter.setPen(Qt.PenStyle.NoPen)

    def _write(
        self,
        painter: QPainter,
        track: QRectF,
        left_px: float,
        step_px: float,
        run: Run,
        word: str,
    ) -> None:
        """Write a run's emotion at the first place where the band is high and long enough."""
        wanted_px = self._word_px[word] + 2 * SPACE_PX
        if len(run.confidences) * step_px < wanted_px:
            return
        at_px = max(left_px + run.start * step_px, track.left())
        lowest = self._high_px / track.height()
        for step, confidence in enumerate(run.confidences, run.start + 1):
            reached_px = left_px + step * step_px
            if confidence < lowest:
                at_px = max(at_px, reached_px)
            elif reached_px - at_px >= wanted_px:
                break
        else:
            return
        painter.setPen(emotion_ink(self.theme, word))
        painter.drawText(QPointF(round(at_px) + SPACE_PX, track.bottom() - 4), word)


def _shape(run: Run) -> QPolygonF:
    """Return the outline of a run: x = step, y = confidence."""
    outline = [QPointF(run.start, 0)]
    for step, confidence in enumerate(run.confidences, run.start):
        outline += (QPointF(step, confidence), QPointF(step + 1, confidence))
    return QPolygonF([*outline, QPointF(run.end, 0)])
