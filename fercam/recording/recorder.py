"""Records what is watched, on a thread of its own, so that watching never waits for the disk."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fercam.core.errors import FerCamError, SessionError
from fercam.core.values import AnnotatedFrame
from fercam.core.words import size
from fercam.logs import logger
from fercam.recording.capture_clock import CaptureClock
from fercam.recording.disk import STOP_BELOW, WARN_BELOW, room_bytes
from fercam.recording.inbox import Inbox, Item
from fercam.recording.microphone import Microphone, SoundSource, SoundTrack
from fercam.recording.options import RecordingStatus, RecordOptions, SessionAbout
from fercam.recording.peaks import PeakFinder
from fercam.recording.session_json import Marker

if TYPE_CHECKING:
    from fercam.recording.session import SessionWriter

TELL_EVERY_S = 0.5
LOST_AFTER_S = 60.0
"""A recording for which no picture came for so long is over."""
NOTHING_HEARD = "Nothing comes from the microphone; is it still plugged in?"

Tell = Callable[[RecordingStatus], None]


class Recorder:
    """One recording, from `start` until it is stopped, ends by itself or fails.

    Every method returns at once and may be called from any thread. `tell` hears, on the recorder's
    thread, twice a second and at every change how it goes, and last of all how it ended. `about` is
    asked once, there too, when the first frame comes.

    Times are those of capture. The thread outlives the window: what was recorded gets completed.
    """

    def __init__(
        self,
        options: RecordOptions,
        about: Callable[[], SessionAbout],
        tell: Tell,
        *,
        room: Callable[[Path], int] = room_bytes,
        sound: Callable[[], SoundSource] = Microphone,
        now_ns: Callable[[], int] = time.monotonic_ns,
        lost_after_s: float = LOST_AFTER_S,
    ) -> None:
        self.status = RecordingStatus(active=True)
        self._options = options
        self._about = about
        self._tell_all = tell
        self._room = room
        self._make_sound = sound
        self._now_ns = now_ns
        self._lost_after_s = lost_after_s
        self._inbox = Inbox()
        self._stopped = False
        # What follows belongs to the thread.
        self._clock = CaptureClock()
        self._peaks = PeakFinder()
        self._writer: SessionWriter | None = None
        self._sound: SoundTrack | None = None
        self._counted = 0  # of the dropped ones, those the writer knows of
        self._over = False
        self._note = self._failure = ""
        self._warnings: dict[str, str] = {}
        self._told_s = self._newest_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="fercam-recorder")

    @property
    def stopped(self) -> bool:
        """Whether it takes no more frames: it was stopped, ended by itself or failed."""
        return self._stopped

    def start(self) -> None:
        """Begin with the next frame that is offered."""
        self._thread.start()

    def offer(self, annotated: AnnotatedFrame, lost: int = 0) -> None:
        """Hand a frame over. Never waits: one too many is dropped and counted, as are those `lost`
        on the way here (all so far) since the frame before."""
        self._inbox.offer(annotated, lost)

    def pause(self, paused: bool) -> None:
        """Rest, or go on; what happens in between is left out."""
        now_ns = self._now_ns()
        if paused and not self._stopped:
            self._inbox.shut(partial(self._rest, now_ns))
        elif not self._stopped:
            self._inbox.reopen(now_ns, partial(self._go_on, now_ns))

    def add_marker(self, text: str = "", t_ns: int | None = None) -> None:
        """Mark a moment: now, or at `t_ns` (monotonic)."""
        self._inbox.post(partial(self._mark, text, self._now_ns() if t_ns is None else t_ns))

    def stop(self, note: str = "") -> None:
        """End with the frames offered so far; `note` says why, where nobody asked for it."""
        if not self._stopped:
            self._stopped = True
            self._inbox.post(partial(self._end, note))

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until all files are complete; return whether they are."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # All that follows happens on the recorder's thread.

    def _run(self) -> None:
        self._failure = _attempt(self._record)
        self._stopped = True
        self._inbox.clear()
        self._change(active=False, paused=False, finishing=True)
        for step in (self._stop_listening, self._mark_rest, self._complete):
            failure = _attempt(step)
            self._failure = self._failure or failure
        self._change(finishing=False, note=self._note, failure=self._failure)

    def _record(self) -> None:
        self._listen()
        self._tell()
        while not self._over:
            self._do(self._inbox.take(TELL_EVERY_S / 2))
            self._keep_sound()
            self._look_after()

    def _do(self, item: Item | None) -> None:
        if isinstance(item, AnnotatedFrame):
            self._write(item)
        elif item is not None:
            item()

    def _write(self, annotated: AnnotatedFrame) -> None:
        from fercam.recording.writing import write

        t_ns = annotated.frame.t_capture_ns
        self._newest_s = time.monotonic()
        writer = self._writer or self._begin(t_ns)
        t_s = self._clock.recorded_s(t_ns)
        if self._options.duration_s is not None and t_s >= self._options.duration_s:
            self._over = True
            return
        write(writer, annotated, self._clock.since_first_s(t_ns), self._options)
        self.status = replace(self.status, seconds=t_s, bytes=self._bytes(writer))
        for face in annotated.faces:
            seen, person = face.prediction, face.detection.track_id
            if seen is not None and person:
                peak = self._peaks.add(t_s, person, seen.smoothed, seen.sure, face.name)
                self._add_markers(*([peak] if peak else []))

    def _begin(self, t_ns: int) -> "SessionWriter":
        from fercam.recording.writing import make_writer, session_folder

        folder = session_folder(self._options)
        room = self._room(folder)
        if room < STOP_BELOW:
            raise SessionError(
                f"The disk is too full to record: {size(room)} free, {size(STOP_BELOW)} needed."
            )
        self._clock.begin(t_ns)
        self._writer = make_writer(folder, self._about(), self._options)
        if self._sound is not None:
            self._sound.open(self._writer.folder)
        self._change(folder=self._writer.folder, room_bytes=room)
        return self._writer

    def _rest(self, t_ns: int) -> None:
        self._clock.rest(t_ns)
        if self._writer is not None:
            self._writer.pause(self._clock.since_first_s(t_ns))
        self._change(paused=True)

    def _go_on(self, t_ns: int) -> None:
        self._newest_s = time.monotonic()
        self._clock.go_on(t_ns)
        if self._writer is not None:
            self._writer.resume(self._clock.since_first_s(t_ns))
        self._change(paused=False)

    def _mark(self, text: str, t_ns: int) -> None:
        if self._writer is not None:
            self._add_markers(Marker(max(0.0, self._clock.recorded_s(t_ns)), text))

    def _add_markers(self, *markers: Marker) -> None:
        for marker in markers:
            assert self._writer is not None
            self._writer.add_marker(marker)
        if markers:
            self._change(markers=(*self.status.markers, *markers))

    def _end(self, note: str) -> None:
        self._over, self._note = True, note

    def _look_after(self) -> None:
        """Twice a second: tell how it goes, and look whether it can go on."""
        now_s = time.monotonic()
        if now_s - self._told_s < TELL_EVERY_S:
            return
        if not self.status.paused and now_s - self._newest_s > self._lost_after_s:
            self._end(f"No picture came for {self._lost_after_s:.0f} seconds.")
        if self._sound is not None:
            self._warnings["sound"] = NOTHING_HEARD if self._sound.silent else ""
        if self._writer is not None:
            self._count_dropped(self._writer)
            room = self._room(self._writer.folder)
            self._warnings["room"] = ""
            if room < WARN_BELOW:
                self._warnings["room"] = (
                    f"Only {size(room)} are free on the disk; recording ends at {size(STOP_BELOW)}."
                )
            if room < STOP_BELOW:
                self._end("The disk is nearly full, so the recording was ended.")
            self.status = replace(self.status, room_bytes=room)
        self._tell()

    def _count_dropped(self, writer: "SessionWriter") -> None:
        fresh = self._inbox.dropped - self._counted
        self._counted += fresh
        writer.count_dropped(fresh)

    def _bytes(self, writer: "SessionWriter") -> int:
        return writer.bytes_written + (self._sound.bytes_written if self._sound else 0)

    # Sound

    def _listen(self) -> None:
        if not (self._options.microphone and (self._options.video or self._options.clean)):
            return  # sound goes into the videos
        try:
            self._sound = SoundTrack(self._make_sound(), self._clock)
        except SessionError as error:
            self._no_sound(error)

    def _keep_sound(self) -> None:
        if self._sound is not None:
            try:
                self._sound.write_heard()
            except SessionError as error:
                self._sound.close()
                self._sound = None
                self._no_sound(error)

    def _no_sound(self, error: SessionError) -> None:
        self._warnings["sound"] = f"{error.user_message} Recording goes on without sound."
        self._change()

    # The end

    def _stop_listening(self) -> None:
        if self._sound is not None:
            self._sound.close()

    def _mark_rest(self) -> None:
        self._add_markers(*self._peaks.rest())

    def _complete(self) -> None:
        if self._writer is not None:
            self._count_dropped(self._writer)
            complete = self._writer.abort if self._failure else self._writer.finish
            summary = complete(self._failure or self._note)
            self.status = replace(self.status, summary=summary, seconds=summary.duration_s)

    def _change(self, **what: object) -> None:
        self.status = replace(self.status, **what)  # type: ignore[arg-type]
        self._tell()

    def _tell(self) -> None:
        self._told_s = time.monotonic()
        warning = " ".join(words for words in self._warnings.values() if words)
        self.status = replace(self.status, dropped=self._inbox.dropped, warning=warning)
        self._tell_all(self.status)


def _attempt(step: Callable[[], None]) -> str:
    """Do something; return in one sentence what went wrong, empty if nothing did."""
    try:
        step()
    except FerCamError as error:
        return error.user_message
    except Exception as error:  # noqa: BLE001  (whatever happens, the files are completed)
        logger.error("the recorder failed", exc_info=error)
        return f"Recording failed inside FerCam ({type(error).__name__}); see the log."
    return ""
