"""What the Models page asks for, done on threads of its own: models kept, brought in, given out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fercam.core.chores import Chores
from fercam.sessions.trash import Deleted
from fercam.training import job
from fercam.training.long_work import LongWork
from fercam.training.own_models import ModelEntry, OwnModels, free_name


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """A model that was brought in: its name, what was assumed about it, how it was checked."""

    name: str
    assumptions: tuple[str, ...]
    faces: int
    largest_difference: float
    same_labels: int


class ModelListener(Protocol):
    """Hears of what was done, on the desk's threads; must return at once."""

    def on_models(self, models: list[ModelEntry]) -> None:
        """These models there are."""

    def on_renamed(self, name: str, new_name: str) -> None:
        """A model is called otherwise now."""

    def on_model_deleted(self, deleted: Deleted) -> None:
        """A model is deleted and can come back until the desk is closed."""

    def on_imported(self, imported: ImportedModel) -> None:
        """A model was brought in."""

    def on_exported(self, files: list[Path]) -> None:
        """A model was written to these files."""

    def on_model_busy(self, doing: str) -> None:
        """Something that takes long has begun, in words; empty once it is over."""

    def on_model_failed(self, message: str) -> None:
        """Something could not be done: one plain sentence."""


class ModelDesk:
    """Every method returns at once; the listener hears of the rest."""

    def __init__(self, listener: ModelListener) -> None:
        self._listener = listener
        self._models = OwnModels()
        self._quick = Chores("models", listener.on_model_failed)
        self._slow = LongWork("models-engine", listener.on_model_busy, listener.on_model_failed)

    def refresh(self) -> None:
        """List the models."""
        self._quick.do(self._list)

    def rename(self, name: str, wished: str) -> None:
        """Call a model of the user's otherwise."""
        self._quick.do(self._rename, name, wished)

    def describe(self, name: str, description: str) -> None:
        """Keep what a person says about a model of the user's."""
        self._quick.do(self._then_list, self._models.describe, name, description)

    def delete(self, name: str) -> None:
        """Delete a model of the user's; it can come back until the desk is closed."""
        self._quick.do(self._delete, name)

    def restore(self, deleted: Deleted) -> None:
        """Bring a deleted model back."""
        self._quick.do(self._then_list, self._models.restore, deleted)

    def import_files(
        self, files: Sequence[Path], scale: str | None, classes: Sequence[str] | None
    ) -> None:
        """Bring a network in; None: what the engine finds out or takes for granted."""
        self._slow.do("Importing", self._import, files, scale, classes)

    def export(self, name: str, file_format: str, out: Path) -> None:
        """Write a model's network in one of `job.EXPORT_FORMATS` to a file or into a folder."""
        self._slow.do("Exporting", self._export, name, file_format, out)

    def cancel(self) -> None:
        """Stop what takes long."""
        self._slow.cancel()

    def close(self) -> None:
        """End as soon as possible; what was deleted is gone for good then."""
        self._quick.close(self._models.empty_trash)
        self._slow.close()

    def join(self, timeout_s: float) -> bool:
        """Wait until the threads have ended after `close`; return whether they have."""
        return self._quick.join(timeout_s) and self._slow.join(timeout_s)

    def _list(self) -> None:
        self._listener.on_models(self._models.entries())

    def _then_list(self, chore: Callable[..., object], *about: object) -> None:
        try:
            chore(*about)
        finally:
            self._list()

    def _rename(self, name: str, wished: str) -> None:
        try:
            renamed = self._models.rename(name, wished).name
            if renamed != name:
                self._listener.on_renamed(name, renamed)
        finally:
            self._list()

    def _delete(self, name: str) -> None:
        try:
            self._listener.on_model_deleted(self._models.delete(name))
        finally:
            self._list()

    # On the slow thread

    def _import(
        self, files: Sequence[Path], scale: str | None, classes: Sequence[str] | None
    ) -> None:
        done = self._slow.run(job.import_job(files, free_name(files[0].stem), scale, classes))
        self._listener.on_imported(
            ImportedModel(
                Path(done["bundle"]).name,
                tuple(done["assumptions"]),
                done["faces"],
                done["largest_difference"],
                done["same_labels"],
            )
        )
        self.refresh()

    def _export(self, name: str, file_format: str, out: Path) -> None:
        done = self._slow.run(job.export_job(name, file_format, out))
        self._listener.on_exported([Path(file) for file in done["files"]])
