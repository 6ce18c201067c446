"""Data sets in: folders per emotion, the original fer2013.csv, or an array file."""

import contextlib
import csv
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fercam.capture.images import is_huge, read_image
from fercam.capture.suffixes import PICTURE_SUFFIXES
from fercam.core.emotions import EMOTIONS, FER2013_CSV_ORDER, emotion_index
from fercam.core.errors import DataError, SourceError, reason_of
from fercam.core.files import NO_ARRAYS
from fercam.detection.crop import FACE_PX, to_face_gray
from fercam.detection.photo import PhotoDetector
from fercam.training.engine.dataset import SPLITS, VOTES, FaceSet, Skipped

CROP_LIMIT_PX = 128
"""Pictures up to this side are taken as face crops already; larger ones are photos to search."""
MOST_THREADS = 8
"""Each has a detector of its own, whose memory grows with the largest photo it has seen."""
NO_FACE = "no face found"
NO_VOTES = np.zeros(len(VOTES), np.uint8)
NO_NAMES: Mapping[str, str] = MappingProxyType({})
SMALL_BYTES = 10_000
"""Files up to this size are not looked at for being huge, which takes a while."""

_FOLDER_SPLITS = {
    "train": "train", "training": "train", "test": "test", "testing": "test",
    "validation": "validation", "valid": "validation", "val": "validation",
}  # fmt: skip
_CSV_SPLITS = {"Training": "train", "PublicTest": "test", "PrivateTest": "private_test"}
_VOTE_COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear",
                 "contempt", "unknown", "NF")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading a data set is: pictures `done` of so many, faces per emotion so far."""

    done: int
    of: int
    counts: Mapping[str, int]


def load(
    path: Path,
    detect: bool = False,
    class_names: Mapping[str, str] = NO_NAMES,
    watch: Callable[[Progress], object] = lambda progress: None,
) -> FaceSet:
    """Return the data set at `path`.

    * A folder with one folder per emotion, perhaps below a level train/validation/test. Small
      pictures are face crops as they are (`detect` searches them too), larger ones are photos.
      Pictures named <day>__<person>__<burst>__<number>, as samples are, keep their bursts.
    * fer2013.csv; a fer2013new.csv (FER+) beside it gives the votes, row by row.
    * An array file (.npz): x (n, 48, 48) uint8, y (n,) and classes, perhaps split (0 train,
      1 test) and votes (n, 10).

    `class_names` says what emotion a class of another name means; "" leaves the class out. What
    cannot be used is skipped and listed. `watch` hears of every picture of a folder and row of a
    table, and ends the reading if it raises.

    Raises:
        DataError: nothing there, nothing usable in it, or a class that names no emotion.
    """
    require_data(path)
    if path.is_dir():
        found = _read_folder(path, detect, class_names, watch)
    elif path.suffix.lower() == ".npz":
        found = _read_arrays(path, class_names)
    else:
        found = _read_csv(path, watch)
    if not len(found):
        hint = ""
        if found.skipped:
            first = found.skipped[0]
            hint = f" ({len(found.skipped)} could not be used, the first is {first.where}: "
            hint += f"{first.reason.rstrip('.')})"
        raise DataError(
            f"No usable pictures in {path}{hint}; expected one folder per emotion, fer2013.csv "
            "or an array file."
        )
    return found


def require_data(path: Path) -> None:
    """Find out at once whether there is anything that could be read.

    Raises:
        DataError: there is not.
    """
    if not path.exists():
        raise DataError(f"There is no data set at {path}.")


def unknown_classes(path: Path, class_names: Mapping[str, str] = NO_NAMES) -> dict[str, int]:
    """Return the classes whose names mean no emotion, and how many pictures each has.

    Raises:
        DataError: the data set cannot be read.
    """
    if path.is_dir():
        with _vanishing(path):
            sizes = [(folder.name, len(_pictures(folder))) for folder, _ in _class_folders(path)]
    elif path.suffix.lower() == ".npz":
        with _arrays(path) as arrays:
            names = [str(name) for name in arrays["classes"]]
            sizes = [(name, int((arrays["y"] == at).sum())) for at, name in enumerate(names)]
    else:
        sizes = []
    unknown: dict[str, int] = {}
    for name, count in sizes:
        try:
            _label(name, class_names)
        except DataError:
            unknown[name] = unknown.get(name, 0) + count
    return unknown


@dataclass(slots=True)
class _Collector:
    pixels: list[NDArray[np.uint8]] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    splits: list[int] = field(default_factory=list)
    votes: list[NDArray[np.uint8]] = field(default_factory=list)
    bursts: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(EMOTIONS, 0))

    def add(
        self,
        face: NDArray[np.uint8],
        label: int,
        split: str,
        votes: NDArray[np.uint8] = NO_VOTES,
        burst: str = "",
    ) -> None:
        self.pixels.append(face)
        self.labels.append(label)
        self.splits.append(SPLITS.index(split))
        self.votes.append(votes)
        self.bursts.append(burst)
        self.counts[EMOTIONS[label]] += 1

    def skip(self, where: str, reason: str) -> None:
        self.skipped.append(Skipped(where, reason))

    def faces(self) -> FaceSet:
        number = len(self.labels)
        return FaceSet(
            np.array(self.pixels, np.uint8).reshape(number, FACE_PX, FACE_PX),
            np.array(self.labels, np.int64),
            np.array(self.splits, np.int64),
            np.array(self.votes, np.uint8).reshape(number, len(VOTES)),
            tuple(self.skipped),
            self._bursts(),
        )

    def _bursts(self) -> NDArray[np.int64] | None:
        if not any(self.bursts):
            return None
        own = [burst or f"#{at}" for at, burst in enumerate(self.bursts)]
        return np.unique(own, return_inverse=True)[1].astype(np.int64)


def _read_folder(
    root: Path,
    detect: bool,
    class_names: Mapping[str, str],
    watch: Callable[[Progress], object],
) -> FaceSet:
    found, own, one_at_a_time = _Collector(), threading.local(), threading.Lock()

    def read(file: Path) -> NDArray[np.uint8] | str:
        if not hasattr(own, "photos"):  # a detector works for one thread
            own.photos = PhotoDetector()
        try:
            if file.stat().st_size > SMALL_BYTES and is_huge(file):
                with one_at_a_time:  # each may take hundreds of megabytes
                    return read_face(file, own.photos, detect, reduced=True)
            return read_face(file, own.photos, detect)
        except (SourceError, DataError) as error:
            return error.user_message
        except OSError as error:
            return f"{file.name} cannot be read ({reason_of(error)})."

    with _vanishing(root):
        files = [
            (file, label, split)
            for folder, split in _class_folders(root)
            if (label := _label(folder.name, class_names)) is not None
            for file in _pictures(folder)
        ]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS)) as threads:
        faces = threads.map(read, [file for file, _, _ in files])
        try:
            for done, ((file, label, split), face) in enumerate(zip(files, faces, strict=True), 1):
                if isinstance(face, str):
                    found.skip(str(file.relative_to(root)), face)
                else:
                    found.add(face, label, split, burst=_burst(file))
                watch(Progress(done, len(files), found.counts))
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    if found.skipped and not root.is_dir():
        raise DataError(f"The folder {root} went away while it was read.")
    return found.faces()


@contextlib.contextmanager
def _vanishing(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(f"{error.filename or root} cannot be read ({reason_of(error)}).") from error


def _class_folders(root: Path) -> Iterator[tuple[Path, str]]:
    for folder in _folders(root):
        split = _FOLDER_SPLITS.get(folder.name.lower())
        if split is None:
            yield folder, "train"
        else:
            yield from ((inner, split) for inner in _folders(folder))


def _folders(root: Path) -> list[Path]:
    return [
        entry
        for entry in sorted(root.iterdir())
        if entry.is_dir() and not entry.name.startswith((".", "__"))
    ]


def _pictures(folder: Path) -> list[Path]:
    def refused(error: OSError) -> None:
        raise error

    return sorted(
        file
        for inner, _, names in os.walk(folder, onerror=refused)
        for name in names
        if (file := Path(inner, name)).suffix.lower() in PICTURE_SUFFIXES
        and not name.startswith(".")
    )


def _label(name: str, class_names: Mapping[str, str]) -> int | None:
    """Return the emotion that a class means, None for one that is left out."""
    meant = class_names.get(name, name)
    return emotion_index(meant) if meant else None


def _burst(file: Path) -> str:
    parts = file.stem.split("__")
    return "__".join(parts[:3]) if len(parts) == 4 else ""


def read_face(
    file: Path, photos: PhotoDetector, detect: bool = False, reduced: bool = False
) -> NDArray[np.uint8]:
    """Return the face in a picture as (48, 48) gray: whole if small, searched for if a photo.

    `reduced` reads a huge picture in a quarter of its sides.

    Raises:
        SourceError: the file is not a readable picture.
        DataError: a photo without a face.
    """
    image = read_image(file, reduced)
    if not detect and not reduced and max(image.shape[:2]) <= CROP_LIMIT_PX:
        return to_face_gray(image)
    crop = photos.largest_face_crop(image)
    if crop is None:
        raise DataError(NO_FACE)
    return crop


def _read_csv(path: Path, watch: Callable[[Progress], object]) -> FaceSet:
    found = _Collector()
    votes = _read_votes(path.with_name("fer2013new.csv"))
    try:
        with path.open("rb") as lines:
            of = sum(1 for _ in lines) - 1
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if not {"emotion", "pixels"} <= set(rows.fieldnames or ()):
                raise DataError(f"{path.name} has no columns 'emotion' and 'pixels'.")
            number = -1
            for number, row in enumerate(rows):
                try:
                    mine = votes[number] if number < len(votes) else NO_VOTES
                    found.add(*_read_csv_row(row), mine)
                except (ValueError, IndexError, KeyError, TypeError) as error:
                    found.skip(f"line {rows.line_num}", str(error))
                watch(Progress(number + 1, of, found.counts))
        if votes and len(votes) != number + 1:
            raise DataError(
                f"fer2013new.csv has {len(votes)} rows and {path.name} {number + 1}: they do not "
                "belong together."
            )
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a fer2013.csv.") from error
    return found.faces()


def _read_csv_row(row: dict[str, str]) -> tuple[NDArray[np.uint8], int, str]:
    face = np.fromstring(row["pixels"], np.int64, sep=" ")  # six times as fast as split()
    if face.size != FACE_PX * FACE_PX:
        raise ValueError(f"{face.size} pixels instead of {FACE_PX * FACE_PX}")
    if face.min() < 0 or face.max() > 255:
        raise ValueError("a pixel is not within 0..255")
    number = int(row["emotion"])
    if not 0 <= number < len(FER2013_CSV_ORDER):
        raise ValueError(f"no emotion has the number {number}")
    label = EMOTIONS.index(FER2013_CSV_ORDER[number])
    return (
        face.reshape(FACE_PX, FACE_PX).astype(np.uint8),
        label,
        _CSV_SPLITS[row.get("Usage") or "Training"],
    )


def _read_votes(path: Path) -> list[NDArray[np.uint8]]:
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return [
                np.array([row[column] for column in _VOTE_COLUMNS], np.uint8)
                for row in csv.DictReader(file)
            ]
    except (KeyError, ValueError, TypeError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path.name} is not the FER+ table of votes.") from error


def _read_arrays(path: Path, class_names: Mapping[str, str]) -> FaceSet:
    with _arrays(path) as arrays:
        pixels, numbers = np.asarray(arrays["x"]), np.asarray(arrays["y"])
        order = [_label(str(name), class_names) for name in arrays["classes"]]
        count = len(numbers)
        test = np.asarray(arrays["split"]) if "split" in arrays else np.zeros(count, np.uint8)
        votes = arrays["votes"] if "votes" in arrays else np.zeros((count, len(VOTES)))
    if (
        pixels.shape != (count, FACE_PX, FACE_PX)
        or votes.shape != (count, len(VOTES))
        or numbers.shape != (count,)
        or test.shape != (count,)
    ):
        raise DataError(
            f"The arrays of {path} do not fit: expected x (n, {FACE_PX}, {FACE_PX}), y (n,) and, "
            f"if there are any, split (n,) and votes (n, {len(VOTES)})."
        )
    for name, array, end in (("x", pixels, 256), ("y", numbers, len(order)), ("split", test, 256)):
        whole = array.dtype.kind in "iub"
        if count and not (whole and array.min() >= 0 and array.max() < end):
            raise DataError(f"{name} of {path} is to hold whole numbers from 0 to {end - 1} only.")
    labels = np.array([-1 if one is None else one for one in order], np.int64)[numbers]
    splits = np.where(test == 0, SPLITS.index("train"), SPLITS.index("test"))
    everything = FaceSet(pixels.astype(np.uint8), labels, splits, votes.astype(np.uint8))
    return everything if (labels >= 0).all() else everything.where(labels >= 0)


@contextlib.contextmanager
def _arrays(path: Path) -> Iterator[Any]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            yield arrays
    except NO_ARRAYS as error:
        raise DataError(f"{path} is not an array file with x, y and classes.") from error
