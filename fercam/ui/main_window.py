"""The window: a rail of tabs, what stands above all of them, and what is remembered."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, QUrl, pyqtSignal
from PyQt6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QGuiApplication,
    QKeySequence,
    QShortcut,
)
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fercam import paths
from fercam.settings import Settings, load_settings, save_settings
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.pipeline import PipelineFactory, live_pipeline
from fercam.ui.session_pipeline import DeskFactory, PlayerFactory, session_desk, session_player
from fercam.ui.tabs.live import LiveTab
from fercam.ui.tabs.sessions import SessionsTab
from fercam.ui.tabs.settings import SettingsTab
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.pages import HelpPage, WelcomePage
from fercam.ui.widgets.rail import Rail

FIRST_SIZE = (1200, 760)
SMALLEST_SIZE = (640, 420)
CLOSE_POLL_MS = 20
CLOSE_WAIT_S = 12.0  # a camera read may hang for ten seconds
SESSIONS_MS = 3000
"""So long after the start unfinished sessions are looked for: the first label goes before."""
LIVE, SESSIONS, SETTINGS, HELP = "Live", "Sessions", "Settings", "Help"
WELCOME = "Welcome"
PROBLEMS_SAID = 3


class MainWindow(QMainWindow):
    """Holds the tabs, the theme and what is remembered."""

    closed = pyqtSignal()
    """The window is gone, its threads have ended and the settings are saved."""

    def __init__(
        self,
        make_pipeline: PipelineFactory = live_pipeline,
        settings_file: Path | None = None,
        ask_system: Callable[[], str] = look.system_theme,
        make_player: PlayerFactory = session_player,
        make_desk: DeskFactory = session_desk,
    ) -> None:
        super().__init__()
        self._settings_file = settings_file or paths.settings_file()
        self._settings, problems = load_settings(self._settings_file)
        self._ask_system = ask_system
        self._model: str | None = None
        self.ask_close: Callable[[str], bool] = self._ask_close
        self._theme: look.Theme | None = None
        self._waits = False  # on the welcome page, with the camera
        self._close_deadline_s = 0.0
        self.setWindowTitle("FerCam")
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(*SMALLEST_SIZE)
        self._take_place()
        self.live = LiveTab(self._settings, make_pipeline)
        self.sessions = SessionsTab(self._settings, make_player, make_desk)
        self.settings_tab = SettingsTab(self._settings, self._settings_file)
        self.welcome, self.help = WelcomePage(), HelpPage()
        self.pages: dict[str, QWidget] = {
            LIVE: self.live,
            SESSIONS: self.sessions,
            SETTINGS: self.settings_tab,
            HELP: self.help,
            WELCOME: self.welcome,
        }
        tabs = {LIVE: "camera", SESSIONS: "sessions", SETTINGS: "settings"}
        self.rail = Rail(tabs, {HELP: "help"})
        self.banner = Banner()
        self.feed_sign = QLabel()
        self._lay_out()
        self._connect()
        self.show_page(LIVE)
        self._follow(self._settings)
        if problems:
            words = problems[:PROBLEMS_SAID]
            if len(problems) > PROBLEMS_SAID:
                words.append(f"{len(problems) - PROBLEMS_SAID} more are in the log.")
            self.banner.show_banner("warning", " ".join(words), "OK", self.banner.hide)

    def _take_place(self) -> None:
        screen = QGuiApplication.primaryScreen()
        room = screen.availableSize() if screen is not None else QSize(*FIRST_SIZE)
        self.resize(QSize(*FIRST_SIZE).boundedTo(room))
        if self._settings.geometry:
            place = self._settings.geometry.encode("ascii", "replace")
            self.restoreGeometry(QByteArray.fromBase64(place))

    def _lay_out(self) -> None:
        self.feed_sign.setObjectName("sign")
        self.feed_sign.setFont(look.font(look.SMALL_PX, strong=True))
        self.feed_sign.setWordWrap(True)
        self.feed_sign.hide()
        self._stack = QStackedWidget()
        for page in self.pages.values():
            self._stack.addWidget(page)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        for part in (self.feed_sign, self.banner, self._stack, self.sessions.jobs):
            right.addWidget(part, int(part is self._stack))
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(right, 1)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.rail.picked.connect(self.show_page)
        self.live.settings_changed.connect(self._follow)
        self.sessions.settings_changed.connect(self._follow)
        self.live.feeds_changed.connect(self.set_feed_sign)
        self.live.saved.connect(self.sessions.refresh)
        self.sessions.record_asked.connect(self._record)
        self.sessions.recovered.connect(self._say_recovered)
        self.settings_tab.changed.connect(self._follow)
        self.welcome.camera_asked.connect(lambda: self._welcomed(None))
        self.welcome.demo_asked.connect(lambda: self._welcomed("demo"))
        self.help.welcome_asked.connect(lambda: self.show_page(WELCOME))
        self.help.log_asked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.log_file().parent)))
        )
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+1": lambda: self.show_page(LIVE),
            "Ctrl+2": lambda: self.show_page(SESSIONS),
            "Ctrl+3": lambda: self.show_page(SETTINGS),
            "F": self.toggle_full_screen,
            "F11": self.toggle_full_screen,
            "X": lambda: self._change(compact=not self._settings.compact),
            "T": lambda: self._change(always_on_top=not self._settings.always_on_top),
            "Esc": self._leave_full_screen,
            "?": lambda: self.show_page(HELP),
            "F1": lambda: self.show_page(HELP),
            "Ctrl+Q": self.close,
        }
        for key, do in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(do)
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._use_theme)
        self._close_timer = QTimer(self)
        self._close_timer.setInterval(CLOSE_POLL_MS)
        self._close_timer.timeout.connect(self._finish_close)

    def begin(self, source: str | None, model: str | None) -> None:
        """Start watching, or, the very first time and if no `source` is given, say hello first."""
        self._model = model
        QTimer.singleShot(SESSIONS_MS, self.sessions.begin_once)
        self._waits = source is None and not self._settings.welcomed
        if self._waits:
            self.show_page(WELCOME)
        else:
            self.show_page(LIVE)
            self.live.begin(source, model)

    def show_page(self, name: str) -> None:
        """Show one of `pages`; as long as the camera has not been allowed, no Live."""
        if name == LIVE and self._waits:
            name = WELCOME
        if name != LIVE and self._settings.compact:
            self._change(compact=False)
        self._stack.setCurrentWidget(self.pages[name])
        self.rail.set_current(name if name in self.rail.buttons else LIVE)
        if name == SESSIONS:
            self.sessions.begin()
        if name == LIVE:
            self.live.video.setFocus()  # so that Space freezes and presses no button
        elif name == WELCOME:
            self.welcome.camera.setFocus()
            self.welcome.ensureWidgetVisible(self.welcome.camera)

    def set_feed_sign(self, words: str) -> None:
        """Say on every tab which programs can listen; nothing for an empty text."""
        self.feed_sign.setText(f"Other programs can listen: {words}" if words else "")
        self.feed_sign.setVisible(bool(words))

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    @property
    def settings(self) -> Settings:
        """What will be remembered."""
        geometry = self.saveGeometry().toBase64().data().decode()
        return replace(self._settings, geometry=geometry)

    def _leave_full_screen(self) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)
        if self._settings.compact:
            self._change(compact=False)

    def _change(self, **changes: object) -> None:
        self._follow(replace(self._settings, **changes))  # type: ignore[arg-type]

    def _follow(self, settings: Settings) -> None:
        """Use settings everywhere, wherever they were changed."""
        before, self._settings = self._settings, settings
        if self.live.settings != settings:
            self.live.apply_settings(settings)
        self.sessions.apply_settings(settings)
        if self.settings_tab.settings != settings:
            self.settings_tab.show_settings(settings)
        self.rail.setHidden(settings.compact)
        on_top = Qt.WindowType.WindowStaysOnTopHint
        if bool(self.windowFlags() & on_top) != settings.always_on_top:
            shown = self.isVisible()
            self.setWindowFlag(on_top, settings.always_on_top)
            self.setVisible(shown)  # changing a flag hides the window
        self._use_theme()
        if settings != before:
            save_settings(self.settings, self._settings_file)
        if settings.compact and not before.compact:
            self.show_page(LIVE)

    def _use_theme(self) -> None:
        theme = look.choose_theme(self._settings.theme, self._ask_system)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        if app.property("theme") != theme.name:
            app.setProperty("theme", theme.name)
            look.apply_theme(app, theme)
        if theme is self._theme:
            return
        self._theme = theme
        for part in (self.live, self.sessions, self.rail, self.banner):
            part.set_theme(theme)

    def _record(self) -> None:
        self.show_page(LIVE)
        self.live.record()

    def _say_recovered(self, words: str) -> None:
        self.banner.show_banner("info", words, "OK", self.banner.hide)

    def _welcomed(self, source: str | None) -> None:
        first, self._waits = self._waits, False
        self._change(welcomed=True)
        self.show_page(LIVE)
        if first or source is not None:
            self.live.begin(source, self._model)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Ask the system for its contrast when a person comes back: PyQt has no signal for it."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ActivationChange:
            self._use_theme()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """Hide at once; the threads end and the settings are saved behind it."""
        if self._close_deadline_s == 0.0 and not self._may_close():
            if event is not None:
                event.ignore()
            return
        if self._close_deadline_s == 0.0:
            settings = self.settings
            self.hide()
            self.live.leave()
            self.sessions.leave()
            save_settings(settings, self._settings_file)
            self._close_deadline_s = time.monotonic() + CLOSE_WAIT_S
            self._close_timer.start()
        super().closeEvent(event)

    def _may_close(self) -> bool:
        """Ask before work that is under way is given up."""
        running = self.sessions.jobs.running
        if not running:
            return True
        what = "An export or import is" if running == 1 else f"{running} exports or imports are"
        return self.ask_close(f"{what} still under way. Stop and close?")

    def _ask_close(self, question: str) -> bool:
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self, "FerCam", question, buttons.Close | buttons.Cancel, buttons.Cancel
        )
        return answer == buttons.Close

    def _finish_close(self) -> None:
        left = self.live.left() and self.sessions.left()
        if left or time.monotonic() > self._close_deadline_s:
            self._close_timer.stop()
            self.closed.emit()
