"""What every output file of a session can do."""

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from fercam.core.errors import SessionError, reason_of
from fercam.core.values import AnnotatedFrame, Image
from fercam.recording.quality import DEFAULT_QUALITY


class Sink(ABC):
    """Writes frames, in order, to one file of a session folder. One thread at a time."""

    file_name: ClassVar[str]

    @abstractmethod
    def __init__(
        self, folder: Path, fps_hint: float | None = None, quality: str = DEFAULT_QUALITY
    ) -> None:
        """Prepare to write `file_name` in `folder`.

        `fps_hint` is the source's nominal rate, `quality` a key of `QUALITIES`.
        """
        self.path = folder / self.file_name

    @abstractmethod
    def add(self, annotated: AnnotatedFrame, painted: Image | None = None) -> None:
        """Write one frame; `painted` is its picture with the overlay, None if there is none.

        Raises:
            SessionError: the file cannot be written.
        """

    def sync(self) -> None:
        """Bring what the system has of the file onto the disk itself.

        Raises:
            SessionError: the disk does not take it, or the file was taken away.
        """
        try:
            with self.path.open("r+b") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise SessionError(
                f"The file {self.path} cannot be written ({reason_of(error)})."
            ) from error

    @abstractmethod
    def close(self) -> None:
        """Complete the file; harmless when closed already.

        Raises:
            SessionError: the file cannot be completed; what was written before is kept.
        """


def frame_duration_s(last_gap_s: float | None, fps_hint: float | None) -> float:
    """Return how long a last frame is shown: by the nominal rate, else as the one before it."""
    if fps_hint is not None and fps_hint > 0:
        return 1 / fps_hint
    return last_gap_s or 1 / 30
