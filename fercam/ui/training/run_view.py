"""One run: its figures, its mistakes with faces, its confidence, its curves, and a try."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fercam.core.emotions import EMOTIONS
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.training.face_grid import MOST, FaceGrid
from fercam.ui.training.heat_map import HeatMap
from fercam.ui.training.result_parts import EmptyState, Figures, Switch
from fercam.ui.training.result_plots import Curves, Reliability
from fercam.ui.training.run_table import run_title
from fercam.ui.training.try_view import TryView
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.parts import heading, push, scrolling, words

if TYPE_CHECKING:
    from fercam.training.result_desk import OpenRun
    from fercam.training.results import RunResults

SECTIONS = ("Mistakes", "Emotions", "Confidence", "Curves", "Try it")
MISTAKES, PER_EMOTION, CONFIDENCE, CURVES, TRY = range(len(SECTIONS))
LISTED_PAIRS = 8
NO_FIGURES = (
    "This run was finished by an older FerCam, which kept no figures. They can be worked out from "
    "its data set, if that is still what it was. It takes a minute or so."
)
UNFINISHED = "It can be resumed on the Train page; its figures come with its finished model."


class RunView(QWidget):
    """Shows an `OpenRun`."""

    left = pyqtSignal()
    use_asked = pyqtSignal()
    figures_asked = pyqtSignal()
    save_asked = pyqtSignal(str)

    def __init__(self, saves: dict[str, tuple[str, str]]) -> None:
        super().__init__()
        self.run: OpenRun | None = None
        self.back = push("Back", "Back to all runs (Alt+Left)")
        self.title = ElidedLabel()
        self.title.setFont(look.font(look.BODY_PX, strong=True))
        self.save = push("Save…", "A report, a table or a picture of this run")
        self.use = push(
            "Use in Live…", "Compare this model with the present one, then use it", True
        )
        self.facts = words()
        self.sections = Switch("Section", SECTIONS)
        self.map, self.faces = HeatMap(), FaceGrid("Faces")
        self.shares = Switch("Cells", ("Shares", "Counts"))
        self.pairs = QListWidget()
        self.said = words(quiet=True)
        self.table = Figures("Figures of each emotion")
        self.reliability, self.honesty = Reliability(), words()
        self.curves = Curves("accuracy"), Curves("loss")
        self.trial = TryView()
        self.work_out = push("Work out the figures", "Runs the model on its held-out faces", True)
        self.stack = QStackedWidget()
        self._sections = [
            self._mistakes(), self._per_emotion(), self._confidence(), self._curves(), self.trial,
        ]  # fmt: skip
        self._none = EmptyState("No figures were kept", NO_FIGURES, [self.work_out])
        self._unfinished = EmptyState("This run is not finished", UNFINISHED)
        for part in (*self._sections, self._none, self._unfinished):
            self.stack.addWidget(part)
        self._save_menu = QMenu(self)
        for what, (title, _) in saves.items():
            self._save_menu.addAction(title, lambda what=what: self.save_asked.emit(what))
        self.save.setMenu(self._save_menu)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.back)
        top.addWidget(self.title, 1)
        top.addWidget(self.save)
        top.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.facts)
        column.addWidget(self.sections)
        column.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.use.clicked.connect(self.use_asked)
        self.work_out.clicked.connect(self.figures_asked)
        self.sections.switched.connect(self._show_section)
        self.shares.switched.connect(lambda number: self.map.set_in_counts(number == 1))
        self.map.chosen.connect(self._show_cell)
        self.pairs.currentRowChanged.connect(self._choose_pair)

    def _mistakes(self) -> QWidget:
        self.pairs.setAccessibleName("Most frequent mistakes")
        self.pairs.setFont(look.font(look.SMALL_PX))
        self.pairs.setObjectName("moments")
        self.pairs.setMaximumHeight(128)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.shares)
        left.addWidget(self.map, 1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(heading("Most frequent mistakes"))
        right.addWidget(self.pairs)
        right.addWidget(self.said)
        right.addWidget(scrolling(_alone(self.faces)), 1)
        return _row((left, 3), (right, 2))

    def _per_emotion(self) -> QWidget:
        card = QFrame()
        card.setObjectName("card")
        within = QVBoxLayout(card)
        within.setContentsMargins(8, 8, 8, 8)
        within.addWidget(self.table)
        how = words(
            "Found: of the faces that show it, how many the model names so (recall). Right: of "
            "those it names so, how many show it (precision). F1 is the harmonic mean of both.",
            quiet=True,
        )
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(card)
        column.addWidget(how)
        column.addStretch(1)
        return scrolling(inside)

    def _confidence(self) -> QWidget:
        right = QVBoxLayout()
        right.addWidget(self.honesty)
        right.addStretch(1)
        left = QVBoxLayout()
        left.addWidget(self.reliability)
        return _row((left, 3), (right, 2))

    def _curves(self) -> QWidget:
        sides = [QVBoxLayout(), QVBoxLayout()]
        for side, curve in zip(sides, self.curves, strict=True):
            side.addWidget(curve)
        return _row(*((side, 1) for side in sides))

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self.save.setIcon(icons.icon("export", theme.text))
        for part in (self.map, self.table, self.reliability, *self.curves, self.trial):
            part.set_theme(theme)

    def try_beside(self, present: str) -> None:
        """Try the run beside this model from now on."""
        if self.run is not None:
            name = self.run.results.model if self.run.results else run_title(self.run.entry)
            self.trial.forget(f"{name} (this run)", f"{present} (in Live)")

    def show_run(self, run: "OpenRun", present: str) -> None:
        """Show a run; `present` is the model that it is tried beside."""
        same = self.run is not None and self.run.entry.folder == run.entry.folder
        self.run = run
        results = run.results
        title = run_title(run.entry)
        self.title.setText(title)
        self.facts.setText(facts(run))
        finished = run.entry.bundle is not None
        self.use.setVisible(finished and run.answers is not None)
        self.save.setVisible(results is not None)
        for curve in self.curves:
            curve.show_runs([run.entry])
        self.try_beside(present)
        for button in (self.sections.buttons[at] for at in (MISTAKES, PER_EMOTION, CONFIDENCE)):
            button.setEnabled(results is not None or finished)
        self.sections.buttons[TRY].setEnabled(finished)
        if results is not None:
            self._show_results(results)
        if not same:
            self.sections.choose(MISTAKES if finished else CURVES)
        self._show_section(self.sections.chosen)

    def _show_results(self, results: "RunResults") -> None:
        self.map.show_counts(results.counts)
        confusions = results.confusions[:LISTED_PAIRS]
        self.pairs.blockSignals(True)
        self.pairs.clear()
        for pair in confusions:
            words_ = f"{EMOTIONS[pair.true]} taken for {EMOTIONS[pair.said]}: {pair.faces}"
            self.pairs.addItem(words_)
        self.pairs.blockSignals(False)
        self.table.show_rows(
            ("Emotion", "Found", "Right", "F1", "Faces"),
            [
                (
                    name,
                    *(f"{given[key]:.1%}" for key in ("recall", "precision", "f1")),
                    f"{given['faces']:,}",
                )
                for name, given in results.figures["per_class"].items()
            ],
        )
        self.reliability.show_bins(results.before, results.after)
        self.honesty.setText(honesty(results))
        if confusions:
            self.pairs.setCurrentRow(0)
            self._choose_pair(0)
        else:
            self.map.choose(0, 0)

    def _choose_pair(self, row: int) -> None:
        if self.run is not None and self.run.results is not None and row >= 0:
            pair = self.run.results.confusions[row]
            self.map.choose(pair.true, pair.said)

    def _show_cell(self, true: int, said: int) -> None:
        if self.run is None or self.run.results is None:
            return
        answers = self.run.answers
        faces = answers.faces_of(true, said) if answers else np.zeros((0, 48, 48), np.uint8)
        kept = "" if answers else " This run has kept no faces."
        if answers and len(faces) < self.run.results.counts[true, said]:
            kept = f" {len(faces):,} of them were kept."
        order = " The surest first." if len(faces) > 1 else ""
        some = f" {MOST} are shown." if len(faces) > MOST else ""
        self.said.setText(f"{self.map.sentence(true, said)}.{order}{some}{kept}")
        self.faces.show_faces(faces)
        wanted = next(
            (
                row
                for row, pair in enumerate(self.run.results.confusions[:LISTED_PAIRS])
                if (pair.true, pair.said) == (true, said)
            ),
            -1,
        )
        self.pairs.blockSignals(True)
        self.pairs.setCurrentRow(wanted)
        self.pairs.blockSignals(False)

    def _show_section(self, section: int) -> None:
        if section != TRY:
            self.trial.camera.setChecked(False)
        needs_figures = section in (MISTAKES, PER_EMOTION, CONFIDENCE)
        if self.run is not None and self.run.results is None and needs_figures:
            finished = self.run.entry.bundle is not None
            self.stack.setCurrentWidget(self._none if finished else self._unfinished)
        else:
            self.stack.setCurrentWidget(self._sections[section])

    @property
    def folder(self) -> Path | None:
        """The run that is shown."""
        return self.run.entry.folder if self.run is not None else None


def facts(run: "OpenRun") -> str:
    """Return a run's main figures in a line."""
    results = run.results
    if results is None:
        best = max((row["val_accuracy"] for row in run.entry.history), default=None)
        return "" if best is None else f"{best:.1%} of the validation faces right, at best"
    given = results.figures
    fresh = given.get("without_copies_of_training")
    parts = [
        f"{given['accuracy']:.1%} of {given['faces']:,} {results.split} faces right"
        + (f" ({fresh['accuracy']:.1%} without copies of training pictures)" if fresh else ""),
        f"balanced {given['balanced_accuracy']:.1%}",
        f"macro F1 {given['macro_f1']:.1%}",
        f"calibration error {given['ece']:.3f}",
    ]
    return " · ".join(parts)


def honesty(results: "RunResults") -> str:
    """Return in words how far a model's confidence can be trusted."""
    given = results.figures
    above = sum(b.faces for b in results.after if b.confidence > b.right)
    total = sum(b.faces for b in results.after)
    tends = "boasts" if above > total / 2 else "is modest"
    sentences = [
        "On the dashed line an answer with a confidence of 80% is right eight times of ten. "
        "Below it the model boasts, above it it is modest. The more faces, the larger the dot.",
        f"Measured against {results.truth}, on {total:,} faces; this model rather {tends}.",
    ]
    if given["sure_accuracy"] is not None:
        sentences.append(
            f"It is sure of {given['sure_share']:.0%} of the faces, and right on "
            f"{given['sure_accuracy']:.0%} of those by their labels."
        )
    return "\n\n".join(sentences)


def _alone(part: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(part)
    column.addStretch(1)
    return page


def _row(*sides: tuple[QVBoxLayout, int]) -> QWidget:
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(16)
    for side, stretch in sides:
        row.addLayout(side, stretch)
    return page
