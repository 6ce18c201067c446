"""What the desk of the Results page says on its threads becomes Qt signals."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.training.result_desk import OpenRun, Tried, Verdict
    from fercam.training.run_list import RunEntry


class ResultBridge(QObject):
    """Qt queues a signal sent from another thread, so whoever is connected hears it on the window's
    own thread."""

    runs_changed = pyqtSignal(list)
    opened = pyqtSignal(object)
    verdict_ready = pyqtSignal(object)
    installed = pyqtSignal(Path, str)
    tried = pyqtSignal(object)
    saved = pyqtSignal(Path)
    busy = pyqtSignal(str)
    failed = pyqtSignal(str)

    def on_runs(self, runs: "list[RunEntry]") -> None:
        """Pass on which runs there are."""
        self.runs_changed.emit(runs)

    def on_opened(self, run: "OpenRun") -> None:
        """Pass on what came of a run."""
        self.opened.emit(run)

    def on_verdict(self, verdict: "Verdict") -> None:
        """Pass on how a run's model does beside the present one."""
        self.verdict_ready.emit(verdict)

    def on_installed(self, run: Path, name: str) -> None:
        """Pass on that a run's model can be used."""
        self.installed.emit(run, name)

    def on_tried(self, tried: "Tried") -> None:
        """Pass on what models say of faces."""
        self.tried.emit(tried)

    def on_saved(self, file: Path) -> None:
        """Pass on what was written."""
        self.saved.emit(file)

    def on_busy(self, doing: str) -> None:
        """Pass on what takes long."""
        self.busy.emit(doing)

    def on_result_failed(self, message: str) -> None:
        """Pass on what could not be done."""
        self.failed.emit(message)


class ResultDeskLike(Protocol):
    """The part of `fercam.training.result_desk.ResultDesk` that the page uses; see there."""

    def refresh(self) -> None: ...
    def open(self, run: Path) -> None: ...
    def make_results(self, run: Path) -> None: ...
    def consider(self, run: Path, present: str) -> None: ...
    def install(self, run: Path, name: str) -> None: ...
    def set_notes(self, run: Path, notes: str) -> None: ...
    def try_picture(self, run: Path, present: str, picture: Path) -> None: ...
    def try_faces(self, run: Path, present: str, faces: NDArray[np.uint8]) -> None: ...
    def save(self, run: Path, what: str, out: Path) -> None: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...
    def join(self, timeout_s: float) -> bool: ...


ResultDeskFactory = Callable[[ResultBridge], ResultDeskLike]


def result_desk(listener: ResultBridge) -> ResultDeskLike:
    """Return the real desk, over the runs where they go unless told otherwise."""
    from fercam.training.result_desk import ResultDesk

    return ResultDesk(listener)
