"""What must be known of a network that is brought in."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from fercam.core.emotions import EMOTIONS, FER2013_CSV_ORDER
from fercam.training.job import IMPORT_SCALES
from fercam.ui import theme as look
from fercam.ui.widgets.combo import Combo
from fercam.ui.widgets.parts import words

ASSUMED = (
    "A network's file does not say what its pictures and its answers mean. If you know, say it "
    "here; a wrong guess gives wrong answers without an error."
)
FIND_OUT = "Find out (looks into its first layers)"
SCALES = {
    "0..1": "0 to 1: pixels divided by 255",
    "0..255": "0 to 255: pixels as they are",
    "-1..1": "-1 to 1",
}
ORDERS: dict[str, tuple[str, ...]] = {
    "In alphabetical order, as folders are": EMOTIONS,
    "As in fer2013.csv": FER2013_CSV_ORDER,
}
OWN_ORDER = "In another order…"


class ImportDialog(QDialog):
    """Asks for the scale of the pictures and for the order of the classes."""

    def __init__(self, files: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import a model")
        self.scale, self.order = Combo(), Combo()
        self.scale.addItem(FIND_OUT)
        self.scale.addItems([SCALES[scale] for scale in IMPORT_SCALES])
        self.order.addItems([*ORDERS, OWN_ORDER])
        self.outputs = [Combo() for _ in EMOTIONS]
        self.wrong = words()
        self._own = QWidget()
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        rows = (("Its pictures are", self.scale), ("Its classes are", self.order))
        for row, (title, field) in enumerate(rows):
            label = QLabel(title)
            label.setBuddy(field)
            field.setAccessibleName(title)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(1, 1)
        inside = QGridLayout(self._own)
        inside.setContentsMargins(0, 0, 0, 0)
        for number, field in enumerate(self.outputs):
            field.addItems(list(EMOTIONS))
            field.setCurrentIndex(number)
            field.setMinimumWidth(104)
            field.setAccessibleName(f"Class {number + 1}")
            field.currentIndexChanged.connect(self._check)
            inside.addWidget(QLabel(str(number + 1)), number // 4, number % 4 * 2)
            inside.addWidget(field, number // 4, number % 4 * 2 + 1)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert ok is not None
        self.ok = ok
        self.ok.setText("Import")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.order.currentIndexChanged.connect(self._check)
        names = QLabel(" + ".join(file.name for file in files))
        names.setFont(look.font(look.BODY_PX, strong=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(names)
        column.addWidget(words(ASSUMED))
        column.addLayout(grid)
        column.addWidget(self._own)
        column.addWidget(self.wrong)
        column.addWidget(self.buttons)
        self.setMinimumWidth(480)
        self._check()

    @property
    def chosen_scale(self) -> str | None:
        """What the network takes gray to be; None: to be found out."""
        row = self.scale.currentIndex()
        return IMPORT_SCALES[row - 1] if row else None

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The emotions in the order of its outputs; None: nobody said so."""
        if self.order.currentText() == OWN_ORDER:
            return tuple(field.currentText() for field in self.outputs)
        order = ORDERS[self.order.currentText()]
        return None if order == EMOTIONS else order

    def _check(self) -> None:
        own = self.order.currentText() == OWN_ORDER
        self._own.setVisible(own)
        missing = set(EMOTIONS) - set(self.classes or EMOTIONS)
        self.wrong.setText(f"Each emotion once, please: {', '.join(sorted(missing))} is missing.")
        self.wrong.setVisible(bool(missing))
        self.ok.setEnabled(not missing)
        self.adjustSize()
