"""All runs in a table that can be sorted and written into."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QSortFilterProxyModel, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from fercam.core import words
from fercam.core.words import percent
from fercam.inference.figures import headline
from fercam.training.runs import epochs_done
from fercam.ui import theme as look

if TYPE_CHECKING:  # it needs OpenCV, which must not delay the window
    from fercam.training.run_list import RunEntry

TITLES = ("Run", "Data", "Network", "Validation", "Test", "Balanced", "Epochs", "Took", "Began",
          "Notes")  # fmt: skip
WIDTHS_PX = (176, 84, 104, 84, 72, 80, 64, 64, 120, 160)
TIPS = {
    3: "Right answers on the faces that chose the best epoch: a little too good to be true",
    4: "Right answers on test faces, copies of training pictures left out",
    5: "The mean over the emotions of how many of their test faces are found",
}
NOTES = len(TITLES) - 1
SORT = Qt.ItemDataRole.UserRole


class _Runs(QAbstractTableModel):
    edited = pyqtSignal(Path, str)

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[RunEntry] = []
        self._notes: dict[Path, str] = {}

    def show(self, entries: "Sequence[RunEntry]") -> None:
        self.beginResetModel()
        self.entries = list(entries)
        self._notes = {entry.folder: entry.notes for entry in entries}
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(TITLES)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return TIPS.get(section) if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry, column = self.entries[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._notes[entry.folder] if column == NOTES else _texts(entry)[column]
        if role == SORT:
            return self._notes[entry.folder] if column == NOTES else _sorted_by(entry)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            whole = f"{run_title(entry)}\n{entry.folder}"
            return {0: whole, 8: f"{entry.started:%H:%M}"}.get(column)
        return _side(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def setData(  # noqa: N802
        self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        if index.column() != NOTES or role != Qt.ItemDataRole.EditRole:
            return False
        folder, text = self.entries[index.row()].folder, str(value).strip()
        if text != self._notes[folder]:
            self._notes[folder] = text
            self.dataChanged.emit(index, index)
            self.edited.emit(folder, text)
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        editable = Qt.ItemFlag.ItemIsEditable if index.column() == NOTES else Qt.ItemFlag(0)
        return super().flags(index) | editable


class RunTable(QTableView):
    """Enter or a double click opens a run; its notes are written in place (F2 or a double click).

    The newest stands first until a column's title is clicked.
    """

    opened = pyqtSignal(Path)
    notes_changed = pyqtSignal(Path, str)
    selection_changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._runs = _Runs()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._runs)
        self._sorted.setSortRole(SORT)
        self.setModel(self._sorted)
        self.setAccessibleName("Training runs")
        self.setFont(look.font(look.SMALL_PX))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSortingEnabled(True)
        self._set_up_headers()
        self._runs.edited.connect(self.notes_changed)
        self.doubleClicked.connect(self._double_clicked)
        chosen = self.selectionModel()
        assert chosen is not None
        chosen.selectionChanged.connect(self.selection_changed)

    def _set_up_headers(self) -> None:
        down, across = self.verticalHeader(), self.horizontalHeader()
        assert down is not None and across is not None
        down.hide()
        down.setDefaultSectionSize(32)
        across.setFont(look.font(look.SMALL_PX))
        across.setHighlightSections(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        across.setStretchLastSection(True)
        across.setSortIndicator(TITLES.index("Began"), Qt.SortOrder.DescendingOrder)
        for column, width_px in enumerate(WIDTHS_PX):
            self.setColumnWidth(column, width_px)

    @property
    def entries(self) -> "list[RunEntry]":
        """All runs, as they are sorted now."""
        return [self._entry(row) for row in range(self._sorted.rowCount())]

    @property
    def selected(self) -> "list[RunEntry]":
        """The selected runs, from the top."""
        chosen = self.selectionModel()
        assert chosen is not None
        return [self._entry(row) for row in sorted({i.row() for i in chosen.selectedIndexes()})]

    def show_runs(self, entries: "Sequence[RunEntry]") -> None:
        """Show these runs; what was selected stays selected."""
        kept = {entry.folder for entry in self.selected}
        self._runs.show(entries)
        self.select([row for row, entry in enumerate(self.entries) if entry.folder in kept])

    def select(self, rows: Sequence[int]) -> None:
        """Select these rows, counted from the top."""
        chosen = self.selectionModel()
        assert chosen is not None
        whole_row = chosen.SelectionFlag.Select | chosen.SelectionFlag.Rows
        chosen.clearSelection()
        for row in rows:
            chosen.select(self._sorted.index(row, 0), whole_row)
        if rows:
            chosen.setCurrentIndex(self._sorted.index(rows[0], 0), chosen.SelectionFlag.NoUpdate)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Open what is selected."""
        opens = event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if opens and self.state() != QAbstractItemView.State.EditingState and self.selected:
            self.opened.emit(self.selected[0].folder)
        else:
            super().keyPressEvent(event)

    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() != NOTES:
            self.opened.emit(self._entry(index.row()).folder)

    def _entry(self, row: int) -> "RunEntry":
        return self._runs.entries[self._sorted.mapToSource(self._sorted.index(row, 0)).row()]


def run_title(entry: "RunEntry") -> str:
    """Return what people call a run: the name they gave its model, else its folder's."""
    return entry.folder.name if entry.name == entry.config.architecture else entry.name


def run_titles(entries: "Sequence[RunEntry]") -> list[str]:
    """Return what to call several runs side by side: those of one title by their folders."""
    titles = [run_title(entry) for entry in entries]
    return [
        entry.folder.name if titles.count(title) > 1 else title
        for entry, title in zip(entries, titles, strict=True)
    ]


def validation_of(entry: "RunEntry") -> float | None:
    """Return a run's accuracy on the validation part, the best so far while it is unfinished."""
    if "validation" in entry.metrics:
        return float(entry.metrics["validation"]["accuracy"])
    return max((row["val_accuracy"] for row in entry.history), default=None)


def took(entry: "RunEntry") -> str:
    """Return how long a run took; empty where that is not known."""
    return words.clock(entry.seconds) if entry.seconds else ""


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if 3 <= column <= 7 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _texts(entry: "RunEntry") -> tuple[str, ...]:
    test = headline(entry.metrics)
    title = run_title(entry)
    return (
        title if entry.bundle else f"{title} (unfinished)",
        entry.config.dataset.name,
        entry.config.architecture,
        percent(validation_of(entry)),
        percent(test["accuracy"] if test else None),
        percent(test.get("balanced_accuracy") if test else None),
        str(epochs_done(entry.history)),
        took(entry),
        f"{entry.started.day} {entry.started:%b %Y}",
    )


def _sorted_by(entry: "RunEntry") -> tuple[Any, ...]:
    test = headline(entry.metrics) or {}
    return (
        run_title(entry).casefold(),
        entry.config.dataset.name.casefold(),
        entry.config.architecture,
        validation_of(entry) or 0.0,
        test.get("accuracy", 0.0),
        test.get("balanced_accuracy", 0.0),
        epochs_done(entry.history),
        entry.seconds,
        entry.started.timestamp(),
    )
