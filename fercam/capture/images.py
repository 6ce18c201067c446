"""Still pictures: one, or a folder of them."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps

from fercam.capture.source import FrameSource
from fercam.core.errors import SourceError
from fercam.core.values import Frame, Image

PICTURE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pgm", ".png", ".ppm"}
    | {".tif", ".tiff", ".webp"}
)
"""The endings, in lower case, of the files taken for pictures."""

PICTURES_PER_S = 1.0
"""How fast a folder of pictures plays."""


def read_image(path: Path) -> Image:
    """Return a picture as (H, W, 3) uint8 BGR, turned as its EXIF orientation says.

    16 bit is scaled to 8, gray becomes three equal channels, transparency shows white.

    Raises:
        SourceError: nothing is there, or it is not a picture that can be read.
    """
    if path.is_dir():
        raise SourceError(f"{path} is a folder, not a picture.")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SourceError(f"There is no picture at {path}.") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read; check that you may open it.") from error
    if not data:
        raise SourceError(f"{path} is empty.")
    image = _decoded(data)
    if image is None:
        raise SourceError(f"{path.name} is not a picture that can be read; try a JPEG or PNG file.")
    return image


def _decoded(data: bytes) -> Image | None:
    buffer = np.frombuffer(data, np.uint8)
    try:
        # JPEG knows no transparency, so the usual picture is decoded only once.
        if not data.startswith(b"\xff\xd8"):
            plain = cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED)
            if plain is not None and plain.ndim == 3 and plain.shape[2] == 4:
                flattened = _over_white(data)
                if flattened is not None:
                    return flattened
        image = cv2.imdecode(buffer, cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if image is None else np.asarray(image, np.uint8)


def _over_white(data: bytes) -> Image | None:
    """Flatten through Pillow, which also knows the orientation of transparent pictures."""
    try:
        with PIL.Image.open(io.BytesIO(data)) as opened:
            picture = PIL.ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError):
        return None
    white = PIL.Image.new("RGBA", picture.size, "white")
    rgb = np.asarray(PIL.Image.alpha_composite(white, picture).convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def natural_order(path: Path) -> list[str | int]:
    """Sort key that puts face2 before face10, whatever the case of the letters."""
    parts = re.split(r"([0-9]+)", path.name)
    return [int(part) if part.isdecimal() else part.casefold() for part in parts]


class ImageSource(FrameSource):
    """One picture, or a folder of pictures in natural name order, one frame each.

    `skipped` lists the pictures of a folder that could not be read so far, and why.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._paths: list[Path] = []
        self._frames: Iterator[Frame] = iter(())
        self._first: Frame | None = None
        self.skipped: list[tuple[Path, str]] = []

    @property
    def description(self) -> str:
        """The name, with the picture's size or the number of pictures once open."""
        if self._path.is_dir():
            count = len(self._paths)
            return f"{self._path.name} ({count} pictures)" if count else self._path.name
        if self._first is None:
            return self._path.name
        height, width = self._first.image.shape[:2]
        return f"{self._path.name} ({width}x{height})"

    @property
    def fps(self) -> float | None:
        """One picture a second."""
        return PICTURES_PER_S

    @property
    def frame_count(self) -> int | None:
        """The pictures, without those found unreadable so far; None before `open`."""
        return len(self._paths) - len(self.skipped) if self._paths else None

    def open(self) -> None:
        """Find the pictures and read the first.

        Raises:
            SourceError: nothing there can be read.
        """
        self.close()
        self._paths = self._found()
        self._frames = self._read_all()
        self._first = next(self._frames, None)
        if self._first is None:
            raise SourceError(f"None of the pictures in {self._path} can be read.")

    def read(self) -> Frame | None:
        """Return the next picture; its media time is its place in the row of pictures."""
        if self._first is not None and self._first.frame_id == 0 and not self._first_taken:
            self._first_taken = True
            return self._first
        return next(self._frames, None)

    def close(self) -> None:
        """Forget the pictures."""
        self._paths = []
        self._frames = iter(())
        self._first = None
        self._first_taken = False
        self.skipped = []
