"""The Live tab: the picture, who is in it, and how it goes."""

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QVBoxLayout,
    QWidget,
)

from fercam.pipeline import choices
from fercam.pipeline.events import PipelineStats, State
from fercam.settings import Settings
from fercam.ui import theme as look
from fercam.ui.bridge import Bridge
from fercam.ui.feed import Pipeline, PipelineFactory
from fercam.ui.video_view import VideoView
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.live_toolbar import OPEN_FILE, LiveToolbar
from fercam.ui.widgets.people import PeoplePanel

NARROW_PX = 820
STOPPED = "Press Start, or the space bar, to begin."
ACTIVE = frozenset({State.STARTING, State.RUNNING, State.LOST})


class LiveTab(QWidget):
    """Watches one source. `begin` once the window is there; `leave` before it goes."""

    theme_picked = pyqtSignal(str)

    def __init__(self, settings: Settings, make_pipeline: PipelineFactory) -> None:
        super().__init__()
        self.state = State.STOPPED
        self._settings = settings
        self._make_pipeline = make_pipeline
        self._pipeline: Pipeline | None = None
        self._bridge = Bridge(self)
        self._bridge.state_changed.connect(self._on_state)
        self._bridge.stats_changed.connect(self._on_stats)
        self._people_when_narrow = False
        self.toolbar = LiveToolbar(settings.theme)
        self.banner = Banner()
        self.video = VideoView()
        self.people = PeoplePanel()
        self.status = ElidedLabel()
        self._lay_out()
        self._connect()
        self.toolbar.overlay.setChecked(settings.overlay)
        self.toolbar.bars.setChecked(settings.bars)
        self._show_options()
        self._show_panel()
        self.video.show_words("One moment…")
        self.video.setFocus()
        self.setAcceptDrops(True)

    def _lay_out(self) -> None:
        self.status.setFont(look.font(look.SMALL_PX))
        self.status.setFixedHeight(20)
        self.status.setProperty("quiet", True)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.video, 1)
        middle.addWidget(self.people)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.toolbar)
        column.addWidget(self.banner)
        column.addLayout(middle, 1)
        column.addWidget(self.status)

    def _connect(self) -> None:
        bar = self.toolbar
        bar.start.clicked.connect(self.toggle)
        bar.source.opening.connect(lambda: bar.source.set_choices(choices.source_choices()))
        bar.source.picked.connect(self._picked_source)
        bar.source.asked.connect(self._ask_source)
        bar.model.opening.connect(lambda: bar.model.set_choices(choices.model_choices()))
        bar.model.picked.connect(self._picked_model)
        bar.overlay.toggled.connect(self._show_options)
        bar.bars.toggled.connect(self._show_options)
        bar.people.clicked.connect(self._want_panel)
        bar.theme_picked.connect(self.theme_picked)
        self.video.result_changed.connect(self._show_people)
        for key, do in ((Qt.Key.Key_Space, self._space), (Qt.Key.Key_O, bar.overlay.click)):
            QShortcut(QKeySequence(key), self).activated.connect(do)

    @property
    def settings(self) -> Settings:
        """What to remember."""
        return self._settings

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for part in (self.toolbar, self.banner, self.video, self.people):
            part.set_theme(theme)

    def begin(self, source: str | None, model: str | None) -> None:
        """Fill the pickers and start watching.

        Without a `source` that is the one chosen last time, if it is there, else the first camera,
        else the demo with a hint. Without a `model` the one chosen last time, else the default.
        """
        bar = self.toolbar
        sources, models = choices.source_choices(), choices.model_choices()
        note = None
        if source is None:
            source = self._settings.source
            if "://" not in source and source not in {choice.key for choice in sources}:
                source, note = choices.default_choice()
        if model is None and self._settings.model in {choice.key for choice in models}:
            model = self._settings.model
        if model is None and models:
            model = models[0].key
        bar.source.set_key(source)
        bar.model.set_key(model)
        bar.source.set_choices(sources)
        bar.model.set_choices(models)
        self.start()
        if note is not None:
            self.banner.show_banner("info", note, "OK", self.banner.hide)

    def start(self) -> None:
        """Watch the source that is picked."""
        source = self.toolbar.source.key
        if source is None:
            return
        if self._pipeline is None:
            self._pipeline = self._make_pipeline(self._bridge)
        self.banner.hide()
        self._on_state(State.STARTING, "")
        self._pipeline.start(source, self.toolbar.model.key)
        self.video.watch(self._pipeline)

    def stop(self) -> None:
        """Stop watching; answers at once, the threads end behind it."""
        if self._pipeline is not None:
            self._pipeline.request_stop()
        self._on_state(State.STOPPED, "")

    def toggle(self) -> None:
        """Do what the Start/Stop button says."""
        if self.toolbar.running:
            self.stop()
        else:
            self.start()

    def leave(self) -> None:
        """Stop for good."""
        self.stop()
        self._bridge.blockSignals(True)

    def left(self) -> bool:
        """Return whether every thread has ended; does not wait."""
        return self._pipeline is None or self._pipeline.join(0.0)

    def watch_source(self, source: str) -> None:
        """Pick a source and watch it."""
        self.toolbar.source.set_key(source)
        self.start()

    # What the pipeline says

    def _on_state(self, state: State, message: str) -> None:
        self.state = state
        self.toolbar.show_running(state in ACTIVE)
        if state is State.RUNNING:
            if message:
                self.banner.show_banner("warning", message, "OK", self.banner.hide)
            elif self.banner.kind != "info":
                self.banner.hide()
        elif state is State.LOST:
            words = message or "The camera is unplugged."
            self.banner.show_banner("warning", words, "Choose another", self._open_sources)
        elif state is State.FAILED:
            self.banner.show_banner("error", message, "Try again", self.start)
            self.video.show_words("Nothing to show. The line above says why.")
        elif state is State.STARTING:
            self.people.clear()
            self.status.clear()
            self.video.show_words("Starting…")
        elif state is State.STOPPED:
            self.banner.hide()
            self.people.clear()
            self.video.clear()
            self.video.show_words(STOPPED)
            self.status.setText("Stopped")
        elif state is State.ENDED:
            self.people.stand_still()
            self.status.setText("That was all. Press Start to see it again.")

    def _on_stats(self, stats: PipelineStats) -> None:
        if self.state not in ACTIVE:
            return
        age = "" if stats.label_age_ms is None else f"label {stats.label_age_ms:.0f} ms old · "
        self.status.setText(f"{stats.fps:.0f} fps · {age}{stats.dropped} dropped · {stats.source}")

    def _show_people(self) -> None:
        if self.video.shown_result is not None:
            self.people.show_result(self.video.shown_result)

    # What people do

    def _picked_source(self, key: str) -> None:
        self._settings = replace(self._settings, source=key)
        self.start()

    def _ask_source(self, action: str) -> None:
        if action == OPEN_FILE:
            file, _ = QFileDialog.getOpenFileName(self, "Watch a video or a picture")
            if file:
                self.watch_source(file)
            return
        address, sure = QInputDialog.getText(
            self, "Network address", "Address of the stream, such as rtsp://camera.local/live"
        )
        if sure and address.strip():
            self.watch_source(address.strip())
            self._settings = replace(self._settings, source=address.strip())

    def _picked_model(self, key: str) -> None:
        self._settings = replace(self._settings, model=key)
        if self._pipeline is not None and self.state in ACTIVE:
            self._pipeline.set_model(key)

    def _open_sources(self) -> None:
        self.toolbar.source.showPopup()

    def _space(self) -> None:
        """Start or stop, unless a button or list has the keyboard: then Space is its own."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton):
            focused.click()
        elif isinstance(focused, QComboBox):
            focused.showPopup()
        else:
            self.toggle()

    def _show_options(self) -> None:
        bar = self.toolbar
        self.video.overlay, self.video.bars = bar.overlay.isChecked(), bar.bars.isChecked()
        bar.bars.setEnabled(self.video.overlay)
        self.video.update()
        self._settings = replace(self._settings, overlay=self.video.overlay, bars=self.video.bars)

    # The panel: beside the video, and put away where the window is narrow until asked for

    @property
    def _narrow(self) -> bool:
        return self.width() < NARROW_PX

    def _want_panel(self, wanted: bool) -> None:
        if self._narrow:
            self._people_when_narrow = wanted
        else:
            self._settings = replace(self._settings, people=wanted)
        self._show_panel()

    def _show_panel(self) -> None:
        shown = self._people_when_narrow if self._narrow else self._settings.people
        self.people.setVisible(shown)
        self.toolbar.people.setChecked(shown)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Put the panel away or back as the width asks."""
        super().resizeEvent(event)
        self._show_panel()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        """Take a file or folder that is dragged in."""
        data = event.mimeData() if event else None
        if event is not None and data is not None and data.hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Watch the first file or folder dropped."""
        data = event.mimeData() if event else None
        files = [url.toLocalFile() for url in data.urls()] if data is not None else []
        if files and Path(files[0]).exists():
            self.watch_source(files[0])
