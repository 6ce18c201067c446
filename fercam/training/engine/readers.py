"""Data sets in: folders per emotion, the original fer2013.csv, or an array file."""

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fercam.capture.images import read_image
from fercam.core.emotions import EMOTIONS, FER2013_CSV_ORDER, emotion_index
from fercam.core.errors import DataError, SourceError
from fercam.detection.crop import FACE_PX, to_face_gray
from fercam.detection.photo import PhotoDetector
from fercam.training.engine.dataset import SPLITS, VOTES, FaceSet, Skipped

CROP_LIMIT_PX = 128
"""Pictures up to this side are taken as face crops already; larger ones are photos to search."""
NO_FACE = "no face found"
NO_VOTES = np.zeros(len(VOTES), np.uint8)

_FOLDER_SPLITS = {"train": "train", "training": "train", "validation": "validation",
                  "valid": "validation", "val": "validation", "test": "test"}  # fmt: skip
_CSV_SPLITS = {"Training": "train", "PublicTest": "test", "PrivateTest": "private_test"}
_VOTE_COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear",
                 "contempt", "unknown", "NF")  # fmt: skip
_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".pgm"}


def load(path: Path, detect: bool = False) -> FaceSet:
    """Return the data set at `path`.

    * A folder with one folder per emotion, perhaps below a level train/validation/test. Small
      pictures are face crops as they are (`detect` searches them too), larger ones are photos.
    * fer2013.csv; a fer2013new.csv (FER+) beside it gives the votes, row by row.
    * An array file (.npz): x (n, 48, 48) uint8, y (n,) and classes, perhaps split (0 train,
      1 test) and votes (n, 10).

    What cannot be used is skipped and listed.

    Raises:
        DataError: nothing there, nothing usable in it, or a folder that names no emotion.
    """
    if path.is_dir():
        found = _read_folder(path, detect)
    elif path.is_file():
        found = _read_arrays(path) if path.suffix.lower() == ".npz" else _read_csv(path)
    else:
        raise DataError(f"There is no data set at {path}.")
    if not len(found):
        hint = f" ({len(found.skipped)} pictures could not be used)" if found.skipped else ""
        raise DataError(
            f"No usable pictures in {path}{hint}; expected one folder per emotion, fer2013.csv "
            "or an array file."
        )
    return found


@dataclass(slots=True)
class _Collector:
    pixels: list[NDArray[np.uint8]] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    splits: list[int] = field(default_factory=list)
    votes: list[NDArray[np.uint8]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def add(
        self, face: NDArray[np.uint8], label: int, split: str, votes: NDArray[np.uint8] = NO_VOTES
    ) -> None:
        self.pixels.append(face)
        self.labels.append(label)
        self.splits.append(SPLITS.index(split))
        self.votes.append(votes)

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
        )


def _read_folder(root: Path, detect: bool) -> FaceSet:
    found = _Collector()
    photos = PhotoDetector()
    for folder, split in _emotion_folders(root):
        label = emotion_index(folder.name)
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() not in _PICTURES:
                continue
            try:
                found.add(read_face(file, photos, detect), label, split)
            except (SourceError, DataError) as error:
                found.skip(str(file.relative_to(root)), error.user_message)
    return found.faces()


def _emotion_folders(root: Path) -> Iterator[tuple[Path, str]]:
    folders = [entry for entry in sorted(root.iterdir()) if entry.is_dir()]
    for folder in folders:
        if folder.name.startswith((".", "__")):
            continue
        split = _FOLDER_SPLITS.get(folder.name.lower())
        if split is None:
            yield folder, "train"
            continue
        for emotion in sorted(folder.iterdir()):
            if emotion.is_dir() and not emotion.name.startswith((".", "__")):
                yield emotion, split


def read_face(file: Path, photos: PhotoDetector, detect: bool = False) -> NDArray[np.uint8]:
    """Return the face in a picture as (48, 48) gray: whole if small, searched for if a photo.

    Raises:
        SourceError: the file is not a readable picture.
        DataError: a photo without a face.
    """
    image = read_image(file)
    if not detect and max(image.shape[:2]) <= CROP_LIMIT_PX:
        return to_face_gray(image)
    crop = photos.largest_face_crop(image)
    if crop is None:
        raise DataError(NO_FACE)
    return crop


def _read_csv(path: Path) -> FaceSet:
    found = _Collector()
    votes = _read_votes(path.with_name("fer2013new.csv"))
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            if not {"emotion", "pixels"} <= set(rows.fieldnames or ()):
                raise DataError(f"{path.name} has no columns 'emotion' and 'pixels'.")
            for number, row in enumerate(rows):
                try:
                    found.add(*_read_csv_row(row), votes[number] if votes else NO_VOTES)
                except (ValueError, IndexError, KeyError, TypeError) as error:
                    found.skip(f"line {rows.line_num}", str(error))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a fer2013.csv.") from error
    return found.faces()


def _read_csv_row(row: dict[str, str]) -> tuple[NDArray[np.uint8], int, str]:
    face = np.array(row["pixels"].split(), dtype=np.uint8)
    if face.size != FACE_PX * FACE_PX:
        raise ValueError(f"{face.size} pixels instead of {FACE_PX * FACE_PX}")
    number = int(row["emotion"])
    if not 0 <= number < len(FER2013_CSV_ORDER):
        raise ValueError(f"no emotion has the number {number}")
    label = EMOTIONS.index(FER2013_CSV_ORDER[number])
    return face.reshape(FACE_PX, FACE_PX), label, _CSV_SPLITS[row.get("Usage") or "Training"]


def _read_votes(path: Path) -> list[NDArray[np.uint8]]:
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [
                np.array([row[column] for column in _VOTE_COLUMNS], np.uint8)
                for row in csv.DictReader(file)
            ]
    except (KeyError, ValueError, TypeError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path.name} is not the FER+ table of votes.") from error


def _read_arrays(path: Path) -> FaceSet:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            pixels = np.asarray(arrays["x"])
            order = [emotion_index(str(name)) for name in arrays["classes"]]
            labels = np.array(order, np.int64)[arrays["y"]]
            count = len(labels)
            test = np.asarray(arrays["split"]) if "split" in arrays else np.zeros(count)
            votes = arrays["votes"] if "votes" in arrays else np.zeros((count, len(VOTES)))
    except (KeyError, ValueError, OSError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is not an array file with x, y and classes.") from error
    if pixels.shape != (count, FACE_PX, FACE_PX) or votes.shape != (count, len(VOTES)):
        raise DataError(f"The arrays of {path} do not fit: expected x (n, {FACE_PX}, {FACE_PX}).")
    splits = np.where(test == 0, SPLITS.index("train"), SPLITS.index("test"))
    return FaceSet(pixels.astype(np.uint8), labels, splits, votes.astype(np.uint8))
