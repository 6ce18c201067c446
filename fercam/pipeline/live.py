"""The live pipeline, as the window and the command line use it."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from fercam.core.errors import FerCamError
from fercam.core.mailbox import Latest
from fercam.core.values import AnnotatedFrame, FaceCrop, Frame
from fercam.feed.publisher import FeedStatus, Publisher
from fercam.overlay.layout import OverlayOptions
from fercam.people.names import Names
from fercam.pipeline.events import (
    PipelineListener,
    PipelineStats,
    RecordOptions,
    SaveRule,
    State,
    WatchOptions,
)
from fercam.pipeline.recordings import Recordings
from fercam.pipeline.run import Run

if TYPE_CHECKING:
    from fercam.pipeline.reader import Explanation, ExpressionReader
    from fercam.recording.options import SessionAbout

__all__ = ["LivePipeline"]

OVER = {
    State.ENDED: "The source is over.",
    State.FAILED: "The source failed.",
    State.STOPPED: "",
}
"""The states that end a recording, and what is said of it."""


class LivePipeline:
    """Watches one source at a time. Every method returns at once and may be called from any thread
    but the pipeline's own."""

    def __init__(self, listener: PipelineListener) -> None:
        self._listener = listener
        self._run: Run | None = None
        self._names = Names()
        self._publisher = Publisher()
        self._recordings = Recordings(listener, self._about)
        self._watching = False
        self._chores = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fercam-chores")

    @property
    def newest_frame(self) -> Latest[Frame]:
        """The newest frame captured."""
        return self._run.newest_frame if self._run else Latest()

    @property
    def newest_result(self) -> Latest[AnnotatedFrame]:
        """The newest frame analysed."""
        return self._run.newest_result if self._run else Latest()

    @property
    def newest_explanation(self) -> "Latest[Explanation]":
        """The answer to the last `explain`."""
        return self._run.newest_explanation if self._run else Latest()

    @property
    def mirrored(self) -> bool:
        """Whether people expect to see this source as in a mirror."""
        return self._run is not None and self._run.mirrored

    def start(self, source_spec: str, options: WatchOptions) -> None:
        """Start watching a source.

        What ran before is stopped first; failures arrive as `State.FAILED` with a sentence.
        """
        previous = self._run
        self._names.clear()
        self._run = Run(self, source_spec, options, previous)
        self._recordings.forget(partial(self._about, previous))
        if previous is not None:  # only now, lest its end be taken for the end of watching
            previous.request_stop()
        self._watching = True
        self._run.start()

    def request_stop(self) -> None:
        """Ask every thread to end; the listener hears `STOPPED` when they have. A recording is
        ended first."""
        self._watching = False
        self._recordings.stop()
        if self._run is not None:
            self._run.request_stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads to end and for what was recorded to be complete; return whether
        they have and it is."""
        deadline_s = time.monotonic() + timeout_s
        ended = self._run is None or self._run.join(timeout_s)
        return self._recordings.join(max(0.0, deadline_s - time.monotonic())) and ended

    def close(self) -> None:
        """Stop for good: nothing is saved or sent to other programs any more."""
        self.request_stop()
        self._recordings.close()
        self._chores.submit(self._publisher.close)
        self._chores.shutdown(wait=False)

    def set_options(self, options: WatchOptions) -> None:
        """Watch on with other options; those that cannot be followed come back as refused."""
        if self._run is not None:
            if options.model != self._run.options.model:
                self._recordings.add_marker(f"Model: {options.model or 'the shipped one'}")
            self._run.set_options(options)

    def set_paused(self, paused: bool) -> None:
        """Hold a file, or let it go on; a live source cannot be held."""
        if self._run is not None:
            self._run.playback.set_paused(paused)

    def set_speed(self, speed: float) -> None:
        """Play a file `speed` times as fast."""
        if self._run is not None:
            self._run.playback.set_speed(speed)

    def seek(self, t_s: float) -> None:
        """Go on in a file at media time `t_s`."""
        if self._run is not None:
            self._run.playback.seek(t_s)

    def name_person(self, person_id: int, name: str) -> None:
        """Call a person by a name from now on; an empty one takes it away."""
        self._names.rename(person_id, name)

    def learn_neutral(self, person_id: int) -> None:
        """Learn a person's resting face from the next ten seconds; the listener hears how far."""
        if self._run is not None:
            self._run.learn_neutral(person_id)

    def cancel_neutral(self) -> None:
        """Stop learning a resting face."""
        self.learn_neutral(0)

    def forget_neutral(self, person_id: int) -> None:
        """Take a person's resting face into account no more, now or another time."""
        if self._run is not None:
            self._run.forget_neutral(person_id)

    def explain(self, crop: FaceCrop, emotion_index: int) -> None:
        """Find out which parts of a face mattered; the answer becomes `newest_explanation`."""
        if self._run is not None:
            self._run.explain(crop, emotion_index)

    def save_snapshot(self, annotated: AnnotatedFrame, kind: str, overlay: OverlayOptions) -> None:
        """Keep a picture with its numbers; the listener hears where it is."""
        self._chores.submit(self._save_snapshot, annotated, kind, overlay)

    def set_feeds(self, wanted: Mapping[str, int]) -> None:
        """Let other programs listen through these feeds (name to port) and no others."""
        self._chores.submit(self._publisher.set_active, dict(wanted))

    @property
    def feeds(self) -> list[FeedStatus]:
        """The feeds that are on, and those that could not be switched on."""
        return self._publisher.status

    def start_recording(self, options: RecordOptions) -> None:
        """Record what is watched into a session folder, from the next frame on; the listener hears
        how it goes. While a recording runs nothing happens."""
        if self._watching:
            self._recordings.start(options)
        else:
            self._recordings.refuse()

    def pause_recording(self, paused: bool) -> None:
        """Let the recording rest, or go on; the rest is left out of its files."""
        self._recordings.pause(paused)

    def stop_recording(self) -> None:
        """End the recording; its files are completed behind the scenes."""
        self._recordings.stop()

    def add_marker(self, text: str = "", t_ns: int | None = None) -> None:
        """Mark a moment of the recording: now, or at `t_ns` (monotonic)."""
        self._recordings.add_marker(text, t_ns)

    def save_replay(self) -> None:
        """Save the last seconds as a session; the listener hears where it is."""
        self._recordings.save_replay()

    def set_replay(self, seconds: float, rules: Sequence[SaveRule], options: RecordOptions) -> None:
        """Keep the last `seconds` in memory (0: nothing), save them whenever one of the `rules`
        says so, and write them as `options` say."""
        self._recordings.set_replay(seconds, rules, options)

    def _about(self, run: Run | None = None) -> "SessionAbout":
        """Say what a run, or else the one just now, watches, and with which model."""
        from fercam.inference.bundle import INT8, find_bundle
        from fercam.recording.options import SessionAbout

        run = run or self._run
        assert run is not None, "frames come from a run"
        options = run.options
        card = find_bundle(options.model).card
        return SessionAbout(
            source={"description": run.source_description},
            model_name=card.name,
            model_sha256=card.sha256[INT8],
            settings={"smoothing_s": options.smoothing_s, "neutral": options.neutral},
            fps=run.source_fps,
        )

    def _save_snapshot(self, annotated: AnnotatedFrame, kind: str, overlay: OverlayOptions) -> None:
        from fercam.pipeline.snapshot import save_snapshot

        try:
            files = save_snapshot(annotated, kind, overlay)
        except FerCamError as error:
            self._listener.on_saved(error.user_message, True)
        else:
            self._listener.on_saved(f"Saved as {files[0]}", False)

    # What a run tells and asks

    def make_reader(self, options: WatchOptions) -> "ExpressionReader":
        from fercam.pipeline.reader import ExpressionReader

        return ExpressionReader(options, self._names, self._listener)

    def publish(self, run: Run, result: AnnotatedFrame) -> None:
        if run is self._run:
            self._publisher.publish(result)
            self._recordings.offer(result, run.dropped)

    def tell_state(self, run: Run, state: State, message: str) -> None:
        if run is self._run:
            if state in OVER:
                self._watching = state is State.ENDED  # it may be wound back
                self._recordings.stop(OVER[state])
            self._listener.on_state(state, message)

    def tell_stats(self, run: Run, stats: PipelineStats) -> None:
        if run is self._run:
            self._listener.on_stats(stats)
