"""The program with a window."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PyQt6.QtWidgets import QApplication

from fercam import __version__, crashes, paths
from fercam.core.errors import FerCamError
from fercam.logs import logger
from fercam.ui.main_window import MainWindow
from fercam.ui.paint_log import PaintLog
from fercam.ui.widgets.crash_dialog import CrashDialog

SIGNAL_POLL_MS = 200
BENCH_WARM_MS = 1500
DISPLAY_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
NO_DISPLAY = "There is no display for the window; `fercam analyze` works without one."
QT_REFUSED = (
    "The window cannot be shown on this display (the log says what Qt misses); `fercam analyze` "
    "works without one."
)


class DisplayError(FerCamError):
    """There is nowhere to show a window."""


def run(source: str | None = None, model: str | None = None, argv: Sequence[str] = ()) -> int:
    """Show the window, watch `source` with `model` (see `MainWindow.begin`), return the exit code.

    With FERCAM_TIMINGS=<start> in the environment (seconds since the epoch, as `date +%s.%N` gives
    them) one JSON line goes to stderr once the first label is on the screen: `window_s` and
    `first_label_s`, in seconds from that start. With FERCAM_BENCH_S=<seconds> a second line tells
    how the next so many seconds went (see `pipeline.bench_live`).

    Raises:
        DisplayError: there is no display.
    """
    if sys.platform == "linux" and not any(os.environ.get(name) for name in DISPLAY_VARIABLES):
        raise DisplayError(NO_DISPLAY)
    crash = crashes.watch()
    qInstallMessageHandler(_before_a_window)
    app = QApplication([sys.argv[0], *argv])
    qInstallMessageHandler(None)
    app.setApplicationName("FerCam")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("fercam")  # by which a Wayland desktop finds the icon
    app.setStyle("Fusion")
    app.setQuitOnLastWindowClosed(False)
    window = MainWindow()
    window.closed.connect(app.quit)
    if start := os.environ.get("FERCAM_TIMINGS"):
        _report_timings(window, float(start))
    if seconds := os.environ.get("FERCAM_BENCH_S"):
        _report_paints(window, float(seconds))
    # The window first: cameras, OpenCV and the model come once it has been painted.
    window.live.video.first_painted.connect(
        lambda: QTimer.singleShot(0, lambda: window.begin(source, model))
    )
    window.live.video.first_painted.connect(
        lambda: QTimer.singleShot(0, lambda: _say_what_is_wrong(window, crash))
    )
    window.show()
    stop_listening = _close_on_interrupt(window)
    status = app.exec()
    stop_listening()
    crashes.end_well()
    return status


def _before_a_window(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    """Say in one line that Qt finds no display, or not what it needs there, before it aborts."""
    logger.warning("Qt: %s", message)
    if kind == QtMsgType.QtFatalMsg:
        if sys.stderr is not None:
            sys.stderr.write(f"fercam: {QT_REFUSED}\n")
            sys.stderr.flush()
        os._exit(1)


def _say_what_is_wrong(window: MainWindow, crash: str) -> None:
    window.say_unwritable(paths.unwritable())
    if crash:
        from fercam.pipeline.crash_report import save_report

        CrashDialog(window, partial(save_report, crash)).open()


def _close_on_interrupt(window: MainWindow) -> Callable[[], None]:
    """Let Ctrl+C close the window; return what undoes it."""
    before = signal.signal(signal.SIGINT, lambda *_: QTimer.singleShot(0, window.close))
    # Python looks at signals only between its own instructions: this gives it some.
    timer = QTimer(window)
    timer.setInterval(SIGNAL_POLL_MS)
    timer.timeout.connect(lambda: None)
    timer.start()

    def undo() -> None:
        timer.stop()
        signal.signal(signal.SIGINT, before)

    return undo


def _report_timings(window: MainWindow, started_s: float) -> None:
    taken_s: dict[str, float] = {}

    def note(name: str) -> None:
        taken_s[name] = round(time.time() - started_s, 3)

    def finish() -> None:
        note("first_label_s")
        sys.stderr.write(json.dumps(taken_s) + "\n")
        sys.stderr.flush()

    window.live.video.first_painted.connect(lambda: note("window_s"))
    window.live.video.first_label_painted.connect(finish)


def _report_paints(window: MainWindow, seconds: float) -> None:
    def begin() -> None:
        video.paints = PaintLog(keep=round(seconds * 240))
        spent_s, at_s = time.process_time(), time.monotonic()
        QTimer.singleShot(round(seconds * 1000), lambda: finish(spent_s, at_s))

    def finish(spent_s: float, at_s: float) -> None:
        figures = video.paints.figures()
        if figures is not None:
            cores = (time.process_time() - spent_s) / (time.monotonic() - at_s)
            line = {
                "painted_per_s": figures.per_second,
                "longest_gap_ms": figures.longest_gap_ms,
                "label_age_ms": figures.label_age_ms,
                "label_age_p95_ms": figures.label_age_p95_ms,
                "cores": cores,
            }
            sys.stderr.write(json.dumps({k: round(v, 3) for k, v in line.items()}) + "\n")
            sys.stderr.flush()

    video = window.live.video
    video.first_label_painted.connect(lambda: QTimer.singleShot(BENCH_WARM_MS, begin))
