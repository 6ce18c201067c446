"""What the run desk says on its threads becomes Qt signals; and what the page needs of a desk."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from fercam.training.config import TrainingConfig

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.training.networks import Network
    from fercam.training.run_desk import Base
    from fercam.training.run_list import RunEntry
    from fercam.training.run_status import RunStatus


class TrainBridge(QObject):
    """Qt queues a signal sent from another thread, so whoever is connected hears it on the window's
    own thread."""

    run_changed = pyqtSignal(object)
    runs_changed = pyqtSignal(list)
    networks_changed = pyqtSignal(list)
    base_found = pyqtSignal(object)
    failed = pyqtSignal(str)

    def on_run(self, status: "RunStatus") -> None:
        """Pass on how a run goes."""
        self.run_changed.emit(status)

    def on_runs(self, runs: "Sequence[RunEntry]") -> None:
        """Pass on which runs there are."""
        self.runs_changed.emit(list(runs))

    def on_networks(self, known: "Sequence[Network]") -> None:
        """Pass on what is known of the networks."""
        self.networks_changed.emit(list(known))

    def on_base(self, base: "Base | None") -> None:
        """Pass on which model training can go on from."""
        self.base_found.emit(base)

    def on_run_failed(self, message: str) -> None:
        """Pass on what could not be done."""
        self.failed.emit(message)


class Desk(Protocol):
    """The part of `fercam.training.run_desk.RunDesk` that the page uses; see there."""

    def begin(self) -> None: ...
    def refresh(self) -> None: ...
    def measure(self) -> None: ...
    def look_at_model(self, name: str | None) -> None: ...
    def start(self, config: TrainingConfig, name: str) -> Path: ...
    def resume(self, folder: Path) -> None: ...
    def unqueue(self, folder: Path) -> None: ...
    def pause(self, paused: bool) -> None: ...
    def stop(self) -> None: ...
    def discard(self, folder: Path) -> None: ...
    def close(self, keep_going: bool = False) -> None: ...
    def join(self, timeout_s: float) -> bool: ...


RunDeskFactory = Callable[[TrainBridge], Desk]


def run_desk(listener: TrainBridge) -> Desk:
    """Return the real desk, over the runs where they go unless told otherwise."""
    from fercam.training.run_desk import RunDesk

    return RunDesk(listener)
