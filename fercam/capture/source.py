"""What every source of frames can do."""

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from fercam.core.errors import SourceError
from fercam.core.values import Frame, Image

if TYPE_CHECKING:
    from fercam.capture.modes import CameraMode


class FrameSource(ABC):
    """Yields frames in order. Opened, read and closed by one thread; never shared.

    `live`: frames come at their own pace and may be missed. `endless`: it is never over by itself.
    `mirrored`: people expect to see themselves as in a mirror; frames themselves are never
    mirrored. `stills`: frames are pictures that have nothing to do with each other. `seekable`:
    it can be gone on with from anywhere. `round_s`: after so long an endless one begins anew.
    """

    live: bool = False
    endless: bool = False
    round_s: float | None = None
    mirrored: bool = False
    stills: bool = False
    seekable: bool = False

    @property
    @abstractmethod
    def description(self) -> str:
        """What a person calls this source, with its size once open: 'Demo (640x480)'."""

    @property
    def fps(self) -> float | None:
        """The nominal rate in frames per second; None if unknown."""
        return None

    @property
    def frame_count(self) -> int | None:
        """About how many frames there are; None if endless or unknown."""
        return None

    @property
    def duration_s(self) -> float | None:
        """How long it lasts, in seconds; None if endless or unknown."""
        return None

    @property
    def left_out(self) -> str:
        """What could not be read so far and was passed over, in one sentence; empty if nothing."""
        return ""

    def modes(self) -> "list[CameraMode]":
        """Return at once the sizes and rates it could be opened with (cameras only)."""
        return []

    def wish(self, mode: str) -> bool:
        """Take another size and rate, such as '1280x720@30', for the next `open` (cameras only).

        Return whether that would give anything else than now.
        """
        return False

    def seek(self, t_s: float) -> None:
        """Go on with the first frame whose media time is `t_s` seconds or later.

        Frame ids go on counting. Past the last frame the source is at its end.

        Raises:
            SourceError: it is not `seekable`, not open, or damaged before that frame.
        """
        raise SourceError(f"{self.description} cannot be wound forward or back.")

    @abstractmethod
    def open(self) -> None:
        """Make ready for `read`. May be called again after `close`.

        Frame ids and media times then begin at 0 again, but a source that can be lost goes on
        counting, so that a recording outlives a pulled cable with true times.

        Raises:
            SourceError: it cannot be opened; the message says why and what to try.
        """

    @abstractmethod
    def read(self) -> Frame | None:
        """Return the next frame, waiting for a live source; None at the end.

        Raises:
            SourceLost: a live source went away; `close` and `open` may bring it back.
            SourceError: a file is damaged from here on; frames read so far are good.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the device or file; harmless when closed already."""


class LiveClock:
    """Numbers and dates the pictures of a live source, through losses too."""

    def __init__(self) -> None:
        self._first_ns: int | None = None
        self._next_id = 0

    def frame(self, image: Image) -> Frame:
        """Return a picture that came just now as the next frame."""
        now_ns = time.monotonic_ns()
        if self._first_ns is None:
            self._first_ns = now_ns
        media_s = (now_ns - self._first_ns) / 1e9
        frame = Frame(self._next_id, now_ns, time.time(), media_s, image)
        self._next_id += 1
        return frame
