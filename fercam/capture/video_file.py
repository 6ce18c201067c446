"""Video files, every frame with the time stamp the file gives it."""

import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from fercam.capture.source import FrameSource
from fercam.core.errors import SourceError
from fercam.core.values import Frame, Image

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".wmv", ".ts", ".3gp"}
)
CUT_TOLERANCE = 0.97
"""A file of which less than this share of its announced length can be read broke off."""


class VideoFileSource(FrameSource):
    """A video file, decoded frame by frame; media time 0 is its first frame."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: av.container.InputContainer | None = None
        self._frames: Iterator[VideoFrame] = iter(())
        self._fps: float | None = None
        self._announced_s: float | None = None
        self._frame_count: int | None = None
        self._size = ""
        self._first_s: float | None = None
        self._next_id = 0
        self._last_s = 0.0

    @property
    def description(self) -> str:
        return f"{self._path.name}{self._size}"

    @property
    def fps(self) -> float | None:
        return self._fps

    @property
    def frame_count(self) -> int | None:
        return self._frame_count

    def open(self) -> None:
        self.close()
        if not self._path.exists():
            raise SourceError(f"There is no file at {self._path}.")
        if self._path.is_dir():
            raise SourceError(f"{self._path} is a folder, not a video.")
        if self._path.stat().st_size == 0:
            raise SourceError(f"{self._path} is empty.")
        try:
            container = av.open(str(self._path))
        except (av.FFmpegError, OSError, ValueError) as error:
            raise SourceError(f"{self._path} is not a video that can be read.") from error
        if not container.streams.video:
            container.close()
            raise SourceError(f"{self._path} holds no video.")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        self._container = container
        self._frames = container.decode(stream)
        self._fps = float(stream.average_rate) if stream.average_rate else None
        self._size = f" ({stream.width}x{stream.height})"
        if stream.duration and stream.time_base:
            self._announced_s = float(stream.duration * stream.time_base)
        elif container.duration:
            self._announced_s = container.duration / av.time_base
        self._frame_count = stream.frames or (
            round(self._announced_s * self._fps) if self._announced_s and self._fps else None
        )
        self._first_s = None
        self._next_id = 0

    def read(self) -> Frame | None:
        try:
            decoded = next(self._frames, None)
        except (av.FFmpegError, OSError) as error:
            raise self._broken_off() from error
        if decoded is None:
            if self._ended_early():
                raise self._broken_off()
            return None
        time_s = decoded.time if decoded.time is not None else self._next_id / (self._fps or 30)
        if self._first_s is None:
            self._first_s = time_s
        self._last_s = time_s - self._first_s
        frame = Frame(
            self._next_id, time.monotonic_ns(), time.time(), self._last_s, to_image(decoded)
        )
        self._next_id += 1
        return frame

    def close(self) -> None:
        self._frames = iter(())
        if self._container is not None:
            self._container.close()
            self._container = None

    def _ended_early(self) -> bool:
        if not self._next_id:
            return True
        read_s = self._last_s + 1 / (self._fps or 30)
        missing_s = (self._announced_s or 0.0) - read_s
        return missing_s > 0.5 and read_s < CUT_TOLERANCE * (self._announced_s or 0.0)

    def _broken_off(self) -> SourceError:
        if not self._next_id:
            return SourceError(f"{self._path} holds no frame that can be read.")
        return SourceError(f"{self._path} breaks off after {self._last_s:.1f} s.")


def to_image(decoded: VideoFrame) -> Image:
    """Return a decoded frame upright as (H, W, 3) BGR, read-only."""
    image: Image = np.asarray(decoded.to_ndarray(format="bgr24"), np.uint8)
    if turns := round((decoded.rotation or 0) / 90) % 4:
        image = np.ascontiguousarray(np.rot90(image, turns))
    image.setflags(write=False)
    return image
