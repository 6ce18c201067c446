"""The names beside the lanes of the timeline."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from fercam.overlay.palette import person_colour
from fercam.ui import theme as look

NAMES_PX = 128
CHART_PX = 152
AXIS_PX = 20
"""The times under the chart are within its height."""
GROUP_LANES = 1.5
"""The group's line is so many lanes high."""


class LaneNames(QWidget):
    """Beside each lane its person's colour and name, and what the group's line is."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = look.THEMES["dark"]
        self._rows: list[tuple[int, str]] = []
        self._high = GROUP_LANES
        self.setFont(look.font(look.SMALL_PX))
        self.setFixedSize(NAMES_PX, CHART_PX)

    def show_names(self, rows: list[tuple[int, str]], high: float) -> None:
        """Show people (number, name); `high` is how many lanes high the chart is."""
        if rows != self._rows or high != self._high:
            self._rows, self._high = rows, high
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint a line for each lane, and what the line below them is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lane_px = (CHART_PX - AXIS_PX) / self._high
        for row, (number, name) in enumerate(self._rows):
            line = QRectF(0, row * lane_px, NAMES_PX, lane_px)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*person_colour(number, self.theme.name)))
            painter.drawRoundedRect(QRectF(0, line.top() + 2, 4, lane_px - 4), 2, 2)
            self._write(painter, line.adjusted(12, 0, -4, 0), name, self.theme.text)
        top = len(self._rows) * lane_px
        words = ("pleasant", "Group", "unpleasant")
        row_px = GROUP_LANES * lane_px / 3
        if row_px >= 14:
            for number, word in enumerate(words):
                line = QRectF(12, top + number * row_px, NAMES_PX - 16, row_px)
                self._write(painter, line, word, self.theme.quiet)
        else:
            line = QRectF(12, top, NAMES_PX - 16, GROUP_LANES * lane_px)
            self._write(painter, line, "Group valence", self.theme.quiet)
        painter.end()

    def _write(self, painter: QPainter, line: QRectF, words: str, ink: str) -> None:
        fitting = self.fontMetrics().elidedText(
            words, Qt.TextElideMode.ElideRight, int(line.width())
        )
        painter.setPen(QColor(ink))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, fitting)
