"""Makes the files of a session that broke off readable and agreeing: no frame without its rows."""

import csv
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av

from fercam.core.errors import SessionError, reason_of
from fercam.recording.csv_sink import COLUMNS, CsvSink
from fercam.recording.remux import finish_video
from fercam.recording.session_json import Marker
from fercam.recording.sink import frame_duration_s
from fercam.recording.sound import SOUND_FILE, Sound
from fercam.recording.video_sink import CleanVideoSink, VideoSink

VIDEO_NAMES = (VideoSink.file_name, CleanVideoSink.file_name)
_MAY_DIFFER_S = 5.0  # what a power loss may cost one file; what lacks more is damaged otherwise
_WORTHLESS_S = 2.0  # a video without a readable picture is no loss in a session so short,
_WORTHLESS_BYTES = 20_000_000  # if the video is as small as that too


@dataclass(frozen=True, slots=True)
class Repaired:
    """What is there: frames, seconds, the people in them, and a sentence for each file that could
    not be made whole."""

    frames: int
    duration_s: float
    people: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Track:
    """The times of a file's whole frames, and that of the first one that is not whole; for the
    table also where each frame ends, and who is new."""

    path: Path
    times_s: list[float] = field(default_factory=list)
    torn_s: float | None = None
    ends: list[int] = field(default_factory=list)
    newcomers: dict[int, int] = field(default_factory=dict)  # a person's id: the first frame

    @property
    def last_s(self) -> float:
        return self.times_s[-1] if self.times_s else 0.0


def repair(folder: Path, chapters: Sequence[Marker]) -> Repaired:
    """Cut table and videos of a folder to the frames all of them have whole, and finish the videos.

    Rows and frames are only taken away from the end; a file that lacks more than a few seconds is
    left as it is, with a sentence about it. Needs no room on the disk, but finished videos do.

    Raises:
        SessionError: a file cannot be read or written.
    """
    problems: list[str] = []
    table = read_rows(folder / CsvSink.file_name)
    videos = [_read_video(folder / name) for name in VIDEO_NAMES if (folder / name).exists()]
    end_s = max(track.last_s for track in (table, *videos))
    for empty in [video for video in videos if not video.times_s]:
        videos.remove(empty)
        if end_s <= _WORTHLESS_S and empty.path.stat().st_size <= _WORTHLESS_BYTES:
            empty.path.unlink(missing_ok=True)
        else:
            problems.append(f"{empty.path.name} cannot be read.")
    agreeing = []
    for track in (table, *videos):
        if track.times_s and end_s - track.last_s <= _MAY_DIFFER_S:
            agreeing.append(track)
        else:
            problems.append(f"{track.path.name} ends after {track.last_s:.0f} s.")
    if not agreeing:
        return Repaired(0, 0.0, problems=tuple(problems))
    frames = min(len(track.times_s) for track in agreeing)
    if table in agreeing and frames < len(table.times_s):
        _truncate(table.path, table.ends[frames - 1])
    problems += _finish([one for one in videos if one in agreeing], frames, folder, chapters)
    end_s = _end_s(agreeing[0].times_s, frames)
    people = (number for number, first in table.newcomers.items() if first < frames)
    return Repaired(frames, end_s, tuple(sorted(people)), tuple(problems))


def _end_s(times_s: Sequence[float], frames: int) -> float:
    """Return until when the last of the kept frames is shown: to the next one, if it is known."""
    if frames < len(times_s):
        return times_s[frames]
    gap_s = times_s[frames - 1] - times_s[frames - 2] if frames > 1 else None
    return times_s[frames - 1] + frame_duration_s(gap_s, None)


def read_rows(table: Path) -> _Track:
    """Return the whole frames of a table, up to the first row that makes no sense; half a last
    row is cut off the file."""
    track = _Track(table)
    try:
        content = table.read_bytes()
    except FileNotFoundError:
        return track
    except OSError as error:
        raise SessionError(f"The table {table} cannot be read ({reason_of(error)}).") from error
    end = good = content.find(b"\n") + 1
    for line in content[end:].splitlines(keepends=True):
        end += len(line)
        if not (line.endswith(b"\n") and _add_row(track, line, end)):
            good = _without_torn_frame(track, line, good)
            break
        good = end
    if good < len(content) and track.ends:
        _truncate(table, good)
    return track


def _add_row(track: _Track, line: bytes, end: int) -> bool:
    """Take a row in; return whether it is a good one."""
    try:
        cells = next(csv.reader([line.decode()]))
        frame, time_s, person = int(cells[0]), float(cells[1]), int(cells[2] or 0)
    except (ValueError, IndexError, StopIteration, csv.Error):
        return False
    known = len(track.times_s)
    if len(cells) != len(COLUMNS) or frame not in (known - 1, known) or frame < 0:
        return False
    if frame == known:
        track.times_s.append(time_s)
        track.ends.append(end)
    track.ends[-1] = end
    if person:
        track.newcomers.setdefault(person, frame)
    return True


def _without_torn_frame(track: _Track, torn: bytes, good: int) -> int:
    """Forget the last frame if the torn row is one of its; return where the whole frames end."""
    own = b"%d," % (len(track.times_s) - 1)
    if len(track.ends) < 2 or not (torn.startswith(own) or own.startswith(torn)):
        return good
    track.times_s.pop()
    track.ends.pop()
    return track.ends[-1]


def _read_video(video: Path) -> _Track:
    """Cut a video to whole fragments and return its frames that can be read."""
    track = _Track(video)
    try:
        cut_to_whole_fragments(video)
        with av.open(str(video)) as container:
            for packet in container.demux(video=0) if container.streams.video else ():
                if packet.pts is None or packet.time_base is None or not packet.size:
                    continue
                # A zero at its end, where H.264 and MPEG-4 allow none: the file had room on the
                # disk, but the power went before it was filled.
                time_s = float(packet.pts * packet.time_base)
                if packet.is_corrupt or memoryview(packet)[-1] == 0:
                    track.torn_s = time_s
                    break
                track.times_s.append(time_s)
    except av.FFmpegError:
        return track
    except OSError as error:
        raise SessionError(f"The video {video} cannot be read ({reason_of(error)}).") from error
    return track


def cut_to_whole_fragments(video: Path) -> None:
    """Cut off what a recording's last moment left: half a fragment, half an index.

    A finished file stays as it is, and so does what has no whole fragment.

    Raises:
        OSError: the file cannot be read or written.
    """
    size, whole, headed = video.stat().st_size, 0, False
    with video.open("rb") as file:
        place = 0
        while place + 8 <= size:
            file.seek(place)
            length, kind = struct.unpack(">I4s", file.read(8))
            if length == 1 and place + 16 <= size:
                (length,) = struct.unpack(">Q", file.read(8))
            if length < 8 or place + length > size or (kind == b"moov" and headed):
                break
            headed |= kind == b"moov"
            place += length
            if kind in (b"mdat", b"moov"):
                whole = place
    if headed and 0 < whole < size:
        _truncate(video, whole)


def _finish(
    videos: Sequence[_Track], frames: int, folder: Path, chapters: Sequence[Marker]
) -> list[str]:
    recorded = folder / SOUND_FILE
    problems = []
    for video in videos:
        end_s = video.times_s[frames] if frames < len(video.times_s) else video.torn_s
        sound = Sound(recorded) if recorded.exists() else None
        try:
            finish_video(video.path, chapters, sound=sound, end_s=end_s)
        except SessionError as error:
            problems.append(error.user_message)
    if not problems:
        recorded.unlink(missing_ok=True)
    return problems


def _truncate(path: Path, size: int) -> None:
    try:
        with path.open("r+b") as file:
            file.truncate(size)
            os.fsync(file.fileno())
    except OSError as error:
        raise SessionError(f"The file {path} cannot be written ({reason_of(error)}).") from error
