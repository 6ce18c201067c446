"""One lock per session folder: tells a session that died from one being written right now."""

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from fercam.core.errors import SessionError

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK_NAME = ".lock"
_PATIENCE_S = 0.5  # `held_elsewhere` of another program takes the lock for a moment


class SessionLock:
    """Held while a session is written or changed; the system frees it when the program dies.

    The file is removed with the lock, so a session at rest has none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = _lock(folder)

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            SessionError: somebody else has it, or the folder is gone or cannot be written.
        """
        from filelock import Timeout

        try:
            if not self._folder.is_dir():  # filelock would make it
                raise SessionError(f"The folder {self._folder} is gone; it was moved or deleted.")
            self._lock.acquire(timeout=_PATIENCE_S, poll_interval=0.02)
        except Timeout as error:
            raise SessionError(
                f"The session {self._folder.name} is being recorded or changed just now."
            ) from error
        except (OSError, NotImplementedError) as error:
            reason = getattr(error, "strerror", None) or "it cannot be locked"
            raise SessionError(
                f"The folder {self._folder} cannot be written ({reason})."
            ) from error

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._lock.is_locked:
            _give_back(self._folder, self._lock)

    def __enter__(self) -> "SessionLock":
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def held_elsewhere(folder: Path) -> bool:
    """Return whether anybody holds the folder's lock; a folder without one is left untouched."""
    if not (folder / LOCK_NAME).exists():
        return False
    from filelock import Timeout

    lock = _lock(folder)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False  # what cannot be locked cannot be written either
    _give_back(folder, lock)
    return False


def _lock(folder: Path) -> "BaseFileLock":
    from filelock import FileLock  # brings asyncio along, which would delay the window

    # Taken by one thread and given back by another: the recorder is stopped from outside.
    return FileLock(str(folder / LOCK_NAME), thread_local=False)


def _give_back(folder: Path, lock: "BaseFileLock") -> None:
    with suppress(OSError):  # while it is still held; Windows removes it on release
        (folder / LOCK_NAME).unlink()
    lock.release()
