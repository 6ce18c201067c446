"""The samples there are: how many of each emotion, and the faces of one of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QPixmap
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from fercam.core.emotions import EMOTIONS
from fercam.ui import theme as look
from fercam.ui.training.result_parts import emotion_icon
from fercam.ui.widgets.combo import Combo
from fercam.ui.widgets.parts import push, words

if TYPE_CHECKING:
    from fercam.training.samples import Sample

FACE_PX = 72


class SampleGrid(QWidget):
    """Choose an emotion, look its faces through, relabel or delete some."""

    relabelled = pyqtSignal(list, str)
    """Give these files this emotion."""
    delete_asked = pyqtSignal(list)

    def __init__(self) -> None:
        super().__init__()
        self._samples: list[Sample] = []
        self.emotion = Combo()
        self.emotion.setAccessibleName("Emotion of the samples shown")
        for emotion in EMOTIONS:
            self.emotion.addItem(emotion, emotion)
        self.faces = QListWidget()
        self.faces.setAccessibleName("Samples")
        self.faces.setViewMode(QListView.ViewMode.IconMode)
        self.faces.setResizeMode(QListView.ResizeMode.Adjust)
        self.faces.setMovement(QListView.Movement.Static)
        self.faces.setIconSize(QSize(FACE_PX, FACE_PX))
        self.faces.setUniformItemSizes(True)
        self.faces.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.relabel = push("Relabel", "Give the selected faces another emotion")
        self.delete = push("Delete", "Delete the selected faces (Delete); that can be undone")
        self._menu = QMenu(self)
        for emotion in EMOTIONS:
            self._menu.addAction(emotion, lambda emotion=emotion: self._relabel(emotion))
        self.relabel.setMenu(self._menu)
        self._hint = words(quiet=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.emotion, 1)
        row.addWidget(self.relabel)
        row.addWidget(self.delete)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._hint)
        column.addWidget(self.faces, 1)
        self.emotion.currentIndexChanged.connect(self._fill)
        self.faces.itemSelectionChanged.connect(self._offer)
        self.delete.clicked.connect(self._delete)
        self.show_samples([])

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for number, emotion in enumerate(EMOTIONS):
            self.emotion.setItemIcon(number, emotion_icon(theme, emotion))

    def show_samples(self, samples: "Sequence[Sample]") -> None:
        """Show these samples."""
        self._samples = list(samples)
        for number, emotion in enumerate(EMOTIONS):
            of_it = [sample for sample in samples if sample.emotion == emotion]
            bursts = len({(sample.day, sample.person, sample.burst) for sample in of_it})
            took = "in one go" if bursts == 1 else f"in {bursts} goes"
            count = f"{len(of_it)} {took}" if of_it else "none yet"
            self.emotion.setItemText(number, f"{emotion}: {count}")
        self._fill()

    def choose(self, emotion: str) -> None:
        """Show the faces of an emotion."""
        self.emotion.setCurrentIndex(EMOTIONS.index(emotion))

    @property
    def count(self) -> int:
        """How many samples there are, of all emotions."""
        return len(self._samples)

    @property
    def selected(self) -> list[Path]:
        """The files of the faces that are selected."""
        return [item.data(Qt.ItemDataRole.UserRole) for item in self.faces.selectedItems()]

    def _fill(self) -> None:
        chosen = set(self.selected)
        self.faces.clear()
        shown = [s for s in self._samples if s.emotion == self.emotion.currentData()]
        for sample in reversed(shown):  # the newest first
            face = QPixmap(str(sample.file)).scaled(
                FACE_PX,
                FACE_PX,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            item = QListWidgetItem(QIcon(face), "")
            about = f"{sample.emotion}, {sample.person}, {sample.day}"
            item.setToolTip(about)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, about)
            item.setData(Qt.ItemDataRole.UserRole, sample.file)
            self.faces.addItem(item)
            item.setSelected(sample.file in chosen)
        hint = "Select faces to relabel or delete them."
        self._hint.setText(hint if shown else "No faces of this emotion yet.")
        self._offer()

    def _offer(self) -> None:
        for button in (self.relabel, self.delete):
            button.setEnabled(bool(self.faces.selectedItems()))

    def _relabel(self, emotion: str) -> None:
        if self.selected:
            self.relabelled.emit(self.selected, emotion)

    def _delete(self) -> None:
        if self.selected:
            self.delete_asked.emit(self.selected)
