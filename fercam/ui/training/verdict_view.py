"""A run's model beside the present one, before it is used in Live."""

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from fercam.ui import theme as look
from fercam.ui.training.face_grid import FaceGrid
from fercam.ui.training.result_parts import Figures
from fercam.ui.widgets.parts import heading, push, scrolling, words

if TYPE_CHECKING:
    from fercam.training.result_desk import Verdict
    from fercam.training.results import ModelComparison

SHOWN_FACES = 24


class VerdictView(QWidget):
    """`use_asked` carries the name under which the model is to be kept."""

    left = pyqtSignal()
    use_asked = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self.back = push("Back", "Leave it as it is (Alt+Left)")
        self.name = QLineEdit()
        self.name.setFont(look.font(look.SMALL_PX))
        self.name.setMaximumWidth(200)
        self.name.setAccessibleName("Name of the model")
        self.name.setToolTip("What the model will be called in every list")
        self.use = push("Use in Live", "Keep this model under that name and use it in Live", True)
        self.title = heading("", look.LARGE_PX)
        self.title.setWordWrap(True)
        self.check, self.caution, self.where = words(), words(), words()
        self.table = Figures("Both models' figures")
        self.grids = FaceGrid("Only the new model is right"), FaceGrid("Only the present one is")
        self.captions = heading(""), heading("")
        self.back.clicked.connect(self.left)
        self.use.clicked.connect(lambda: self.use_asked.emit(self.name.text().strip()))
        self.name.textChanged.connect(lambda text: self.use.setEnabled(bool(text.strip())))
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.back)
        top.addStretch(1)
        self._label = QLabel("Keep it as")
        self._label.setFont(look.font(look.SMALL_PX))
        self._label.setBuddy(self.name)
        for part in (self._label, self.name, self.use):
            top.addWidget(part)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        for said in (self.title, self.where, self.caution, self.check):
            column.addWidget(said)
        self._card = QFrame()
        self._card.setObjectName("card")
        within = QVBoxLayout(self._card)
        within.setContentsMargins(8, 8, 8, 8)
        within.addWidget(self.table)
        column.addWidget(self._card)
        sides = QHBoxLayout()
        sides.setSpacing(16)
        for caption, grid in zip(self.captions, self.grids, strict=True):
            side = QVBoxLayout()
            side.setSpacing(8)
            side.addWidget(caption)
            side.addWidget(grid)
            side.addStretch(1)
            sides.addLayout(side, 1)
        column.addLayout(sides)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addLayout(top)
        whole.addWidget(scrolling(inside), 1)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.table.set_theme(theme)

    def show_verdict(self, verdict: "Verdict") -> None:
        """Show whether a model may be used and how it does."""
        comparison = verdict.comparison
        self.name.setText(verdict.name)
        self.check.setText(verdict.check.sentence)
        for part in (self._label, self.name, self.use):
            part.setVisible(verdict.check.passed)
        for about in (self._card, self.where, *self.captions, *self.grids):
            about.setVisible(comparison is not None)
        self.caution.setVisible(comparison is not None and bool(comparison.caution))
        if comparison is None:
            self.title.setText("This model cannot be used")
            return
        self.title.setText(comparison.sentence)
        self.caution.setText(comparison.caution)
        self.where.setText(_where(comparison))
        self._show_table(comparison)
        for only_new, caption, grid in zip((True, False), self.captions, self.grids, strict=True):
            found = comparison.differing[comparison.only_new == only_new]
            who = comparison.new if only_new else comparison.old
            caption.setText(f"Only {who} is right: {len(found)}")
            some = np.unique(np.linspace(0, max(len(found) - 1, 0), SHOWN_FACES).astype(int))
            grid.show_faces(found[some] if len(found) else found)

    def _show_table(self, comparison: "ModelComparison") -> None:
        rows = [
            ("all faces", *comparison.accuracy, comparison.faces),
            ("mean of the emotions", *comparison.balanced, comparison.faces),
            *((name, *given) for name, given in comparison.recall.items()),
        ]
        titles = (f"Found on {comparison.split} faces", comparison.new, comparison.old,
                  "Difference", "Faces")  # fmt: skip
        self.table.show_rows(
            titles,
            [
                (name, f"{new:.1%}", f"{old:.1%}", f"{(new - old) * 100:+.1f} points", f"{count:,}")
                for name, new, old, count in rows
            ],
        )


def _where(comparison: "ModelComparison") -> str:
    better, worse = comparison.moved(better=True), comparison.moved(better=False)
    parts = []
    if better:
        parts.append(f"Better at {_listed(better)}.")
    if worse:
        parts.append(f"Worse at {_listed(worse)}.")
    return " ".join(parts) or "Alike on each emotion."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
