"""What is asked of the live pipeline, and what it tells its listener.

Light to import: the window opens before the rest.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fercam.recording.options import RecordingStatus, RecordOptions, SaveRule

__all__ = [
    "NeutralProgress",
    "PipelineListener",
    "PipelineStats",
    "RecordOptions",
    "RecordingStatus",
    "SaveRule",
    "State",
    "WatchOptions",
]


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
class WatchOptions:
    """How to watch; all of it may change while watching.

    `model` is a name, a folder, or None for the default; `second_model`, None for none, looks at
    the same faces. `smoothing_s` is the time constant of the bars and labels. `camera_mode` is
    what is wished of a camera, such as "1280x720@30", empty for its own choice. `neutral` corrects
    the answers for the resting face of people who have shown theirs.
    """

    model: str | None = None
    second_model: str | None = None
    smoothing_s: float = 0.35
    camera_mode: str = ""
    neutral: bool = True


@dataclass(frozen=True, slots=True)
class PipelineStats:
    """How it goes: `fps` frames captured a second, `label_age_ms` from capture to published
    label (median of the last second), `dropped` frames captured but not
    analysed since the start, `faces` in the newest result. `position_s` and `duration_s` say where
    in a file it is, None for a source that cannot be wound."""

    fps: float
    label_age_ms: float | None
    dropped: int
    faces: int
    source: str
    wanted_fps: float | None = None
    position_s: float | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class NeutralProgress:
    """How far a person's resting face is learned: `share` 0..1, what to do now in `words`, and once
    it is over whether it was `learned`."""

    person_id: int
    share: float
    words: str
    over: bool = False
    learned: bool = False


class PipelineListener(Protocol):
    """Is called from the pipeline's threads; must return at once."""

    def on_state(self, state: State, message: str) -> None:
        """The state changed; `message` is one plain sentence, or empty."""

    def on_stats(self, stats: PipelineStats) -> None:
        """Called twice a second while running."""

    def on_refused(self, in_use: WatchOptions, message: str) -> None:
        """Options cannot be followed; those `in_use` hold, and `message` says why."""

    def on_neutral(self, progress: NeutralProgress) -> None:
        """Learning a resting face goes on or is over."""

    def on_saved(self, message: str, failed: bool) -> None:
        """A snapshot, a recording or a replay is on the disk, or could not be written; one
        sentence."""

    def on_recording(self, status: RecordingStatus) -> None:
        """Called twice a second while recording, and at every change."""
