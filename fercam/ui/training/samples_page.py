"""My samples: faces of your own, collected from the camera by hand or in the mirror game."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fercam.core.emotions import EMOTIONS
from fercam.core.values import AnnotatedFrame, Face
from fercam.core.words import counted
from fercam.settings import Settings
from fercam.training.data_choice import DataChoice
from fercam.training.mirror_game import MirrorGame
from fercam.ui import theme as look
from fercam.ui.desktop import ask_folder, open_outside
from fercam.ui.pipeline import Pipeline
from fercam.ui.training.game_panel import GamePanel
from fercam.ui.training.result_parts import emotion_icon
from fercam.ui.training.sample_bridge import (
    SampleBridge,
    SampleDeskFactory,
    SampleDeskLike,
    sample_desk,
)
from fercam.ui.training.sample_grid import SampleGrid
from fercam.ui.video_view import VideoView
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.parts import heading, push, scrolling, words

if TYPE_CHECKING:
    from fercam.training.samples import DeletedSamples, Sample

TITLE = "My samples"
KEEP_MS = 250
"""Time between two faces while a button is held."""
RELEASE_MS = 80
"""A key is let go once it was up for so long: some systems repeat releases while it is held."""
LIST_MS = 400
"""The list follows so long after a face was kept, once for several."""
HOW = (
    "Hold a button while you show that expression, or play the mirror game. Take each expression "
    "at least twice, some minutes apart: one of them is held back to check the model honestly."
)
PRIVATE = (
    "Faces stay in a folder on this computer until you delete them. Ask others before you keep "
    "theirs."
)
TAUGHT = (
    "What FerCam recognised already teaches it little; where it misreads you, hold “Keep anyway”."
)


class SamplesPage(QWidget):
    """`begin` whenever it is shown, `leave` before the window goes."""

    train_asked = pyqtSignal(object)
    """Train with this `DataChoice`."""
    kept_elsewhere = pyqtSignal(object)
    """A `Sample` was kept that `is_expression` was told of."""
    camera_asked = pyqtSignal()
    """Start watching in Live."""

    def __init__(self, settings: Settings, make_desk: SampleDeskFactory = sample_desk) -> None:
        super().__init__()
        self._make_desk = make_desk
        self._desk: SampleDeskLike | None = None
        self._bridge = SampleBridge(self)
        self._deleted: list[DeletedSamples] = []
        self._holding, self._burst, self._given = "", "", 0
        self._game: MirrorGame | None = None
        self.clock: Callable[[], float] = time.monotonic
        self.ask_folder: Callable[[], Path | None] = partial(
            ask_folder, self, "Copy the samples to"
        )
        self.banner, self.video, self.game, self.grid = (
            Banner(), VideoView(), GamePanel(), SampleGrid(),
        )  # fmt: skip
        self.person = QLineEdit()
        self.holds: dict[str, QPushButton] = {}
        self.play = push(
            "Mirror game", "FerCam asks for expressions and keeps good faces", main=True
        )
        self.start = push("Start the camera", "Watch in Live, and here", main=True)
        self.train = push(
            "Train with these", "Go on to the Train page with your samples", main=True
        )
        self.export = push("Export…", "Copy them into a folder per emotion")
        self.folder = push("Open folder", "Show where they are")
        self._keeping, self._listing, self._released = QTimer(self), QTimer(self), QTimer(self)
        self._lay_out()
        self.play.setFocus()  # not the name: digits keep faces
        self._connect()
        self.set_live(None)
        self.show_samples([])

    def _lay_out(self) -> None:
        self.video.setMinimumSize(240, 160)
        self.person.setPlaceholderText("Whose face? (me)")
        self.person.setAccessibleName("Whose face it is")
        self.person.setFont(look.font(look.SMALL_PX))
        self._below = QStackedWidget()
        self._below.addWidget(self._hold_buttons())
        self._below.addWidget(self.game)
        fixed = self.play.sizePolicy().verticalPolicy()
        self._below.setSizePolicy(self._below.sizePolicy().horizontalPolicy(), fixed)
        inside = QWidget()
        area = scrolling(inside)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        both = QHBoxLayout(inside)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(12)
        both.addLayout(self._left(), 1)
        both.addLayout(self._right(), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.banner)
        column.addWidget(area, 1)

    def _hold_buttons(self) -> QWidget:
        by_hand = QWidget()
        buttons = QGridLayout(by_hand)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(4)
        for number, emotion in enumerate(EMOTIONS):
            tip = f"Hold it to keep faces as {emotion} ({number + 1})"
            button = self.holds[emotion] = push(emotion, tip)
            button.setObjectName("hold")
            button.setAccessibleName(f"Hold to keep as {emotion}")
            button.pressed.connect(lambda emotion=emotion: self.hold(emotion))
            button.released.connect(self.let_go)
            buttons.addWidget(button, number // 4, number % 4)
        buttons.addWidget(self.play, 1, 3)
        return by_hand

    def _left(self) -> QVBoxLayout:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(heading(TITLE))
        top.addStretch(1)
        top.addWidget(self.person)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(top)
        left.addWidget(self.video, 1)
        left.addWidget(self.start)
        left.addWidget(self._below)
        left.addWidget(words(HOW, quiet=True))
        return left

    def _right(self) -> QVBoxLayout:
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.grid, 1)
        right.addWidget(words(PRIVATE, quiet=True))
        out = QHBoxLayout()
        out.setSpacing(8)
        out.addWidget(self.folder)
        out.addWidget(self.export)
        out.addStretch(1)
        out.addWidget(self.train)
        right.addLayout(out)
        return right

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.samples_changed.connect(self.show_samples)
        bridge.kept.connect(self._on_kept)
        bridge.deleted.connect(self._on_deleted)
        bridge.exported.connect(self._on_exported)
        bridge.failed.connect(self._on_failed)
        self.video.result_changed.connect(self._on_result)
        self.start.clicked.connect(self.camera_asked)
        self.play.clicked.connect(self.begin_game)
        self.game.skipped.connect(self._skip)
        self.game.again.connect(self._again)
        self.game.ended.connect(self.end_game)
        self.game.keep_anyway.connect(self._keep_anyway)
        self.grid.relabelled.connect(self._relabel)
        self.grid.delete_asked.connect(self._delete)
        self.train.clicked.connect(self._train)
        self.export.clicked.connect(self._export)
        self.folder.clicked.connect(lambda: open_outside(self._working.home))
        self._keeping.setInterval(KEEP_MS)
        self._keeping.timeout.connect(self._keep)
        self._released.setInterval(RELEASE_MS)
        self._released.setSingleShot(True)
        self._released.timeout.connect(self.let_go)
        self._listing.setInterval(LIST_MS)
        self._listing.setSingleShot(True)
        self._listing.timeout.connect(self.begin)
        for key, do in (("Ctrl+Z", self.undo), ("Delete", self.grid.delete.click)):
            QShortcut(QKeySequence(key), self).activated.connect(do)

    def begin(self) -> None:
        """List the samples; again and again does no harm."""
        self._working.refresh()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for part in (self.banner, self.video, self.grid, self.game.near):
            part.set_theme(theme)
        for emotion, button in self.holds.items():
            button.setIcon(emotion_icon(theme, emotion))

    def set_live(self, pipeline: Pipeline | None) -> None:
        """Show what is watched in Live; None while nothing is."""
        if pipeline is None:
            self.end_game()
            self.video.clear()
            self.video.show_words("The camera is off.")
        else:
            self.video.show_words("Starting…")
            self.video.watch(pipeline)
        self.start.setVisible(pipeline is None)
        for button in (*self.holds.values(), self.play):
            button.setEnabled(pipeline is not None)

    def leave(self) -> None:
        """Stop for good."""
        self._bridge.blockSignals(True)
        self.video.clear()
        self.let_go()
        if self._desk is not None:
            self._desk.close()

    def left(self) -> bool:
        """Return whether every thread has ended; does not wait."""
        return self._desk is None or self._desk.join(0.0)

    def show_samples(self, samples: "list[Sample]") -> None:
        """Show which samples there are."""
        self.grid.show_samples(samples)
        for button in (self.train, self.export):
            button.setEnabled(bool(samples))

    def hold(self, emotion: str) -> None:
        """Keep faces as this emotion until `let_go`."""
        from fercam.training.samples import new_burst

        self._holding, self._burst = emotion, new_burst()
        self._keep()
        self._keeping.start()

    def let_go(self) -> None:
        """Keep no more faces."""
        for timer in (self._keeping, self._released):
            timer.stop()
        self._holding = ""

    def is_expression(
        self, result: AnnotatedFrame, face: Face, emotion: str, burst: str = ""
    ) -> None:
        """Keep a face of a picture under the emotion that somebody says it shows."""
        from fercam.training.samples import new_burst

        self._given += 1
        self._working.add(result, face, emotion, face.name or self._who, burst or new_burst())

    def forget(self, sample: "Sample") -> None:
        """Delete a sample that was just kept."""
        self._working.delete([sample.file])

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Keep faces while a digit is held."""
        emotion = _emotion_of(event)
        self._released.stop()
        free = not self._holding and self._game is None
        if emotion and self.holds[emotion].isEnabled() and free:
            self.hold(emotion)
        elif not emotion:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Keep no more when it is let go."""
        if _emotion_of(event) and event is not None and not event.isAutoRepeat():
            self._released.start()
        else:
            super().keyReleaseEvent(event)

    def hideEvent(self, event: QHideEvent | None) -> None:  # noqa: N802
        """Keep no more: what is held is let go elsewhere, and the page would never learn of it."""
        self.let_go()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Keep no more when another window takes the keyboard."""
        changed = event is not None and event.type() == QEvent.Type.ActivationChange
        if changed and not self.isActiveWindow():
            self.let_go()
        super().changeEvent(event)

    def begin_game(self) -> None:
        """Begin the mirror game."""
        from fercam.training.samples import new_burst

        self._game, self._burst = MirrorGame(self.clock()), new_burst()
        self._below.setCurrentWidget(self.game)
        self.game.end.setFocus()

    def end_game(self) -> None:
        """End the mirror game, and say what came of it."""
        game, self._game = self._game, None
        self._below.setCurrentIndex(0)
        if game is not None:
            kept = ", ".join(f"{name} {count}" for name, count in game.kept.items() if count)
            told = f"Kept: {kept}." if kept else "Nothing was kept."
            self.banner.tell(f"{told} {TAUGHT}")
            self._working.refresh()

    def undo(self) -> None:
        """Bring back what was deleted last."""
        if self._deleted:
            self.banner.hide()
            self._working.restore(self._deleted.pop())

    @property
    def _who(self) -> str:
        return self.person.text().strip()

    @property
    def _working(self) -> SampleDeskLike:
        if self._desk is None:
            self._desk = self._make_desk(self._bridge)
        return self._desk

    def _on_result(self) -> None:
        result = self.video.shown_result
        if self._game is None or result is None or not self.isVisible():
            return
        turn, keep = self._game.offer(result, self.clock())
        self.game.show_turn(turn)
        if keep is not None:
            burst = f"{self._burst}-{keep.round + 1}"
            self._working.add(result, keep.face, keep.emotion, keep.face.name or self._who, burst)
        if self._game.over:
            self.end_game()

    def _keep(self) -> None:
        result = self.video.shown_result
        face = result.largest if result is not None else None
        if result is None or face is None:
            self._on_failed("There is no face in the picture to keep.")
            return
        self._working.add(result, face, self._holding, face.name or self._who, self._burst)

    def _skip(self) -> None:
        if self._game is not None:
            self._game.skip(self.clock())

    def _again(self) -> None:
        if self._game is not None:
            self._game.again(self.clock())

    def _relabel(self, files: list[Path], emotion: str) -> None:
        self._working.relabel(files, emotion)

    def _delete(self, files: list[Path]) -> None:
        self._working.delete(files)

    def _keep_anyway(self, anyway: bool) -> None:
        if self._game is not None:
            self._game.keep_anyway = anyway

    def _on_kept(self, sample: "Sample") -> None:
        if self._given:
            self._given -= 1
            self.kept_elsewhere.emit(sample)
        self.grid.choose(sample.emotion)
        self._listing.start()

    def _on_deleted(self, deleted: "DeletedSamples") -> None:
        self._deleted.append(deleted)
        count = len(deleted.files)
        said = "A face is" if count == 1 else f"{count} faces are"
        words = f"{said} deleted. That can be undone until FerCam closes (Ctrl+Z)."
        self.banner.show_banner("info", words, "Undo", self.undo)

    def _on_exported(self, folder: Path, count: int) -> None:
        self.banner.tell(f"{counted(count, 'face')} copied to {folder}.")

    def _on_failed(self, message: str) -> None:
        self._given = 0
        self.banner.tell(message, "error")

    def _train(self) -> None:
        self.train_asked.emit(DataChoice(self._working.home, TITLE, faces=self.grid.count))

    def _export(self) -> None:
        out = self.ask_folder()
        if out is not None:
            self._working.export(out)


def _emotion_of(event: QKeyEvent | None) -> str:
    """Return the emotion whose number was pressed, from 1; empty for other keys."""
    text = event.text() if event is not None else ""
    in_range = len(text) == 1 and text in "1234567"
    return EMOTIONS[int(text) - 1] if in_range else ""
