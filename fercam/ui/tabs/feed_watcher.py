"""Switching feeds on and off as the settings say, and telling how they are."""

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from fercam.settings import Settings
from fercam.ui.pipeline import Pipeline

FEEDS_MS = 500


class FeedWatcher(QObject):
    """Looks twice a second, whatever the state: a port may be open while nothing is watched."""

    changed = pyqtSignal(str)
    """Which feeds are on, in words; empty when none is."""
    failed = pyqtSignal(str)
    """Why some are not, whenever that changes."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline: Pipeline | None = None
        self._failures = ""
        self._timer = QTimer(self)
        self._timer.setInterval(FEEDS_MS)
        self._timer.timeout.connect(self._look)

    def follow(self, pipeline: Pipeline, settings: Settings) -> None:
        """Switch a pipeline's feeds on and off, and watch them from now on."""
        self._pipeline = pipeline
        pipeline.set_feeds(_wanted(settings))
        self._timer.start()

    def _look(self) -> None:
        feeds = self._pipeline.feeds if self._pipeline is not None else ()
        self.changed.emit(" · ".join(feed.description for feed in feeds if not feed.failure))
        failures = " ".join(feed.failure for feed in feeds if feed.failure)
        if failures and failures != self._failures:
            self.failed.emit(failures)
        self._failures = failures


def _wanted(settings: Settings) -> dict[str, int]:
    """Return the feeds to switch on, name to port (0 where there is none)."""
    wanted = {
        "websocket": (settings.feed_websocket, settings.feed_websocket_port),
        "osc": (settings.feed_osc, settings.feed_osc_port),
        "lsl": (settings.feed_lsl, 0),
        "virtual-camera": (settings.feed_virtual_camera, 0),
    }
    return {name: port for name, (on, port) in wanted.items() if on}
