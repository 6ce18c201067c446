"""Faces that people collected themselves, each with its emotion: a folder of small pictures."""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fercam import paths
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import DataError, reason_of
from fercam.sessions.trash import Trash

NOBODY = "me"
LONGEST_NAME = 40
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)__(.+)__(.+)__(\d+)")


@dataclass(frozen=True, slots=True)
class Sample:
    """A face on the disk: its emotion, the day, whose it is, and the burst it was taken in."""

    file: Path
    emotion: str
    day: str
    person: str
    burst: str


@dataclass(frozen=True, slots=True)
class DeletedSamples:
    """Samples that were deleted together: where each was, and where it waits."""

    files: tuple[tuple[Path, Path], ...]


class SampleStore:
    """The folder is the whole memory: `<emotion>/<day>__<person>__<burst>__<number>.png`, each a
    face of (48, 48) gray. It is a data set to train on as it is, and the names keep faces of one
    burst together when it is split. One thread at a time.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or paths.user_samples_dir()
        self._trash = Trash(self.home)

    def add(
        self, face: NDArray[np.uint8], emotion: str, person: str = "", burst: str = ""
    ) -> Sample:
        """Keep a face (48, 48) uint8 gray; without a name it is "me", without a burst its own.

        Raises:
            DataError: it cannot be written.
        """
        import cv2

        day = date.today().isoformat()
        burst = _plain(burst) or new_burst()
        stem = f"{day}__{_plain(person) or NOBODY}__{burst}"
        folder = self.home / emotion
        with _told(self.home):
            folder.mkdir(parents=True, exist_ok=True)
            taken = len(list(folder.glob(f"{stem}__*.png")))
            file = _free(folder, stem, taken + 1)
            _write(file, bytes(cv2.imencode(".png", face)[1]))
        return _sample(file)

    def samples(self) -> list[Sample]:
        """Return all of them by emotion, those of a burst together."""
        return [
            _sample(file)
            for emotion in EMOTIONS
            for file in sorted((self.home / emotion).glob("*.png"))
            if _NAME.fullmatch(file.stem)
        ]

    def relabel(self, files: Iterable[Path], emotion: str) -> None:
        """Give samples another emotion; those that are gone are passed over.

        Raises:
            DataError: they cannot be moved.
        """
        with _told(self.home):
            (self.home / emotion).mkdir(parents=True, exist_ok=True)
            for file in files:
                if file.parent.name != emotion and file.exists():
                    stem, _, number = file.stem.rpartition("__")
                    file.rename(_free(self.home / emotion, stem, int(number)))

    def delete(self, files: Sequence[Path]) -> DeletedSamples:
        """Put samples aside; `restore` brings them back until `empty_trash`.

        Raises:
            DataError: they cannot be moved.
        """
        moved: list[tuple[Path, Path]] = []
        with _told(self.home):
            aside = self._trash.own() / f"{datetime.now():%H%M%S%f}"
            for file in files:
                kept_at = aside / file.parent.name / file.name
                kept_at.parent.mkdir(parents=True, exist_ok=True)
                if file.exists():
                    file.rename(kept_at)
                    moved.append((file, kept_at))
        return DeletedSamples(tuple(moved))

    def restore(self, deleted: DeletedSamples) -> None:
        """Bring samples back.

        Raises:
            DataError: they cannot be moved.
        """
        with _told(self.home):
            for file, kept_at in deleted.files:
                stem, _, number = file.stem.rpartition("__")
                kept_at.rename(_free(file.parent, stem, int(number)))

    def export(self, out: Path) -> int:
        """Copy all into a folder per emotion below `out`; return how many.

        Raises:
            DataError: they cannot be copied.
        """
        found = self.samples()
        with _told(out):
            for sample in found:
                (out / sample.emotion).mkdir(parents=True, exist_ok=True)
                shutil.copy2(sample.file, out / sample.emotion)
        return len(found)

    def empty_trash(self) -> None:
        """Delete for good what was put aside, and what programs that died left there."""
        self._trash.empty()


def new_burst(now: datetime | None = None) -> str:
    """Return a name for faces that are taken in one go from now on."""
    return f"{now or datetime.now():%H%M%S}"


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what the system says into one sentence."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"The samples in {folder} cannot be changed ({reason_of(error)})."
        ) from error


def _write(file: Path, content: bytes) -> None:
    work = file.with_name(f".{file.name}")
    try:
        work.write_bytes(content)
        work.replace(file)
    except OSError:
        work.unlink(missing_ok=True)
        raise


def _sample(file: Path) -> Sample:
    match = _NAME.fullmatch(file.stem)
    assert match is not None
    day, person, burst, _ = match.groups()
    return Sample(file, file.parent.name, day, person, burst)


def _free(folder: Path, stem: str, number: int) -> Path:
    while (file := folder / f"{stem}__{number:04d}.png").exists():
        number += 1
    return file


def _plain(name: str) -> str:
    """Return a name that every file system takes and that holds no double underscore."""
    return re.sub(r"[\W_]+", "-", name).strip("-")[:LONGEST_NAME]
