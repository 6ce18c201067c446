"""The live pipeline: capture, detection and inference, each on its own thread."""

import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from fercam.core.errors import FerCamError, SourceError, SourceLost
from fercam.core.mailbox import Latest, Mailbox
from fercam.core.stage import Stage
from fercam.core.stats import Rate
from fercam.core.values import AnnotatedFrame, Frame
from fercam.logs import logger
from fercam.pipeline.events import PipelineListener, PipelineStats, State

__all__ = ["LivePipeline", "PipelineListener", "PipelineStats", "State"]

RETRY_S = 0.5
STATS_EVERY_S = 0.5


class LivePipeline:
    """Watches one source at a time. Every method returns at once and may be called from any thread
    but the pipeline's own."""

    def __init__(self, listener: PipelineListener) -> None:
        self.newest_frame: Latest[Frame] = Latest()
        self.newest_result: Latest[AnnotatedFrame] = Latest()
        self._listener = listener
        self._run: _Run | None = None

    @property
    def mirrored(self) -> bool:
        """Whether people expect to see this source as in a mirror."""
        return self._run is not None and self._run.mirrored

    def start(self, source_spec: str, model: str | None) -> None:
        """Start watching a source with a model (a name, a folder, or None for the default).

        What ran before is stopped first; failures arrive as `State.FAILED` with a sentence.
        """
        previous = self._run
        if previous is not None:
            previous.request_stop()
        self.newest_frame = Latest()
        self.newest_result = Latest()
        self._run = _Run(self, source_spec, model, previous)
        self._run.start()

    def request_stop(self) -> None:
        """Ask every thread to end; the listener hears `STOPPED` when they have."""
        if self._run is not None:
            self._run.request_stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads to end; return whether all have."""
        return self._run is None or self._run.join(timeout_s)

    def set_model(self, model: str | None) -> None:
        """Swap the model; the picture goes on meanwhile. A model that fails leaves the old one."""
        if self._run is not None:
            self._run.set_model(model)

    def _tell_state(self, run: "_Run", state: State, message: str) -> None:
        if run is self._run:
            self._listener.on_state(state, message)

    def _tell_stats(self, run: "_Run", stats: PipelineStats) -> None:
        if run is self._run:
            self._listener.on_stats(stats)


class _Run:
    """The threads of one start. Each thread makes, uses and closes its own part."""

    def __init__(
        self, owner: LivePipeline, spec: str, model: str | None, previous: "_Run | None"
    ) -> None:
        self.mirrored = False
        self._owner = owner
        self._spec = spec
        self._model = model
        self._previous = previous
        self._newest_frame = owner.newest_frame
        self._newest_result = owner.newest_result
        self._captured: Mailbox[Frame] = Mailbox()
        self._found: Mailbox[object] = Mailbox()
        self._new_model: Latest[tuple[str | None]] = Latest()
        self._rate = Rate()
        self._ages_ms: deque[float] = deque(maxlen=30)
        self._source_name = ""
        self._stills = False
        self._stages = {
            name: Stage(f"fercam-{name}", work, self._failed)
            for name, work in (
                ("capture", self._capture),
                ("detect", self._detect),
                ("infer", self._infer),
                ("stats", self._report),
            )
        }
        self._stop_asked = threading.Event()
        self._failed_already = False

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

    def set_model(self, model: str | None) -> None:
        self._new_model.set((model,))

    def _tell(self, state: State, message: str = "") -> None:
        self._owner._tell_state(self, state, message)

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
            self._previous.join(timeout_s=15)
            self._previous = None
        self._tell(State.STARTING)
        source = open_source(self._spec)
        self._source_name = source.description
        self.mirrored, self._stills = source.mirrored, source.stills
        try:
            source.open()
            self._source_name = source.description
            started = False
            wait = _Pacer(None if source.live else self._stages["capture"].wait)
            while not self._stop_asked.is_set():
                try:
                    frame = source.read()
                except SourceLost as lost:
                    self._tell(State.LOST, lost.user_message)
                    self._reopen(source.close, source.open)
                    started = False
                    continue
                if frame is None:
                    self._tell(State.ENDED, "")
                    break
                wait.until(frame.t_media_s)
                self._rate.tick()
                self._newest_frame.set(frame)
                self._captured.put(frame)
                if not started:
                    started = True
                    self._tell(State.RUNNING)
        finally:
            source.close()
        self._stages["capture"].stop()

    def _reopen(self, close: Callable[[], None], open_: Callable[[], None]) -> None:
        close()
        while not self._stages["capture"].wait(RETRY_S):
            try:
                open_()
            except SourceError:
                continue
            return

    def _detect(self) -> None:
        from fercam.detection.registry import DETECTORS
        from fercam.pipeline.analyzer import FaceFinder

        finder: FaceFinder | None = None
        while (frame := self._captured.take()) is not None:
            if finder is None:  # only now is it known what kind of source this is
                detector = DETECTORS["yunet-photo" if self._stills else "yunet"]()
                finder = FaceFinder(detector, stills=self._stills)
            self._found.put(finder.find(frame))

    def _infer(self) -> None:
        from fercam.inference.bundle import find_bundle
        from fercam.pipeline.analyzer import FoundFaces, annotate, make_recognizer

        recognizer = make_recognizer(find_bundle(self._model))
        try:
            while not self._stages["infer"].stopping:
                found = self._found.take(timeout_s=0.2)
                swap = self._new_model.get()
                if swap is not None:
                    self._new_model.set(None)
                    try:
                        fresh = make_recognizer(find_bundle(swap[0]))
                    except FerCamError as error:
                        self._tell(State.RUNNING, error.user_message)
                    else:
                        recognizer.close()
                        recognizer = fresh
                if not isinstance(found, FoundFaces):
                    continue
                times_s = [found.frame.t_media_s] * len(found.crops)
                result = annotate(found, recognizer.recognize(found.crops, times_s))
                recognizer.forget_except(found.active_ids)
                self._ages_ms.append((result.t_done_ns - found.frame.t_capture_ns) / 1e6)
                self._newest_result.set(result)
        finally:
            recognizer.close()

    def _report(self) -> None:
        if self._stages["stats"].wait(STATS_EVERY_S):
            for name in ("capture", "detect", "infer"):
                self._stages[name].join()
            if not self._failed_already:
                self._tell(State.STOPPED)
            return
        newest = self._newest_result.get()
        ages_ms = list(self._ages_ms)
        self._owner._tell_stats(
            self,
            PipelineStats(
                fps=self._rate.per_second(),
                label_age_ms=float(np.median(ages_ms)) if ages_ms else None,
                dropped=self._captured.dropped + self._found.dropped,
                faces=len(newest.faces) if newest else 0,
                source=self._source_name,
            ),
        )


class _Pacer:
    """Lets a file play at its own speed; does nothing for a live source."""

    def __init__(self, wait: Callable[[float], bool] | None) -> None:
        self._wait = wait
        self._start_s: float | None = None

    def until(self, t_media_s: float) -> None:
        if self._wait is None:
            return
        now_s = time.monotonic()
        if self._start_s is None:
            self._start_s = now_s - t_media_s
        ahead_s = self._start_s + t_media_s - now_s
        if ahead_s > 0:
            self._wait(ahead_s)
