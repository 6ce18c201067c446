"""Charts of runs, drawn with pyqtgraph, which takes a moment to import: do it when needed."""

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor

from fercam.overlay.palette import PERSON_COLOURS
from fercam.training.results import Bin
from fercam.training.run_list import RunEntry
from fercam.training.runs import best_epoch
from fercam.ui import theme as look
from fercam.ui.training.run_table import run_titles

LEGEND_COLUMNS = 3
DOT_PX = (4.0, 14.0)
"""Of a bin with few faces, and of the one with most."""


class _Plot(pg.PlotWidget):  # type: ignore[misc]
    """A chart with titled axes that stands still."""

    def __init__(self, title: str, across: str, up: str, legend: tuple[int, int]) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._titles = title, across, up
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.setMinimumSize(240, 200)
        self.plot_item: Any = self.getPlotItem()
        self.legend: Any = self.plot_item.addLegend(offset=legend)
        for side in ("bottom", "left"):
            self.plot_item.getAxis(side).enableAutoSIPrefix(False)
        self.plot_item.showGrid(y=True, alpha=0.15)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.setBackground(theme.surface)
        title, across, up = self._titles
        self.plot_item.setTitle(title, color=theme.text, size=f"{look.SMALL_PX}px")
        self.legend.setLabelTextColor(theme.text)
        for side, text in (("bottom", across), ("left", up)):
            axis = self.plot_item.getAxis(side)
            axis.setLabel(text, color=theme.quiet)
            axis.setPen(pg.mkPen(theme.quiet))
            axis.setTextPen(pg.mkPen(theme.quiet))
            axis.setTickFont(look.font(look.SMALL_PX))
        self.redraw()

    def redraw(self) -> None:
        """Draw anew."""

    def line(self, x: Sequence[float], y: Sequence[float], name: str, ink: str, **more: Any) -> Any:
        """Draw a line with dots where there are few points."""
        dots = {"symbol": "o", "symbolSize": 6, "symbolBrush": QColor(ink), "symbolPen": None}
        return self.plot_item.plot(
            list(x),
            list(y),
            name=name or None,
            pen=pg.mkPen(ink, width=2, **more),
            antialias=True,
            **(dots if len(x) <= 20 and not more else {}),
        )


class Curves(_Plot):
    """Accuracy (or loss) of each epoch of one run, or the validation part's of several."""

    def __init__(self, figure: str) -> None:
        title = "Accuracy" if figure == "accuracy" else "Loss"
        super().__init__(f"{title} of each epoch", "epoch", figure, legend=(8, 4))
        self._figure = figure
        self._runs: list[RunEntry] = []

    def show_runs(self, runs: Sequence[RunEntry]) -> None:
        """Show the curves of these runs."""
        self._runs = list(runs)
        self.redraw()

    def redraw(self) -> None:
        """Draw the curves, and the best epoch of each as a ring."""
        self.plot_item.clear()
        colours = PERSON_COLOURS[self._theme.name]
        alone = len(self._runs) == 1
        titles = run_titles(self._runs)
        for number, (run, title) in enumerate(zip(self._runs, titles, strict=True)):
            ink = self._theme.accent if alone else QColor(*colours[number % len(colours)]).name()
            self._draw(run, ink, "validation" if alone else title)
            if alone:
                epochs = [row["epoch"] for row in run.history]
                shown = [row[self._figure] for row in run.history]
                self.line(epochs, shown, "training", self._theme.quiet, style=Qt.PenStyle.DashLine)
        self._make_room_for_legend()

    def _make_room_for_legend(self) -> None:
        named = len(self.legend.items)
        self.legend.setColumnCount(LEGEND_COLUMNS)
        columns = ["val_" + self._figure, *([self._figure] if len(self._runs) == 1 else [])]
        shown = [row[name] for run in self._runs for row in run.history for name in columns]
        if shown:
            low, high = min(shown), max(shown)
            rows = -(-named // LEGEND_COLUMNS)
            margin = max(high - low, 0.01)
            self.plot_item.setYRange(low, high + margin * 0.12 * rows, padding=0.04)

    def _draw(self, run: RunEntry, ink: str, name: str) -> None:
        if not run.history:
            return
        epochs = [row["epoch"] for row in run.history]
        shown = [row[f"val_{self._figure}"] for row in run.history]
        self.line(epochs, shown, name, ink)
        best = best_epoch(run.history, run.config.choose_by)
        self.plot_item.plot(
            [best],
            [shown[epochs.index(best)]],
            pen=None,
            symbol="o",
            symbolSize=12,
            symbolBrush=None,
            symbolPen=pg.mkPen(self._theme.text, width=2),
            name="kept" if name == "validation" else None,
        )


class Reliability(_Plot):
    """How often answers are right that are so and so confident; on the diagonal confidence is
    honest. The more faces, the larger the dot."""

    def __init__(self) -> None:
        super().__init__("Confidence and truth", "confidence", "share that is right", (-8, -8))
        self._before: tuple[Bin, ...] = ()
        self._after: tuple[Bin, ...] = ()
        self.plot_item.setRange(xRange=(0, 1), yRange=(0, 1))

    def show_bins(self, before: tuple[Bin, ...], after: tuple[Bin, ...]) -> None:
        """Show the bins before and after the temperature."""
        self._before, self._after = before, after
        self.redraw()

    def redraw(self) -> None:
        """Draw both lines and the diagonal."""
        self.plot_item.clear()
        self.line([0, 1], [0, 1], "honest", self._theme.quiet, style=Qt.PenStyle.DashLine)
        for bins, name, ink in (
            (self._before, "before calibration", self._theme.quiet),
            (self._after, "as FerCam shows it", self._theme.accent),
        ):
            most = max((b.faces for b in bins), default=1)
            least_px, more_px = DOT_PX[0], DOT_PX[1] - DOT_PX[0]
            self.plot_item.plot(
                [b.confidence for b in bins],
                [b.right for b in bins],
                name=name,
                pen=pg.mkPen(ink, width=1),
                antialias=True,
                symbol="o",
                symbolSize=[least_px + more_px * (b.faces / most) ** 0.5 for b in bins],
                symbolBrush=QColor(ink),
                symbolPen=None,
            )
