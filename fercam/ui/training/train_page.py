"""The Train page: what to train on the left, how it goes on the right."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fercam.pipeline import jobs
from fercam.pipeline.jobs import Job
from fercam.settings import Settings
from fercam.training.data_choice import DataChoice
from fercam.ui import theme as look
from fercam.ui.training.run_progress import STATES, RunProgress
from fercam.ui.training.run_rows import RunRows
from fercam.ui.training.train_bridge import Desk, RunDeskFactory, TrainBridge, run_desk
from fercam.ui.training.train_form import TrainForm
from fercam.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from fercam.training.run_list import RunEntry
    from fercam.training.run_status import RunStatus

FORM_PX = 332
OVER = ("finished", "stopped", "failed")


class TrainPage(QWidget):
    """Starts, shows and stops runs; they go on whatever page is shown."""

    finished = pyqtSignal(Path)
    """A run has its model; its folder."""
    results_asked = pyqtSignal(Path)
    """Show what came of the run in this folder."""
    job_changed = pyqtSignal(object)
    """A `Job` for the list that every tab shows; its numbers are negative."""
    data_asked = pyqtSignal()
    """Show where data are chosen."""

    def __init__(self, settings: Settings, make_desk: RunDeskFactory = run_desk) -> None:
        super().__init__()
        self._model = settings.model
        self._make_desk = make_desk
        self._desk: Desk | None = None
        self._bridge = TrainBridge(self)
        self._statuses: dict[Path, RunStatus] = {}
        self._runs: list[RunEntry] = []
        self._numbers: dict[Path, int] = {}
        self.banner = Banner()
        self.form = TrainForm()
        self.view = RunProgress()
        self.queue = RunRows("Next")
        self.unfinished = RunRows("Not finished")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.form, 1)
        start = QVBoxLayout()
        start.setContentsMargins(12, 0, 12, 12)
        start.addWidget(self.form.start)
        left.addLayout(start)
        side = QWidget()
        side.setFixedWidth(FORM_PX)
        left.setContentsMargins(0, 0, 0, 0)
        side.setLayout(left)
        right = QVBoxLayout()
        right.setContentsMargins(12, 12, 12, 12)
        right.setSpacing(12)
        right.addWidget(self.banner)
        right.addWidget(self.view, 1)
        right.addWidget(self.queue)
        right.addWidget(self.unfinished)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addLayout(right, 1)

    def _connect(self) -> None:
        bridge, form, view = self._bridge, self.form, self.view
        bridge.run_changed.connect(self.show_run)
        bridge.runs_changed.connect(self._on_runs)
        bridge.networks_changed.connect(form.show_networks)
        bridge.base_found.connect(form.show_base)
        bridge.failed.connect(self._on_failed)
        form.data_asked.connect(self.data_asked)
        form.measure_asked.connect(self._measure)
        form.start_asked.connect(self.start)
        view.pause_asked.connect(self.pause)
        view.stop_asked.connect(self.stop)
        view.results_asked.connect(self.results_asked)
        self.queue.unqueue_asked.connect(self._unqueue)
        self.unfinished.resume_asked.connect(self._resume)
        self.unfinished.discard_asked.connect(self._ask_discard)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(form.start.click)

    @property
    def running(self) -> bool:
        """Whether a run is under way or waits for its turn."""
        return any(status.state not in OVER for status in self._statuses.values())

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self.banner.set_theme(theme)
        self.view.set_theme(theme)

    def begin(self) -> None:
        """List the runs and follow what is under way; again and again does no harm."""
        if self._desk is None:
            self._desk = self._make_desk(self._bridge)
            self._desk.begin()
            self._desk.look_at_model(self._model or None)
        else:
            self._desk.refresh()

    def leave(self, keep_going: bool = False) -> None:
        """End for good; a run under way goes on by itself, or stops and keeps the best."""
        self._bridge.blockSignals(True)
        if self._desk is not None:
            self._desk.close(keep_going)

    def left(self) -> bool:
        """Return whether every thread has ended; does not wait."""
        return self._desk is None or self._desk.join(0.0)

    def set_data(self, data: DataChoice) -> None:
        """Train on this."""
        self.form.set_data(data)

    def set_model_in_use(self, name: str) -> None:
        """Offer to go on from this model."""
        self._model = name
        if self._desk is not None:
            self._desk.look_at_model(name or None)

    def start(self) -> None:
        """Train what the form says, as soon as it is its turn."""
        if self._desk is not None and self.form.ready:
            self.banner.hide()
            self._desk.start(self.form.config(), folder_name(self.form.name.text()))

    def stop(self) -> None:
        """End the run under way and keep its best."""
        if self._desk is not None:
            self.view.stop.setEnabled(False)
            self._desk.stop()

    def pause(self, paused: bool) -> None:
        """Let the run under way wait, or go on."""
        if self._desk is not None:
            self._desk.pause(paused)

    def cancel(self, job_id: int) -> None:
        """Stop or take back the run with this number in the jobs list."""
        folder = next((run for run, number in self._numbers.items() if number == job_id), None)
        if folder is None or self._desk is None:
            return
        if self._statuses[folder].state == "queued":
            self._desk.unqueue(folder)
        else:
            self.stop()

    def show_run(self, status: "RunStatus") -> None:
        """Show how a run goes."""
        before = self._statuses.get(status.folder)
        self._statuses[status.folder] = status
        never_begun = before is not None and before.state == "queued" and status.state in OVER
        if status.state != "queued" and not never_begun:
            self.view.stop.setEnabled(status.state != "finishing")
            self.view.show_run(status)
        if before is None or before.state != status.state:
            self._show_rows()
        self.form.start.setText("Add to the queue" if self.running else "Start training")
        self.job_changed.emit(self._job(status))
        if status.state == "finished" and (before is None or before.state != "finished"):
            self.finished.emit(status.folder)

    def _show_rows(self) -> None:
        statuses = self._statuses.values()
        self.queue.show_queue([status for status in statuses if status.state == "queued"])
        busy = {status.folder for status in statuses if status.state not in OVER}
        self.unfinished.show_unfinished(
            [
                run
                for run in self._runs
                if run.bundle is None
                and run.resumable
                and not run.running
                and run.folder not in busy
            ]
        )

    def _on_runs(self, runs: "list[RunEntry]") -> None:
        self._runs = runs
        self._show_rows()

    def _measure(self) -> None:
        if self._desk is not None:
            self.form.measure.setEnabled(False)
            self.form.measure.setText("Measuring…")
            self._desk.measure()

    def _on_failed(self, message: str) -> None:
        self.form.measure.setEnabled(True)
        self.form.measure.setText("Measure speed here")
        self.banner.show_banner("error", message, "Close", self.banner.hide)

    def _unqueue(self, folder: Path) -> None:
        if self._desk is not None:
            self._desk.unqueue(folder)

    def _resume(self, folder: Path) -> None:
        if self._desk is not None:
            self._desk.resume(folder)

    def _ask_discard(self, folder: Path) -> None:
        def discard() -> None:
            self.banner.hide()
            if self._desk is not None:
                self._desk.discard(folder)

        name = next((run.name for run in self._runs if run.folder == folder), folder.name)
        words = f"{name} would be deleted for good, with all it has learned."
        self.banner.show_banner("warning", words, "Delete", discard)

    def _job(self, status: "RunStatus") -> Job:
        number = self._numbers.setdefault(status.folder, -1 - len(self._numbers))
        state = {
            "queued": jobs.WAITING,
            "finished": jobs.DONE,
            "stopped": jobs.CANCELLED,
            "failed": jobs.FAILED,
        }.get(status.state, jobs.RUNNING)
        title = f"Training {status.name}"
        if status.state in ("paused", "queued", "finishing"):
            title += f" ({STATES[status.state].rstrip('…')})"
        result = status.folder if status.state == "finished" else None
        return Job(number, title, status.share, status.message, state, result)


def folder_name(words: str) -> str:
    """Return a name that every system takes for a folder in a run's; "my model" if nothing is left
    or the name is taken there.
    """
    name = " ".join(re.sub(r"[^\w .()-]", " ", words).split()).strip(" .")[:60]
    return "my model" if name.lower() in ("", "samples") else name
