"""The last minute: one lane per person, and a line for the group. Drawn with pyqtgraph.

Importing this module takes 0.2 to 0.5 s (pyqtgraph): do it once the window is there.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QColor, QShowEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from fercam.core.values import AnnotatedFrame
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.timeline_band import Bands
from fercam.ui.widgets.timeline_lanes import WINDOW_S, LastMinute
from fercam.ui.widgets.timeline_names import AXIS_PX, CHART_PX, GROUP_LANES, LaneNames

DRAW_EVERY_S = 0.1
"""A minute on 600 pixels moves by one pixel in this time."""
SIDE_PX = 16
"""Left and right of the chart: room for half a word under it."""
TICKS = [(-60, "60 s"), (-45, "45"), (-30, "30"), (-15, "15"), (0, "now")]
HOW = "Colour is the strongest emotion, height how sure the model is; hatched means not sure."


class Timeline(QWidget):
    """Scrolls with the results it is given, not by itself; point at it to read a moment."""

    def __init__(
        self, parent: QWidget | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._drawn_s = float("-inf")
        self._minute = LastMinute()
        self._high = 0.0
        self._paused = False
        self.setAccessibleName("Timeline of the last minute")
        self.setAccessibleDescription(HOW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        title = QLabel("Last minute")
        title.setFont(look.font(look.SMALL_PX, strong=True))
        self._reading = ElidedLabel()
        self._reading.setFont(look.font(look.SMALL_PX))
        self._names = LaneNames()
        for part in (title, self._names):
            part.setToolTip(HOW)
        self._bands = Bands()
        self._plot = self._make_plot()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.addWidget(title, 0, 0)
        grid.addWidget(self._reading, 0, 1)
        grid.addWidget(self._names, 1, 0)
        grid.addWidget(self._plot, 1, 1)
        grid.setColumnStretch(1, 1)
        self.set_theme(look.THEMES["dark"])

    @property
    def people(self) -> tuple[str, ...]:
        """The names or numbers of the lanes, from the top."""
        return tuple(lane.title for lane in self._minute.lanes)

    @property
    def reading(self) -> str:
        """What is read under the mouse; empty where nobody points."""
        return self._reading.text()

    @property
    def now_s(self) -> float:
        """The time at the right edge."""
        return self._minute.now_s

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._names.theme = self._bands.theme = theme
        self._plot.setBackground(theme.window)
        axis = self._plot.getAxis("bottom")
        axis.setPen(theme.hover)
        axis.setTextPen(theme.quiet)
        self._group.setPen(pg.mkPen(theme.text, width=1))
        faint = QColor(theme.quiet)
        faint.setAlphaF(0.5)
        self._zero.setPen(pg.mkPen(faint, width=1))
        self._pointer.setPen(pg.mkPen(theme.text, width=1))
        self._names.update()
        self._draw()

    def set_paused(self, paused: bool) -> None:
        """Stand still, leaving out what comes; or go on, with a gap."""
        self._paused = paused

    def clear(self) -> None:
        """Forget everything."""
        self._minute.clear()
        self._draw()

    def add(self, result: AnnotatedFrame, t_s: float) -> None:
        """Take a result whose time is `t_s`; draws ten times a second at most."""
        if self._paused:
            return
        self._minute.add(result, t_s)
        now_s = self._clock()
        if self.isVisible() and now_s - self._drawn_s >= DRAW_EVERY_S:
            self._drawn_s = now_s
            self._draw()

    def read_at(self, before_s: float | None) -> None:
        """Put into words what was so many seconds before the right edge; None for nothing."""
        self._pointer.setVisible(before_s is not None)
        if before_s is None:
            self._reading.setText("")
            return
        self._pointer.setValue(-before_s)
        words = self._minute.words_at(self._minute.now_s - before_s)
        self._reading.setText(f"{before_s:.0f} s ago: {words}")

    def _make_plot(self) -> Any:
        pg.setConfigOption("mouseRateLimit", -1)  # else the last step of the mouse may be lost
        plot = pg.PlotWidget()
        plot.setFixedHeight(CHART_PX)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setAccessibleName("Chart of the last minute")
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.hideAxis("left")
        plot.getPlotItem().layout.setContentsMargins(SIDE_PX, 0, SIDE_PX, 0)
        axis = plot.getAxis("bottom")
        axis.setTicks([TICKS])
        axis.setHeight(AXIS_PX)
        axis.setStyle(tickLength=0, hideOverlappingLabels=False, tickFont=look.font(look.SMALL_PX))
        plot.setXRange(-WINDOW_S, 0, padding=0)
        view = plot.getViewBox()
        view.setDefaultPadding(0)
        view.invertY(True)
        view.addItem(self._bands, ignoreBounds=True)
        self._group = pg.PlotCurveItem(connect="finite", antialias=True)
        self._zero = pg.PlotCurveItem()
        self._pointer = pg.InfiniteLine(angle=90)
        self._pointer.hide()
        for item in (self._zero, self._group, self._pointer):
            view.addItem(item, ignoreBounds=True)
        plot.scene().sigMouseMoved.connect(self._point)
        return plot

    def _draw(self) -> None:
        lanes = self._minute.lanes
        high = len(lanes) + GROUP_LANES
        middle = len(lanes) + GROUP_LANES / 2
        if high != self._high:
            self._high = high
            self._plot.setYRange(0, high, padding=0)
            self._zero.setData(np.array([-WINDOW_S, 0.0]), np.array([middle, middle]))
        self._names.show_names([(lane.person_id, lane.title) for lane in lanes], high)
        self._bands.show_lanes(lanes, self._minute.now_s)
        seconds, valence = self._minute.valence()
        self._group.setData(seconds, middle - valence * GROUP_LANES * 0.45)

    def _point(self, place: QPointF) -> None:
        view = self._plot.getViewBox()
        inside = view.sceneBoundingRect().contains(place)
        self.read_at(-view.mapSceneToView(place).x() if inside else None)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        """Draw what came while it was hidden."""
        self._draw()
        super().showEvent(event)

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Nothing is pointed at any more."""
        self.read_at(None)
        super().leaveEvent(event)
