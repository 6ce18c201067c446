"""What the pages ask of the samples, done on a thread of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from fercam.core.chores import Chores
from fercam.core.values import AnnotatedFrame, Face
from fercam.training.samples import DeletedSamples, Sample, SampleStore


class SampleListener(Protocol):
    """Hears of what was done, on the desk's thread; must return at once."""

    def on_samples(self, samples: list[Sample]) -> None:
        """These samples there are."""

    def on_kept(self, sample: Sample) -> None:
        """A face was kept."""

    def on_deleted(self, deleted: DeletedSamples) -> None:
        """These were deleted and can come back."""

    def on_exported(self, folder: Path, count: int) -> None:
        """So many were copied there."""

    def on_sample_failed(self, message: str) -> None:
        """Something could not be done: one plain sentence."""


class SampleDesk:
    """Every method returns at once; the listener hears of the rest."""

    def __init__(self, listener: SampleListener, home: Path | None = None) -> None:
        self._listener = listener
        self._store = SampleStore(home)
        self._chores = Chores("samples", listener.on_sample_failed)

    @property
    def home(self) -> Path:
        """The folder of the samples, which is a data set."""
        return self._store.home

    def refresh(self) -> None:
        """List the samples."""
        self._chores.do(self._list)

    def add(
        self, result: AnnotatedFrame, face: Face, emotion: str, person: str, burst: str
    ) -> None:
        """Keep a face of a result."""
        self._chores.do(self._add, result, face, emotion, person, burst)

    def relabel(self, files: Sequence[Path], emotion: str) -> None:
        """Give samples another emotion."""
        self._chores.do(self._store.relabel, files, emotion)
        self.refresh()

    def delete(self, files: Sequence[Path]) -> None:
        """Delete samples; they can come back until the desk closes."""
        self._chores.do(self._delete, files)
        self.refresh()

    def restore(self, deleted: DeletedSamples) -> None:
        """Bring samples back."""
        self._chores.do(self._store.restore, deleted)
        self.refresh()

    def export(self, out: Path) -> None:
        """Copy all samples into folders."""
        self._chores.do(self._export, out)

    def close(self) -> None:
        """Delete for good what was deleted."""
        self._chores.close(self._store.empty_trash)

    def join(self, timeout_s: float) -> bool:
        """Wait until all is done after `close`; return whether it is."""
        return self._chores.join(timeout_s)

    def _list(self) -> None:
        self._listener.on_samples(self._store.samples())

    def _add(
        self, result: AnnotatedFrame, face: Face, emotion: str, person: str, burst: str
    ) -> None:
        from fercam.detection.crop import crop_face

        if face.crop is not None:
            pixels = face.crop.pixels
        else:  # a session keeps boxes, not crops
            pixels = crop_face(result.frame.image, face.detection.raw_box_px)
        self._listener.on_kept(self._store.add(pixels, emotion, person, burst))

    def _delete(self, files: Sequence[Path]) -> None:
        self._listener.on_deleted(self._store.delete(files))

    def _export(self, out: Path) -> None:
        self._listener.on_exported(out, self._store.export(out))
