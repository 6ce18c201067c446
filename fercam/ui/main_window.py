"""The window."""

import time
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QByteArray, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PyQt6.QtWidgets import QApplication, QMainWindow

from fercam.settings import Settings, load_settings, save_settings
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.pipeline import PipelineFactory, live_pipeline
from fercam.ui.tabs.live import LiveTab

FIRST_SIZE = (1200, 760)
SMALLEST_SIZE = (640, 420)
CLOSE_POLL_MS = 20
CLOSE_WAIT_S = 12.0  # a camera read may hang for ten seconds


class MainWindow(QMainWindow):
    """Holds the tab, the theme and what is remembered."""

    closed = pyqtSignal()
    """The window is gone, its threads have ended and the settings are saved."""

    def __init__(
        self, make_pipeline: PipelineFactory = live_pipeline, settings_file: Path | None = None
    ) -> None:
        super().__init__()
        self._settings_file = settings_file
        settings = load_settings(settings_file)
        self._wanted_theme = settings.theme
        self._close_deadline_s = 0.0
        self.setWindowTitle("FerCam")
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(*SMALLEST_SIZE)
        screen = QGuiApplication.primaryScreen()
        room = screen.availableSize() if screen is not None else QSize(*FIRST_SIZE)
        self.resize(QSize(*FIRST_SIZE).boundedTo(room))
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode()))
        self.live = LiveTab(settings, make_pipeline)
        self.setCentralWidget(self.live)
        self.set_theme(settings.theme)
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(lambda _: self.set_theme(self._wanted_theme))
        for key in (Qt.Key.Key_F11, Qt.Key.Key_F):
            QShortcut(QKeySequence(key), self).activated.connect(self.toggle_full_screen)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self._leave_full_screen)
        self._close_timer = QTimer(self)
        self._close_timer.setInterval(CLOSE_POLL_MS)
        self._close_timer.timeout.connect(self._finish_close)

    def set_theme(self, wanted: str) -> None:
        """Use "dark", "light" or, with "system", what the system uses."""
        self._wanted_theme = wanted
        theme = look.choose_theme(wanted)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        look.apply_theme(app, theme)
        self.live.set_theme(theme)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _leave_full_screen(self) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)

    @property
    def settings(self) -> Settings:
        """What will be remembered."""
        geometry = self.saveGeometry().toBase64().data().decode()
        return replace(self.live.settings, theme=self._wanted_theme, geometry=geometry)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """Hide at once; the threads end and the settings are saved behind it."""
        if self._close_deadline_s == 0.0:
            settings = self.settings
            self.hide()
            self.live.leave()
            save_settings(settings, self._settings_file)
            self._close_deadline_s = time.monotonic() + CLOSE_WAIT_S
            self._close_timer.start()
        super().closeEvent(event)

    def _finish_close(self) -> None:
        if self.live.left() or time.monotonic() > self._close_deadline_s:
            self._close_timer.stop()
            self.closed.emit()
