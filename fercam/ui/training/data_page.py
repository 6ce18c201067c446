"""The Data page: choose a data set, see what is in it, and what will be done about it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fercam.core.words import counted
from fercam.settings import Settings
from fercam.training.data_choice import DataChoice
from fercam.ui import theme as look
from fercam.ui.desktop import ask_file, ask_folder, dropped_files, take_files
from fercam.ui.training.data_bridge import DataBridge, DataDeskFactory, DataDeskLike, data_desk
from fercam.ui.training.data_parts import CountBars, NameMap, Sheet, TroubleList
from fercam.ui.training.result_parts import EmptyState
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.parts import heading, push, scrolling, words

if TYPE_CHECKING:
    from fercam.training.data_report import DataReport, Trouble

TEACHES = (
    "A model learns from pictures of faces whose expressions are known: a folder with one folder "
    "per emotion (angry, happy, …), the file fer2013.csv, or faces of your own from the camera. "
    "You can also drop a folder or file here."
)
FILES = "Data sets (*.csv *.npz);;All files (*)"


class DataPage(QWidget):
    """`begin` whenever it is shown, `leave` before the window goes."""

    train_asked = pyqtSignal(object)
    """Train with this `DataChoice`."""
    ready = pyqtSignal(object)
    """A model can be made from this `DataChoice`."""
    samples_asked = pyqtSignal()
    """Collect faces from the camera."""
    settings_changed = pyqtSignal(dict)
    """These settings are to be remembered."""

    def __init__(self, settings: Settings, make_desk: DataDeskFactory = data_desk) -> None:
        super().__init__()
        self._make_desk = make_desk
        self._desk: DataDeskLike | None = None
        self._bridge = DataBridge(self)
        self._remembered = settings.dataset
        self._wanted: DataChoice | None = None
        self.report: DataReport | None = None
        self.ask_folder: Callable[[], Path | None] = partial(
            ask_folder, self, "A folder with one folder per emotion"
        )
        self.ask_file: Callable[[], Path | None] = partial(
            ask_file, self, "fer2013.csv or an array file", FILES
        )
        self.banner, self.bars, self.sheet = Banner(), CountBars(), Sheet()
        self.troubles, self.names = TroubleList(), NameMap()
        self.folder = push("Folder…", "Choose a folder with one folder per emotion")
        self.file = push("File…", "Choose fer2013.csv or an array file")
        self.samples = push("My samples", "Faces of your own, from the camera")
        self.train = push(
            "Train with this", "Go on to the Train page with this data set", main=True
        )
        self.train.setEnabled(False)
        self.stop = push("Stop", "Stop looking")
        self.detect = QCheckBox("Look for the face in small pictures too")
        self.title, self._facts = ElidedLabel(), words(quiet=True)
        self._stage, self._progress = words(quiet=True), QProgressBar()
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        first_folder = push("Choose a folder", "One folder per emotion", main=True)
        first_folder.clicked.connect(lambda: self.choose(self.ask_folder()))
        first_file = push("Choose fer2013.csv", "Or an array file")
        first_file.clicked.connect(lambda: self.choose(self.ask_file()))
        first_samples = push("Collect my own", "Faces of your own, from the camera")
        first_samples.clicked.connect(self.samples_asked)
        buttons = [first_folder, first_file, first_samples]
        self._empty = EmptyState("What shall the model learn from?", TEACHES, buttons)
        self._main = self._make_main()
        for page in (self._empty, self._main, self.sheet):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.banner)
        column.addWidget(self._stack, 1)

    def _make_main(self) -> QWidget:
        self.title.setFont(look.font(look.LARGE_PX, strong=True))
        self.detect.setFont(look.font(look.SMALL_PX))
        self.detect.setToolTip("Otherwise pictures up to 128 pixels are taken as they are")
        self._stage.setWordWrap(False)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("How far the look at the data set is")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title, 1)
        for button in (self.folder, self.file, self.samples, self.train):
            top.addWidget(button)
        going = QHBoxLayout()
        going.setSpacing(8)
        going.addWidget(self._stage)
        going.addWidget(self._progress, 1)
        going.addWidget(self.stop)
        self._going = QWidget()
        self._going.setLayout(going)
        going.setContentsMargins(0, 0, 0, 0)
        inside = QWidget()
        below = QVBoxLayout(inside)
        below.setContentsMargins(0, 0, 8, 0)
        below.setSpacing(12)
        below.addWidget(self._facts)
        below.addWidget(self.bars)
        below.addWidget(self.names)
        self._troubles_title = heading("What you should know")
        below.addWidget(self._troubles_title)
        below.addWidget(self.troubles)
        below.addWidget(self.detect)
        below.addStretch(1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._going)
        column.addWidget(scrolling(inside), 1)
        return page

    def _connect(self) -> None:
        self._bridge.report_changed.connect(self._on_report)
        self._bridge.failed.connect(self._on_failed)
        self.folder.clicked.connect(lambda: self.choose(self.ask_folder()))
        self.file.clicked.connect(lambda: self.choose(self.ask_file()))
        self.samples.clicked.connect(self.samples_asked)
        self.train.clicked.connect(self._train)
        self.stop.clicked.connect(self._stop)
        self.detect.toggled.connect(lambda on: self._again(detect=on))
        self.names.mapped.connect(self._map)
        self.bars.emotion_picked.connect(self.show_faces)
        self.troubles.asked.connect(self.show_trouble)
        self.sheet.left.connect(self.back)
        QShortcut(QKeySequence("Alt+Left"), self).activated.connect(self.back)
        self.setAcceptDrops(True)

    def begin(self) -> None:
        """Look at the data set of last time, the first time; again and again does no harm."""
        if self._desk is None:
            self._desk = self._make_desk(self._bridge)
            if self._remembered:
                remembered = Path(self._remembered)
                self.look_at(DataChoice(remembered, remembered.name))

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for part in (self.banner, self.bars):
            part.set_theme(theme)

    def leave(self) -> None:
        """Stop for good."""
        self._bridge.blockSignals(True)
        if self._desk is not None:
            self._desk.close()

    def left(self) -> bool:
        """Return whether every thread has ended; does not wait."""
        return self._desk is None or self._desk.join(0.0)

    def choose(self, path: Path | None) -> None:
        """Look at a folder or file that a person chose."""
        if path is not None:
            self.look_at(DataChoice(path, path.name))
            self.settings_changed.emit({"dataset": str(path)})

    def look_at(self, choice: DataChoice) -> None:
        """Find out what a data set holds, and show it as it comes in."""
        if self._desk is None:
            self._desk = self._make_desk(self._bridge)
        self.banner.hide()
        self._wanted = choice
        self._desk.look_at(choice)

    def show_report(self, report: "DataReport") -> None:
        """Show a data set as far as it is known."""
        self.report = report
        if self._stack.currentWidget() is not self.sheet or not report.finished:
            self._stack.setCurrentWidget(self._main)
        self.title.setText(report.choice.title)
        self.title.setToolTip(str(report.choice.path))
        self.detect.blockSignals(True)
        self.detect.setChecked(report.choice.detect)
        self.detect.blockSignals(False)
        self._going.setHidden(report.finished)
        known = report.of is not None
        so_far = f" {report.done:,} of {report.of:,}" if known else ""
        self._stage.setText(f"{report.stage}…{so_far}")
        self._progress.setRange(0, report.of or 0)
        self._progress.setValue(report.done)
        self.bars.show_counts(report.used or report.counts)
        self._facts.setText(_facts(report))
        self.troubles.show_troubles(report.trouble)
        self._troubles_title.setVisible(bool(report.trouble))
        self.names.show_names(report.unknown, report.choice.class_names)
        self.train.setEnabled(report.usable)
        if report.usable:
            self.ready.emit(_choice(report))
        if report.problem:
            kind = "warning" if report.usable else "error"
            self.banner.tell(report.problem, kind)

    def show_faces(self, emotion: str) -> None:
        """Show faces of an emotion, once they are drawn."""
        file = self.report.sheets.get(emotion) if self.report is not None else None
        if file is not None:
            self.sheet.show_picture(f"Some of the faces called {emotion}", file)
            self._stack.setCurrentWidget(self.sheet)
            self.sheet.back.setFocus()

    def show_trouble(self, trouble: "Trouble") -> None:
        """Show what a trouble is about."""
        if trouble.sheet is not None:
            self.sheet.show_picture(f"Some of them: {trouble.what}", trouble.sheet)
        else:
            self.sheet.show_lines(trouble.what, trouble.files)
        self._stack.setCurrentWidget(self.sheet)
        self.sheet.back.setFocus()

    def back(self) -> None:
        """Back from a sheet to the data set."""
        if self._stack.currentWidget() is self.sheet:
            self._stack.setCurrentWidget(self._main)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        """Take a folder or file that is dragged in."""
        take_files(event)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Look at what was dropped."""
        files = dropped_files(event)
        if files:
            self.choose(files[0])

    def _again(self, **changes: object) -> None:
        if self.report is not None:
            self.look_at(replace(self.report.choice, **changes))  # type: ignore[arg-type]

    def _map(self, names: dict[str, str]) -> None:
        if self.report is not None:
            self._again(class_names={**self.report.choice.class_names, **names})

    def _train(self) -> None:
        if self.report is not None:
            self.train_asked.emit(_choice(self.report))

    def _stop(self) -> None:
        if self._desk is not None:
            self._desk.cancel()
        self._show_first()

    def _on_report(self, report: "DataReport") -> None:
        if report.choice is self._wanted:  # not one of a look that was given up, still on its way
            self.show_report(report)

    def _on_failed(self, message: str) -> None:
        self._show_first()
        self.banner.tell(message, "error")

    def _show_first(self) -> None:
        self.report = self._wanted = None
        self._stack.setCurrentWidget(self._empty)


def _choice(report: "DataReport") -> DataChoice:
    """Return what training reads: what is unknown is left out."""
    left_out = dict.fromkeys(report.unknown, "")
    names = {**report.choice.class_names, **left_out}
    return replace(report.choice, class_names=names, faces=report.faces)


def _facts(report: "DataReport") -> str:
    if not report.finished:
        return f"{counted(report.faces, 'face')} so far"
    if not report.used:
        return counted(report.faces, "face")
    used = sum(sum(row.values()) for row in report.used.values())
    return (
        f"{counted(report.faces, 'face')} read, {used:,} will be used. The validation part chooses "
        "the best epoch; a test part only measures."
    )
