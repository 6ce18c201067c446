"""What the desk of the Models page says on its threads becomes Qt signals."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.sessions.trash import Deleted
    from fercam.training.model_desk import ImportedModel
    from fercam.training.own_models import ModelEntry


class ModelBridge(QObject):
    """Qt queues a signal sent from another thread, so whoever is connected hears it on the window's
    own thread."""

    models_changed = pyqtSignal(list)
    renamed = pyqtSignal(str, str)
    deleted = pyqtSignal(object)
    imported = pyqtSignal(object)
    exported = pyqtSignal(list)
    busy = pyqtSignal(str)
    failed = pyqtSignal(str)

    def on_models(self, models: "list[ModelEntry]") -> None:
        """Pass on which models there are."""
        self.models_changed.emit(models)

    def on_renamed(self, name: str, new_name: str) -> None:
        """Pass on that a model is called otherwise."""
        self.renamed.emit(name, new_name)

    def on_model_deleted(self, deleted: "Deleted") -> None:
        """Pass on what was deleted and can come back."""
        self.deleted.emit(deleted)

    def on_imported(self, imported: "ImportedModel") -> None:
        """Pass on what was brought in."""
        self.imported.emit(imported)

    def on_exported(self, files: list[Path]) -> None:
        """Pass on what was written."""
        self.exported.emit(files)

    def on_model_busy(self, doing: str) -> None:
        """Pass on what takes long."""
        self.busy.emit(doing)

    def on_model_failed(self, message: str) -> None:
        """Pass on what could not be done."""
        self.failed.emit(message)


class ModelDeskLike(Protocol):
    """The part of `fercam.training.model_desk.ModelDesk` that the page uses; see there."""

    def refresh(self) -> None: ...
    def rename(self, name: str, wished: str) -> None: ...
    def describe(self, name: str, description: str) -> None: ...
    def delete(self, name: str) -> None: ...
    def restore(self, deleted: "Deleted") -> None: ...
    def import_files(
        self, files: Sequence[Path], scale: str | None, classes: Sequence[str] | None
    ) -> None: ...
    def export(self, name: str, file_format: str, out: Path) -> None: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...
    def join(self, timeout_s: float) -> bool: ...


ModelDeskFactory = Callable[[ModelBridge], ModelDeskLike]


def model_desk(listener: ModelBridge) -> ModelDeskLike:
    """Return the real desk, over the models that FerCam can use."""
    from fercam.training.model_desk import ModelDesk

    return ModelDesk(listener)
