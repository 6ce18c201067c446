"""The only thread crossing: what the pipeline says on its threads becomes Qt signals."""

from PyQt6.QtCore import QObject, pyqtSignal

from fercam.pipeline.events import PipelineStats, State


class Bridge(QObject):
    """A `PipelineListener`. Qt queues a signal sent from another thread, so whoever is connected
    hears it on the window's own thread. Pictures never come this way: they are pulled."""

    state_changed = pyqtSignal(State, str)
    stats_changed = pyqtSignal(PipelineStats)

    def on_state(self, state: State, message: str) -> None:
        """Pass on a state and its sentence."""
        self.state_changed.emit(state, message)

    def on_stats(self, stats: PipelineStats) -> None:
        """Pass on how it goes."""
        self.stats_changed.emit(stats)
