"""Writes a session folder: the video, the table and the description belong together."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from fercam import __version__
from fercam.core.errors import SessionError
from fercam.core.values import AnnotatedFrame, Image
from fercam.recording.csv_sink import CsvSink
from fercam.recording.session_json import (
    FILE_NAME,
    FINISHED,
    RECORDING,
    Person,
    SessionInfo,
    write_session_json,
)
from fercam.recording.sink import Sink, frame_duration_s
from fercam.recording.sound import copy_sound
from fercam.recording.summary import SessionSummary, SummaryCounter
from fercam.recording.video_sink import CleanVideoSink, VideoSink

SINKS: dict[str, type[Sink]] = {
    "csv": CsvSink,
    "video": VideoSink,
    "clean": CleanVideoSink,
}
"""The files a session may have."""


def stamped_folder(parent: Path, now: datetime) -> Path:
    """Return a folder name in `parent` that is still free: 2026-11-22_14-03-07, then with _2."""
    name = now.strftime("%Y-%m-%d_%H-%M-%S")
    folder, count = parent / name, 1
    while folder.exists():
        count += 1
        folder = parent / f"{name}_{count}"
    return folder


class SessionWriter:
    """Writes frames to a session folder; used by one thread at a time.

    Nothing but the folder exists before the first frame, and a session that ends without a
    frame leaves nothing behind.
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
        fps_hint: float | None = None,
        sound_from: Path | None = None,
    ) -> None:
        """Take a folder that is new or empty.

        `source` (JSON: description, for a file its path and sha256), the model and `settings` go
        to session.json. `sound_from` is a file whose sound video.mp4 gets in the end.

        Raises:
            SessionError: the folder is in use or cannot be created.
        """
        self.folder = folder
        self._source = dict(source)
        self._model_name, self._model_sha256 = model_name, model_sha256
        self._settings = dict(settings or {})
        self._kinds = ["csv", *(["video"] if video else []), *(["clean"] if clean else [])]
        self._fps_hint = fps_hint
        self._sound_from = sound_from if video else None
        self._sinks: list[Sink] = []
        self._counter = SummaryCounter()
        self._dropped = 0
        self._first_s = self._last_s = 0.0
        self._last_gap_s: float | None = None
        self._start_utc = ""
        self._summary: SessionSummary | None = None
        self._created = _take(folder)

    def add(self, annotated: AnnotatedFrame, painted: Image | None = None) -> None:
        """Write one frame, its faces and its picture with the overlay (None: without).

        Raises:
            SessionError: a file cannot be written; `abort` keeps what is good.
        """
        frame = annotated.frame
        if not self._sinks:
            self._start_utc = datetime.fromtimestamp(frame.t_wall_s, UTC).isoformat()
            self._first_s = self._last_s = frame.t_media_s
            for kind in self._kinds:  # one by one: if one fails, the others are known and closed
                self._sinks.append(SINKS[kind](self.folder, self._fps_hint))
            self._write_json(RECORDING, "")
        for sink in self._sinks:
            sink.add(annotated, painted)
        if self._counter.frames:
            self._last_gap_s = frame.t_media_s - self._last_s
        self._last_s = frame.t_media_s
        self._counter.add(annotated)

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
        self._summary = self._counter.result(self._duration_s, self._dropped)
        failures = self._close_sinks()
        if not self._counter.frames:
            self._remove()
            return self._summary
        if self._sound_from is not None and not failures:
            try:
                copy_sound(self.folder / VideoSink.file_name, self._sound_from, self._first_s)
            except SessionError as error:
                failures.append(error)
        notes = [note] if note else []
        self._write_json(FINISHED, " ".join(notes + [error.user_message for error in failures]))
        if failures:
            raise failures[0]
        return self._summary

    def abort(self, note: str) -> SessionSummary:
        """Stop after an error: keep what was written, with `note`, or remove what is empty."""
        try:
            return self.finish(note)
        except SessionError:
            # The caller already has the error that led here; session.json names this one too.
            return self._counter.result(self._duration_s, self._dropped)

    @property
    def _duration_s(self) -> float:
        if not self._counter.frames:
            return 0.0
        last_s = frame_duration_s(self._last_gap_s, self._fps_hint)
        return self._last_s - self._first_s + last_s

    def _close_sinks(self) -> list[SessionError]:
        failures = []
        for sink in self._sinks:
            try:
                sink.close()
            except SessionError as error:
                failures.append(error)
        return failures

    def _write_json(self, state: str, note: str) -> None:
        info = SessionInfo(
            state=state,
            source=self._source,
            model=self._model_name,
            model_sha256=self._model_sha256,
            start_utc=self._start_utc,
            app_version=__version__,
            duration_s=self._duration_s,
            written=self._counter.frames,
            dropped=self._dropped,
            people=tuple(Person(number) for number in self._counter.people),
            settings=self._settings,
            note=note,
        )
        write_session_json(self.folder, info)

    def _remove(self) -> None:
        for name in (FILE_NAME, *(SINKS[kind].file_name for kind in self._kinds)):
            (self.folder / name).unlink(missing_ok=True)
        for folder in self._created:
            with suppress(OSError):  # somebody else put a file there: then it stays
                folder.rmdir()


def _take(folder: Path) -> list[Path]:
    """Create the folder unless it is there and empty; return what was created, innermost first."""
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise SessionError(f"The folder {folder} is not empty; choose a new one.")
        created = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise SessionError(f"The folder {folder} cannot be created ({reason}).") from error
    return created
