"""Recording and replay of what the live pipeline sees."""

from collections.abc import Sequence

from fercam.core.values import AnnotatedFrame
from fercam.pipeline.events import PipelineListener, RecordOptions, SaveRule


class Recordings:
    """At most one recording at a time, and the replay beside it."""

    def __init__(self, listener: PipelineListener) -> None:
        self._listener = listener

    def offer(self, result: AnnotatedFrame) -> None:
        """Hand a frame over."""

    def start(self, options: RecordOptions) -> None:
        """Begin."""

    def pause(self, paused: bool) -> None:
        """Rest, or go on."""

    def stop(self) -> None:
        """End."""

    def add_marker(self, text: str = "", t_ns: int | None = None) -> None:
        """Mark a moment."""

    def save_replay(self) -> None:
        """Save what just happened."""

    def set_replay(self, seconds: float, rules: Sequence[SaveRule], options: RecordOptions) -> None:
        """Keep the last seconds."""
