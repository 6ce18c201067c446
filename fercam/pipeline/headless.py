"""Recording without a window: what `fercam record` does."""

from collections.abc import Callable
from queue import SimpleQueue

from fercam.pipeline.events import (
    NeutralProgress,
    PipelineStats,
    RecordingStatus,
    RecordOptions,
    State,
    WatchOptions,
)
from fercam.pipeline.live import LivePipeline

JOIN_S = 15.0
"""Reading from a camera may hang for ten seconds."""


class _Ear:
    """Hears from the pipeline what matters to a recording."""

    def __init__(self) -> None:
        self.statuses: SimpleQueue[RecordingStatus] = SimpleQueue()
        self.failure = ""

    def on_state(self, state: State, message: str) -> None:
        if state is State.FAILED:
            self.failure = message

    def on_recording(self, status: RecordingStatus) -> None:
        self.statuses.put(status)

    def on_stats(self, stats: PipelineStats) -> None: ...
    def on_refused(self, in_use: WatchOptions, message: str) -> None: ...
    def on_neutral(self, progress: NeutralProgress) -> None: ...
    def on_saved(self, message: str, failed: bool) -> None: ...


def record(
    source_spec: str,
    watch: WatchOptions,
    options: RecordOptions,
    show: Callable[[RecordingStatus], None],
) -> tuple[RecordingStatus, str]:
    """Record a source until it is over, for `options.duration_s`, or until Ctrl-C.

    `show` is told twice a second how it goes. Returns how it ended, and why the source failed,
    empty if it did not.
    """
    ear = _Ear()
    pipeline = LivePipeline(ear)
    pipeline.start(source_spec, watch)
    pipeline.start_recording(options)
    try:
        status = _until_over(ear, show)
    except KeyboardInterrupt:
        pipeline.stop_recording()
        status = _until_over(ear, show)
    finally:
        pipeline.close()
        pipeline.join(JOIN_S)
    return status, ear.failure


def _until_over(ear: _Ear, show: Callable[[RecordingStatus], None]) -> RecordingStatus:
    while True:
        status = ear.statuses.get()
        if not status.active and not status.finishing:
            return status
        show(status)
