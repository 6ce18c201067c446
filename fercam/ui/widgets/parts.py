"""Small parts that everything else is put together from."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QToolButton, QWidget

from fercam.ui import icons
from fercam.ui import theme as look


def heading(text: str, size_px: int = look.BODY_PX) -> QLabel:
    """Return a heading."""
    label = QLabel(text)
    label.setFont(look.font(size_px, strong=True))
    return label


def words(text: str = "", quiet: bool = False) -> QLabel:
    """Return small text that wraps."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setFont(look.font(look.SMALL_PX))
    label.setProperty("quiet", quiet)
    return label


def push(text: str, tooltip: str, main: bool = False) -> QPushButton:
    """Return a button; `main` is what one is here for."""
    button = QPushButton(text)
    button.setToolTip(tooltip)
    button.setFont(look.font(look.SMALL_PX, strong=main))
    if main:
        button.setObjectName("start")
    return button


def icon_button(name: str, tooltip: str) -> QToolButton:
    """Return a button that has room for an icon and says its `name` to those who do not see it."""
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(tooltip)
    button.setIconSize(QSize(icons.SIZE_PX, icons.SIZE_PX))
    return button


def scrolling(inside: QWidget) -> QScrollArea:
    """Return a part that scrolls down, not sideways."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area
