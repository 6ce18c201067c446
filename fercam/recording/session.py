"""Writes a session folder: the video, the table and the description belong together."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from fercam import __version__
from fercam.core.errors import SessionError, UsageError
from fercam.core.values import AnnotatedFrame, Image
from fercam.logs import logger
from fercam.recording.csv_sink import CsvSink
from fercam.recording.folder import TakenFolder, stamped_folder
from fercam.recording.masking import AHEAD_S, Masker, MaskOptions
from fercam.recording.quality import DEFAULT_QUALITY, QUALITIES
from fercam.recording.remux import finish_video
from fercam.recording.repair import repair
from fercam.recording.rest import SessionClock
from fercam.recording.session_json import (
    FILE_NAME,
    FINISHED,
    RECORDING,
    Marker,
    Person,
    SessionInfo,
    write_session_json,
)
from fercam.recording.sink import Sink, frame_duration_s
from fercam.recording.sound import SOUND_FILE, Sound
from fercam.recording.summary import SessionSummary, SummaryCounter
from fercam.recording.video_sink import CleanVideoSink, VideoSink

__all__ = ["SINKS", "Painter", "SessionWriter", "stamped_folder"]

SINKS: dict[str, type[Sink]] = {
    "csv": CsvSink,
    "video": VideoSink,
    "clean": CleanVideoSink,
}
"""The files a session may have."""

Painter = Callable[[AnnotatedFrame], Image]
"""Returns a frame's picture with the overlay."""

_SYNC_EVERY_S = 1.0
_DESCRIBE_EVERY_S = 3.0
_MOST_HELD_BYTES = 100_000_000


class SessionWriter:
    """Writes frames to a session folder; used by one thread at a time.

    Nothing but the folder and its lock exist before the first frame, and a session that ends
    without a frame leaves nothing behind. Every second all files are brought onto the disk itself,
    every few seconds session.json is written anew; where that is refused, the next time makes up
    for it. Where faces are masked, frames are written `AHEAD_S` later, so that a face is hidden
    before it is first found.
    """

    def __init__(
        self,
        folder: Path,
        *,
        source: Mapping[str, object],
        model_name: str,
        model_sha256: str,
        settings: Mapping[str, object] | None = None,
        video: bool = True,
        clean: bool = False,
        quality: str = DEFAULT_QUALITY,
        mask: MaskOptions | None = None,
        markers: Sequence[Marker] = (),
        tags: Sequence[str] = (),
        fps_hint: float | None = None,
        sound_from: Path | None = None,
        numbered: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take a folder that is new or empty; with `numbered`, the next one (…_2) if it is not.

        `source` (JSON: description, for a file its path and sha256), the model and `settings` go
        to session.json. `quality` is a key of `QUALITIES`; `mask` hides faces in every video.
        `sound_from` is a file whose sound video.mp4 gets in the end.

        Raises:
            SessionError: the folder is in use or cannot be created.
            UsageError: there is no such quality.
        """
        if quality not in QUALITIES:
            raise UsageError(f"There is no quality {quality!r}; there are {', '.join(QUALITIES)}.")
        kinds = ["csv", *(["video"] if video else []), *(["clean"] if clean else [])]
        self._sink_types = [SINKS[kind] for kind in kinds]
        self._quality, self._fps_hint = quality, fps_hint
        self._masker = None if mask is None else Masker(mask)
        self._sound_from = sound_from if video else None
        self._sinks: list[Sink] = []
        self._times = SessionClock()
        self._clock = clock
        self._synced_at_s = self._described_at_s = clock()
        self._held: deque[tuple[AnnotatedFrame, Image | Painter | None]] = deque()
        self._counter = SummaryCounter()
        self._dropped = 0
        self._last_s = 0.0
        self._last_gap_s: float | None = None
        self._whole = True  # no file has failed
        self._summary: SessionSummary | None = None
        about: dict[str, object] = dict(settings or {})
        if video or clean:
            about["quality"] = quality
        if mask is not None:
            about["mask"] = {"style": mask.style, "but": sorted(mask.but)}
        self._info = SessionInfo(
            state=RECORDING,
            source=dict(source),
            model=model_name,
            model_sha256=model_sha256,
            start_utc="",
            app_version=__version__,
            markers=tuple(markers),
            tags=tuple(tags),
            settings=about,
        )
        self._taken = TakenFolder(folder, numbered=numbered)
        self.folder = self._taken.path

    @property
    def paused(self) -> bool:
        """Whether frames are left out just now."""
        return self._times.paused

    @property
    def duration_s(self) -> float:
        """How long the session is so far, pauses left out."""
        if not self._counter.frames:
            return 0.0
        return self._last_s + frame_duration_s(self._last_gap_s, self._fps_hint)

    @property
    def bytes_written(self) -> int:
        """How large the files are so far; what a vanished file had does not count."""
        sizes = 0
        for sink in self._sinks:
            try:
                sizes += sink.path.stat().st_size
            except OSError:
                continue
        return sizes

    def add(self, annotated: AnnotatedFrame, painted: Image | Painter | None = None) -> None:
        """Write one frame, its faces and its picture with the overlay (None: without).

        Where faces are masked, a `Painter` draws its overlay on top of the masks; a picture that
        was painted already gets the masks on top. While paused, frames are left out.

        Raises:
            SessionError: a file cannot be written; `abort` keeps what is good.
        """
        if self._times.paused:
            return
        if not self._sinks:
            self._start(annotated)
        time_s = self._times.time_s(annotated.frame.t_media_s)
        annotated = replace(annotated, frame=replace(annotated.frame, t_media_s=time_s))
        self._held.append((annotated, painted))
        while self._held and not self._hold_back():
            self._write(*self._held.popleft())

    def _hold_back(self) -> bool:
        """Return whether the oldest frame waits for what the next ones show."""
        if self._masker is None:
            return False
        (first, _), (last, _) = self._held[0], self._held[-1]
        too_many = len(self._held) * first.frame.image.nbytes > _MOST_HELD_BYTES
        return not too_many and last.frame.t_media_s - first.frame.t_media_s <= AHEAD_S

    def _write_held(self) -> None:
        while self._held:
            self._write(*self._held.popleft())

    def _write(self, annotated: AnnotatedFrame, painted: Image | Painter | None) -> None:
        time_s = annotated.frame.t_media_s
        if self._counter.frames:
            self._last_gap_s = time_s - self._last_s
        annotated, picture = self._pictures(annotated, painted)
        self._whole = False
        for sink in self._sinks:
            sink.add(annotated, picture)
        self._last_s = time_s
        self._counter.add(annotated)
        self._keep_safe()
        self._whole = True

    def pause(self, media_s: float) -> None:
        """Leave out frames from the source's time `media_s` on; harmless when paused.

        Raises:
            SessionError: a file cannot be written.
        """
        self._times.pause(media_s)
        self._write_held()

    def resume(self, media_s: float) -> None:
        """Go on at the source's time `media_s`: the rest takes no time of the session.

        Raises:
            SessionError: the folder is gone.
        """
        self._times.resume(media_s)
        if self._sinks:
            self._try_to_describe()

    def add_marker(self, marker: Marker) -> None:
        """Note a marker; its `t_s` is a time of the session.

        Raises:
            SessionError: the folder is gone.
        """
        self._info = self._info.with_markers(marker)
        if self._sinks:
            self._try_to_describe()

    def count_dropped(self, count: int = 1) -> None:
        """Note frames that were offered for this session but never reached `add`."""
        self._dropped += count

    def finish(self, note: str = "") -> SessionSummary:
        """Complete all files and return the sums; `note` says what is special ("broke off").

        Without a frame everything is removed again, and the summary says 0 frames. Calling it
        again returns the same summary.

        Raises:
            SessionError: a file cannot be completed; the others are.
        """
        if self._summary is not None:
            return self._summary
        failures = self._finish_held() if self._whole else []
        self._summary = self._counter.result(self.duration_s, self._dropped)
        last_s = self._last_s  # a marker set after the last picture belongs to that
        markers = (replace(one, t_s=min(one.t_s, last_s)) for one in self._info.markers)
        self._info = replace(self._info, markers=tuple(markers))
        failures += self._close_sinks()
        if self._counter.frames:
            failures += self._repair() if failures or not self._whole else self._finish_videos()
        if not self._summary.frames:
            self._taken.give_back([FILE_NAME, *(kind.file_name for kind in self._sink_types)])
        else:
            notes = [note, *(error.user_message for error in failures)]
            try:
                self._describe(FINISHED, " ".join(filter(None, dict.fromkeys(notes))))
            finally:
                self._taken.release()
        if failures:
            raise failures[0]
        return self._summary

    def abort(self, note: str) -> SessionSummary:
        """Stop after an error: keep what was written, with `note`, or remove what is empty."""
        # The caller already has the error that led here; session.json names others too.
        with suppress(SessionError):
            return self.finish(note)
        return self._summary or self._counter.result(self.duration_s, self._dropped)

    def _start(self, annotated: AnnotatedFrame) -> None:
        frame = annotated.frame
        source = dict(self._info.source)
        if "path" in source:
            source["start_s"] = round(frame.t_media_s, 6)
        start_utc = datetime.fromtimestamp(frame.t_wall_s, UTC).isoformat()
        self._info = replace(self._info, source=source, start_utc=start_utc)
        self._describe()
        for kind in self._sink_types:  # one by one: if one fails, the others are known and closed
            self._sinks.append(kind(self.folder, self._fps_hint, self._quality))

    def _pictures(
        self, annotated: AnnotatedFrame, painted: Image | Painter | None
    ) -> tuple[AnnotatedFrame, Image | None]:
        """Return the frame as it may be kept, and its picture with the overlay."""
        drawn = painted if isinstance(painted, np.ndarray) else None
        if self._masker is not None:
            coming = [later for later, _ in self._held]
            if drawn is not None:
                drawn = self._masker.cover(drawn, annotated, coming)
            annotated = self._masker.hide(annotated, coming)
        if callable(painted):
            drawn = painted(annotated)
        return annotated, drawn

    def _keep_safe(self) -> None:
        now_s = self._clock()
        if now_s - self._synced_at_s >= _SYNC_EVERY_S:
            for sink in self._sinks:
                sink.sync()
            self._synced_at_s = now_s
        if now_s - self._described_at_s >= _DESCRIBE_EVERY_S:
            self._try_to_describe()

    def _finish_held(self) -> list[SessionError]:
        try:
            self._write_held()
        except SessionError as error:
            return [error]
        return []

    def _close_sinks(self) -> list[SessionError]:
        failures = []
        for sink in self._sinks:
            try:
                sink.close()
            except SessionError as error:
                failures.append(error)
        return failures

    def _repair(self) -> list[SessionError]:
        """Make what a failure left agree; the summary then says what is there."""
        assert self._summary is not None
        try:
            there = repair(self.folder, self._info.markers)
        except SessionError as error:
            return [error]
        self._summary = replace(self._summary, frames=there.frames, duration_s=there.duration_s)
        return [SessionError(problem) for problem in there.problems]

    def _finish_videos(self) -> list[SessionError]:
        recorded = self.folder / SOUND_FILE
        failures = []
        for sink in self._sinks:
            if not isinstance(sink, VideoSink):
                continue
            sound = Sound(recorded) if recorded.exists() else None
            if sound is None and self._sound_from and not isinstance(sink, CleanVideoSink):
                sound = Sound(self._sound_from, self._times.first_media_s)
            try:
                done = finish_video(sink.path, self._info.markers, sound=sound)
                if sound is not None and not done:
                    raise SessionError(f"There is no room to add the sound to {sink.path}.")
            except SessionError as error:
                failures.append(error)
        if not failures:
            recorded.unlink(missing_ok=True)
        return failures

    def _try_to_describe(self) -> None:
        try:
            self._describe()
        except SessionError as error:
            if not self.folder.is_dir():
                raise
            logger.warning("%s", error.user_message)

    def _describe(self, state: str = RECORDING, note: str = "") -> None:
        self._described_at_s = self._clock()
        self._info = replace(
            self._info,
            state=state,
            duration_s=self._summary.duration_s if self._summary else self.duration_s,
            written=self._summary.frames if self._summary else self._counter.frames,
            dropped=self._dropped,
            people=tuple(Person(*person) for person in self._counter.people.items()),
            pauses=tuple(self._times.pauses),
            note=note,
        )
        write_session_json(self.folder, self._info)
