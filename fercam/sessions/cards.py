"""What the list shows of a session and takes time to find out, kept in the cache between starts."""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fercam import paths
from fercam.core.errors import SessionError
from fercam.core.values import Image
from fercam.recording.csv_sink import CsvSink
from fercam.recording.session_json import FILE_NAME, RECORDING, SessionInfo

if TYPE_CHECKING:
    from fercam.sessions.session import Session

THUMBNAIL_PX = (256, 144)
_VERSION = 1  # of what is kept; another one is made anew


@dataclass(frozen=True, slots=True)
class SessionCard:
    """The emotion seen longest (empty if none), the path of a small JPEG (None if there is no
    picture), and one sentence for what is wrong (empty if nothing is)."""

    dominant: str = ""
    thumbnail: Path | None = None
    problem: str = ""


class SessionCards:
    """Makes cards and keeps them in `cache_dir`, until the session's files change."""

    def __init__(self, cache_dir: Path | None = None) -> None:
        self._dir = cache_dir or paths.user_cache_dir() / "sessions"

    def card_of(self, folder: Path, info: SessionInfo, quick: bool = False) -> SessionCard:
        """Return a session's card, if `quick` one that is kept, even an outdated one.

        A session that is being recorded has none yet.
        """
        if info.state == RECORDING:
            return SessionCard()
        card_file, picture_file = self._files(folder)
        state = _state_of(folder)
        kept = _read(card_file)
        if kept.get("state") != state and not quick:
            kept = {"state": state, **self._find_out(folder, picture_file)}
            if folder.is_dir() and _state_of(folder) == state:  # not moved or changed meanwhile
                with suppress(OSError):  # without a cache it is only slower
                    self._dir.mkdir(parents=True, exist_ok=True)
                    part = card_file.with_suffix(f".{os.getpid()}.part")
                    part.write_text(json.dumps(kept), encoding="utf-8")
                    part.replace(card_file)
        has_picture = kept.get("picture") and picture_file.is_file()
        return SessionCard(
            str(kept.get("dominant", "")),
            picture_file if has_picture else None,
            str(kept.get("problem", "")),
        )

    def forget(self, folder: Path) -> None:
        """Remove what is kept of a session that was deleted, its picture above all."""
        for file in self._files(folder):
            with suppress(OSError):
                file.unlink()

    def _files(self, folder: Path) -> tuple[Path, Path]:
        name = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:24]
        return self._dir / f"{name}.json", self._dir / f"{name}.jpg"

    def _find_out(self, folder: Path, picture_file: Path) -> dict[str, object]:
        from fercam.sessions.session import open_session
        from fercam.sessions.statistics import statistics

        try:
            session = open_session(folder)
        except SessionError as error:
            return {"problem": error.user_message}
        picture = None
        with suppress(SessionError):
            picture = _typical_picture(session)
        return {
            "dominant": statistics(session.table, session.info).group.dominant,
            "picture": picture is not None and self._keep(picture, picture_file),
            "problem": next(iter(session.problems), ""),
        }

    def _keep(self, picture: Image, file: Path) -> bool:
        import cv2

        height, width = picture.shape[:2]
        scale = min(1.0, THUMBNAIL_PX[0] / width, THUMBNAIL_PX[1] / height)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        try:
            self._dir.mkdir(parents=True, exist_ok=True)
            file.write_bytes(cv2.imencode(".jpg", small)[1].tobytes())
        except OSError:
            return False
        return True


def _typical_picture(session: "Session") -> Image | None:
    """Return a picture from the first third, where most films are under way."""
    if session.video is None:
        return None
    from fercam.sessions.pictures import PictureReader

    reader = PictureReader(session.video, session.video_start_s)
    try:
        return reader.at(min(session.table.duration_s / 3, 20.0))[1]
    finally:
        reader.close()


def _state_of(folder: Path) -> list[object]:
    """Return what changes when a session's files do."""
    state: list[object] = [_VERSION]
    for name in (FILE_NAME, CsvSink.file_name, "clean.mp4", "video.mp4"):
        with suppress(OSError):
            about = (folder / name).stat()
            state.append([name, about.st_size, about.st_mtime_ns])
    return state


def _read(file: Path) -> dict[str, object]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
