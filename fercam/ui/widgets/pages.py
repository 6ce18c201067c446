"""Pages of words: the first start, and the help."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fercam import __version__
from fercam.ui import theme as look
from fercam.ui.check_bridge import CheckFactory
from fercam.ui.shortcuts import SHORTCUTS
from fercam.ui.widgets.self_check import SelfCheckPanel

WIDEST_PX = 640

WELCOME = (
    (
        "What it does",
        "FerCam watches faces through your camera and shows, live, which of seven expressions "
        "each one looks most like: angry, disgust, fear, happy, neutral, sad or surprise.",
    ),
    (
        "It stays here",
        "Nothing leaves this computer. FerCam has no account, no cloud and no statistics, and "
        "keeps no picture unless you ask for one.",
    ),
    (
        "What the words mean",
        "“happy 83%” says what the face looks like to people, not what the person feels. FerCam "
        "is often wrong, and says “not sure” when it is likely to be.",
    ),
    (
        "Where it is not allowed",
        "In the European Union, inferring emotions at work and in education is prohibited (AI Act, "
        "Article 5(1)(f)). Do not judge people by it anywhere, and ask those you film.",
    ),
)


class WelcomePage(QScrollArea):
    """Shown once, before the camera is opened."""

    camera_asked = pyqtSignal()
    demo_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        column = _page(self, "Welcome to FerCam")
        for title, words in WELCOME:
            column.addWidget(_label(title, look.BODY_PX, strong=True))
            column.addWidget(_label(words, look.BODY_PX))
            column.addSpacing(8)
        self.camera = QPushButton("Start the camera")
        self.camera.setObjectName("start")
        self.camera.clicked.connect(self.camera_asked)
        self.demo = QPushButton("Try the demo")
        self.demo.clicked.connect(self.demo_asked)
        row = QHBoxLayout()
        row.setSpacing(12)
        for button in (self.camera, self.demo):
            button.setFont(look.font(look.BODY_PX, strong=button is self.camera))
            button.setMinimumHeight(40)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)


class HelpPage(QScrollArea):
    """Every key, and what this program is."""

    welcome_asked = pyqtSignal()
    log_asked = pyqtSignal()

    def __init__(self, make_check: CheckFactory) -> None:
        super().__init__()
        column = _page(self, "Keys")
        for section, shortcuts in SHORTCUTS.items():
            column.addWidget(_label(section, look.BODY_PX, strong=True))
            grid = QGridLayout()
            grid.setHorizontalSpacing(16)
            grid.setVerticalSpacing(4)
            grid.setColumnStretch(1, 1)
            for row, shortcut in enumerate(shortcuts):
                keys = _label("  ".join(shortcut.keys), look.SMALL_PX, strong=True)
                keys.setMinimumWidth(96)
                grid.addWidget(keys, row, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(_label(shortcut.words, look.SMALL_PX), row, 1)
            column.addLayout(grid)
            column.addSpacing(8)
        column.addWidget(_label("Does it work here?", look.BODY_PX, strong=True))
        self.check = SelfCheckPanel(make_check)
        column.addWidget(self.check)
        column.addSpacing(8)
        column.addWidget(_label("About", look.BODY_PX, strong=True))
        about = (
            f"FerCam {__version__}. Free software under the GNU General Public License 3 or later."
        )
        column.addWidget(_label(about, look.SMALL_PX))
        column.addSpacing(8)
        self.welcome = QPushButton("Welcome page")
        self.welcome.clicked.connect(self.welcome_asked)
        self.log = QPushButton("Open log folder")
        self.log.clicked.connect(self.log_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        for button in (self.welcome, self.log):
            button.setFont(look.font(look.SMALL_PX))
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(1)


def _page(area: QScrollArea, title: str) -> QVBoxLayout:
    """Make `area` a scrolling page with a title; return its column."""
    inside = QWidget()
    outer = QHBoxLayout(inside)
    outer.setContentsMargins(24, 24, 24, 24)
    middle = QWidget()
    middle.setMaximumWidth(WIDEST_PX)
    column = QVBoxLayout(middle)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(_label(title, look.LARGE_PX, strong=True))
    column.addSpacing(12)
    outer.addStretch(1)
    outer.addWidget(middle, 100)
    outer.addStretch(1)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    area.setAccessibleName(title)
    return column


def _label(words: str, size_px: int, strong: bool = False) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(not strong)
    label.setFont(look.font(size_px, strong))
    return label
