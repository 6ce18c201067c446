"""Pictures: one, or a folder of them."""

import re
import time
from pathlib import Path

import cv2
import numpy as np

from fercam.capture.source import FrameSource
from fercam.capture.suffixes import PICTURE_SUFFIXES, files_in
from fercam.core.errors import SourceError, reason_of
from fercam.core.values import Frame, Image
from fercam.core.words import counted

HUGE_PX = 25_000_000
MOST_NAMED = 3
"""Of the pictures that cannot be read, so many are named."""


def is_huge(path: Path) -> bool:
    """Return whether a picture has so many pixels that it is better read in a reduced size."""
    from PIL import Image as Pillow

    try:
        with Pillow.open(path) as picture:
            width, height = picture.size
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        return True
    except (OSError, ValueError, SyntaxError):
        return False
    return width * height > HUGE_PX


def read_image(path: Path, reduced: bool = False) -> Image:
    """Return a picture as (H, W, 3) uint8 BGR, whatever its depth, colour or orientation.

    Transparent parts are shown on white, unless `reduced`: then the sides are a quarter.

    Raises:
        SourceError: there is no such file, or it is not a picture.
    """
    if path.is_dir():
        raise SourceError(f"{path} is a folder, not a picture.")
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except FileNotFoundError as error:
        raise SourceError(f"There is no file at {path}.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({reason_of(error)}).") from error
    if not content.size:
        raise SourceError(f"{path} is empty.")
    try:
        # a JPEG is never transparent, and decoding large ones twice is slow
        is_jpeg = content[:2].tobytes() == b"\xff\xd8"
        plain = is_jpeg or reduced
        decoded = None if plain else cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
        if decoded is None or decoded.ndim < 3 or decoded.shape[2] != 4:
            # only this mode turns the picture as its EXIF orientation says
            mode = cv2.IMREAD_REDUCED_COLOR_4 if reduced else cv2.IMREAD_COLOR
            coloured = cv2.imdecode(content, mode)
            decoded = decoded if coloured is None else coloured
    except cv2.error:
        decoded = None
    if decoded is None:
        raise SourceError(f"{path} is not a picture that can be read.")
    image = _to_bgr(decoded)
    image.setflags(write=False)
    return image


def frame_of(image: Image, number: int) -> Frame:
    """Return a picture as frame `number` of a source that shows one picture a second."""
    return Frame(number, time.monotonic_ns(), time.time(), float(number), image)


class ImageSource(FrameSource):
    """A picture, or the pictures of a folder in natural order of their names.

    Pictures of a folder that cannot be read are left out.
    """

    stills = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: list[Path] = []
        self._next = 0
        self._unreadable: list[str] = []

    @property
    def description(self) -> str:
        return self._path.name

    @property
    def fps(self) -> float:
        return 1.0

    @property
    def frame_count(self) -> int:
        return len(self._files)

    @property
    def left_out(self) -> str:
        named, more = self._unreadable[:MOST_NAMED], len(self._unreadable) - MOST_NAMED
        if not named:
            return ""
        names = ", ".join(named) + (f" and {more:,} more" if more > 0 else "")
        return f"{counted(len(self._unreadable), 'picture')} cannot be read: {names}."

    def open(self) -> None:
        self._next = 0
        self._unreadable = []
        if not self._path.is_dir():
            read_image(self._path)
            self._files = [self._path]
            return
        self._files = sorted(files_in(self._path, PICTURE_SUFFIXES), key=_natural)
        if not self._files:
            raise SourceError(f"There are no pictures in {self._path}.")

    def read(self) -> Frame | None:
        while self._next < len(self._files):
            file = self._files[self._next]
            try:
                image = read_image(file)
            except SourceError:
                self._unreadable.append(file.name)
                del self._files[self._next]
                continue
            frame = frame_of(image, self._next)
            self._next += 1
            return frame
        if not self._files:
            raise SourceError(f"None of the pictures in {self._path} can be read.")
        return None

    def close(self) -> None:
        self._next = len(self._files)


def _to_bgr(decoded: np.ndarray) -> Image:
    if decoded.dtype == np.uint16:
        decoded = (decoded >> 8).astype(np.uint8)
    elif decoded.dtype != np.uint8:
        decoded = np.clip(decoded * 255.0, 0, 255).astype(np.uint8)
    if decoded.ndim == 2:
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_GRAY2BGR), np.uint8)
    if decoded.shape[2] == 4:
        opacity = decoded[..., 3:].astype(np.float32) / 255
        return (decoded[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    return np.asarray(decoded, np.uint8)


def _natural(file: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", file.name.lower())
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
    return [*key, (1, 0, file.name)]  # 1.png and 01.png always in the same order
