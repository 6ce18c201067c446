"""What takes long and goes on behind: each job with its progress and a way to stop it."""

from pathlib import Path

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fercam.pipeline.jobs import CANCELLED, DONE, RUNNING, WAITING, Job
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel

BAR_PX = 160
ROW_PX, GAP_PX, MOST_ROWS = 40, 4, 3
UNDER_WAY = (WAITING, RUNNING)


class JobsList(QFrame):
    """Hidden while there is no job. One that is over stays until it is put away."""

    cancelled = pyqtSignal(int)
    """Stop the job with this number."""
    opened = pyqtSignal(Path)
    """Show what came of a job."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Jobs")
        self.rows: dict[int, JobRow] = {}
        self._theme = look.THEMES["dark"]
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP_PX)
        self._area = _Area()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        if (bar := self._area.verticalScrollBar()) is not None:  # the newest job is the last
            bar.rangeChanged.connect(lambda _, end: bar.setValue(end))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 0, 12, 8)
        whole.addWidget(self._area)
        self._area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.hide()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        for row in self.rows.values():
            row.set_theme(theme)

    def show_job(self, job: Job) -> None:
        """Show how a job goes."""
        row = self.rows.get(job.id)
        if row is None:
            row = self.rows[job.id] = JobRow(job)
            row.set_theme(self._theme)
            row.cancelled.connect(lambda: self.cancelled.emit(job.id))
            row.put_away.connect(lambda: self._remove(job.id))
            row.opened.connect(self.opened)
            self._column.addWidget(row)
        row.show_job(job)
        self._fit()

    @property
    def under_way(self) -> list[Job]:
        """The jobs that are not over."""
        return [row.job for row in self.rows.values() if row.job.state in UNDER_WAY]

    def _remove(self, number: int) -> None:
        row = self.rows.pop(number)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._fit()

    def _fit(self) -> None:
        """Be as high as the rows, up to MOST_ROWS; where there is no room, one shows."""
        self._area.wanted_px = min(len(self.rows), MOST_ROWS) * (ROW_PX + GAP_PX)
        self._area.updateGeometry()
        self.setVisible(bool(self.rows))


class _Area(QScrollArea):
    wanted_px = 0

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(240, self.wanted_px)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(240, min(self.wanted_px, ROW_PX + GAP_PX))


class JobRow(QFrame):
    """One job: what it is, how far, and what can be done about it."""

    cancelled = pyqtSignal()
    put_away = pyqtSignal()
    opened = pyqtSignal(Path)

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.setObjectName("card")
        self.job = job
        self.words = ElidedLabel()
        self.words.setFont(look.font(look.SMALL_PX))
        self.bar = QProgressBar()
        self.bar.setFixedSize(BAR_PX, 12)
        self.bar.setTextVisible(False)
        self.percent = QLabel()
        self.percent.setFont(look.font(look.SMALL_PX))
        self.open = QPushButton("Open")
        self.open.setFont(look.font(look.SMALL_PX))
        self.open.clicked.connect(self._open)
        self.close_button = QToolButton()
        self.close_button.setIconSize(QSize(icons.SIZE_PX, icons.SIZE_PX))
        self.close_button.clicked.connect(self._close)
        self.setFixedHeight(ROW_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        for part in (self.bar, self.percent, self.open, self.close_button):
            row.addWidget(part)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self.close_button.setIcon(icons.icon("close", theme.text))

    def show_job(self, job: Job) -> None:
        """Show how the job goes."""
        self.job = job
        running = job.state in UNDER_WAY
        said = job.message or {CANCELLED: "stopped", DONE: "done"}.get(job.state, "")
        self.words.setText(f"{job.title}: {said}" if said else job.title)
        self.setAccessibleName(self.words.text())
        self.bar.setVisible(running)
        self.percent.setVisible(running and job.share is not None)
        self.bar.setAccessibleName(f"Progress of {job.title}")
        if job.share is None:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, 100)
            self.bar.setValue(round(job.share * 100))
            self.percent.setText(f"{job.share:.0%}")
        self.open.setVisible(job.state == DONE and job.result is not None)
        self.open.setAccessibleName(f"Open {job.title}")
        does = "Stop" if running else "Put away"
        self.close_button.setToolTip(f"{does}: {job.title}")
        self.close_button.setAccessibleName(f"{does} {job.title}")

    def _open(self) -> None:
        if self.job.result is not None:
            self.opened.emit(self.job.result)

    def _close(self) -> None:
        if self.job.state in UNDER_WAY:
            self.cancelled.emit()
        else:
            self.put_away.emit()
