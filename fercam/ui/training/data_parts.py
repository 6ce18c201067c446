"""What the Data page shows of a data set: bars of faces, troubles, names to be mapped, a sheet."""

from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from fercam.core.emotions import EMOTIONS
from fercam.core.words import counted
from fercam.training.data_report import Counts, Trouble
from fercam.ui import theme as look
from fercam.ui.widgets.combo import Combo
from fercam.ui.widgets.emotion_bars import emotion_brush
from fercam.ui.widgets.parts import heading, push, words

ROW_PX, BAR_PX, NAME_PX, COUNT_PX, EDGE_PX = 28, 12, 80, 72, 8
SPLIT_TITLES = {
    "train": "training",
    "validation": "validation",
    "test": "test",
    "private_test": "second test",
}
LEAVE_OUT = "Leave out"


class CountBars(QWidget):
    """A line for each emotion: its name, a bar of all its faces, and how many are in each split."""

    emotion_picked = pyqtSignal(str)
    """Show faces of this emotion."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._counts: Counts = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Click an emotion, or Up, Down and Enter, to see its faces")
        self._row = 0
        self.show_counts({})

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.update()

    def show_counts(self, counts: Counts) -> None:
        """Show faces per split and emotion; an empty split stands for all."""
        self._counts = counts
        said = (f"{name} {sum(row[name] for row in counts.values()):,}" for name in EMOTIONS)
        self.setAccessibleName(f"Faces: {', '.join(said) if counts else 'none yet'}")
        self.setFixedHeight(ROW_PX * (len(EMOTIONS) + 1))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a width with room for bars."""
        return QSize(480, self.height())

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint the lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(look.SMALL_PX))
        splits = [split for split in self._counts if split]
        columns = [SPLIT_TITLES[split] for split in splits] or ["faces"]
        right = self.width() - COUNT_PX * len(columns) - EDGE_PX
        self._line(painter, 0, "", columns, self._theme.quiet)
        totals = [sum(row[name] for row in self._counts.values()) for name in EMOTIONS]
        most = max(totals, default=0)
        for number, (name, total) in enumerate(zip(EMOTIONS, totals, strict=True), 1):
            each = [self._counts[split][name] for split in splits] or [total]
            self._line(painter, number, name, [f"{count:,}" for count in each], self._theme.text)
            top = number * ROW_PX + (ROW_PX - BAR_PX) / 2
            whole = QRectF(NAME_PX, top, max(right - NAME_PX, 0), BAR_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.hover))
            painter.drawRoundedRect(whole, 4, 4)
            if total:
                painter.setBrush(emotion_brush(self._theme, name))
                wide = max(whole.width() * total / most, 2.0)
                painter.drawRoundedRect(QRectF(whole.x(), top, wide, BAR_PX), 4, 4)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.accent), 2))
            line = QRectF(1, (self._row + 1) * ROW_PX + 1, self.width() - 2, ROW_PX - 2)
            painter.drawRoundedRect(line, 4, 4)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Pick the emotion that was clicked."""
        if event is not None:
            self._pick(int(event.position().y() // ROW_PX) - 1)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Go from one emotion to the next, or pick it."""
        if event is None:
            return
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key in steps:
            self._row = (self._row + steps[key]) % len(EMOTIONS)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick(self._row)
        else:
            super().keyPressEvent(event)

    def _pick(self, row: int) -> None:
        if 0 <= row < len(EMOTIONS):
            self._row = row
            self.emotion_picked.emit(EMOTIONS[row])

    def _line(self, painter: QPainter, row: int, name: str, figures: list[str], ink: str) -> None:
        painter.setPen(QColor(ink))
        across = Qt.AlignmentFlag.AlignVCenter
        place = QRectF(EDGE_PX, row * ROW_PX, NAME_PX, ROW_PX)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | across, name)
        for column, figure in enumerate(reversed(figures), 1):
            place = QRectF(
                self.width() - EDGE_PX - COUNT_PX * column, row * ROW_PX, COUNT_PX, ROW_PX
            )
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | across, figure)


class TroubleList(QWidget):
    """A line for each trouble: what it is, what will be done, and a button that shows it."""

    asked = pyqtSignal(object)
    """Show this trouble."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_troubles(self, troubles: tuple[Trouble, ...]) -> None:
        """Show these."""
        _empty(self._column)
        for trouble in troubles:
            line = QFrame()
            line.setObjectName("card")
            row = QHBoxLayout(line)
            row.setContentsMargins(12, 4, 4, 4)
            row.setSpacing(12)
            row.addWidget(words(f"<b>{trouble.what}.</b> {trouble.done_about_it}"), 1)
            if trouble.files or trouble.sheet is not None:
                show = push("Show", f"Show: {trouble.what}")
                show.setAccessibleName(f"Show: {trouble.what}")
                show.clicked.connect(lambda _, trouble=trouble: self.asked.emit(trouble))
                row.addWidget(show)
            self._column.addWidget(line)
        self.setVisible(bool(troubles))


class NameMap(QFrame):
    """Class names that mean no emotion, each with a list of what it may mean."""

    mapped = pyqtSignal(dict)
    """Look again with these meanings."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.choices: dict[str, Combo] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        self.use = push("Look again", "Look at the data set again with these names", main=True)
        self.use.clicked.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addWidget(heading("Names that FerCam does not know"))
        column.addWidget(words("Say what they mean, or leave them out as it is now.", quiet=True))
        column.addLayout(self._grid)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.use)
        column.addLayout(row)
        self.hide()

    def show_names(self, unknown: Mapping[str, int], given: Mapping[str, str]) -> None:
        """Ask for unknown names, and let those that were given a meaning get another one; nothing
        to ask hides it.
        """
        _empty(self._grid)
        self.choices = {}
        for number, name in enumerate(sorted({*unknown, *given})):
            choice = self.choices[name] = Combo()
            choice.setAccessibleName(f"What {name} means")
            choice.addItem(LEAVE_OUT, "")
            for emotion in EMOTIONS:
                choice.addItem(emotion, emotion)
            choice.setCurrentIndex(max(choice.findData(given.get(name, "")), 0))
            label = words()
            label.setTextFormat(Qt.TextFormat.PlainText)  # folders are called anything
            many = f" ({counted(unknown[name], 'picture')})" if name in unknown else ""
            label.setText(name + many)
            self._grid.addWidget(label, number, 0)
            self._grid.addWidget(choice, number, 1)
        self.setVisible(bool(self.choices))

    def _tell(self) -> None:
        self.mapped.emit({name: choice.currentData() for name, choice in self.choices.items()})


class Sheet(QFrame):
    """A picture of faces, or a list of files, with a title and a way back."""

    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._title = heading("")
        self._title.setWordWrap(True)
        self.back = push("Back", "Back to the data set (Alt+Left)")
        self.back.clicked.connect(self.left)
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.lines = QPlainTextEdit()
        self.lines.setReadOnly(True)
        self.lines.setAccessibleName("Files")
        self.lines.setFont(look.font(look.SMALL_PX))
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addWidget(self._title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(row)
        column.addWidget(self._picture, 1)
        column.addWidget(self.lines, 1)

    @property
    def title(self) -> str:
        """What is shown."""
        return self._title.text()

    def show_picture(self, title: str, file: Path) -> None:
        """Show a picture, as large as there is room."""
        self._title.setText(title)
        self._pixmap = QPixmap(str(file))
        self._picture.setAccessibleName(title)
        self._picture.show()
        self.lines.hide()
        self._fit()

    def show_lines(self, title: str, lines: tuple[str, ...]) -> None:
        """Show names of files."""
        self._title.setText(title)
        self.lines.setPlainText("\n".join(lines))
        self.lines.show()
        self._picture.hide()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Keep the picture within the page."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._pixmap.isNull():
            return
        ratio = self.devicePixelRatioF()
        room = self._picture.size() * ratio
        size = self._pixmap.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        fitted = self._pixmap.scaled(
            size.boundedTo(self._pixmap.size()),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        fitted.setDevicePixelRatio(ratio)
        self._picture.setPixmap(fitted)


def _empty(layout: QGridLayout | QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
