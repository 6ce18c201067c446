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


class _Plot(pg.PlotWidget):  # type: ignore[misc]
    """A chart with titled axes that stands still."""

    def __init__(self, title: str, across: str, up: str) -> None:
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
        self.legend: Any = self.plot_item.addLegend(offset=(-8, 8))
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
        super().__init__(f"{title} of each epoch", "epoch", figure)
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
        for number, run in enumerate(self._runs):
            ink = self._theme.accent if alone else QColor(*colours[number % len(colours)]).name()
            self._draw(run, ink, "validation" if alone else run.folder.name)
            if alone:
                epochs = [row["epoch"] for row in run.history]
                shown = [row[self._figure] for row in run.history]
                self.line(epochs, shown, "training", self._theme.quiet, style=Qt.PenStyle.DashLine)

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
    honest."""

    def __init__(self) -> None:
        super().__init__("Confidence and truth", "confidence", "share that is right")
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
            self.line([b.confidence for b in bins], [b.right for b in bins], name, ink)
