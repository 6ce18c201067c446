"""A model tried out: faces of a picture or of the camera, and what two models say of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fercam.core.words import counted
from fercam.ui import theme as look
from fercam.ui.desktop import dropped_files, take_files
from fercam.ui.pipeline import Pipeline
from fercam.ui.training.face_grid import OneFace
from fercam.ui.widgets.emotion_bars import EmotionBars
from fercam.ui.widgets.parts import heading, push, scrolling, words

if TYPE_CHECKING:
    from fercam.training.result_desk import Tried

MOST_FACES = 4
LOOK_EVERY_MS = 150
TEACHES = (
    "Drop a picture here, or look into the camera, to see what this model and yours make of it."
)
NO_CAMERA = "Start the camera in Live first."
NOBODY = "The camera sees no face."


class TryView(QWidget):
    """Asks for answers with `picture_asked` and `faces_asked`; `show_tried` shows them."""

    picture_asked = pyqtSignal()
    picture_dropped = pyqtSignal(Path)
    faces_asked = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._live: Pipeline | None = None
        self._waiting = False
        self._seen = -1
        self.picture = push("Picture…", "Choose a picture with faces")
        self.camera = push("Camera", NO_CAMERA)
        self.camera.setCheckable(True)
        self.said = words(TEACHES, quiet=True)
        self.names = heading(""), heading("")
        self.rows = [_Face(number) for number in range(MOST_FACES)]
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self.picture.clicked.connect(self.picture_asked)
        self.camera.toggled.connect(self._watch)
        self.setAcceptDrops(True)
        self._lay_out()
        self.set_live(None)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.picture)
        top.addWidget(self.camera)
        top.addWidget(self.said, 1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(16)
        titles = QHBoxLayout()
        titles.setSpacing(16)
        titles.addSpacing(80)
        for name in self.names:
            titles.addWidget(name, 1)
        column.addLayout(titles)
        for row in self.rows:
            column.addWidget(row)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addLayout(top)
        whole.addWidget(scrolling(inside), 1)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for row in self.rows:
            row.set_theme(theme)

    def set_live(self, live: Pipeline | None) -> None:
        """Take the camera's faces from here; None: there is no camera."""
        self._live = live
        self.camera.setEnabled(live is not None)
        self.camera.setToolTip(NO_CAMERA if live is None else "Look at the largest face in Live")
        if live is None:
            self.camera.setChecked(False)

    def forget(self, new: str, old: str) -> None:
        """Show nothing; the two models are called so."""
        self.camera.setChecked(False)
        for label, name in zip(self.names, (new, old), strict=True):
            label.setText(name)
            label.hide()
        self.said.setText(TEACHES)
        for row in self.rows:
            row.hide()

    def look(self) -> None:
        """Ask about the newest face of the camera, unless an answer is still to come."""
        result = self._live.newest_result.get() if self._live is not None else None
        if self._waiting or result is None or result.frame.frame_id == self._seen:
            return
        self._seen = result.frame.frame_id
        with_crops = [face for face in result.faces if face.crop is not None]
        if not with_crops:
            self.said.setText(NOBODY)
            return
        largest = max(with_crops, key=lambda face: face.detection.box_px.side)
        assert largest.crop is not None
        self._waiting = True
        self.faces_asked.emit(np.stack([largest.crop.pixels]))

    def show_tried(self, tried: "Tried") -> None:
        """Show what the models say."""
        self.go_on()
        count = len(tried.faces)
        more = f", the {MOST_FACES} largest shown" if count > MOST_FACES else ""
        self.said.setText(counted(count, "face") + more)
        for label in self.names:
            label.show()
        for number, row in enumerate(self.rows):
            row.setVisible(number < count)
            if number < count:
                answers = tried.new[number], tried.old[number]
                row.show_answers(tried.faces[number], answers, tried.sure_from)

    def go_on(self) -> None:
        """Wait for no answer any more."""
        self._waiting = False

    def show_failure(self) -> None:
        """Go on after a failure, which is told elsewhere."""
        self.go_on()
        self.camera.setChecked(False)

    def _watch(self, on: bool) -> None:
        self._waiting = False
        self._seen = -1
        (self._timer.start if on else self._timer.stop)()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        """Take a picture that is dragged in."""
        take_files(event)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Look at a picture that is dropped."""
        files = dropped_files(event)
        if files:
            self.picture_dropped.emit(files[0])


class _Face(QWidget):
    """A face and the answers of both models."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.face = OneFace(f"Face {number + 1}")
        self.bars = EmotionBars(), EmotionBars()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.face)
        for name, bars in zip(("this model", "the present model"), self.bars, strict=True):
            bars.setAccessibleName(f"Face {number + 1}, {name}")
            row.addWidget(bars, 1)
        self.hide()

    def set_theme(self, theme: look.Theme) -> None:
        for bars in self.bars:
            bars.set_theme(theme)

    def show_answers(
        self,
        face: NDArray[np.uint8],
        answers: tuple[NDArray[np.float32], NDArray[np.float32]],
        sure_from: tuple[float, float],
    ) -> None:
        self.face.show_faces(face[np.newaxis])
        for bars, answer, least in zip(self.bars, answers, sure_from, strict=True):
            bars.set_probabilities(answer, sure=bool(answer.max() >= least))
