"""Temporary stand-in."""

from pathlib import Path

from filelock import FileLock, Timeout

from fercam.core.errors import SessionError


class SessionLock:
    def __init__(self, folder: Path) -> None:
        self._f = folder
        self._l = FileLock(str(folder / ".lock"))

    def __enter__(self) -> "SessionLock":
        try:
            self._l.acquire(timeout=0)
        except Timeout as e:
            raise SessionError(f"The session {self._f.name} is being recorded just now.") from e
        return self

    def __exit__(self, *_: object) -> None:
        self._l.release()


def held_elsewhere(folder: Path) -> bool:
    try:
        with SessionLock(folder):
            return False
    except SessionError:
        return True
