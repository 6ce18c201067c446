"""The Live tab: the picture, who is in it, and how it goes."""

from dataclasses import replace

from PyQt6.QtCore import QPoint, QPointF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QMenu

from fercam.core.words import called
from fercam.overlay.layout import OverlayOptions
from fercam.pipeline.events import NeutralProgress, PipelineStats, State, WatchOptions
from fercam.settings import Settings
from fercam.ui.bridge import Bridge
from fercam.ui.pipeline import Pipeline, PipelineFactory
from fercam.ui.tabs.feed_watcher import FeedWatcher
from fercam.ui.tabs.live_frame import LiveFrame
from fercam.ui.tabs.model_chooser import ModelChooser
from fercam.ui.tabs.recording_control import RecordingControl
from fercam.ui.tabs.source_chooser import SourceChooser
from fercam.ui.widgets.live_toolbar import VIEWS
from fercam.ui.widgets.menus import add_this_is, passing_menu

INSTRUMENTS_MS = 700
"""What takes long to load comes so long after the first picture, when the first label is there."""
STOPPED = "Press Start to begin."
ACTIVE = frozenset({State.STARTING, State.RUNNING, State.LOST})


class LiveTab(LiveFrame):
    """Watches one source. `begin` once the window is there; `leave` before it goes."""

    settings_changed = pyqtSignal(Settings)
    """A person changed something here that is remembered."""
    saved = pyqtSignal()
    """Something new is on the disk."""
    feeds_changed = pyqtSignal(str)
    """Which feeds are on, in words; empty when none is."""
    watched = pyqtSignal(object)
    """This `Pipeline` is watching now; None: nothing is watched any more."""
    sample_given = pyqtSignal(object, object, str, str)
    """A face of a result shows this emotion, somebody says; the last is its burst, if known."""

    def __init__(self, settings: Settings, make_pipeline: PipelineFactory) -> None:
        super().__init__()
        self.state = State.STOPPED
        self._lost = ""  # why there is no picture from the camera
        self._settings = settings
        self._make_pipeline = make_pipeline
        self._pipeline: Pipeline | None = None
        self._bridge = Bridge(self)
        self._sources = SourceChooser(self.toolbar, self)
        self._models = ModelChooser(self.toolbar, self)
        self._feeds = FeedWatcher(self)
        self.recording = RecordingControl(self.toolbar, self.record_strip, self.people)
        self._good_source: str | None = None
        self._winds = False
        self._connect()
        self.apply_settings(settings)
        self.video.show_words("One moment…")
        self.video.setFocus()

    def _connect(self) -> None:
        bar, bridge = self.toolbar, self._bridge
        bridge.state_changed.connect(self._on_state)
        bridge.stats_changed.connect(self._on_stats)
        bridge.options_refused.connect(self._on_refused)
        bridge.neutral_changed.connect(self._on_neutral)
        bridge.snapshot_saved.connect(self._on_saved)
        bridge.recording_changed.connect(self.recording.show_status)
        self.recording.hint.connect(self._say)
        self.record_strip.left.connect(self.video.setFocus)
        self.recording.sign_changed.connect(self.video.show_recording)
        bar.start.clicked.connect(self.toggle)
        bar.freeze.clicked.connect(self.freeze)
        bar.snapshot.clicked.connect(self.keep_snapshot)
        self._sources.chosen.connect(self._choose_source)
        self._sources.mode_chosen.connect(lambda key: self._change(camera_mode=key))
        self.dropped.connect(self.watch_source)
        self._models.chosen.connect(lambda key: self._change(model=key))
        self._models.second_chosen.connect(lambda key: self._change(second_model=key))
        self._feeds.changed.connect(self.feeds_changed)
        self._feeds.failed.connect(lambda failures: self._say(failures, "error"))
        for name, action in bar.views.items():
            action.triggered.connect(lambda on, name=name: self._show_view(name, on))
        self.transport.sought.connect(self._seek)
        self.transport.speed_picked.connect(self._set_speed)
        self.video.result_changed.connect(self._show_result)
        self.video.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.video.customContextMenuRequested.connect(
            lambda at: self.context_menu(at).popup(self.video.mapToGlobal(at))
        )
        self.people.renamed.connect(self._rename)
        self.people.neutral_asked.connect(self.learn_neutral)
        self.people.neutral_unwanted.connect(self._forget_neutral)
        self.neutral_guide.cancelled.connect(self._cancel_neutral)
        keys = {
            "Space": self._space,
            "S": self.keep_snapshot,
            "N": self.learn_neutral,
            **self.recording.keys,
            **{key: bar.views[name].trigger for name, (_, key) in VIEWS.items()},
        }
        for key, do in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(do)

    @property
    def settings(self) -> Settings:
        """What to remember."""
        return self._settings

    @property
    def watching(self) -> Pipeline | None:
        """What is watching; None while nothing is."""
        return self._pipeline if self.toolbar.running else None

    @property
    def model(self) -> str:
        """The name of the model in use; empty before one was chosen."""
        return self._models.key or ""

    def use_model(self, name: str) -> None:
        """Read the faces with this model from now on."""
        self._models.show(name)
        self._change(model=name)

    def apply_settings(self, settings: Settings) -> None:
        """Follow what was chosen, here or elsewhere."""
        self._settings = settings
        self.toolbar.mode.set_key(settings.camera_mode)
        self._models.show_second(settings.second_model)
        self.show_parts(settings)
        self.recording.apply_settings(settings)
        if self._pipeline is not None:
            self._pipeline.set_options(self._options())
            self._feeds.follow(self._pipeline, settings)

    def begin(self, source: str | None, model: str | None) -> None:
        """Fill the pickers and start watching.

        Without a `source` that is the one chosen last time, if it is there, else the first camera,
        else the demo with a hint. Without a `model` the one chosen last time, else the default.
        """
        note = self._sources.begin(source, self._settings.source)
        self._models.begin(model, self._settings.model)
        self.start()
        if note is not None:
            self.banner.tell(note)

    def start(self) -> None:
        """Watch the source that is picked."""
        source = self._sources.key
        if source is None:
            return
        if self._pipeline is None:
            self._pipeline = self._make_pipeline(self._bridge)
            self.recording.use(self._pipeline)
            self._feeds.follow(self._pipeline, self._settings)
        self.banner.hide()
        self.transport.reset()
        self._winds = False
        self.toolbar.freeze.setChecked(False)
        self._on_state(State.STARTING, "")
        self._pipeline.start(source, self._options())
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
        if self._pipeline is not None:
            self._pipeline.close()
        self._bridge.blockSignals(True)

    def left(self) -> bool:
        """Return whether every thread has ended; does not wait."""
        return self._pipeline is None or self._pipeline.join(0.0)

    def watch_source(self, source: str) -> None:
        """Pick a source and watch it."""
        self._sources.show(source)
        self.start()

    def freeze(self, frozen: bool) -> None:
        """Hold the picture, or go on. A file is held itself, so that it can be looked through."""
        self.toolbar.freeze.setChecked(frozen)
        if self._winds and self._pipeline is not None:
            self._pipeline.set_paused(frozen)
        else:
            self.video.freeze(frozen)
        self.instruments.set_paused(frozen)
        if frozen:
            self.people.stand_still()

    def record(self) -> None:
        """Record what is watched, unless that is done already; watch it first if need be."""
        if not self.toolbar.running:
            self.start()
        if not self.recording.status.active:
            self.recording.toggle()

    def keep_snapshot(self) -> None:
        """Keep the picture that is shown, as the settings say."""
        result = self.video.shown_result
        if result is not None and self._pipeline is not None:
            overlay = OverlayOptions(self._settings.bars, self._settings.ids)
            self._pipeline.save_snapshot(result, self._settings.snapshot, overlay)

    def context_menu(self, at: QPoint | None = None) -> QMenu:
        """Return what a right click on the picture offers: what the toolbar does, and for the face
        `at` that place what it shows."""
        menu = passing_menu(self)
        face, result = self.video.face_at(QPointF(at)) if at else None, self.video.shown_result
        if face is not None and result is not None:
            add_this_is(menu, lambda name: self.sample_given.emit(result, face, name, ""))
        frozen = self.toolbar.freeze.isChecked()
        if self.toolbar.freeze.isEnabled():
            menu.addAction("Go on" if frozen else "Freeze", lambda: self.freeze(not frozen))
        if self.video.shown_result is not None:
            menu.addAction("Snapshot", self.keep_snapshot)
        if self.toolbar.record.isEnabled():
            recording = self.recording.status.active
            menu.addAction("Stop recording" if recording else "Record", self.recording.toggle)
            menu.addAction("Save the last seconds", self.recording.save_replay)
            if recording:
                menu.addAction("Set a marker", self.recording.mark)
        menu.addSeparator()
        menu.addActions(list(self.toolbar.views.values()))
        return menu

    def learn_neutral(self, person: int | None = None) -> None:
        """Learn the resting face of a person, by default of the chosen one."""
        person = person or self.people.chosen
        if person is not None and self._pipeline is not None and self.state is State.RUNNING:
            self._pipeline.learn_neutral(person)

    # What the pipeline says

    def _on_state(self, state: State, message: str) -> None:
        self.state = state
        self._lost = ""
        before = self.toolbar.running
        self.toolbar.show_running(state in ACTIVE)
        if self.toolbar.running != before:
            self.watched.emit(self.watching)
        if state is State.RUNNING:
            self._good_source = self._sources.key
            self._sources.offer_modes()
            QTimer.singleShot(INSTRUMENTS_MS, self._show_instruments)
            if self.banner.kind == "warning":
                self.banner.hide()
        elif state is State.LOST:
            self._lost = message or "The camera is unplugged."
            self._say("")
        elif state is State.FAILED:
            self._show_failure(message)
        elif state is State.STARTING:
            self.people.clear()
            self.instruments.clear()
            self.status.clear()
            self.video.show_words("Starting…")
        elif state is State.STOPPED:
            self.banner.hide()
            self.people.clear()
            self.instruments.clear()
            self.transport.reset()
            self.video.clear()
            self.video.show_words(STOPPED)
            self.status.setText("Stopped")
        elif state is State.ENDED:
            self.people.stand_still()
            self.status.setText("That was all. Press Start to see it again.")

    def _show_failure(self, message: str) -> None:
        failed, good = self._sources.key, self._good_source
        self._good_source = None
        if good is None or good == failed or failed is None:
            self.banner.show_banner("error", message, "Try again", self.start)
            self.video.show_words("Nothing to show. The line above says why.")
            return
        self.watch_source(good)
        back = f"{message} Back to {self._sources.title}."
        self.banner.show_banner("error", back, "Try again", lambda: self.watch_source(failed))

    def _on_stats(self, stats: PipelineStats) -> None:
        if self.state not in ACTIVE:
            return
        self._winds = stats.duration_s is not None
        self.transport.show_place(stats.position_s, stats.duration_s)
        self.instruments.show_rate(stats.fps, stats.wanted_fps)
        figures = self.video.paints.figures()
        age = ""
        if figures is not None:
            age = (
                f"label {figures.label_age_ms:.0f} ms old "
                f"(95% under {figures.label_age_p95_ms:.0f}) · "
            )
        agree = self.instruments.agreement
        opinion = "" if agree is None else f"models agree on {agree:.0%} · "
        self.status.setText(
            f"{stats.fps:.0f} fps · {age}{opinion}{stats.dropped} dropped · {stats.source}"
        )

    def _on_refused(self, in_use: WatchOptions, message: str) -> None:
        self._models.show(in_use.model)
        self._change(model=in_use.model or "", second_model=in_use.second_model or "")
        self.banner.tell(message, "error")

    def _on_neutral(self, progress: NeutralProgress) -> None:
        card = self.people.cards.get(progress.person_id)
        title = card.title if card else called(progress.person_id, "")
        self.neutral_guide.show_progress(progress, title)
        if progress.over and progress.words:
            kind = "info" if progress.learned else "error"
            self.banner.tell(f"{title}: {progress.words}", kind)

    def _on_saved(self, message: str, failed: bool) -> None:
        self._say(message, "error" if failed else "info")
        self.saved.emit()

    def _say(self, words: str, kind: str = "info") -> None:
        """Show a sentence, and while the camera is away, that it is."""
        if self._lost:
            words = f"{words} {self._lost}".strip()
            self.banner.show_banner("warning", words, "Choose another", self._sources.open_list)
        else:
            self.banner.tell(words, kind)

    def _show_result(self) -> None:
        if self.video.shown_result is not None:
            self.people.show_result(self.video.shown_result)
            self.instruments.show_result(self.video.shown_result)

    # What people do

    def _options(self) -> WatchOptions:
        chosen = self._settings
        return WatchOptions(
            model=self._models.key,
            second_model=chosen.second_model or None,
            smoothing_s=chosen.smoothing_s,
            camera_mode=chosen.camera_mode,
            neutral=chosen.neutral,
        )

    def _show_instruments(self) -> None:
        if self._pipeline is not None:
            self.instruments.watch(self._pipeline)

    def _seek(self, t_s: float) -> None:
        if self._pipeline is not None:
            self._pipeline.seek(t_s)

    def _set_speed(self, speed: float) -> None:
        if self._pipeline is not None:
            self._pipeline.set_speed(speed)

    def _rename(self, person: int, name: str) -> None:
        if self._pipeline is not None:
            self._pipeline.name_person(person, name)

    def _forget_neutral(self, person: int) -> None:
        if self._pipeline is not None:
            self._pipeline.forget_neutral(person)

    def _cancel_neutral(self) -> None:
        if self._pipeline is not None:
            self._pipeline.cancel_neutral()

    def _change(self, **changes: object) -> None:
        self.apply_settings(replace(self._settings, **changes))  # type: ignore[arg-type]
        self.settings_changed.emit(self._settings)

    def _choose_source(self, source: str, remember: bool) -> None:
        if remember:
            self._change(source=source, camera_mode="")
        self.watch_source(source)

    def _space(self) -> None:
        """Freeze or go on, unless a button or list has the keyboard: then Space is its own."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton):
            focused.click()
        elif isinstance(focused, QComboBox):
            focused.showPopup()
        elif self.toolbar.freeze.isEnabled():
            self.freeze(not self.toolbar.freeze.isChecked())

    def _show_view(self, name: str, shown: bool) -> None:
        if name == "people" and self.narrow:
            self.toolbar.views[name].setChecked(self._settings.people)
            self.toggle_side_when_narrow()
        else:
            self._change(**{name: shown})
