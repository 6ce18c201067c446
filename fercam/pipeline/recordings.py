"""Recording and replay of what the live pipeline sees."""

from collections.abc import Callable, Sequence
from functools import partial

from fercam.core.values import AnnotatedFrame
from fercam.core.words import clock
from fercam.pipeline.events import PipelineListener, RecordingStatus, RecordOptions, SaveRule
from fercam.recording.options import SessionAbout
from fercam.recording.recorder import Recorder
from fercam.recording.replay import ReplayBuffer

NOTHING_WATCHED = "Nothing is being watched, so there is nothing to record: press Start first."
NOTHING_RECORDED = "Nothing was recorded, since no picture came."
NO_REPLAY = "The last seconds are not kept; switch that on in Settings."


class Recordings:
    """At most one recording at a time, and the replay beside it.

    Every method returns at once and may be called from any thread. `about` says what is watched.
    """

    def __init__(self, listener: PipelineListener, about: Callable[[], SessionAbout]) -> None:
        self._listener = listener
        self._about = about
        self._recorder: Recorder | None = None
        self._recorders: list[Recorder] = []
        self._number = 0
        self._replay: ReplayBuffer | None = None

    def offer(self, result: AnnotatedFrame, lost: int) -> None:
        """Hand a frame over; `lost` so far were captured but never got here."""
        if self._recorder is not None:
            self._recorder.offer(result, lost)
        if self._replay is not None:
            self._replay.offer(result)

    def start(self, options: RecordOptions) -> None:
        """Record from the next frame on, unless a recording runs already."""
        if self._recorder is not None and not self._recorder.stopped:
            return
        number = self._number = self._number + 1
        self._recorder = Recorder(options, self._about, partial(self._tell, number))
        self._recorders = [old for old in self._recorders if not old.join(0.0)]
        self._recorders.append(self._recorder)
        self._recorder.start()

    def refuse(self) -> None:
        """Say that nothing is being watched."""
        self._listener.on_saved(NOTHING_WATCHED, True)
        self._listener.on_recording(RecordingStatus(failure=NOTHING_WATCHED))

    def pause(self, paused: bool) -> None:
        """Rest, or go on."""
        if self._recorder is not None:
            self._recorder.pause(paused)

    def add_marker(self, text: str = "", t_ns: int | None = None) -> None:
        """Mark a moment: now, or at `t_ns` (monotonic)."""
        if self._recorder is not None:
            self._recorder.add_marker(text, t_ns)

    def stop(self, note: str = "") -> None:
        """End the recording; `note` says why, where nobody asked for it."""
        if self._recorder is not None:
            self._recorder.stop(note)

    def set_replay(self, seconds: float, rules: Sequence[SaveRule], options: RecordOptions) -> None:
        """Keep the last `seconds` (0: nothing), save when a rule says so, as `options` say."""
        if self._replay is None:
            if seconds <= 0:
                return
            self._replay = ReplayBuffer(self._about, self._listener.on_saved)
        self._replay.set(seconds, rules, options)

    def save_replay(self) -> None:
        """Save what just happened."""
        if self._replay is not None and self._replay.keeps:
            self._replay.save()
        else:
            self._listener.on_saved(NO_REPLAY, True)

    def forget(self, about: Callable[[], SessionAbout]) -> None:
        """Let go of what was seen: another source is watched from now on; `about` says what was
        watched so far."""
        self.stop("Another source was chosen.")
        if self._replay is not None:
            self._replay.clear(about)

    def close(self) -> None:
        """End everything; what is being written gets completed."""
        self.stop()
        if self._replay is not None:
            self._replay.close()

    def join(self, timeout_s: float) -> bool:
        """Wait until everything recorded is complete; return whether it is."""
        ended = all(recorder.join(timeout_s) for recorder in self._recorders)
        return ended and (self._replay is None or self._replay.join(timeout_s))

    def _tell(self, number: int, status: RecordingStatus) -> None:
        if number == self._number:  # one that is being completed does not speak for the next one
            self._listener.on_recording(status)
        if not status.active and not status.finishing:
            self._listener.on_saved(*_outcome(status))


def _outcome(status: RecordingStatus) -> tuple[str, bool]:
    """Return how a recording ended, in one or two sentences, and whether something went wrong."""
    recorded = (
        status.summary is not None
        and status.summary.frames > 0
        and status.folder is not None
        and status.folder.is_dir()  # somebody may have deleted it under the recording
    )
    where = f"Recorded {clock(status.seconds)} in {status.folder}." if recorded else ""
    words = status.failure or status.note or ("" if recorded else NOTHING_RECORDED)
    return " ".join(filter(None, (words, where))), bool(status.failure) or not recorded
