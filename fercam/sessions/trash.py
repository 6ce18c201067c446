"""Deleted things wait in a hidden folder beside the others until the program ends."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # filelock would delay the window
    from fercam.recording.lock import SessionLock

TRASH = ".deleted"
"""The hidden folder in which deleted ones wait."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A folder that was deleted: where it was and where it waits."""

    folder: Path
    kept_at: Path


class Trash:
    """What was deleted from the folder `home`. Each running program has a part of its own, which a
    lock keeps from the others. One thread at a time.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock: SessionLock | None = None

    def own(self) -> Path:
        """Return this program's part, a folder that is there.

        Raises:
            OSError: it cannot be made.
            SessionError: it cannot be locked.
        """
        from fercam.recording.lock import SessionLock

        trash = self._home / TRASH / str(os.getpid())
        trash.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = SessionLock(trash)
            self._lock.acquire()
        return trash

    def put(self, folder: Path) -> Deleted:
        """Move a folder of `home` out of sight.

        Raises:
            OSError: it cannot be moved.
            SessionError: the trash cannot be locked.
        """
        kept_at = free_path(self.own() / folder.name)
        folder.rename(kept_at)
        return Deleted(folder, kept_at)

    def bring_back(self, deleted: Deleted) -> Path:
        """Move it back and return its folder, a new one if the old name is taken.

        Raises:
            OSError: it cannot be moved, or is gone for good.
        """
        folder = free_path(deleted.folder)
        deleted.kept_at.rename(folder)
        return folder

    def empty(self) -> None:
        """Delete for good what was put aside, and what programs that died left there."""
        from fercam.recording.lock import held_elsewhere

        if self._lock is not None:
            self._lock.release()
            self._lock = None
        with suppress(OSError):
            for trash in (self._home / TRASH).iterdir():
                if not held_elsewhere(trash):
                    shutil.rmtree(trash, ignore_errors=True)
            (self._home / TRASH).rmdir()


def free_path(path: Path) -> Path:
    """Return the path, or one with a number behind it if it is taken."""
    free, count = path, 1
    while free.exists():
        count += 1
        free = path.with_name(f"{path.name}_{count}")
    return free
