"""What the live pipeline tells its listener. Light to import: the window opens before the rest."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """What the pipeline is doing."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    LOST = "lost"
    """The live source went away; it is tried again until it is back or the pipeline stops."""
    ENDED = "ended"
    """A file or picture is over; its last frame stays."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PipelineStats:
    """How it goes: `fps` frames captured a second, `label_age_ms` from capture to published
    label (median of the last second), `dropped` frames captured but not analysed since the start,
    `faces` in the newest result."""

    fps: float
    label_age_ms: float | None
    dropped: int
    faces: int
    source: str


class PipelineListener(Protocol):
    """Is called from the pipeline's threads; must return at once."""

    def on_state(self, state: State, message: str) -> None:
        """The state changed; `message` is one plain sentence, or empty."""

    def on_stats(self, stats: PipelineStats) -> None:
        """Called twice a second while running."""
