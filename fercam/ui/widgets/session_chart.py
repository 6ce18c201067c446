"""The whole session, or a part of it, to be looked at and pointed into: click or drag to go
anywhere, Shift and drag to leave out, turn the wheel to zoom."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from fercam.core.words import called, clock
from fercam.recording.session_json import Marker, SessionInfo, Span
from fercam.sessions.table import FrameTable, merged_people, people_names
from fercam.ui import theme as look
from fercam.ui.widgets.chart_painter import MARKERS_PX, ChartPainter, ChartShape, TimeScale
from fercam.ui.widgets.session_steps import StepLane, Steps

if TYPE_CHECKING:  # it needs OpenCV, which must not delay the window
    from fercam.sessions.comparison import Difference

ZOOM_STEP = 1.5
NARROWEST_S = 0.5
STEP_PX = 2
"""A step of a lane is so wide: narrower ones only flicker while zooming."""
SNAP_PX = 8
MOST_LANES = 6
"""With more people the lanes are turned with a bar of their own."""
HOW = (
    "Colour is the strongest emotion, height how sure the model is; hatched means not sure. Click "
    "or drag to go there, Shift and drag to leave a part out of the statistics, turn the wheel or "
    "press + and - to zoom."
)


class SessionChart(QWidget):
    """The drawing, and what the mouse does in it."""

    sought = pyqtSignal(float)
    """Go on at this time, in seconds."""
    exclude_asked = pyqtSignal(float, float)
    """Leave this stretch of time out of the statistics."""
    menu_asked = pyqtSignal(float, QPoint)
    """A right click at this time, and where on the screen."""
    range_changed = pyqtSignal()
    """Another part of the session is shown."""
    pointed = pyqtSignal(str)
    """What is read under the mouse; empty where nobody points."""
    lanes_changed = pyqtSignal()
    """There are other people, or room for more or fewer of them."""

    def __init__(self) -> None:
        super().__init__()
        self.duration_s = 0.0
        self.shown_s = (0.0, 0.0)
        """From when to when it shows."""
        self._theme = look.THEMES["dark"]
        self._steps: Steps | None = None
        self._table: FrameTable | None = None
        self._merged: dict[int, int] = {}
        self._cut: tuple[object, list[StepLane]] | None = None  # what is shown, and its lanes
        self._names: dict[int, str] = {}
        self._markers: Sequence[Marker] = ()
        self._excluded: Sequence[Span] = ()
        self._differs: Sequence[Difference] | None = None
        self._place_s = 0.0
        self._first_lane = 0
        self._drag_from_s: float | None = None
        self._drag_to_s = 0.0
        self._seeking = False
        self._picture: QPixmap | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Chart of the session")
        self.setAccessibleDescription(HOW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    @property
    def zoomed(self) -> bool:
        """Whether it shows a part only."""
        from_s, to_s = self.shown_s
        return to_s - from_s < self.duration_s - 1e-6

    @property
    def people(self) -> int:
        """How many have a lane."""
        return len(self._steps.people) if self._steps else 0

    @property
    def shape(self) -> ChartShape:
        """Where things are in it."""
        return self._shape(self._lanes_that_fit())

    def _shape(self, lanes: int) -> ChartShape:
        return ChartShape(self.width(), lanes, self._differs is not None)

    def _lanes_that_fit(self) -> int:
        for lanes in range(min(self.people, MOST_LANES), 1, -1):
            if self._shape(lanes).height <= self.height():
                return lanes
        return min(self.people, 1)

    @property
    def hidden_lanes(self) -> int:
        """How many lanes there is no room for."""
        return max(0, self.people - self._lanes_that_fit())

    @property
    def scale(self) -> TimeScale:
        """Which time is where in it."""
        return TimeScale(self.shape, *self.shown_s)

    def sizeHint(self) -> QSize:  # noqa: N802
        """All lanes that are shown at once."""
        return QSize(320, self._shape(min(self.people, MOST_LANES)).height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """One lane."""
        return QSize(240, self._shape(1).height)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self._redraw()

    def clear(self) -> None:
        """Show nobody."""
        self._steps = self._table = self._differs = None
        self._names, self._merged, self._cut = {}, {}, None
        self._markers, self._excluded = (), ()
        self.duration_s = self._place_s = 0.0
        self._first_lane = 0
        self.pointed.emit("")
        self.show_all()
        self.lanes_changed.emit()

    def show_session(self, table: FrameTable, info: SessionInfo, anew: bool) -> None:
        """Show the people of a table, markers and what is left out; a session that is not shown
        `anew` keeps its zoom."""
        merged = merged_people(info)
        if anew or table is not self._table or merged != self._merged:
            self._steps, self._cut = Steps(table, info), None
        self._table, self._merged = table, merged
        self._names = people_names(info)
        self._markers, self._excluded = info.markers, info.excluded
        self.updateGeometry()
        if anew:
            self._differs = None
            self._place_s = 0.0
            self._first_lane = 0
            self.duration_s = table.duration_s
            self.show_all()
        self._redraw()
        self.lanes_changed.emit()

    def show_differences(self, spans: "Sequence[Difference] | None") -> None:
        """Show where two models differ; None without a second one."""
        self._differs = spans
        self.updateGeometry()
        self._redraw()

    def show_place(self, t_s: float, playing: bool) -> None:
        """Move the line to a time; a part that is played through turns its pages."""
        self._place_s = t_s
        from_s, to_s = self.shown_s
        if self.zoomed and not from_s <= t_s <= to_s and not self._seeking:
            self.show_from(t_s if playing else t_s - (to_s - from_s) / 2)
        self.update()

    def show_lanes_from(self, number: int) -> None:
        """Show this lane on top."""
        self._first_lane = number
        self._redraw()

    def show_all(self) -> None:
        """Show the whole session."""
        self._show(0.0, self.duration_s)

    def show_from(self, from_s: float) -> None:
        """Show a part of the same length from this time on."""
        length_s = self.shown_s[1] - self.shown_s[0]
        from_s = max(0.0, min(from_s, self.duration_s - length_s))
        self._show(from_s, from_s + length_s)

    def zoom(self, factor: float, at_s: float | None = None) -> None:
        """Show a part smaller by `factor`, around a time or else the place of the line."""
        from_s, to_s = self.shown_s
        at_s = self._place_s if at_s is None else at_s
        if not from_s <= at_s <= to_s:
            at_s = (from_s + to_s) / 2
        length_s = to_s - from_s
        wanted_s = min(max(length_s / factor, min(NARROWEST_S, self.duration_s)), self.duration_s)
        share = (at_s - from_s) / length_s if length_s else 0.0
        start_s = max(0.0, min(at_s - share * wanted_s, self.duration_s - wanted_s))
        self._show(start_s, start_s + wanted_s)

    def _show(self, from_s: float, to_s: float) -> None:
        self.shown_s = (from_s, to_s)
        self._redraw()
        self.range_changed.emit()

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    def _draw(self) -> QPixmap:
        shape = self.shape
        steps = max(1, shape.width // STEP_PX)
        shown = (self.shown_s, steps)
        if self._cut is None or self._cut[0] != shown:
            self._cut = (shown, self._steps.lanes(*self.shown_s, steps) if self._steps else [])
        lanes = self._cut[1][self._first_lane :][: self._lanes_that_fit()]
        painter = ChartPainter(self._theme, shape, self.scale, self.shown_s)
        return painter.picture(
            self.devicePixelRatioF(), lanes, self._names, self._markers, self._excluded,
            self._differs,
        )  # fmt: skip

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint what stays, and on it what moves."""
        if self._picture is None:
            self._picture = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        shape, scale = self.shape, self.scale
        if self._drag_from_s is not None:
            left, right = sorted((scale.x(self._drag_from_s), scale.x(self._drag_to_s)))
            veil = QColor(self._theme.accent)
            veil.setAlphaF(0.35)
            high = shape.bottom - MARKERS_PX
            painter.fillRect(QRectF(left, MARKERS_PX, right - left, high), veil)
        x = scale.x(self._place_s)
        if self._steps is not None and shape.left - 1 <= x <= shape.right + 1:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.accent))
            painter.drawRect(QRectF(x - 1, 2, 2, shape.bottom - 2))
            painter.drawEllipse(QPointF(x, MARKERS_PX - 4), 4, 4)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QColor(self._theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(
                QRectF(shape.left - 2, MARKERS_PX, shape.width + 3, shape.bottom - MARKERS_PX + 1)
            )
        painter.end()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Draw anew."""
        self._picture = None
        self.lanes_changed.emit()
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Go there, or with Shift begin to leave out."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        t_s = self._time_at(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._drag_from_s = self._drag_to_s = t_s
        else:
            self._seeking = True
            self.sought.emit(self._snapped(event.position(), t_s))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Follow a drag, or say what is under the mouse."""
        if event is None:
            return
        t_s = self._time_at(event.position())
        if self._drag_from_s is not None:
            self._drag_to_s = t_s
            first_s, last_s = sorted((self._drag_from_s, t_s))
            self.pointed.emit(f"Leave out {clock(first_s, 1)} to {clock(last_s, 1)}")
            self.update()
        elif self._seeking:
            self.sought.emit(t_s)
        else:
            self.pointed.emit(self._words(event.position(), t_s))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """End a drag."""
        self._seeking = False
        first_s, self._drag_from_s = self._drag_from_s, None
        self.update()
        if first_s is not None and abs(self._drag_to_s - first_s) > 1e-3:
            self.exclude_asked.emit(*sorted((first_s, self._drag_to_s)))

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        """Ask for the menu, from the keyboard at the place of the line."""
        if event is None:
            return
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        t_s = self._time_at(QPointF(event.pos())) if by_mouse else self._place_s
        self.menu_asked.emit(t_s, event.globalPos())

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        """Zoom; with Shift or sideways move the part that is shown."""
        if event is None or self._steps is None:
            return
        turn, aside = event.angleDelta().y() / 120, event.angleDelta().x() / 120
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if aside or shifted:
            length_s = self.shown_s[1] - self.shown_s[0]
            self.show_from(self.shown_s[0] - (aside or turn) * length_s / 10)
        elif turn:
            self.zoom(ZOOM_STEP**turn, self._time_at(event.position()))
        event.accept()

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Say no more what is under the mouse."""
        self.pointed.emit("")
        super().leaveEvent(event)

    def _time_at(self, place: QPointF) -> float:
        return max(0.0, min(self.scale.t_s(place.x()), self.duration_s))

    def _near(self, place: QPointF) -> Marker | None:
        if place.y() >= MARKERS_PX:
            return None
        near = [m for m in self._markers if -2 <= place.x() - self.scale.x(m.t_s) <= SNAP_PX + 3]
        return min(near, key=lambda m: abs(self.scale.x(m.t_s) - place.x()), default=None)

    def _snapped(self, place: QPointF, t_s: float) -> float:
        marker = self._near(place)
        return t_s if marker is None else marker.t_s

    def _words(self, place: QPointF, t_s: float) -> str:
        if self._steps is None:
            return ""
        marker = self._near(place)
        if marker is not None:
            said = marker.text or marker.emotion or "marker"
            return f"{clock(marker.t_s, 1)}: {said}"
        if self._differs is not None and self.shape.lanes_bottom <= place.y() < self.shape.bottom:
            said = "; ".join(
                f"{one.name} {one.first} or {one.second}"
                for one in self._differs
                if one.start_s <= t_s < one.end_s
            )
            return f"{clock(t_s, 1)}: {said or 'the models agree'}"
        people = self._steps.people
        lane = self.shape.lane_at(place.y())
        shown = people[self._first_lane :][: self._lanes_that_fit()]
        wanted = [shown[lane]] if lane is not None and lane < len(shown) else people
        said_by = (
            (called(n, self._names.get(n, "")), self._steps.words_at(n, t_s)) for n in wanted
        )
        words = ", ".join(f"{name} {said}" for name, said in said_by if said) or "nobody"
        left_out = any(span.start_s <= t_s < span.end_s for span in self._excluded)
        return f"{clock(t_s, 1)}: {words}{' (left out)' if left_out else ''}"
