"""Training pictures in, arrays out: folders per emotion, or the original fer2013.csv."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fercam.capture.images import read_image
from fercam.core.emotions import EMOTIONS, FER2013_CSV_ORDER, emotion_index
from fercam.core.errors import DataError, SourceError
from fercam.detection.crop import FACE_PX, to_face_gray
from fercam.detection.photo import PhotoDetector

SPLITS = ("train", "validation", "test", "private_test")
CROP_LIMIT_PX = 128
"""Pictures up to this side are taken as face crops already; larger ones are photos to search."""

_FOLDER_SPLITS = {"train": "train", "training": "train", "validation": "validation",
                  "valid": "validation", "val": "validation", "test": "test"}  # fmt: skip
_CSV_SPLITS = {"Training": "train", "PublicTest": "test", "PrivateTest": "private_test"}
_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".pgm"}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A picture or row that could not be used, and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """Labelled faces.

    pixels (n, 48, 48) uint8 gray; labels (n,) int64, indices into `EMOTIONS`; splits (n,) int64,
    indices into `SPLITS`.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    splits: NDArray[np.int64]
    skipped: tuple[Skipped, ...] = field(default=())

    def part(self, split: str) -> "FaceSet":
        """Return the faces of one split."""
        return self.where(self.splits == SPLITS.index(split))

    def where(self, keep: NDArray[np.bool_]) -> "FaceSet":
        """Return the faces for which `keep` (n,) is true."""
        return replace(
            self, pixels=self.pixels[keep], labels=self.labels[keep], splits=self.splits[keep]
        )

    def __len__(self) -> int:
        return len(self.labels)

    def fingerprint(self) -> str:
        """Return a SHA-256 over pixels, labels and splits: equal sets, equal fingerprints."""
        digest = hashlib.sha256(self.pixels.tobytes())
        digest.update(self.labels.tobytes())
        digest.update(self.splits.tobytes())
        return digest.hexdigest()

    def groups(self) -> NDArray[np.int64]:
        """Return (n,) group numbers: exact copies of a picture share one.

        They depend on the set of pictures alone, not on its order.
        """
        # hashes, since sorting whole pictures takes twenty times as long
        hashes = [
            hashlib.sha1(face.tobytes(), usedforsecurity=False).digest() for face in self.pixels
        ]
        _, group = np.unique(np.array(hashes), return_inverse=True)
        return group.astype(np.int64)


def load(path: Path, detect: bool = False) -> FaceSet:
    """Return the data set at `path`: a folder with one folder per emotion, or fer2013.csv.

    A folder may have a level train/validation/test above the emotions. Unreadable pictures and
    photos without a face are skipped and listed. `detect` searches small pictures for a face too.

    Raises:
        DataError: nothing there, nothing usable in it, or a folder that names no emotion.
    """
    if path.is_dir():
        found = _read_folder(path, detect)
    elif path.is_file():
        found = _read_csv(path)
    else:
        raise DataError(f"There is no data set at {path}.")
    if not len(found):
        hint = f" ({len(found.skipped)} pictures could not be used)" if found.skipped else ""
        raise DataError(
            f"No usable pictures in {path}{hint}; expected one folder per emotion or fer2013.csv."
        )
    return found


def prepare(faces: FaceSet, validation_share: float, seed: int) -> FaceSet:
    """Return `faces` with leaks closed and a validation part split off the training part.

    Training pictures that are exact copies of test pictures are dropped. Validation is drawn by
    group of copies, so copies never stand on both sides; a validation part that the data set
    brings along is kept as it is.

    Raises:
        DataError: too few training pictures to split.
    """
    groups = faces.groups()
    train = faces.splits == SPLITS.index("train")
    held_out = ~train
    leaked = train & np.isin(groups, groups[held_out])
    splits = faces.splits.copy()
    if not np.any(faces.splits == SPLITS.index("validation")):
        candidates = np.unique(groups[train & ~leaked])
        chosen = np.random.default_rng(seed).permutation(candidates)
        chosen = chosen[: round(len(candidates) * validation_share)]
        splits[train & np.isin(groups, chosen)] = SPLITS.index("validation")
    prepared = replace(faces, splits=splits).where(~leaked)
    if not len(prepared.part("train")) or not len(prepared.part("validation")):
        raise DataError(
            f"{int(train.sum())} training pictures are too few to train and validate on."
        )
    return prepared


def network_input(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return faces (n, 48, 48) uint8 as (n, 48, 48, 1) float32 of 0..255, what networks take."""
    return pixels[..., np.newaxis].astype(np.float32)


def _read_folder(root: Path, detect: bool) -> FaceSet:
    pixels: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    splits: list[int] = []
    skipped: list[Skipped] = []
    photos = PhotoDetector()
    for folder, split in _emotion_folders(root):
        label = emotion_index(folder.name)
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() not in _PICTURES:
                continue
            try:
                face = read_face(file, photos, detect)
            except (SourceError, DataError) as error:
                skipped.append(Skipped(str(file.relative_to(root)), error.user_message))
                continue
            pixels.append(face)
            labels.append(label)
            splits.append(SPLITS.index(split))
    return _face_set(pixels, labels, splits, skipped)


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
        raise DataError("no face found")
    return crop


def _read_csv(path: Path) -> FaceSet:
    pixels: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    splits: list[int] = []
    skipped: list[Skipped] = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            if not {"emotion", "pixels"} <= set(rows.fieldnames or ()):
                raise DataError(f"{path.name} has no columns 'emotion' and 'pixels'.")
            for row in rows:
                try:
                    face, label, split = _read_csv_row(row)
                except (ValueError, IndexError, KeyError, TypeError) as error:
                    skipped.append(Skipped(f"line {rows.line_num}", str(error)))
                    continue
                pixels.append(face)
                labels.append(label)
                splits.append(SPLITS.index(split))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a fer2013.csv.") from error
    return _face_set(pixels, labels, splits, skipped)


def _read_csv_row(row: dict[str, str]) -> tuple[NDArray[np.uint8], int, str]:
    face = np.array(row["pixels"].split(), dtype=np.uint8)
    if face.size != FACE_PX * FACE_PX:
        raise ValueError(f"{face.size} pixels instead of {FACE_PX * FACE_PX}")
    number = int(row["emotion"])
    if not 0 <= number < len(FER2013_CSV_ORDER):
        raise ValueError(f"no emotion has the number {number}")
    label = EMOTIONS.index(FER2013_CSV_ORDER[number])
    return face.reshape(FACE_PX, FACE_PX), label, _CSV_SPLITS[row.get("Usage") or "Training"]


def _face_set(
    pixels: list[NDArray[np.uint8]], labels: list[int], splits: list[int], skipped: list[Skipped]
) -> FaceSet:
    shape = (len(pixels), FACE_PX, FACE_PX)
    stacked = np.stack(pixels) if pixels else np.empty(shape, np.uint8)
    return FaceSet(stacked, np.array(labels, np.int64), np.array(splits, np.int64), tuple(skipped))
