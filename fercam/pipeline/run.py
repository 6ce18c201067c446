"""The threads of one start of the live pipeline. Each makes, uses and closes its own part."""

import threading
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fercam.core.errors import FerCamError, SourceError, SourceLost
from fercam.core.mailbox import Latest, Mailbox
from fercam.core.stage import Stage
from fercam.core.stats import Rate
from fercam.core.values import AnnotatedFrame, FaceCrop, Frame
from fercam.logs import logger
from fercam.pipeline.events import PipelineStats, State, WatchOptions
from fercam.pipeline.playback import Playback

if TYPE_CHECKING:  # they need OpenCV, which must not delay the window
    from fercam.capture.source import FrameSource
    from fercam.pipeline.reader import Explanation, ExpressionReader

RETRY_S = 0.5
STATS_EVERY_S = 0.5
LAST_FRAME_POLL_S = 0.01
JOIN_PREVIOUS_S = 15.0
WAITING = "FerCam goes on as soon as it can."
"""What is said with the reason when a source is lost."""


class Owner(Protocol):
    """What a run needs of the pipeline it belongs to."""

    def make_reader(self, options: WatchOptions) -> "ExpressionReader": ...
    def tell_state(self, run: "Run", state: State, message: str) -> None: ...
    def tell_stats(self, run: "Run", stats: PipelineStats) -> None: ...
    def publish(self, run: "Run", result: AnnotatedFrame) -> None: ...


class Run:
    """Watches one source from `start` until `request_stop`, its end or its failure."""

    def __init__(
        self, owner: Owner, spec: str, options: WatchOptions, previous: "Run | None"
    ) -> None:
        self.newest_frame: Latest[Frame] = Latest()
        self.newest_result: Latest[AnnotatedFrame] = Latest()
        self.newest_explanation: Latest[Explanation] = Latest()
        self.mirrored = False
        self._owner = owner
        self._spec = spec
        self._options = options
        self._mode = options.camera_mode
        self._previous = previous
        self._captured: Mailbox[Frame] = Mailbox()
        self._found: Mailbox[object] = Mailbox()
        self._to_explain: Latest[tuple[FaceCrop, int]] = Latest()
        self._to_learn: Latest[int] = Latest()
        self._to_forget: Latest[int] = Latest()
        self._rate = Rate()
        self._published: Frame | None = None
        self._ages_ms: deque[float] = deque(maxlen=30)
        self._source: FrameSource | None = None
        self._stop_asked = threading.Event()
        self._failed_already = False
        self._stages = {
            name: Stage(f"fercam-{name}", work, self._failed)
            for name, work in (
                ("capture", self._capture),
                ("detect", self._detect),
                ("infer", self._infer),
                ("stats", self._report),
            )
        }
        self.playback = Playback(self._stages["capture"].wait)

    def start(self) -> None:
        for stage in self._stages.values():
            stage.start()

    def request_stop(self) -> None:
        self._stop_asked.set()
        for stage in self._stages.values():
            stage.stop()
        self._captured.close()
        self._found.close()

    def join(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        previous = self._previous
        if previous is not None and not previous.join(timeout_s):
            return False
        return all(
            stage.join(max(0.0, deadline - time.monotonic())) for stage in self._stages.values()
        )

    @property
    def options(self) -> WatchOptions:
        """How it watches."""
        return self._options

    @property
    def source_description(self) -> str:
        """What a person calls the source."""
        return self._source.description if self._source else self._spec

    @property
    def source_fps(self) -> float | None:
        """The source's nominal rate; None if unknown."""
        return self._source.fps if self._source else None

    @property
    def dropped(self) -> int:
        """How many frames were captured but not looked at."""
        return self._captured.dropped + self._found.dropped

    def set_options(self, options: WatchOptions) -> None:
        """Watch on with other options."""
        self._options = options

    def explain(self, crop: FaceCrop, emotion_index: int) -> None:
        """Find out which parts of a face mattered; the answer becomes `newest_explanation`."""
        self._to_explain.set((crop, emotion_index))

    def learn_neutral(self, person_id: int) -> None:
        """Learn a person's resting face from the next ten seconds; 0 stops learning."""
        self._to_learn.set(person_id)

    def forget_neutral(self, person_id: int) -> None:
        """Take a person's resting face into account no more."""
        self._to_forget.set(person_id)

    def _tell(self, state: State, message: str = "") -> None:
        self._owner.tell_state(self, state, message)

    def _failed(self, failure: Exception) -> None:
        if self._failed_already or self._stop_asked.is_set():
            return
        self._failed_already = True
        if not isinstance(failure, FerCamError):
            logger.error("a pipeline stage failed", exc_info=failure)
        message = (
            failure.user_message
            if isinstance(failure, FerCamError)
            else f"Something went wrong inside FerCam ({type(failure).__name__}); see the log."
        )
        self.request_stop()
        self._tell(State.FAILED, message)

    # Each of the following is the whole life of one thread: it ends when the run is stopped.

    def _capture(self) -> None:
        from fercam.capture.registry import open_source

        if self._previous is not None:
            self._previous.join(timeout_s=JOIN_PREVIOUS_S)
            self._previous = None
        self._tell(State.STARTING)
        self._mode = self._options.camera_mode
        source = open_source(self._spec, mode=self._mode)
        self._source = source
        self.mirrored = source.mirrored
        try:
            self._open(source, SourceLost)  # such as a camera that waits for permission
            self._read_all(source)
        finally:
            source.close()
        self._stages["capture"].stop()

    def _open(self, source: "FrameSource", waited_for: type[SourceError]) -> None:
        """Open a source; what is `waited_for` is announced and tried again."""
        try:
            source.open()
        except waited_for as lost:
            self._reopen(source, lost)

    def _wish(self, source: "FrameSource") -> bool:
        """Pass on which camera mode is wanted by now; return whether to open anew for it."""
        if self._mode == self._options.camera_mode:
            return False
        self._mode = self._options.camera_mode
        return source.wish(self._mode)

    def _read_all(self, source: "FrameSource") -> None:
        """Read until the end; a camera that is wanted in another mode goes on in that."""
        playback = None if source.live else self.playback
        started = False
        while not self._stop_asked.is_set():
            if self._wish(source):
                source.close()
                self._open(source, SourceError)
                started = False
                continue
            try:
                frame = self._next_frame(source, playback)
            except SourceLost as lost:
                self._reopen(source, lost)
                started = False
                continue
            if frame is None:
                while self._published is not self.newest_frame.get():  # a recording wants it, too
                    if self._stages["capture"].wait(LAST_FRAME_POLL_S):
                        return
                self._tell(State.ENDED, "")
                if source.seekable and self.playback.hold_at_end():
                    started = False
                    continue
                return
            self._rate.tick()
            self.newest_frame.set(frame)
            self._captured.put(frame)
            if not started:
                started = True
                self._tell(State.RUNNING)

    def _next_frame(self, source: "FrameSource", playback: Playback | None) -> Frame | None:
        if playback is None:
            return source.read()
        playback.hold()
        wanted_s = playback.take_seek()
        if wanted_s is not None and source.seekable:
            source.seek(wanted_s)
        frame = source.read()
        if frame is None:
            return None
        playback.wait_until(frame.t_media_s)
        return replace(frame, t_capture_ns=time.monotonic_ns())  # it is live from now on

    def _reopen(self, source: "FrameSource", lost: SourceError) -> None:
        # what is no loss says itself what would help
        promise = f" {WAITING}" if isinstance(lost, SourceLost) else ""
        self._tell(State.LOST, lost.user_message + promise)
        source.close()
        while not self._stages["capture"].wait(RETRY_S):
            self._wish(source)
            try:
                source.open()
            except SourceError:
                continue
            return

    def _detect(self) -> None:
        from fercam.pipeline.analyzer import FaceFinder

        finder: FaceFinder | None = None
        while (frame := self._captured.take()) is not None:
            if finder is None:  # only now is it known what kind of source this is
                stills = self._source is not None and self._source.stills
                finder = FaceFinder(stills)
            self._found.put(finder.find(frame))

    def _infer(self) -> None:
        from fercam.pipeline.analyzer import FoundFaces

        reader = self._owner.make_reader(self._options)
        last, models = None, _models(self._options)
        try:
            while not self._stages["infer"].stopping:
                found = self._found.take(timeout_s=0.1)
                before, models = models, _models(self._options)
                reader.apply(self._options)
                self._do_what_was_asked(reader)
                if not isinstance(found, FoundFaces):
                    if last is not None and models != before:  # a picture that stands still
                        self.newest_result.set(reader.read(last))
                    continue
                last = found
                result = reader.read(found)
                self._ages_ms.append((result.t_done_ns - found.frame.t_capture_ns) / 1e6)
                self.newest_result.set(result)
                self._owner.publish(self, result)
                self._published = found.frame
        finally:
            reader.close()

    def _do_what_was_asked(self, reader: "ExpressionReader") -> None:
        if (asked := self._to_explain.get()) is not None:
            self._to_explain.set(None)
            self.newest_explanation.set(reader.explain(*asked))
        if (pupil := self._to_learn.get()) is not None:
            self._to_learn.set(None)
            reader.learn_neutral(pupil)
        if (person := self._to_forget.get()) is not None:
            self._to_forget.set(None)
            reader.forget_neutral(person)

    def _report(self) -> None:
        if self._stages["stats"].wait(STATS_EVERY_S):
            for name in ("capture", "detect", "infer"):
                self._stages[name].join()
            if not self._failed_already:
                self._tell(State.STOPPED)
            return
        newest, source, frame = self.newest_result.get(), self._source, self.newest_frame.get()
        ages_ms = list(self._ages_ms)
        winds = source is not None and source.seekable
        self._owner.tell_stats(
            self,
            PipelineStats(
                fps=self._rate.per_second(),
                label_age_ms=float(np.median(ages_ms)) if ages_ms else None,
                dropped=self.dropped,
                faces=len(newest.faces) if newest else 0,
                source=source.description if source else "",
                wanted_fps=self.source_fps,
                position_s=frame.t_media_s if frame and winds else None,
                duration_s=source.duration_s if source and winds else None,
            ),
        )


def _models(options: WatchOptions) -> tuple[str | None, str | None]:
    return options.model, options.second_model
