"""Small parts that the pages of results and models are put together from."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor, QIcon, QPixmap
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fercam.core.emotions import EMOTIONS
from fercam.overlay.palette import EMOTION_COLOURS
from fercam.ui import theme as look
from fercam.ui.widgets.parts import heading, push, words

MARK_PX = 12


def emotion_icon(theme: look.Theme, emotion: str) -> QIcon:
    """Return a square in the colour of an emotion."""
    square = QPixmap(MARK_PX, MARK_PX)
    square.fill(QColor(*EMOTION_COLOURS[theme.name][emotion]))
    return QIcon(square)


class Figures(QTableWidget):
    """A table to read: rows of text, numbers to the right; as high as it must be."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self.setAccessibleName(name)
        self.setFont(look.font(look.SMALL_PX))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        down = self.verticalHeader()
        across = self.horizontalHeader()
        assert down is not None and across is not None
        down.hide()
        down.setDefaultSectionSize(28)
        across.setFont(look.font(look.SMALL_PX))
        across.setHighlightSections(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self._mark()

    def show_rows(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a table; the first column says what each row is about."""
        self.setColumnCount(len(titles))
        self.setRowCount(len(rows))
        for column, title in enumerate(titles):
            header = QTableWidgetItem(title)
            header.setTextAlignment(_side(column))
            self.setHorizontalHeaderItem(column, header)
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_side(column))
                self.setItem(number, column, item)
        self._mark()
        across = self.horizontalHeader()
        assert across is not None
        across.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.setFixedHeight(len(rows) * 28 + max(28, across.sizeHint().height()) + 6)

    def _mark(self) -> None:
        for number in range(self.rowCount()):
            item = self.item(number, 0)
            if item is not None and item.text() in EMOTIONS:
                item.setIcon(emotion_icon(self._theme, item.text()))


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class Switch(QWidget):
    """A few buttons in a row of which one is down."""

    switched = pyqtSignal(int)

    def __init__(self, name: str, titles: Sequence[str]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.buttons: list[QToolButton] = []
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for number, title in enumerate(titles):
            button = QToolButton()
            button.setText(title)
            button.setAccessibleName(f"{name}: {title}")
            button.setFont(look.font(look.SMALL_PX))
            button.setCheckable(True)
            button.setChecked(number == 0)
            self._group.addButton(button, number)
            self.buttons.append(button)
            row.addWidget(button)
        row.addStretch(1)
        self._group.idClicked.connect(self.switched)

    @property
    def chosen(self) -> int:
        """Which button is down."""
        return self._group.checkedId()

    def choose(self, number: int) -> None:
        """Press a button."""
        self.buttons[number].click()


class Busy(QWidget):
    """What takes long, with a way to stop it; hidden while nothing does."""

    stop_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._words = words()
        self._words.setWordWrap(False)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName("Working")
        self.stop = push("Stop", "Stop it; nothing of it is kept")
        self.stop.clicked.connect(self.stop_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._words)
        row.addWidget(bar, 1)
        row.addWidget(self.stop)
        self.hide()

    @property
    def doing(self) -> str:
        """What takes long now; empty if nothing does."""
        return "" if self.isHidden() else self._words.text()

    def show_busy(self, doing: str) -> None:
        """Say what takes long; nothing for an empty text."""
        self._words.setText(f"{doing}…")
        self.setVisible(bool(doing))


class EmptyState(QWidget):
    """What stands where nothing is yet: a title, what to do, and a button for it."""

    def __init__(self, title: str, teaches: str, buttons: Sequence[QPushButton] = ()) -> None:
        super().__init__()
        inside = QWidget()
        inside.setMaximumWidth(560)
        column = QVBoxLayout(inside)
        column.setSpacing(12)
        column.addWidget(heading(title, look.LARGE_PX))
        told = QLabel(teaches)
        told.setWordWrap(True)
        told.setFont(look.font(look.BODY_PX))
        column.addWidget(told)
        row = QHBoxLayout()
        row.setSpacing(12)
        for button in buttons:
            button.setFont(look.font(look.BODY_PX, strong=button.objectName() == "start"))
            button.setMinimumHeight(40)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        around = QHBoxLayout(self)
        around.addStretch(1)
        around.addWidget(inside, 100, Qt.AlignmentFlag.AlignVCenter)
        around.addStretch(1)
