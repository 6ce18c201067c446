"""The run under way: how far it is, how it goes, and what can be done about it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from fercam.core.words import clock
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from fercam.training.run_status import RunStatus
    from fercam.ui.training.train_curves import TrainCurves

STATES = {
    "queued": "waits for its turn",
    "preparing": "reads the data and builds the network…",
    "running": "in training",
    "paused": "paused",
    "finishing": "makes the model of the best epoch…",
    "finished": "finished",
    "stopped": "stopped",
    "failed": "failed",
}
EMPTY = (
    "Choose data and a network on the left, then start. Here you will see, epoch by epoch, how "
    "often the model is right about the faces it learns from (training) and about faces it has "
    "never seen (validation). Only the second says how good it will be in Live."
)


class RunProgress(QWidget):
    """Shows one `RunStatus` after the other."""

    pause_asked = pyqtSignal(bool)
    stop_asked = pyqtSignal()
    results_asked = pyqtSignal(Path)

    def __init__(self) -> None:
        super().__init__()
        self.status: RunStatus | None = None
        self.curves: TrainCurves | None = None
        self._theme = look.THEMES["dark"]
        self.title = ElidedLabel()
        self.title.setFont(look.font(look.BODY_PX, strong=True))
        self.pause = QPushButton("Pause")
        self.pause.setCheckable(True)
        self.pause.setToolTip("Wait after the next batch and leave the computer to you")
        self.pause.clicked.connect(self.pause_asked)
        self.stop = QPushButton("Stop and keep the best")
        self.stop.setToolTip("End training now and make a model of the best epoch so far")
        self.stop.clicked.connect(self.stop_asked)
        self.results = QPushButton("See the results")
        self.results.setObjectName("start")
        self.results.clicked.connect(self._ask_results)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(12)
        self.bar.setAccessibleName("Progress of training")
        self.words = ElidedLabel()
        self.words.setFont(look.font(look.SMALL_PX))
        self.advice = _Advice()
        self.empty = QLabel(EMPTY)
        self.empty.setWordWrap(True)
        self.empty.setProperty("quiet", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._place = QVBoxLayout()
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        for button in (self.pause, self.stop, self.results):
            button.setFont(look.font(look.SMALL_PX))
            head.addWidget(button)
        self._run = QWidget()
        column = QVBoxLayout(self._run)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addWidget(self.advice)
        column.addLayout(self._place, 1)
        self._run.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.empty, 1)
        whole.addWidget(self._run, 1)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.advice.set_theme(theme)
        if self.curves is not None:
            self.curves.set_theme(theme)

    def show_run(self, status: "RunStatus") -> None:
        """Show how a run goes."""
        self.status = status
        self._make_curves()
        self.empty.hide()
        self._run.show()
        self.title.setText(f"{status.name}: {STATES[status.state]}")
        at_work = status.state in ("running", "paused")
        self.pause.setVisible(at_work)
        self.pause.setChecked(status.state == "paused")
        self.pause.setText("Go on" if status.state == "paused" else "Pause")
        self.stop.setVisible(at_work or status.state == "preparing")
        self.results.setVisible(status.state == "finished")
        busy = status.state in ("preparing", "finishing")
        self.bar.setVisible(busy or at_work)
        self.bar.setRange(0, 0 if busy else 1000)
        if not busy:
            self.bar.setValue(round((status.share or 0.0) * 1000))
        self.words.setText(_figures(status))
        self.advice.say(*_advice(status))
        if self.curves is not None:
            self.curves.show_run(status)

    def _ask_results(self) -> None:
        if self.status is not None:
            self.results_asked.emit(self.status.folder)

    def _make_curves(self) -> None:
        if self.curves is None:
            from fercam.ui.training.train_curves import TrainCurves

            self.curves = TrainCurves()
            self.curves.set_theme(self._theme)
            self._place.addWidget(self.curves)


class _Advice(QWidget):
    """One sentence with a mark, in the colours of a banner; hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._theme, self._kind = look.THEMES["dark"], "info"
        self._mark, self._words = QLabel(), QLabel()
        self._words.setWordWrap(True)
        self._words.setFont(look.font(look.SMALL_PX))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(self._words, 1)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    def set_theme(self, theme: look.Theme) -> None:
        self._theme = theme
        self._mark.setPixmap(icons.pixmap(self._kind, theme.text, self.devicePixelRatioF()))

    def say(self, kind: str, words: str) -> None:
        self._kind = kind
        self.set_theme(self._theme)
        self._words.setText(words)
        self.setVisible(bool(words))


def _advice(status: "RunStatus") -> tuple[str, str]:
    if status.message:
        return ("error" if status.state == "failed" else "info"), status.message
    return "warning", status.advice


def _figures(status: "RunStatus") -> str:
    """Return in words how far a run is and how quick."""
    words = []
    if status.epoch:
        words.append(f"Epoch {status.epoch} of {status.epochs}")
    best = next((row for row in status.history if row["epoch"] == status.best_epoch), None)
    if best is not None:
        words.append(f"best {status.best_epoch} ({best['val_accuracy']:.0%} right)")
    if status.state in ("running", "paused"):
        if status.faces_per_s is not None:
            words.append(f"{status.faces_per_s:,.0f} faces/s")
        if status.seconds_left is not None:
            words.append(f"{clock(status.seconds_left)} left at most")
    return " · ".join(words)
