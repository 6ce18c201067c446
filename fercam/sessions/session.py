"""A session folder opened for looking at it: nothing in it is ever changed by that."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fercam.capture.suffixes import VIDEO_SUFFIXES
from fercam.core.errors import SessionError
from fercam.core.files import sha256_of
from fercam.recording.csv_sink import CsvSink
from fercam.recording.session_json import RECORDING, SessionInfo, read_session_json
from fercam.recording.video_sink import CleanVideoSink, VideoSink
from fercam.sessions.table import FrameTable, people_names, read_table

if TYPE_CHECKING:  # it would delay the window
    from av.stream import Stream

CLEAN, SOURCE, ANNOTATED = "clean", "source", "annotated"
HASHED_UP_TO_BYTES = 100_000_000
"""A source of more bytes is known by its name and length only: hashing it would take seconds."""
MAY_MISS_S = 1.0
"""A video that much shorter than its session is said to be cut."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a folder holds. `problems` has a plain sentence for everything that is not as it should
    be.

    `video` is what the player shows, `video_kind` which of CLEAN, SOURCE (the file the session was
    made from) and ANNOTATED it is; both None where there is nothing to show. The session's time 0
    is `video_start_s` in it.
    """

    folder: Path
    info: SessionInfo
    table: FrameTable
    video: Path | None = None
    video_kind: str | None = None
    video_start_s: float = 0.0
    problems: tuple[str, ...] = ()

    @property
    def names(self) -> dict[int, str]:
        """The people's names by number, of those who have one."""
        return people_names(self.info)

    def table_of(self, model: str | None) -> FrameTable:
        """Return the table that a model made; None is the one the session was made with.

        Raises:
            SessionError: no such model looked at it, or its table cannot be read.
        """
        for other in self.info.analyses:
            if other.model == model:
                return read_table(self.folder / Path(other.table).name)
        if model in (None, self.info.model):
            return self.table
        raise SessionError(f"The model {model} has not looked at {self.folder.name} yet.")

    def seen_by(self, model: str | None) -> "Session":
        """Return it as if it had been made with another model that looked at it; None is its own.

        Raises:
            SessionError: no such model looked at it, or its table cannot be read.
        """
        table = self.table_of(model)
        for other in self.info.analyses:
            if other.model == model:
                info = replace(self.info, model=other.model, model_sha256=other.sha256)
                return replace(self, info=info, table=table)
        return self

    def with_info(self, info: SessionInfo) -> "Session":
        """Return it with a description that was edited."""
        return replace(self, info=info)


def open_session(folder: Path) -> Session:
    """Return the session in a folder; what is damaged but can be done without is a problem.

    Raises:
        SessionError: there is no description or no table, or they cannot be understood.
    """
    info = read_session_json(folder)
    table = read_table(folder / CsvSink.file_name)
    problems = []
    if info.state == RECORDING:
        problems.append("This session was not finished, or is being recorded just now.")
    if info.state != RECORDING and table.frames < info.written:
        problems.append(f"The table is cut: it has {table.frames} of {info.written} frames.")
    for other in info.analyses:
        if not (folder / Path(other.table).name).is_file():
            problems.append(f"The table of the model {other.model} is missing.")
    session = Session(folder, info, table)
    for kind, video, start_s in _candidates(session, problems):
        fault = _fault_of_video(video, start_s + table.duration_s)
        if fault is None or fault.startswith("is cut"):
            if fault:
                problems.append(f"The video {video.name} {fault}.")
            session = replace(session, video=video, video_kind=kind, video_start_s=start_s)
            break
        problems.append(f"The video {video.name} {fault}.")
    else:
        problems.append("There is no video to show, only the numbers.")
    return replace(session, problems=tuple(problems))


def _candidates(session: Session, problems: list[str]) -> list[tuple[str, Path, float]]:
    """Return what could be shown, best first."""
    found = []
    clean, annotated = (session.folder / sink.file_name for sink in (CleanVideoSink, VideoSink))
    if clean.is_file():
        found.append((CLEAN, clean, 0.0))
    elif (source := _source(session.info, problems)) is not None:
        found.append((SOURCE, source, float(session.info.source.get("start_s", 0.0))))
    if annotated.is_file():
        found.append((ANNOTATED, annotated, 0.0))
    return found


def _source(info: SessionInfo, problems: list[str]) -> Path | None:
    """Return the video file the session was made from if it is still the same.

    Where faces were to be hidden the file that shows them is not used, nor where recording rested
    while the file went on.
    """
    path = Path(str(info.source.get("path") or ""))
    if path.suffix.lower() not in VIDEO_SUFFIXES or info.settings.get("mask") or info.pauses:
        return None
    if not path.is_file():
        problems.append(f"The file it was made from is gone: {path}.")
        return None
    wanted = info.source.get("sha256")
    hashed = path.stat().st_size <= HASHED_UP_TO_BYTES
    if wanted and hashed and sha256_of(path) != wanted:
        problems.append(f"The file it was made from is another one by now: {path}.")
        return None
    return path


def _fault_of_video(path: Path, wanted_s: float) -> str | None:
    """Return what is wrong with a video that should last so long, None if nothing is."""
    import av

    try:
        with av.open(str(path.absolute())) as container:
            stream = container.streams.best("video")
            if stream is None:
                return "holds no pictures"
            length_s = (
                float(stream.duration * stream.time_base)
                if stream.duration and stream.time_base
                else (container.duration or 0) / av.time_base
            )
            length_s = min(length_s, _readable_s(stream, path.stat().st_size) or length_s)
    except (av.FFmpegError, OSError, ValueError):
        return "cannot be read"
    if length_s and length_s < wanted_s - MAY_MISS_S:
        return f"is cut: it shows {length_s:.0f} of {wanted_s:.0f} s"
    return None


def _readable_s(stream: "Stream", size_bytes: int) -> float | None:
    """Return how much of a video lies within the file, in seconds; None if it has no index."""
    entries = stream.index_entries
    whole = [entry for entry in entries if entry.pos + entry.size <= size_bytes]
    if len(whole) == len(entries) or stream.time_base is None:
        return None
    return float(max((entry.timestamp for entry in whole), default=0) * stream.time_base)
