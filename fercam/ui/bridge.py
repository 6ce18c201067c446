"""What the pipeline says on its threads becomes Qt signals."""

from PyQt6.QtCore import QObject, pyqtSignal

from fercam.pipeline.events import (
    NeutralProgress,
    PipelineStats,
    RecordingStatus,
    State,
    WatchOptions,
)


class Bridge(QObject):
    """A `PipelineListener`. Qt queues a signal sent from another thread, so whoever is connected
    hears it on the window's own thread. Pictures never come this way: they are pulled."""

    state_changed = pyqtSignal(State, str)
    stats_changed = pyqtSignal(PipelineStats)
    options_refused = pyqtSignal(WatchOptions, str)
    neutral_changed = pyqtSignal(NeutralProgress)
    snapshot_saved = pyqtSignal(str, bool)
    recording_changed = pyqtSignal(RecordingStatus)

    def on_state(self, state: State, message: str) -> None:
        """Pass on a state and its sentence."""
        self.state_changed.emit(state, message)

    def on_stats(self, stats: PipelineStats) -> None:
        """Pass on how it goes."""
        self.stats_changed.emit(stats)

    def on_refused(self, in_use: WatchOptions, message: str) -> None:
        """Pass on which options hold, and why others do not."""
        self.options_refused.emit(in_use, message)

    def on_neutral(self, progress: NeutralProgress) -> None:
        """Pass on how far a resting face is learned."""
        self.neutral_changed.emit(progress)

    def on_saved(self, message: str, failed: bool) -> None:
        """Pass on what became of a snapshot, a recording or a replay."""
        self.snapshot_saved.emit(message, failed)

    def on_recording(self, status: RecordingStatus) -> None:
        """Pass on how the recording is doing."""
        self.recording_changed.emit(status)
