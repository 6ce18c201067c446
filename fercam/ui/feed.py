"""What the window needs of a pipeline, so that tests can bring their own."""

from collections.abc import Callable
from typing import Protocol

from fercam.core.mailbox import Latest
from fercam.core.values import AnnotatedFrame, Frame
from fercam.pipeline.events import PipelineListener


class Pipeline(Protocol):
    """The part of `fercam.pipeline.live.LivePipeline` that the window uses."""

    newest_frame: Latest[Frame]
    newest_result: Latest[AnnotatedFrame]

    @property
    def mirrored(self) -> bool:
        """Whether the picture is shown as in a mirror."""

    def start(self, source_spec: str, model: str | None) -> None:
        """Start watching; returns at once."""

    def request_stop(self) -> None:
        """Ask it to stop; returns at once."""

    def join(self, timeout_s: float) -> bool:
        """Wait for its threads; return whether all have ended."""

    def set_model(self, model: str | None) -> None:
        """Swap the model while running."""


PipelineFactory = Callable[[PipelineListener], Pipeline]


def live_pipeline(listener: PipelineListener) -> Pipeline:
    """Return the real pipeline. Imported only now: OpenCV must not delay the window."""
    from fercam.pipeline.live import LivePipeline

    return LivePipeline(listener)
