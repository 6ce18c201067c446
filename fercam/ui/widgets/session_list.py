"""All sessions, one below the other."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter, QPainterPath, QPixmap
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from fercam.core import words
from fercam.sessions.library import SessionEntry
from fercam.sessions.table import merged_people, people_names
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.emotion_bars import emotion_brush

ROW_PX, GAP_PX, EDGE_PX = 88, 8, 12
THUMB = QSize(112, 64)
DOMINANT_PX = 136
ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)


def title(entry: SessionEntry) -> str:
    """Return what a session is called: when it began, or else its folder."""
    return (words.date(entry.info.start_utc) if entry.info is not None else "") or entry.folder.name


def facts(entry: SessionEntry) -> str:
    """Return what is known of a session in a line: length, people, names, size, source."""
    if entry.info is None:
        return words.size(entry.bytes)
    merged, names = merged_people(entry.info), people_names(entry.info)
    shown = [names[number] for number in sorted(names) if number not in merged]
    source = str(entry.info.source.get("description") or "")
    parts = (
        words.clock(entry.info.duration_s),
        words.people(entry.people),
        ", ".join(shown),
        words.size(entry.bytes),
        source,
    )
    return " · ".join(part for part in parts if part)


def dominant(entry: SessionEntry) -> str:
    """Return the emotion that prevailed in words; empty where none did."""
    return f"mostly {entry.dominant}" if entry.dominant else ""


def tags(entry: SessionEntry) -> str:
    """Return a session's tags as they are read."""
    return "  ".join(f"#{tag}" for tag in entry.info.tags) if entry.info is not None else ""


class SessionsModel(QAbstractListModel):
    """The sessions as the library lists them."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[SessionEntry] = []

    @property
    def entries(self) -> list[SessionEntry]:
        """What is shown, from the top."""
        return list(self._entries)

    def show_entries(self, entries: Sequence[SessionEntry]) -> None:
        """Show other sessions."""
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        """Return how many there are."""
        return len(self._entries)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a session's words or, for ENTRY_ROLE, the session."""
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return title(entry)
        said = (title(entry), facts(entry), dominant(entry), tags(entry), entry.problem or "")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in said if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in (*said, str(entry.folder)) if part)
        return None


class SessionList(QListView):
    """Enter or a double click opens, Delete deletes, a right click offers the rest."""

    opened = pyqtSignal(Path)
    delete_asked = pyqtSignal(list)
    """Delete these folders."""
    menu_asked = pyqtSignal(QPoint)
    """A right click on what is selected, and where on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions = SessionsModel()
        self._painter = _RowPainter(self)
        self.setModel(self.sessions)
        self.setItemDelegate(self._painter)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName("Sessions")
        self.setAccessibleDescription("Enter opens a session, Delete deletes it.")
        self.doubleClicked.connect(self._open)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._painter.theme = theme
        self._update()

    def show_entries(self, entries: Sequence[SessionEntry]) -> None:
        """Show these; what was selected stays selected if it is still there."""
        kept, bar = set(self.selected), self.verticalScrollBar()
        scrolled = bar.value() if bar is not None else 0
        before = self.currentIndex().row()
        self._painter.forget()
        self.sessions.show_entries(entries)
        rows = [row for row, entry in enumerate(entries) if entry.folder in kept]
        if entries:
            self.choose(*(rows or [min(max(before, 0), len(entries) - 1)]))
        if bar is not None:
            bar.setValue(scrolled)

    def choose(self, *rows: int) -> None:
        """Select these rows and no others, whatever keys are held."""
        selection = self.selectionModel()
        assert selection is not None
        flags = selection.SelectionFlag
        selection.setCurrentIndex(self.sessions.index(rows[-1]), flags.ClearAndSelect)
        for row in rows:
            selection.select(self.sessions.index(row), flags.Select)

    @property
    def selected(self) -> list[Path]:
        """The folders of the sessions that are selected, from the top."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        entries = self.sessions.entries
        return [entries[row].folder for row in rows if row < len(entries)]

    def open_chosen(self) -> None:
        """Open the session that was chosen last."""
        self._open(self.currentIndex())

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.sessions.entries[index.row()].folder)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Open or delete what is selected."""
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_chosen()
        elif event.key() == Qt.Key.Key_Delete and self.selected:
            self.delete_asked.emit(self.selected)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        """Offer what can be done with the sessions that are selected."""
        if event is not None and self.selected:
            self.menu_asked.emit(event.globalPos())

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Nothing is pointed at any more."""
        super().leaveEvent(event)
        self._update()

    def _update(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()


class _RowPainter(QStyledItemDelegate):
    """A card: picture, title, facts, tags or what is wrong, and what prevailed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = look.THEMES["dark"]
        self._thumbs: dict[Path, QPixmap] = {}

    def forget(self) -> None:
        """Read the pictures anew."""
        self._thumbs.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        return QSize(240, ROW_PX + GAP_PX)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        entry = index.data(ENTRY_ROLE)
        if painter is None or not isinstance(entry, SessionEntry):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = option.rect.adjusted(1, 1, -1, -GAP_PX)
        self._paint_card(painter, QRectF(card), option.state)
        inside = card.adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)
        thumb = QRect(inside.topLeft(), THUMB)
        self._paint_thumb(painter, thumb, entry)
        left = thumb.right() + 1 + EDGE_PX
        wide = inside.right() - left
        if entry.dominant and wide > 2 * DOMINANT_PX:
            wide -= DOMINANT_PX
            self._paint_dominant(painter, inside, entry)
        self._paint_words(painter, QRect(left, inside.top(), wide, inside.height()), entry)
        painter.restore()

    def _paint_card(self, painter: QPainter, card: QRectF, state: QStyle.StateFlag) -> None:
        theme = self.theme
        selected = bool(state & QStyle.StateFlag.State_Selected)
        pointed = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setBrush(QColor(theme.hover if pointed or selected else theme.surface))
        painter.setPen(Qt.PenStyle.NoPen)
        if selected or theme.name == "contrast":
            pen = painter.pen()
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setColor(QColor(theme.accent if selected else theme.text))
            pen.setWidthF(2 if selected else 1)
            painter.setPen(pen)
        painter.drawRoundedRect(card, look.CORNER_PX, look.CORNER_PX)

    def _paint_thumb(self, painter: QPainter, place: QRect, entry: SessionEntry) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(place), 4, 4)
        painter.fillPath(shape, QColor(self.theme.stage))
        picture = self._thumb(entry)
        if picture.isNull():
            name = "warning" if entry.problem else "sessions"
            drawn = icons.pixmap(name, self.theme.quiet, _ratio(painter))
            corner = QPoint(icons.SIZE_PX // 2, icons.SIZE_PX // 2)
            painter.drawPixmap(place.center() - corner, drawn)
            return
        painter.save()
        painter.setClipPath(shape)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        zoom = max(place.width() / picture.width(), place.height() / picture.height())
        wide, high = picture.width() * zoom, picture.height() * zoom
        middle = QRectF(place).center()
        painter.drawPixmap(
            QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high),
            picture,
            QRectF(picture.rect()),
        )
        painter.restore()

    def _thumb(self, entry: SessionEntry) -> QPixmap:
        if entry.thumbnail is None:
            return QPixmap()
        if entry.thumbnail not in self._thumbs:
            self._thumbs[entry.thumbnail] = QPixmap(str(entry.thumbnail))
        return self._thumbs[entry.thumbnail]

    def _paint_dominant(self, painter: QPainter, inside: QRect, entry: SessionEntry) -> None:
        left, middle = inside.right() - DOMINANT_PX + EDGE_PX, inside.center().y()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(emotion_brush(self.theme, entry.dominant))
        painter.drawRoundedRect(QRectF(left, middle - 6, 14, 14), 3, 3)
        room = QRect(left + 22, inside.top(), DOMINANT_PX - 22 - EDGE_PX, inside.height())
        self._write(painter, room, dominant(entry), self.theme.text)

    def _paint_words(self, painter: QPainter, place: QRect, entry: SessionEntry) -> None:
        lines = [
            (title(entry), self.theme.text, look.font(look.BODY_PX, strong=True)),
            (facts(entry), self.theme.quiet, look.font(look.SMALL_PX)),
        ]
        third = entry.problem or tags(entry)
        if third:
            lines.append((third, self.theme.text, look.font(look.SMALL_PX)))
        line_px = 22
        top = place.top() + (place.height() - line_px * len(lines)) // 2
        for number, (text, ink, font) in enumerate(lines):
            painter.setFont(font)
            line = QRect(place.left(), top + number * line_px, place.width(), line_px)
            if number == 2 and entry.problem:
                sign = icons.pixmap("warning", ink, _ratio(painter))
                painter.drawPixmap(line.left(), line.top() + 1, sign)
                line.setLeft(line.left() + icons.SIZE_PX + 4)
            self._write(painter, line, text, ink)

    def _write(self, painter: QPainter, place: QRect, text: str, ink: str) -> None:
        fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.setPen(QColor(ink))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)


def _ratio(painter: QPainter) -> float:
    device = painter.device()
    return 1.0 if device is None else device.devicePixelRatioF()
