"""Finishes the sessions of programs that died: what was written becomes readable again."""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from fercam.core.errors import SessionError
from fercam.core.words import clock, counted
from fercam.recording.lock import SessionLock, held_elsewhere
from fercam.recording.session_json import (
    FILE_NAME,
    RECORDING,
    RECOVERED,
    Person,
    SessionInfo,
    read_session_json,
    write_session_json,
)

_log = logging.getLogger(__name__)


def unfinished(sessions_dir: Path) -> list[Path]:
    """Return the session folders that say "recording" while nobody writes them, by name.

    Sessions of a batch, which are one folder deeper, are found too; what cannot be read is left
    out.
    """
    return [folder for folder in _folders(sessions_dir) if _is_unfinished(folder)]


def recover(folder: Path) -> SessionInfo:
    """Finish one session and return what it is now; one that is finished stays as it is.

    Videos become plain MP4 files with chapters, the table is cut to whole rows, and both to the
    same frames. Of a session without a single whole frame nothing is left but a large video that
    cannot be read: 0 frames are `written`.

    Raises:
        SessionError: it is being written just now, or cannot be read or written.
    """
    from fercam.recording.repair import VIDEO_NAMES, repair  # FFmpeg would delay the window

    with SessionLock(folder):
        info = read_session_json(folder)
        if info.state != RECORDING:
            return info
        _remove(folder.glob("*.part"), folder.glob("*.part.mp4"))
        there = repair(folder, info.markers)
        known = {person.id: person for person in info.people}
        info = replace(
            info,
            state=RECOVERED,
            duration_s=there.duration_s,
            written=there.frames,
            people=tuple(known.get(number, Person(number)) for number in there.people),
            markers=tuple(replace(one, t_s=min(one.t_s, there.duration_s)) for one in info.markers),
            pauses=tuple(one for one in info.pauses if one.start_s <= there.duration_s),
            note=" ".join(filter(None, (info.note, *there.problems))),
        )
        left = there.frames or any((folder / name).exists() for name in VIDEO_NAMES)
        if left:
            write_session_json(folder, info)
        else:
            _remove([folder / name for name in (FILE_NAME, "frames.csv", "sound.wav")])
    if not left:
        with suppress(OSError):  # somebody else put a file there: then it stays
            folder.rmdir()
    return info


def recover_all(sessions_dir: Path) -> list[SessionInfo]:
    """Finish every unfinished session and return them; the log says which could not be."""
    recovered = []
    for folder in unfinished(sessions_dir):
        try:
            recovered.append(recover(folder))
        except SessionError as error:
            _log.warning("Not recovered: %s", error.user_message)
    return recovered


def words(recovered: Sequence[SessionInfo]) -> str:
    """Return what to tell people: "1 unfinished session recovered: 12:41 saved"; empty if none."""
    saved = [info for info in recovered if info.written]
    if not saved:
        return ""
    saved_s = sum(info.duration_s for info in saved)
    return f"{counted(len(saved), 'unfinished session')} recovered: {clock(saved_s)} saved"


def _folders(sessions_dir: Path) -> Iterable[Path]:
    for depth in ("*", "*/*"):
        for file in sorted(sessions_dir.glob(f"{depth}/{FILE_NAME}")):
            if not any(part.startswith(".") for part in file.relative_to(sessions_dir).parts):
                yield file.parent


def _is_unfinished(folder: Path) -> bool:
    try:
        return read_session_json(folder).state == RECORDING and not held_elsewhere(folder)
    except SessionError:
        return False


def _remove(*paths: Iterable[Path]) -> None:
    for path in (one for group in paths for one in group):
        with suppress(OSError):
            path.unlink()
