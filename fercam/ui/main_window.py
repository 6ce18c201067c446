"""The window: a rail of tabs, what stands above all of them, and what is remembered."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PyQt6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeySequence,
    QShortcut,
)
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fercam import paths
from fercam.core.values import AnnotatedFrame, Face
from fercam.recording.session_json import FILE_NAME
from fercam.settings import Settings, load_settings, save_settings
from fercam.training.runs import any_left_alone, run_file
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.check_bridge import CheckFactory, check_desk
from fercam.ui.closing import Closing
from fercam.ui.desktop import open_outside
from fercam.ui.enter_key import EnterKey
from fercam.ui.pipeline import PipelineFactory, live_pipeline
from fercam.ui.session_pipeline import DeskFactory, PlayerFactory, session_desk, session_player
from fercam.ui.tabs.live import LiveTab
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.jobs import JobsList
from fercam.ui.widgets.rail import Rail

if TYPE_CHECKING:  # made when they are first shown: the picture must not wait for them
    from fercam.training.samples import Sample
    from fercam.ui.tabs.sessions import SessionsTab
    from fercam.ui.tabs.settings import SettingsTab
    from fercam.ui.tabs.training import TrainingTab
    from fercam.ui.widgets.pages import HelpPage, WelcomePage

FIRST_SIZE = (1200, 760)
FRAME = QSize(16, 48)
"""Room for what the system draws around a window."""
SMALLEST_SIZE = (640, 420)
LOAD_MS, SESSIONS_MS = 2000, 3500
"""So long after the start the Sessions tab is loaded and unfinished sessions are looked for: the
first label goes before."""
SESSIONS_MODULE = "fercam.ui.tabs.sessions"
LIVE, SESSIONS, TRAINING = "Live", "Sessions", "Training"
SETTINGS, HELP = "Settings", "Help"
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
        make_check: CheckFactory = check_desk,
    ) -> None:
        super().__init__()
        self._settings_file = settings_file or paths.settings_file()
        self._settings, problems = load_settings(self._settings_file)
        self._ask_system = ask_system
        self._model: str | None = None
        self._theme: look.Theme | None = None
        self._waits = False  # on the welcome page, with the camera
        self.setWindowTitle("FerCam")
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(*SMALLEST_SIZE)
        self._take_place()
        self._make_player, self._make_desk = make_player, make_desk
        self._make_check = make_check
        self.live, self.jobs = LiveTab(self._settings, make_pipeline), JobsList()
        self.pages: dict[str, QWidget] = {}
        """Those that have been shown."""
        tabs = {LIVE: "camera", SESSIONS: "sessions", TRAINING: "training", SETTINGS: "settings"}
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
            self.banner.tell(" ".join(words), "warning")

    def _take_place(self) -> None:
        screen = QGuiApplication.primaryScreen()
        room = screen.availableSize() - FRAME if screen is not None else QSize(*FIRST_SIZE)
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
        self._add(LIVE, self.live)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        for part in (self.feed_sign, self.banner, self._stack, self.jobs):
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
        self.live.feeds_changed.connect(self.set_feed_sign)
        self.live.saved.connect(self._refresh_sessions)
        self.jobs.opened.connect(self._open_result)
        self.live.sample_given.connect(self._keep_sample)
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+1": lambda: self.show_page(LIVE),
            "Ctrl+2": lambda: self.show_page(SESSIONS),
            "Ctrl+3": lambda: self.show_page(TRAINING),
            "Ctrl+4": lambda: self.show_page(SETTINGS),
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
        EnterKey(_application(), self)
        self.closing = Closing(self)
        self.closing.over.connect(self.closed)
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._use_theme)

    def begin(self, source: str | None, model: str | None) -> None:
        """Start watching, or, the very first time and if no `source` is given, say hello first."""
        self._model = model
        self._after(LOAD_MS, self._load_sessions)
        self._after(SESSIONS_MS, self._begin_sessions)
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
        self._stack.setCurrentWidget(self.page(name))
        self.rail.set_current(name if name in self.rail.buttons else LIVE)
        if name == SESSIONS:
            self.sessions.begin()
        elif name == TRAINING:
            self.training.begin()
        if name == LIVE:
            self.live.video.setFocus()  # so that Space freezes and presses no button
        elif name == WELCOME:
            self.welcome.camera.setFocus()
            self.welcome.ensureWidgetVisible(self.welcome.camera)

    def page(self, name: str) -> QWidget:
        """Return one of the window's pages, made now if this is the first time."""
        if name not in self.pages:
            self._add(name, self._makers[name]())
        return self.pages[name]

    @property
    def sessions(self) -> "SessionsTab":
        """The Sessions tab."""
        return cast("SessionsTab", self.page(SESSIONS))

    @property
    def training(self) -> "TrainingTab":
        """The Training tab."""
        return cast("TrainingTab", self.page(TRAINING))

    @property
    def settings_tab(self) -> "SettingsTab":
        """The Settings tab."""
        return cast("SettingsTab", self.page(SETTINGS))

    @property
    def welcome(self) -> "WelcomePage":
        """What is said the very first time."""
        return cast("WelcomePage", self.page(WELCOME))

    @property
    def help(self) -> "HelpPage":
        """The keys, and where more is to be found."""
        return cast("HelpPage", self.page(HELP))

    @property
    def _makers(self) -> dict[str, Callable[[], QWidget]]:
        return {
            SESSIONS: self._sessions_tab,
            TRAINING: self._training_tab,
            SETTINGS: self._settings_tab,
            HELP: self._help_page,
            WELCOME: self._welcome_page,
        }

    def _add(self, name: str, page: QWidget) -> None:
        self.pages[name] = page
        self._stack.addWidget(page)
        if self._theme is not None:
            self._dress(page, self._theme)

    def _sessions_tab(self) -> "SessionsTab":
        from fercam.ui.tabs.sessions import SessionsTab

        tab = SessionsTab(self._settings, self._make_player, self._make_desk, self.jobs)
        tab.record_asked.connect(self._record)
        tab.settings_changed.connect(self._follow)
        tab.recovered.connect(self._say)
        tab.sample_given.connect(self._keep_sample)
        return tab

    def _training_tab(self) -> "TrainingTab":
        from fercam.ui.tabs.training import TrainingTab

        tab = TrainingTab(self._settings, self.jobs)
        tab.use_asked.connect(self.live.use_model)
        tab.models_changed.connect(self._on_models_changed)
        tab.camera_asked.connect(self.live.start)
        tab.settings_changed.connect(lambda changes: self._change(**changes))
        tab.sample_kept.connect(self._on_sample_kept)
        self.live.watched.connect(tab.set_live)
        tab.set_live(self.live.watching)
        tab.set_model_in_use(self.live.model)
        return tab

    def _settings_tab(self) -> "SettingsTab":
        from fercam.ui.tabs.settings import SettingsTab

        tab = SettingsTab(self._settings, self._settings_file)
        tab.changed.connect(self._follow)
        return tab

    def _welcome_page(self) -> "WelcomePage":
        from fercam.ui.widgets.pages import WelcomePage

        page = WelcomePage()
        page.camera_asked.connect(lambda: self._welcomed(None))
        page.demo_asked.connect(lambda: self._welcomed("demo"))
        return page

    def _help_page(self) -> "HelpPage":
        from fercam.ui.widgets.pages import HelpPage

        page = HelpPage(self._make_check)
        page.welcome_asked.connect(lambda: self.show_page(WELCOME))
        page.log_asked.connect(self._open_logs)
        return page

    def say_unwritable(self, shut: Mapping[str, Path]) -> None:
        """Say once what cannot be kept; `shut` are the folders that cannot be written."""
        if not shut:
            return
        words = (
            f"FerCam is not allowed to write here and goes on without keeping: {', '.join(shut)}. "
            "“Check FerCam” in Help names the folders."
        )
        self._say(words, "warning")

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
        if SESSIONS in self.pages:
            self.sessions.apply_settings(settings)
        if TRAINING in self.pages:
            self.training.set_model_in_use(self.live.model)
        if SETTINGS in self.pages and self.settings_tab.settings != settings:
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
        app = _application()
        if app.property("theme") != theme.name:
            app.setProperty("theme", theme.name)
            look.apply_theme(app, theme)
        if theme is self._theme:
            return
        self._theme = theme
        for part in (self.rail, self.banner, self.jobs, *self.pages.values()):
            self._dress(part, theme)

    def _dress(self, part: QWidget, theme: look.Theme) -> None:
        set_theme = getattr(part, "set_theme", None)  # some have no colours of their own
        if set_theme is not None:
            set_theme(theme)

    def _after(self, wait_ms: int, do: Callable[[], None]) -> None:
        timer = QTimer(self)  # a child: it does not outlive the window
        timer.setSingleShot(True)
        timer.timeout.connect(do)
        timer.start(wait_ms)

    def _load_sessions(self) -> None:
        # on a thread, so that the picture does not stand still for it
        threading.Thread(target=import_module, args=(SESSIONS_MODULE,), daemon=True).start()

    def _begin_sessions(self) -> None:
        self.sessions.begin_once()
        if any_left_alone(paths.user_runs_dir()):
            self.training.train.begin()

    def _open_result(self, result: Path) -> None:
        """Show what came of a job: a run, a session, or any other file."""
        if run_file(result).is_file():
            self.show_page(TRAINING)
            self.training.show_run(result)
            return
        if (result / FILE_NAME).is_file():
            self.show_page(SESSIONS)
        self.sessions.open_result(result)

    def _refresh_sessions(self) -> None:
        if SESSIONS in self.pages:
            self.sessions.refresh()

    def _record(self) -> None:
        self.show_page(LIVE)
        self.live.record()

    def _keep_sample(self, result: AnnotatedFrame, face: Face, emotion: str, burst: str) -> None:
        self.training.is_expression(result, face, emotion, burst)

    def _on_sample_kept(self, sample: "Sample") -> None:
        def undo() -> None:
            self.banner.hide()
            self.training.samples.forget(sample)

        words = f"Kept as {sample.emotion} among your samples in Training."
        self.banner.show_banner("info", words, "Undo", undo)

    def _on_models_changed(self, old: str, new: str) -> None:
        changes = {
            name: new
            for name in ("model", "second_model")
            if old and getattr(self._settings, name) == old
        }
        if "model" in changes:
            self.live.use_model(new)
        if changes:
            self._change(**changes)

    def _say(self, words: str, kind: str = "info") -> None:
        """Say it, behind a warning that nobody has read yet."""
        if self.banner.kind == "warning":
            kind, words = "warning", f"{self.banner.text} {words}"
        self.banner.tell(words, kind)

    def _open_logs(self) -> None:
        folder = paths.log_file().parent
        if not open_outside(folder):
            self._say(f"The log is in {folder}.")

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
        if not self.closing.begun:
            if not self._may_close():
                if event is not None:
                    event.ignore()
                return
            settings = self.settings
            self.hide()
            self.live.leave()
            if SESSIONS in self.pages:
                self.sessions.leave()
            if TRAINING in self.pages:
                self.training.leave(self.closing.training_goes_on)
            if HELP in self.pages:
                self.help.check.leave()
            save_settings(settings, self._settings_file)
            self.closing.wait_for(self._left)
        super().closeEvent(event)

    def _may_close(self) -> bool:
        training = TRAINING in self.pages and self.training.running
        jobs = sum(job.id > 0 for job in self.jobs.under_way)  # runs have numbers below
        return self.closing.may_begin(training, jobs)

    def _left(self) -> bool:
        """Return whether every thread of every tab has ended."""
        tabs = (
            self.live,
            *(self.pages[name] for name in (SESSIONS, TRAINING) if name in self.pages),
        )
        return all(tab.left() for tab in tabs)  # type: ignore[attr-defined]


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
