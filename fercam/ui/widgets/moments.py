"""Lists of moments: the markers of a session, and what is left out of its statistics."""

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fercam.core.emotions import EMOTIONS
from fercam.core.words import clock
from fercam.recording.session_json import Marker, Span
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.emotion_bars import emotion_brush
from fercam.ui.widgets.parts import heading, icon_button, words

ROW_PX, MOST_ROWS = 28, 7
MARK_PX = 12


class Moments(QWidget):
    """A list under a title, with its buttons. Enter or a click goes there, Delete removes."""

    went = pyqtSignal(float)
    """Go to this time."""

    def __init__(self, title: str, nothing: str, actions: dict[str, tuple[str, str]]) -> None:
        """`nothing` is said while the list is empty; `actions` are name -> (icon, tooltip)."""
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._actions = actions
        self.nothing = words(nothing, quiet=True)
        self.list = _List()
        self.list.setAccessibleName(title)
        self.list.setFont(look.font(look.SMALL_PX))
        self.buttons: dict[str, QToolButton] = {}
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(heading(title), 1)
        for name, (_, tooltip) in actions.items():
            button = self.buttons[name] = icon_button(name, tooltip)
            top.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.nothing)
        column.addWidget(self.list)
        self.list.itemClicked.connect(lambda item: self._go(self.list.row(item)))
        self.list.itemActivated.connect(lambda item: self._go(self.list.row(item)))

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        for name, (icon, _) in self._actions.items():
            self.buttons[name].setIcon(icons.icon(icon, theme.text))

    def _go(self, row: int) -> None:
        raise NotImplementedError

    def _fill(self, items: Sequence[QListWidgetItem]) -> None:
        row = self.list.currentRow()
        self.list.blockSignals(True)
        self.list.clear()
        for item in items:
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(row, 0), len(items) - 1))
        self.list.blockSignals(False)
        self.list.setFixedHeight(min(len(items), MOST_ROWS) * ROW_PX + 8)
        self.list.setVisible(bool(items))
        self.nothing.setVisible(not items)


class MarkerList(Moments):
    """The markers, in the order of time; F2 or a double click renames one."""

    add_asked = pyqtSignal()
    changed = pyqtSignal(Marker, Marker)
    removed = pyqtSignal(Marker)
    typed = pyqtSignal()
    """The words of a marker that was just set are there, or are not wanted."""

    def __init__(self) -> None:
        super().__init__(
            "Markers",
            "No marker yet. Press M to set one.",
            {
                "Add a marker": ("marker", "Set a marker here (M)"),
                "Rename the marker": ("rename", "Rename the chosen marker (F2)"),
                "Delete the marker": ("remove", "Delete the chosen marker (Delete)"),
            },
        )
        self.markers: tuple[Marker, ...] = ()
        add, rename, remove = self.buttons.values()
        add.clicked.connect(self.add_asked)
        rename.clicked.connect(self._rename)
        remove.clicked.connect(self._remove)
        self.list.deleted.connect(self._remove)
        self.list.itemChanged.connect(self._take_text)
        self._just_set = False
        delegate = self.list.itemDelegate()
        if delegate is not None:
            delegate.closeEditor.connect(self._leave)

    def show_markers(self, markers: Sequence[Marker]) -> None:
        """Show these markers."""
        self.markers = tuple(markers)
        self._fill([self._item(marker) for marker in markers])
        for button in list(self.buttons.values())[1:]:
            button.setEnabled(bool(markers))

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        super().set_theme(theme)
        self.show_markers(self.markers)

    def edit(self, marker: Marker) -> None:
        """Let a person type the words of a marker."""
        if marker in self.markers:
            self._just_set = True
            row = self.markers.index(marker)
            self.list.setCurrentRow(row)
            self.list.editItem(self.list.item(row))

    def _leave(self) -> None:
        if self._just_set:
            self._just_set = False
            QTimer.singleShot(0, self.typed.emit)  # the list takes the keyboard first

    def _item(self, marker: Marker) -> QListWidgetItem:
        item = QListWidgetItem(_mark(self._theme, marker.emotion), _words(marker))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        said = marker.text or (f"peak of {marker.emotion}" if marker.emotion else "marker")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{said} at {clock(marker.t_s, 1)}")
        item.setToolTip(f"{clock(marker.t_s, 1)}: {said}")
        return item

    def _go(self, row: int) -> None:
        if 0 <= row < len(self.markers):
            self.went.emit(self.markers[row].t_s)

    def _rename(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self.markers):
            self.list.editItem(self.list.item(row))

    def _remove(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self.markers):
            self.removed.emit(self.markers[row])

    def _take_text(self, item: QListWidgetItem) -> None:
        marker = self.markers[self.list.row(item)]
        typed = item.text().removeprefix(clock(marker.t_s)).strip()
        if typed != marker.text and item.text() != _words(marker):
            self.changed.emit(marker, replace(marker, text=typed))
        else:
            self.show_markers(self.markers)


class SpanList(Moments):
    """What is left out of the statistics."""

    exclude_asked = pyqtSignal()
    included = pyqtSignal(Span)
    """Count this stretch again."""

    def __init__(self) -> None:
        super().__init__(
            "Left out",
            "Everything counts. Hold Shift and drag over the lanes to leave a part out.",
            {
                "Leave out from here": ("exclude", "Leave out from here; press again to end (E)"),
                "Count it again": ("undo", "Count the chosen part again (Delete)"),
            },
        )
        self.spans: tuple[Span, ...] = ()
        exclude, include = self.buttons.values()
        exclude.setCheckable(True)
        exclude.clicked.connect(self.exclude_asked)
        include.clicked.connect(self._include)
        self.list.deleted.connect(self._include)

    def show_spans(self, spans: Sequence[Span]) -> None:
        """Show these stretches of time."""
        self.spans = tuple(spans)
        self._fill([QListWidgetItem(_span_words(span)) for span in spans])
        self.buttons["Count it again"].setEnabled(bool(spans))

    def show_begun(self, begun: bool) -> None:
        """Show whether a stretch has begun that has no end yet."""
        button = self.buttons["Leave out from here"]
        button.setChecked(begun)
        button.setAccessibleName("Leave out to here" if begun else "Leave out from here")

    def _go(self, row: int) -> None:
        if 0 <= row < len(self.spans):
            self.went.emit(self.spans[row].start_s)

    def _include(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self.spans):
            self.included.emit(self.spans[row])


class _List(QListWidget):
    deleted = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("moments")
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(MARK_PX, MARK_PX))
        self.setEditTriggers(self.EditTrigger.DoubleClicked | self.EditTrigger.EditKeyPressed)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        if event.key() == Qt.Key.Key_Delete and self.currentRow() >= 0:
            self.deleted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.itemActivated.emit(self.currentItem())
        else:
            super().keyPressEvent(event)


def _words(marker: Marker) -> str:
    return f"{clock(marker.t_s)}  {marker.text or marker.emotion}".rstrip()


def _span_words(span: Span) -> str:
    seconds = span.end_s - span.start_s
    return f"{clock(span.start_s, 1)} to {clock(span.end_s, 1)}  ({seconds:.1f} s)"


def _mark(theme: look.Theme, emotion: str) -> QIcon:
    picture = QPixmap(2 * MARK_PX, 2 * MARK_PX)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    known = emotion in EMOTIONS
    painter.setBrush(emotion_brush(theme, emotion) if known else QColor(theme.text))
    painter.drawRoundedRect(1, 1, MARK_PX - 2, MARK_PX - 2, 2, 2)
    painter.end()
    return QIcon(picture)
