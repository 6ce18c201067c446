"""The Results page: every run, one of them in depth, several compared, and a model put to use."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from fercam.capture.suffixes import PICTURE_SUFFIXES
from fercam.pipeline import choices
from fercam.settings import Settings
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.desktop import ask_file, ask_save, kinds_of, open_outside
from fercam.ui.pipeline import Pipeline
from fercam.ui.training.result_bridge import (
    ResultBridge,
    ResultDeskFactory,
    ResultDeskLike,
    result_desk,
)
from fercam.ui.training.result_parts import Busy, EmptyState
from fercam.ui.training.run_table import RunTable
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.parts import push, words

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.training.result_desk import OpenRun, Tried, Verdict
    from fercam.training.run_list import RunEntry
    from fercam.ui.training.run_view import RunView
    from fercam.ui.training.runs_compared import RunsCompared
    from fercam.ui.training.verdict_view import VerdictView

TEACHES = (
    "A run is one training of a model. When the first one is finished you will see here what it "
    "gets right and wrong, with the faces, and can put it into Live with one click."
)
HOW = "Select two or more to compare them. Notes can be written in the table (F2)."


class ResultsPage(QWidget):
    """`begin` whenever it is shown, `leave` before the window goes."""

    use_asked = pyqtSignal(str)
    """Use the model of this name in Live."""
    train_asked = pyqtSignal()
    """Train a model."""

    def __init__(self, settings: Settings, make_desk: ResultDeskFactory = result_desk) -> None:
        super().__init__()
        self._make_desk = make_desk
        self._desk: ResultDeskLike | None = None
        self._bridge = ResultBridge(self)
        self._theme = look.THEMES["dark"]
        self._present = settings.model
        self._live: Pipeline | None = None
        self._verdict_of: Path | None = None
        self.ask_save: Callable[[str, Path], Path | None] = partial(ask_save, self)
        self.ask_picture: Callable[[], Path | None] = partial(
            ask_file, self, "Try a picture", kinds_of("Pictures", PICTURE_SUFFIXES)
        )
        self.open_outside: Callable[[Path], object] = open_outside
        self.banner, self.busy, self.table = Banner(), Busy(), RunTable()
        self.open_run = push("Open", "See what came of the selected run (Enter)", main=True)
        self.compare = push("Compare", "See the selected runs side by side")
        self.train = push("Train a model", "Go to the Train page", main=True)
        self._run: RunView | None = None
        self._verdict: VerdictView | None = None
        self._compared: RunsCompared | None = None
        self._stack = QStackedWidget()
        self._list = self._make_list()
        self._empty = EmptyState("No training run yet", TEACHES, [self.train])
        self._lay_out()
        self._connect()
        self.show_runs([])

    def _make_list(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(words(HOW, quiet=True), 1)
        row.addWidget(self.compare)
        row.addWidget(self.open_run)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        return page

    def _lay_out(self) -> None:
        for page in (self._list, self._empty):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.banner)
        column.addWidget(self.busy)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.runs_changed.connect(self.show_runs)
        bridge.opened.connect(self._on_opened)
        bridge.verdict_ready.connect(self._on_verdict)
        bridge.installed.connect(self._on_installed)
        bridge.tried.connect(self._on_tried)
        bridge.saved.connect(self._on_saved)
        bridge.busy.connect(self.busy.show_busy)
        bridge.failed.connect(self._on_failed)
        self.busy.stop_asked.connect(self._stop)
        self.table.opened.connect(self.show_run)
        self.table.notes_changed.connect(self._note)
        self.table.selection_changed.connect(self._offer)
        self.open_run.clicked.connect(self._open_selected)
        self.compare.clicked.connect(self.compare_selected)
        self.train.clicked.connect(self.train_asked)
        QShortcut(QKeySequence("Alt+Left"), self).activated.connect(self.back)

    def begin(self) -> None:
        """List the runs; again and again does no harm."""
        self._working.refresh()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.banner.set_theme(theme)
        self.train.setIcon(icons.icon("start", theme.on_accent))
        for part in (self._run, self._verdict, self._compared):
            if part is not None:
                part.set_theme(theme)

    def leave(self) -> None:
        """Stop for good."""
        self._bridge.blockSignals(True)
        if self._run is not None:
            self._run.trial.set_live(None)
        if self._desk is not None:
            self._desk.close()

    def left(self) -> bool:
        """Return whether every thread has ended; does not wait."""
        return self._desk is None or self._desk.join(0.0)

    def set_live(self, live: Pipeline | None) -> None:
        """Take the camera's faces from here, to try a model on; None: there is no camera."""
        self._live = live
        if self._run is not None:
            self._run.trial.set_live(live)

    def set_model_in_use(self, name: str) -> None:
        """Compare with the model of this name from now on."""
        if name == self._present:
            return
        self._present = name
        if self._run is not None:
            self._run.try_beside(self.present)

    @property
    def present(self) -> str:
        """The name of the model that runs are compared with."""
        known = [choice.key for choice in choices.model_choices()]
        return self._present if self._present in known or not known else known[0]

    @property
    def current(self) -> QWidget | None:
        """What is shown: the list, a run, a verdict or a comparison."""
        return self._stack.currentWidget()

    # What people do

    def show_runs(self, runs: "list[RunEntry]") -> None:
        """List these runs."""
        self.table.show_runs(runs)
        self._offer()
        if self.current in (self._list, self._empty):
            self._stack.setCurrentWidget(self._list if runs else self._empty)

    def show_run(self, run: Path) -> None:
        """Show what came of a run."""
        self.banner.hide()
        self._working.open(run)

    def compare_selected(self) -> None:
        """Show the selected runs side by side."""
        runs = self.table.selected
        if len(runs) > 1:
            view = self._compared_view()
            view.show_runs(runs)
            self._stack.setCurrentWidget(view)
            view.back.setFocus()

    def back(self) -> None:
        """Go one step back."""
        if self.current is self._verdict and self._run is not None:
            self._stack.setCurrentWidget(self._run)
            return
        if self._run is not None:
            self._run.trial.camera.setChecked(False)
        self._stack.setCurrentWidget(self._list if self.table.entries else self._empty)
        self.table.setFocus()

    def save(self, what: str) -> None:
        """Save a report, a table or a picture of the run that is shown."""
        from fercam.training.result_desk import SAVES

        if self._run is None or self._run.folder is None:
            return
        title, suffix = SAVES[what]
        wish = Path.home() / f"{self._run.folder.name}_{what}{suffix}"
        out = self.ask_save(title, wish)
        if out is not None:
            self._working.save(self._run.folder, what, out)

    def consider(self) -> None:
        """Check the model of the run that is shown and compare it with the present one."""
        if self._run is not None and self._run.folder is not None:
            self.banner.hide()
            self._working.consider(self._run.folder, self.present)

    def use(self, name: str) -> None:
        """Keep the model that was considered under this name, and use it in Live."""
        if self._verdict_of is not None:
            self._working.install(self._verdict_of, name)

    def try_picture(self, picture: Path | None) -> None:
        """Ask the run that is shown and the present model about a picture."""
        if picture is not None and self._run is not None and self._run.folder is not None:
            self._working.try_picture(self._run.folder, self.present, picture)

    def _open_selected(self) -> None:
        if self.table.selected:
            self.show_run(self.table.selected[0].folder)

    def _stop(self) -> None:
        self._working.cancel()

    def _note(self, run: Path, notes: str) -> None:
        self._working.set_notes(run, notes)

    def _offer(self) -> None:
        count = len(self.table.selected)
        self.open_run.setEnabled(count == 1)
        self.compare.setEnabled(count > 1)

    # What the desk says

    def _on_opened(self, run: "OpenRun") -> None:
        view = self._run_view()
        view.show_run(run, self.present)
        self._stack.setCurrentWidget(view)
        view.back.setFocus()

    def _on_verdict(self, verdict: "Verdict") -> None:
        view = self._verdict_view()
        self._verdict_of = verdict.run
        view.show_verdict(verdict)
        self._stack.setCurrentWidget(view)
        view.back.setFocus()

    def _on_installed(self, run: Path, name: str) -> None:
        old = self.present
        self._present = name
        self.use_asked.emit(name)
        self.back()
        if old == name:
            self.banner.tell(f"{name} is the model in Live.")
            return
        self.banner.show_banner(
            "info", f"{name} is used in Live now.", f"Go back to {old}", partial(self._go_back, old)
        )

    def _go_back(self, old: str) -> None:
        self._present = old
        self.use_asked.emit(old)
        self.banner.tell(f"{old} is used in Live again.")

    def _on_tried(self, tried: "Tried") -> None:
        if self._run is None:
            return
        if (tried.run, tried.present) == (self._run.folder, self.present):
            self._run.trial.show_tried(tried)
        else:  # another run was opened, or another model is in use by now
            self._run.trial.go_on()

    def _on_saved(self, file: Path) -> None:
        self.banner.show_banner(
            "info", f"Saved: {file.name}", "Open", lambda: self.open_outside(file)
        )

    def _on_failed(self, message: str) -> None:
        self.banner.tell(message, "error")
        if self._run is not None:
            self._run.trial.show_failure()

    # Parts that are made when they are needed: their charts take a moment to import

    @property
    def _working(self) -> ResultDeskLike:
        if self._desk is None:
            self._desk = self._make_desk(self._bridge)
        return self._desk

    def _run_view(self) -> "RunView":
        if self._run is None:
            from fercam.training.result_desk import SAVES
            from fercam.ui.training.run_view import RunView

            self._run = view = RunView(SAVES)
            view.left.connect(self.back)
            view.use_asked.connect(self.consider)
            view.save_asked.connect(self.save)
            view.figures_asked.connect(self._work_out)
            view.trial.picture_asked.connect(lambda: self.try_picture(self.ask_picture()))
            view.trial.picture_dropped.connect(self.try_picture)
            view.trial.faces_asked.connect(self._try_faces)
            view.trial.set_live(self._live)
            self._add(view)
        return self._run

    def _work_out(self) -> None:
        if self._run is not None and self._run.folder is not None:
            self._working.make_results(self._run.folder)

    def _try_faces(self, faces: object) -> None:
        if self._run is not None and self._run.folder is not None:
            self._working.try_faces(self._run.folder, self.present, faces)  # type: ignore[arg-type]

    def _verdict_view(self) -> "VerdictView":
        if self._verdict is None:
            from fercam.ui.training.verdict_view import VerdictView

            self._verdict = view = VerdictView()
            view.left.connect(self.back)
            view.use_asked.connect(self.use)
            self._add(view)
        return self._verdict

    def _compared_view(self) -> "RunsCompared":
        if self._compared is None:
            from fercam.ui.training.runs_compared import RunsCompared

            self._compared = view = RunsCompared()
            view.left.connect(self.back)
            self._add(view)
        return self._compared

    def _add(self, view: "RunView | VerdictView | RunsCompared") -> None:
        view.set_theme(self._theme)
        self._stack.addWidget(view)
