"""Several runs side by side: what they were trained with, what came of it, and their curves."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from fercam.core.words import percent
from fercam.inference.figures import headline
from fercam.training.config import SETTINGS
from fercam.training.run_list import RunEntry
from fercam.training.runs import epochs_done
from fercam.ui import theme as look
from fercam.ui.training.result_parts import Figures
from fercam.ui.training.result_plots import Curves
from fercam.ui.training.run_table import run_titles, took, validation_of
from fercam.ui.widgets.parts import heading, push, scrolling, words

CAUTION = "Trained on different data sets: their figures are of different faces."


class RunsCompared(QWidget):
    """A column for each run; of the settings only those in which they differ."""

    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.back = push("Back", "Back to all runs (Alt+Left)")
        self.back.clicked.connect(self.left)
        self.caution = words(CAUTION)
        self.table = Figures("Runs side by side")
        self.curves = Curves("accuracy"), Curves("loss")
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.back)
        top.addWidget(heading("Runs side by side"), 1)
        card = QFrame()
        card.setObjectName("card")
        within = QVBoxLayout(card)
        within.setContentsMargins(8, 8, 8, 8)
        within.addWidget(self.table)
        charts = QHBoxLayout()
        charts.setSpacing(16)
        for curve in self.curves:
            curve.setMinimumHeight(240)
            charts.addWidget(curve, 1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addWidget(self.caution)
        column.addWidget(card)
        column.addLayout(charts, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addWidget(scrolling(inside), 1)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for part in (self.table, *self.curves):
            part.set_theme(theme)

    def show_runs(self, runs: Sequence[RunEntry]) -> None:
        """Show two or more runs."""
        self.caution.setVisible(len({run.config.dataset for run in runs}) > 1)
        rows = [
            ("data", *(run.config.dataset.name for run in runs)),
            ("validation", *(percent(validation_of(run)) for run in runs)),
            *(_figure(title, key, runs) for title, key in FIGURES.items()),
            ("epochs done", *(str(epochs_done(run.history)) for run in runs)),
            *([("took", *map(took, runs))] if any(run.seconds for run in runs) else []),
            *_differing(runs),
        ]
        self.table.show_rows(("", *run_titles(runs)), rows)
        for curve in self.curves:
            curve.show_runs(runs)


FIGURES = {
    "test": "accuracy",
    "test, balanced": "balanced_accuracy",
    "test, macro F1": "macro_f1",
    "test, calibration error": "ece",
}


def _figure(title: str, key: str, runs: Sequence[RunEntry]) -> tuple[str, ...]:
    given = [(headline(run.metrics) or {}).get(key) for run in runs]
    form = (lambda x: f"{x:.3f}") if key == "ece" else percent
    return (title, *("" if value is None else form(value) for value in given))


def _differing(runs: Sequence[RunEntry]) -> list[tuple[str, ...]]:
    rows = []
    for name in SETTINGS:
        given = [str(getattr(run.config, name)) for run in runs]
        if len(set(given)) > 1:
            rows.append((name.replace("_", " "), *given))
    return rows
