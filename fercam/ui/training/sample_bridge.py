"""What the desk of samples says on its thread becomes Qt signals."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from fercam.core.values import AnnotatedFrame, Face

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.training.samples import DeletedSamples, Sample


class SampleBridge(QObject):
    """Qt queues a signal sent from another thread, so whoever is connected hears it on the window's
    own thread."""

    samples_changed = pyqtSignal(list)
    kept = pyqtSignal(object)
    deleted = pyqtSignal(object)
    exported = pyqtSignal(Path, int)
    failed = pyqtSignal(str)

    def on_samples(self, samples: "list[Sample]") -> None:
        """Pass on which samples there are."""
        self.samples_changed.emit(samples)

    def on_kept(self, sample: "Sample") -> None:
        """Pass on that a face was kept."""
        self.kept.emit(sample)

    def on_deleted(self, deleted: "DeletedSamples") -> None:
        """Pass on what was deleted and can come back."""
        self.deleted.emit(deleted)

    def on_exported(self, folder: Path, count: int) -> None:
        """Pass on what was copied."""
        self.exported.emit(folder, count)

    def on_sample_failed(self, message: str) -> None:
        """Pass on what could not be done."""
        self.failed.emit(message)


class SampleDeskLike(Protocol):
    """The part of `fercam.training.sample_desk.SampleDesk` that the window uses; see there."""

    @property
    def home(self) -> Path: ...
    def refresh(self) -> None: ...
    def add(
        self, result: AnnotatedFrame, face: Face, emotion: str, person: str, burst: str
    ) -> None: ...
    def relabel(self, files: Sequence[Path], emotion: str) -> None: ...
    def delete(self, files: Sequence[Path]) -> None: ...
    def restore(self, deleted: "DeletedSamples") -> None: ...
    def export(self, out: Path) -> None: ...
    def close(self) -> None: ...
    def join(self, timeout_s: float) -> bool: ...


SampleDeskFactory = Callable[[SampleBridge], SampleDeskLike]


def sample_desk(listener: SampleBridge) -> SampleDeskLike:
    """Return the real desk, over the samples where they go."""
    from fercam.training.sample_desk import SampleDesk

    return SampleDesk(listener)
