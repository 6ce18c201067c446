"""The session under its picture: its chart with what is read in it and the bars that move it."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QScrollBar, QSizePolicy, QVBoxLayout, QWidget

from fercam.core.words import clock
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.session_chart import HOW, SessionChart

SCROLL_PER_S = 100


class SessionLanes(QWidget):
    """The bars are there while the chart shows a part only."""

    def __init__(self) -> None:
        super().__init__()
        self.chart = SessionChart()
        self.setAccessibleName("Lanes of the session")
        self.setAccessibleDescription(HOW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._title = QLabel("Session")
        self._title.setFont(look.font(look.SMALL_PX, strong=True))
        self._title.setToolTip(HOW)
        self._reading = ElidedLabel()
        self._reading.setFont(look.font(look.SMALL_PX))
        self.bar = QScrollBar(Qt.Orientation.Horizontal)
        self.bar.setAccessibleName("Part of the session that is shown")
        self.bar.setFixedHeight(12)
        self.bar.valueChanged.connect(lambda ticks: self.chart.show_from(ticks / SCROLL_PER_S))
        self.lanes_bar = QScrollBar(Qt.Orientation.Vertical)
        self.lanes_bar.setAccessibleName("People whose lanes are shown")
        self.lanes_bar.valueChanged.connect(self.chart.show_lanes_from)
        self.lanes_bar.hide()
        middle = QHBoxLayout()
        middle.setSpacing(4)
        middle.addWidget(self.chart, 1)
        middle.addWidget(self.lanes_bar)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._title)
        top.addWidget(self._reading, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(middle)
        column.addWidget(self.bar)
        self.chart.lanes_changed.connect(self._follow_lanes)
        self.chart.range_changed.connect(self._follow_range)
        self.chart.pointed.connect(self._reading.setText)
        self._follow_range()

    @property
    def reading(self) -> str:
        """What is read under the mouse; empty where nobody points."""
        return self._reading.text()

    def _follow_lanes(self) -> None:
        hidden = self.chart.hidden_lanes
        self.lanes_bar.setPageStep(max(1, self.chart.people - hidden))
        self.lanes_bar.setMaximum(hidden)
        self.lanes_bar.setVisible(hidden > 0)

    def _follow_range(self) -> None:
        from_s, to_s = self.chart.shown_s
        rest_s = max(0.0, self.chart.duration_s - (to_s - from_s))
        self.bar.blockSignals(True)
        self.bar.setRange(0, round(rest_s * SCROLL_PER_S))
        self.bar.setPageStep(max(1, round((to_s - from_s) * SCROLL_PER_S)))
        self.bar.setSingleStep(max(1, self.bar.pageStep() // 10))
        self.bar.setValue(round(from_s * SCROLL_PER_S))
        self.bar.blockSignals(False)
        self.bar.setVisible(self.chart.zoomed)
        self._title.setText(f"{clock(from_s)} to {clock(to_s)}" if self.chart.zoomed else "Session")
