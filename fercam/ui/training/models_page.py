"""The Models page: which models there are, what they say of themselves, in and out."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fercam.settings import Settings
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.desktop import ask_files, ask_folder, dropped_files, take_files
from fercam.ui.training.import_dialog import ImportDialog
from fercam.ui.training.model_bridge import (
    ModelBridge,
    ModelDeskFactory,
    ModelDeskLike,
    model_desk,
)
from fercam.ui.training.model_card import ModelCard
from fercam.ui.training.result_parts import Busy
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.parts import push, scrolling

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.sessions.trash import Deleted
    from fercam.training.model_desk import ImportedModel
    from fercam.training.own_models import ModelEntry

MODELS = "Models (*.keras *.h5 *.hdf5 *.json *.tflite);;All files (*)"


class ModelsPage(QWidget):
    """`begin` whenever it is shown, `leave` before the window goes."""

    use_asked = pyqtSignal(str)
    """Use the model of this name in Live."""
    renamed = pyqtSignal(str, str)
    """A model is called otherwise: what remembers the old name should follow."""
    models_changed = pyqtSignal()
    """There are other models than before, or other names."""

    def __init__(self, settings: Settings, make_desk: ModelDeskFactory = model_desk) -> None:
        super().__init__()
        self._make_desk = make_desk
        self._desk: ModelDeskLike | None = None
        self._bridge = ModelBridge(self)
        self._theme = look.THEMES["dark"]
        self._in_use = settings.model
        self._entries: list[ModelEntry] = []
        self._shown = ""
        self._deleted: list[Deleted] = []
        self.ask_files: Callable[[], list[Path]] = partial(
            ask_files, self, "Import a model", MODELS
        )
        self.ask_folder: Callable[[], Path | None] = partial(
            ask_folder, self, "Export into this folder", str(Path.home())
        )
        self.banner, self.busy, self.list = Banner(), Busy(), QListWidget()
        self.bring_in = push("Import…", "A .keras, .h5 or .tflite file, or a .json with its .h5")
        self.card = ModelCard()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.list.setAccessibleName("Models")
        self.list.setFont(look.font(look.BODY_PX))
        self.list.setObjectName("moments")
        self._right = scrolling(self.card)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        left.addWidget(self.bring_in)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addLayout(left, 2)
        row.addSpacing(8)
        row.addWidget(self._right, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.banner)
        column.addWidget(self.busy)
        column.addLayout(row, 1)

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.models_changed.connect(self.show_models)
        bridge.renamed.connect(self._on_renamed)
        bridge.deleted.connect(self._on_deleted)
        bridge.imported.connect(self._on_imported)
        bridge.exported.connect(self._on_exported)
        bridge.busy.connect(self.busy.show_busy)
        bridge.failed.connect(lambda message: self.banner.tell(message, "error"))
        self.busy.stop_asked.connect(self._stop)
        self.list.currentRowChanged.connect(lambda row: self._show_card())
        self.bring_in.clicked.connect(lambda: self.take_in(self.ask_files()))
        self.card.use.clicked.connect(self._use)
        self.card.delete.clicked.connect(self.delete_shown)
        self.card.export_asked.connect(self.export_as)
        self.card.name.editingFinished.connect(self._rename)
        self.card.description.editingFinished.connect(self._describe)
        remove = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self.delete_shown)
        QShortcut(QKeySequence("Ctrl+Z"), self.list).activated.connect(self.undo)
        self.setAcceptDrops(True)

    def begin(self) -> None:
        """List the models; again and again does no harm."""
        self._working.refresh()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.banner.set_theme(theme)
        self.bring_in.setIcon(icons.icon("import", theme.text))
        self.card.set_theme(theme)
        self._show_list()

    def leave(self) -> None:
        """Stop for good; deleted models are gone then."""
        self._bridge.blockSignals(True)
        if self._desk is not None:
            self._desk.close()

    def left(self) -> bool:
        """Return whether every thread has ended; does not wait."""
        return self._desk is None or self._desk.join(0.0)

    def set_model_in_use(self, name: str) -> None:
        """Mark the model that runs live."""
        self._in_use = name
        self._show_list()

    @property
    def shown(self) -> "ModelEntry | None":
        """The model whose card is shown."""
        return next((entry for entry in self._entries if entry.name == self._shown), None)

    def choose(self, name: str) -> None:
        """Show the card of a model."""
        self._shown = name
        self._show_list()

    def show_models(self, entries: "list[ModelEntry]") -> None:
        """List these models."""
        changed = [entry.name for entry in entries] != [entry.name for entry in self._entries]
        known = bool(self._entries)
        self._entries = entries
        self._show_list()
        if changed and known:
            self.models_changed.emit()

    # What people do

    def take_in(self, files: Sequence[Path]) -> None:
        """Ask what must be known of a network's files, then bring it in."""
        if not files:
            return
        dialog = ImportDialog(files, self)
        dialog.finished.connect(lambda code: self._import(code, dialog, files))
        dialog.open()

    def export_as(self, form: str) -> None:
        """Write the model that is shown in a format, into a folder that a person chooses."""
        folder = self.ask_folder()
        if folder is not None and self._shown:
            self._working.export(self._shown, form, folder)

    def _stop(self) -> None:
        self._working.cancel()

    def delete_shown(self) -> None:
        """Delete the model that is shown; Undo brings it back."""
        entry = self.shown
        if entry is None or not entry.own:
            return
        if entry.name == self._present:
            self.banner.tell(f"{entry.name} runs in Live; use another one there first.")
            return
        self._working.delete(entry.name)

    def undo(self) -> None:
        """Bring back what was deleted last."""
        if self._deleted:
            deleted = self._deleted.pop()
            self.banner.hide()
            self._shown = deleted.folder.name
            self._working.restore(deleted)

    def _use(self) -> None:
        old, entry = self._present, self.shown
        if entry is not None and entry.name != old:
            self.set_model_in_use(entry.name)
            self.use_asked.emit(entry.name)
            self.banner.show_banner(
                "info",
                f"{entry.name} is used in Live now.",
                f"Go back to {old}",
                partial(self._go_back, old),
            )

    def _go_back(self, old: str) -> None:
        self.set_model_in_use(old)
        self.use_asked.emit(old)
        self.banner.tell(f"{old} is used in Live again.")

    def _rename(self) -> None:
        entry, wished = self.shown, self.card.name.text().strip()
        self.card.name.setModified(False)
        if entry is None or not entry.own or wished == entry.name:
            return
        if wished:
            self._working.rename(entry.name, wished)
        else:
            self.card.name.setText(entry.name)

    def _describe(self) -> None:
        entry, text = self.shown, self.card.description.text().strip()
        self.card.description.setModified(False)
        if entry is not None and entry.card is not None and text != entry.card.description:
            self._working.describe(entry.name, text)

    def _import(self, code: int, dialog: ImportDialog, files: Sequence[Path]) -> None:
        if code == QDialog.DialogCode.Accepted:
            self._working.import_files(list(files), dialog.chosen_scale, dialog.classes)
        dialog.deleteLater()

    # What the desk says

    def _on_renamed(self, name: str, new_name: str) -> None:
        self._shown = new_name
        if self._in_use == name:
            self._in_use = new_name
        self.renamed.emit(name, new_name)

    def _on_deleted(self, deleted: "Deleted") -> None:
        self._deleted.append(deleted)
        said = f"{deleted.folder.name} is deleted. That can be undone until FerCam closes (Ctrl+Z)."
        self.banner.show_banner("info", said, "Undo", self.undo)

    def _on_imported(self, imported: "ImportedModel") -> None:
        if not self.card.is_written_in:
            self._shown = imported.name
        assumed = " ".join(f"Assumed: {sentence}" for sentence in imported.assumptions)
        self.banner.tell(
            f"{imported.name} is here. Live it names the same emotion as its file on "
            f"{imported.same_labels} of {imported.faces} faces. {assumed}".strip()
        )

    def _on_exported(self, files: list[Path]) -> None:
        names = " and ".join(file.name for file in files)
        self.banner.tell(f"Written to {files[0].parent}: {names}")

    # What is shown

    @property
    def _present(self) -> str:
        names = [entry.name for entry in self._entries]
        return self._in_use if self._in_use in names or not names else names[0]

    @property
    def _working(self) -> ModelDeskLike:
        if self._desk is None:
            self._desk = self._make_desk(self._bridge)
        return self._desk

    def _show_list(self) -> None:
        names = [entry.name for entry in self._entries]
        if self._shown not in names:
            self._shown = self._present
        self.list.blockSignals(True)
        self.list.clear()
        for entry in self._entries:
            text = f"{entry.name} (in Live)" if entry.name == self._present else entry.name
            item = QListWidgetItem(text)
            mark = "warning" if entry.card is None else "model"
            item.setIcon(icons.icon(mark, self._theme.text, self._theme.on_accent))
            item.setData(Qt.ItemDataRole.UserRole, entry.name)
            self.list.addItem(item)
        if self._shown in names:
            self.list.setCurrentRow(names.index(self._shown))
        self.list.blockSignals(False)
        self._show_card()

    def _show_card(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._shown = item.data(Qt.ItemDataRole.UserRole)
        entry = self.shown
        self._right.setVisible(entry is not None)
        if entry is not None:
            self.card.show_model(entry, in_live=entry.name == self._present)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        """Take a network's files that are dragged in."""
        take_files(event)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Bring in a network that is dropped."""
        self.take_in(dropped_files(event))
