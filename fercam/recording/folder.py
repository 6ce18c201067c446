"""A session's folder, taken for one writer: created, locked, and given back if it stays empty."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from fercam.core.errors import SessionError, reason_of
from fercam.recording.lock import LOCK_NAME, SessionLock


def stamped_folder(parent: Path, now: datetime) -> Path:
    """Return a folder name in `parent` that is still free: 2026-11-22_14-03-07, then with _2."""
    folder = parent / now.strftime("%Y-%m-%d_%H-%M-%S")
    return next(place for place in _numbered(folder) if not place.exists())


class TakenFolder:
    """A folder that is new or empty and belongs to one writer until it is released.

    With `numbered`, the next free name (…_2) is taken where another program was quicker.

    Raises:
        SessionError: the folder is in use or cannot be created.
    """

    def __init__(self, folder: Path, *, numbered: bool = False) -> None:
        self.path, self._created = _take_first_free(folder) if numbered else _take(folder)
        self._lock = SessionLock(self.path)
        try:
            self._lock.acquire()
            if _used(self.path):  # another program was here before the lock
                raise _in_use(self.path)
        except SessionError:
            self.give_back()
            raise

    def release(self) -> None:
        """Let others write."""
        self._lock.release()

    def give_back(self, names: Iterable[str] = ()) -> None:
        """Remove the files `names` and the folders that were created, if nothing else is there."""
        for name in names:
            with suppress(OSError):
                (self.path / name).unlink()
        self._lock.release()
        for folder in self._created:
            with suppress(OSError):  # somebody else put a file there: then it stays
                folder.rmdir()


def _numbered(folder: Path) -> Iterable[Path]:
    yield folder
    for number in count(2):
        yield folder.with_name(f"{folder.name}_{number}")


def _take_first_free(folder: Path) -> tuple[Path, list[Path]]:
    missing = _missing(folder.parent)
    place = folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for place in _numbered(folder):
            with suppress(FileExistsError):
                place.mkdir()  # only one program can
                break
    except OSError as error:
        raise _not_created(place, error) from error
    return place, [place, *missing]


def _take(folder: Path) -> tuple[Path, list[Path]]:
    """Create the folder unless it is there and empty; return what was created, innermost first."""
    try:
        if _used(folder):
            raise _in_use(folder)
        created = _missing(folder)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_created(folder, error) from error
    return folder, created


def _missing(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _used(folder: Path) -> bool:
    return folder.is_dir() and any(path.name != LOCK_NAME for path in folder.iterdir())


def _in_use(folder: Path) -> SessionError:
    return SessionError(f"The folder {folder} is not empty; choose a new one.")


def _not_created(folder: Path, error: OSError) -> SessionError:
    return SessionError(f"The folder {folder} cannot be created ({reason_of(error)}).")
