"""Recording from the Live tab: its buttons, its strip, and what the settings ask for."""

import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from fercam.core import words
from fercam.overlay.layout import OverlayOptions
from fercam.pipeline.events import RecordingStatus, RecordOptions, SaveRule
from fercam.settings import Settings
from fercam.ui.pipeline import Pipeline
from fercam.ui.widgets.live_toolbar import LiveToolbar
from fercam.ui.widgets.people import PeoplePanel
from fercam.ui.widgets.record_strip import RecordStrip

NOTHING_KEPT = "The last seconds are not kept: Settings, Recording."


class RecordingControl(QObject):
    """Asks the pipeline for what a person wants and shows what becomes of it."""

    hint = pyqtSignal(str)
    """Why something cannot be done, in a sentence."""
    sign_changed = pyqtSignal(str)
    """How long it records, for the picture; empty while it does not."""

    def __init__(self, toolbar: LiveToolbar, strip: RecordStrip, people: PeoplePanel) -> None:
        super().__init__(strip)
        self._toolbar, self._strip, self._people = toolbar, strip, people
        self._pipeline: Pipeline | None = None
        self._settings = Settings()
        self._marker_ns: int | None = None
        self.status = RecordingStatus()
        toolbar.record.clicked.connect(self.toggle)
        toolbar.replay.clicked.connect(self.save_replay)
        strip.stop_asked.connect(self.toggle)
        strip.pause_asked.connect(self.pause)
        strip.marker_asked.connect(self.mark)
        strip.marker_done.connect(self._set_marker)
        strip.marker_dropped.connect(self._drop_marker)
        people.uncovered_changed.connect(lambda: self.apply_settings(self._settings))

    @property
    def keys(self) -> dict[str, Callable[[], object]]:
        """What the keys do."""
        return {"R": self.toggle, "B": self.save_replay, "M": self.mark}

    def use(self, pipeline: Pipeline) -> None:
        """Record what this pipeline sees."""
        self._pipeline = pipeline
        self.apply_settings(self._settings)

    def apply_settings(self, settings: Settings) -> None:
        """Record as the settings say, from the next recording on."""
        self._settings = settings
        self._people.offer_uncovering(bool(settings.record_mask))
        kept = f"{settings.replay_s:.0f} s" if settings.replay_s else "seconds"
        self._toolbar.replay.setToolTip(f"Save the last {kept} (B)")
        if self._pipeline is not None:
            self._pipeline.set_replay(settings.replay_s, _rules(settings), self._options())

    def toggle(self) -> None:
        """Record, or stop and save."""
        if self._pipeline is None:
            return
        if self.status.active:
            self._strip.finish_marker()
            self._pipeline.stop_recording()
        elif self._toolbar.running and not self.status.finishing:
            self._pipeline.start_recording(self._options())
        self._toolbar.show_recording(self.status.active)  # the click must not check it by itself

    def pause(self, paused: bool) -> None:
        """Let the recording rest, or go on."""
        if self._pipeline is not None:
            self._pipeline.pause_recording(paused)

    def mark(self) -> None:
        """Set a marker at this moment; its text may be typed."""
        if self.status.active:
            self._strip.finish_marker()
            self._marker_ns = time.monotonic_ns()
            self._strip.ask_for_text()

    def save_replay(self) -> None:
        """Save what just happened."""
        if self._pipeline is None or not self._toolbar.running:
            return
        if self._settings.replay_s:
            self._pipeline.save_replay()
        else:
            self.hint.emit(NOTHING_KEPT)

    def show_status(self, status: RecordingStatus) -> None:
        """Show how the recording is doing."""
        self.status = status
        self._strip.show_status(status)
        self._toolbar.show_recording(status.active)
        rest = "paused " if status.paused else ""
        self.sign_changed.emit(f"{rest}{words.clock(status.seconds)}" if status.active else "")

    def _set_marker(self, text: str) -> None:
        if self._pipeline is not None and self._marker_ns is not None:
            self._pipeline.add_marker(text, self._marker_ns)
        self._marker_ns = None

    def _drop_marker(self) -> None:
        self._marker_ns = None

    def _options(self) -> RecordOptions:
        chosen = self._settings
        return RecordOptions(
            video=chosen.record_video,
            clean=chosen.record_clean,
            quality=chosen.record_quality,
            mask_style=chosen.record_mask,
            mask_but=self._people.uncovered,
            microphone=chosen.record_microphone,
            overlay=OverlayOptions(chosen.bars, chosen.ids),
        )


def _rules(settings: Settings) -> list[SaveRule]:
    if not settings.save_when:
        return []
    return [
        SaveRule(
            settings.save_when,
            settings.save_above_percent / 100,
            settings.save_for_s,
            settings.save_every_s,
        )
    ]
