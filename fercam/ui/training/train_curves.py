"""How accuracy and loss go from epoch to epoch. Importing pyqtgraph takes 0.2 to 0.5 s: do it once
the window is there.
"""

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFontMetrics
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from fercam.training.runs import epochs_done
from fercam.ui import theme as look

if TYPE_CHECKING:
    from fercam.training.run_status import RunStatus

FIGURES = {"accuracy": "Accuracy", "loss": "Loss"}
HOW = "Thin is training, thick with dots validation; dashed is the best epoch, whose model is kept."


class TrainCurves(QWidget):
    """Two charts over the epochs; the dotted end of training is the epoch under way."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Curves of training")
        self.setToolTip(HOW)
        self.charts = {name: Chart(name) for name in FIGURES}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for chart in self.charts.values():
            row.addWidget(chart)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for chart in self.charts.values():
            chart.set_theme(theme)

    def show_run(self, status: "RunStatus") -> None:
        """Show how a run goes."""
        for chart in self.charts.values():
            chart.show_run(status)
        self.setAccessibleDescription(". ".join(chart.words for chart in self.charts.values()))


class Chart(QWidget):
    """One figure, in training and in validation."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.words = ""
        self._title, self._reading = QLabel(FIGURES[name]), QLabel()
        self._title.setFont(look.font(look.SMALL_PX, strong=True))
        self._reading.setFont(look.font(look.SMALL_PX))
        self._reading.setTextFormat(Qt.TextFormat.RichText)
        self._reading.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._plot = self._make_plot()
        self._theme = look.THEMES["dark"]
        self._status: RunStatus | None = None
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._reading, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._plot, 1)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self._plot.setBackground(theme.surface)
        for side in ("bottom", "left"):
            axis = self._plot.getAxis(side)
            axis.setPen(theme.hover)
            axis.setTextPen(theme.quiet)
        self._training.setPen(pg.mkPen(theme.quiet, width=1.5))
        self._under_way.setPen(pg.mkPen(theme.quiet, width=1.5, style=Qt.PenStyle.DotLine))
        self._validation.setPen(pg.mkPen(theme.accent, width=2.5))
        self._validation.setSymbolBrush(QColor(theme.accent))
        self._validation.setSymbolPen(None)
        self._best.setPen(pg.mkPen(theme.text, width=1, style=Qt.PenStyle.DashLine))
        self._best.label.setColor(theme.text)
        if self._status is not None:
            self.show_run(self._status)

    def show_run(self, status: "RunStatus") -> None:
        """Show how a run goes."""
        self._status = status
        history = status.history
        epochs = [row["epoch"] for row in history]
        training = [row[self._name] for row in history]
        validation = [row[f"val_{self._name}"] for row in history]
        self._training.setData(epochs, training, symbol="o" if len(epochs) == 1 else None)
        self._validation.setData(epochs, validation)
        now = getattr(status, self._name)
        behind = epochs_done(history)
        partly = status.epoch > behind and bool(status.batches) and now is not None
        if partly:
            done = status.epoch - 1 + status.batch / status.batches
            at, value = ([epochs[-1]], [training[-1]]) if history else ([0.0], [now])
            self._under_way.setData([*at, done], [*value, now])
        else:
            self._under_way.setData([], [])
        self._best.setVisible(bool(status.best_epoch))
        self._best.setValue(status.best_epoch)
        wide = max(behind + 1, status.epoch, min(status.epochs, 4), 2)
        self._plot.setXRange(0 if partly and not history else 0.5, wide + 0.5, padding=0)
        if self._name == "accuracy":
            self._fit_share([*training, *validation, *([now] if now is not None else [])])
        self._say(now, validation)

    def _fit_share(self, values: list[float]) -> None:
        low = min(values, default=0.0)
        self._plot.setYRange(max(0.0, low - 0.1), min(1.0, max(values, default=1.0) + 0.1))

    def _say(self, now: float | None, validation: list[float]) -> None:
        theme = self._theme

        def shown(value: float | None) -> str:
            if value is None:
                return "–"
            return f"{value:.0%}" if self._name == "accuracy" else f"{value:.2f}"

        last = validation[-1] if validation else None
        self.words = f"{FIGURES[self._name]}: training {shown(now)}, validation {shown(last)}"
        # the words go before the lines do: at 200 % there is room for the figures only
        wanted_px = QFontMetrics(self._reading.font()).horizontalAdvance(f"{self.words}──●──")
        room = wanted_px < self.width()
        names = ("training ", "validation ") if room else ("", "")
        self._reading.setText(
            f"<span style='color:{theme.quiet}'>─ {names[0]}{shown(now)}</span>&nbsp; "
            f"<span style='color:{theme.accent}'>● {names[1]}{shown(last)}</span>"
        )

    def _make_plot(self) -> Any:
        plot = pg.PlotWidget()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.setMinimumSize(120, 96)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setAccessibleName(f"{FIGURES[self._name]} over the epochs")
        bottom, left = plot.getAxis("bottom"), plot.getAxis("left")
        bottom.tickStrings = _whole_numbers
        if self._name == "accuracy":
            left.tickStrings = _percents
        left.setWidth(40)
        for axis in (bottom, left):
            axis.setTickFont(look.font(look.SMALL_PX))
            axis.setStyle(tickLength=-4)
        self._training = plot.plot([], [])
        self._under_way = plot.plot([], [])
        self._validation = plot.plot([], [], symbol="o", symbolSize=6)
        self._best = pg.InfiniteLine(0, 90, label="best", labelOpts={"position": 0.92})
        self._best.label.setFont(look.font(look.SMALL_PX))
        plot.addItem(self._best, ignoreBounds=True)
        return plot


def _whole_numbers(values: list[float], scale: float, spacing: float) -> list[str]:
    return [f"{value:.0f}" if value == int(value) and value > 0 else "" for value in values]


def _percents(values: list[float], scale: float, spacing: float) -> list[str]:
    return [f"{value:.0%}" for value in values]
