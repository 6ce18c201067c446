"""The list of sessions with what stands around it: search, import, and what to do without any."""

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fercam.sessions.library import SessionEntry
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.session_list import SessionList

TEACHES = (
    "A session keeps what the camera saw and what FerCam read in it: play it again, set markers, "
    "compare models, take the numbers away.\n\n"
    "Record one in Live with R, or make one from a video you have: import it, or drop it here."
)
WIDEST_PX = 480


class SessionShelf(QWidget):
    """Newest first. What is typed into the search must all be in a session's words; Enter opens
    what is chosen of that, Down goes there."""

    record_asked = pyqtSignal()
    import_asked = pyqtSignal()
    folder_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[SessionEntry] = []
        self._known = False
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search names, tags, markers and dates (Ctrl+F)")
        self.search.setAccessibleName("Search the sessions")
        self.search.setFont(look.font(look.SMALL_PX))
        self.search.setFixedHeight(36)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _: self._show())
        self.import_video = _button("Import video…", "Make a session from a video file")
        self.import_video.clicked.connect(self.import_asked)
        self.folder = _button("", "Open the folder of all sessions")
        self.folder.setAccessibleName("Open the folder of all sessions")
        self.folder.clicked.connect(self.folder_asked)
        self.banner = Banner()
        self.list = SessionList()
        self.record = QPushButton("Record a session")
        self.record.setObjectName("start")
        self.record.clicked.connect(self.record_asked)
        self.record_more = QPushButton("Import video…")
        self.record_more.clicked.connect(self.import_asked)
        self.search.returnPressed.connect(self.list.open_chosen)
        down = QShortcut(QKeySequence(Qt.Key.Key_Down), self.search, self.list.setFocus)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        self.nothing = QLabel()
        self._stack = QStackedWidget()
        self._empty, self._none = self._make_empty(), self._make_none()
        for page in (self.list, self._empty, self._none):
            self._stack.addWidget(page)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.search, 1)
        top.addWidget(self.import_video)
        top.addWidget(self.folder)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.banner)
        column.addWidget(self._stack, 1)

    def _make_empty(self) -> QWidget:
        title, teaches = QLabel("No session yet"), QLabel(TEACHES)
        title.setFont(look.font(look.LARGE_PX, strong=True))
        teaches.setFont(look.font(look.BODY_PX))
        teaches.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(12)
        for button in (self.record, self.record_more):
            button.setFont(look.font(look.BODY_PX, strong=button is self.record))
            button.setMinimumHeight(40)
            row.addWidget(button)
        row.addStretch(1)
        inside = QWidget()
        inside.setMaximumWidth(WIDEST_PX)
        column = QVBoxLayout(inside)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(teaches)
        column.addLayout(row)
        page = QWidget()
        around = QHBoxLayout(page)
        around.addStretch(1)
        around.addWidget(inside, 100, Qt.AlignmentFlag.AlignVCenter)
        around.addStretch(1)
        return page

    def _make_none(self) -> QWidget:
        self.nothing.setProperty("quiet", True)
        self.nothing.setFont(look.font(look.BODY_PX))
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return self.nothing

    @property
    def entries(self) -> list[SessionEntry]:
        """All sessions, also those the search leaves out."""
        return list(self._entries)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self.list.set_theme(theme)
        self.banner.set_theme(theme)
        self.import_video.setIcon(icons.icon("import", theme.text))
        self.folder.setIcon(icons.icon("folder", theme.text))
        self.record.setIcon(icons.icon("start", theme.on_accent))

    def show_entries(self, entries: Sequence[SessionEntry]) -> None:
        """Show these sessions."""
        self._entries, self._known = list(entries), True
        self._show()

    def _show(self) -> None:
        typed = self.search.text()
        found = [entry for entry in self._entries if entry.matches(typed)]
        self.list.show_entries(found)
        self.search.setEnabled(bool(self._entries))
        if found:
            self._stack.setCurrentWidget(self.list)
        elif self._entries:
            self.nothing.setText(f"No session has “{typed}” in its words.")
            self._stack.setCurrentWidget(self._none)
        else:
            self._stack.setCurrentWidget(self._empty if self._known else self.list)


def _button(text: str, tooltip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tooltip)
    button.setFont(look.font(look.SMALL_PX))
    button.setIconSize(QSize(icons.SIZE_PX, icons.SIZE_PX))
    button.setFixedHeight(36)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if text:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button
