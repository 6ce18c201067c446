"""The endings of the files that are taken for videos and for pictures."""

from collections.abc import Set
from pathlib import Path

from fercam.core.errors import SourceError, reason_of

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".wmv", ".ts", ".3gp"}
)
PICTURE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm"}
)


def files_in(folder: Path, suffixes: Set[str]) -> list[Path]:
    """Return the files in a folder that end so, but for hidden ones, which are other programs'.

    Raises:
        SourceError: the folder cannot be read.
    """
    try:
        inside = list(folder.iterdir())
    except OSError as error:
        raise SourceError(f"{folder} cannot be read ({reason_of(error)}).") from error
    return [
        file for file in inside if file.suffix.lower() in suffixes and not file.name.startswith(".")
    ]
