"""What a network takes each emotion for, as a heat map that can be asked."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from fercam.core.emotions import EMOTIONS
from fercam.ui import theme as look

LEFT_PX, TOP_PX = 80, 44
SIDES = len(EMOTIONS)


class HeatMap(QWidget):
    """Rows are what faces show, columns what they were taken for. A click, the arrow keys and
    `choose` pick a cell; its faces are for others to show."""

    chosen = pyqtSignal(int, int)
    """The cell (true, said) that a person picked, as indices into `EMOTIONS`."""

    STEPS: ClassVar[dict[int, tuple[int, int]]] = {
        Qt.Key.Key_Up: (-1, 0),
        Qt.Key.Key_Down: (1, 0),
        Qt.Key.Key_Left: (0, -1),
        Qt.Key.Key_Right: (0, 1),
    }

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._counts: NDArray[np.int64] = np.zeros((SIDES, SIDES), np.int64)
        self._in_counts = False
        self._cell = (0, 0)
        self.setFont(look.font(look.SMALL_PX))
        self.setAccessibleName("What is taken for what")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(LEFT_PX + SIDES * 44, TOP_PX + SIDES * 28)

    @property
    def cell(self) -> tuple[int, int]:
        """The picked cell (true, said)."""
        return self._cell

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.update()

    def show_counts(self, counts: NDArray[np.int64]) -> None:
        """Show a matrix (7, 7) of faces."""
        self._counts = counts
        self.update()

    def set_in_counts(self, in_counts: bool) -> None:
        """Write numbers of faces into the cells rather than shares of their row."""
        self._in_counts = in_counts
        self.update()

    def choose(self, true: int, said: int) -> None:
        """Pick a cell."""
        self._cell = true, said
        self.setAccessibleDescription(self.sentence(true, said))
        self.update()
        self.chosen.emit(true, said)

    def sentence(self, true: int, said: int) -> str:
        """Return in words what a cell says."""
        count, total = int(self._counts[true, said]), int(self._counts[true].sum())
        share = count / total if total else 0.0
        done = "found" if true == said else f"taken for {EMOTIONS[said]}"
        return f"{count:,} of {total:,} {EMOTIONS[true]} faces were {done} ({share:.0%})"

    def cell_rect(self, true: int, said: int) -> QRectF:
        """Return where a cell is."""
        wide = (self.width() - LEFT_PX) / SIDES
        high = (self.height() - TOP_PX) / SIDES
        return QRectF(LEFT_PX + said * wide, TOP_PX + true * high, wide, high)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size in which it is easy to read."""
        return QSize(LEFT_PX + SIDES * 60, TOP_PX + SIDES * 44)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint the cells and the names around them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_names(painter)
        shares = self._counts / np.maximum(self._counts.sum(axis=1, keepdims=True), 1)
        for true in range(SIDES):
            for said in range(SIDES):
                self._paint_cell(painter, true, said, float(shares[true, said]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.text), 3 if self.hasFocus() else 2))
        painter.drawRoundedRect(self.cell_rect(*self._cell).adjusted(2, 2, -2, -2), 4, 4)
        painter.end()

    def _paint_names(self, painter: QPainter) -> None:
        centre = Qt.AlignmentFlag.AlignCenter
        painter.setPen(QColor(self._theme.quiet))
        across = QRectF(LEFT_PX, 0, self.width() - LEFT_PX, TOP_PX / 2)
        painter.drawText(across, centre, "taken for")
        painter.drawText(QRectF(0, TOP_PX / 2, LEFT_PX - 8, TOP_PX / 2), centre, "shows")
        painter.setPen(QColor(self._theme.text))
        for number, name in enumerate(EMOTIONS):
            cell = self.cell_rect(number, number)
            above = QRectF(cell.x(), TOP_PX / 2, cell.width(), TOP_PX / 2)
            fitting = self.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideRight, int(cell.width())
            )
            painter.drawText(above, centre, fitting)
            beside = QRectF(0, cell.y(), LEFT_PX - 8, cell.height())
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(beside, right, name)

    def _paint_cell(self, painter: QPainter, true: int, said: int, share: float) -> None:
        paper = _between(self._theme.surface, self._theme.accent, share**0.7)
        inks = (self._theme.text, self._theme.on_accent)
        ink = max(inks, key=lambda ink: look.contrast_ratio(ink, paper.name()))
        cell = self.cell_rect(true, said).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paper)
        painter.drawRoundedRect(cell, 3, 3)
        painter.setPen(QColor(ink))
        count = int(self._counts[true, said])
        text = f"{count}" if self._in_counts else f"{share:.0%}"
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text if count else "·")

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Pick the cell under the mouse."""
        cell = self._cell_at(event.position()) if event is not None else None
        if cell is not None:
            self.choose(*cell)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Go to the next cell."""
        step = self.STEPS.get(event.key()) if event is not None else None
        if step is None:
            super().keyPressEvent(event)
            return
        true, said = (
            min(max(at + by, 0), SIDES - 1) for at, by in zip(self._cell, step, strict=True)
        )
        self.choose(true, said)

    def event(self, event: QEvent | None) -> bool:
        """Say in words what is under the mouse."""
        if isinstance(event, QHelpEvent):
            cell = self._cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.sentence(*cell) if cell else "", self)
            return True
        return super().event(event)

    def _cell_at(self, place: QPointF) -> tuple[int, int] | None:
        cells = ((true, said) for true in range(SIDES) for said in range(SIDES))
        return next((cell for cell in cells if self.cell_rect(*cell).contains(place)), None)


def _between(one: str, other: str, share: float) -> QColor:
    first, second = QColor(one), QColor(other)
    return QColor(
        *(
            round(a + (b - a) * share)
            for a, b in zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)
        )
    )
