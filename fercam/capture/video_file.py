"""Video files, every frame with the time stamp the file gives it."""

import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fercam.capture.source import FrameSource
from fercam.core.errors import SourceError
from fercam.core.values import Frame, Image

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".wmv", ".ts", ".3gp"}
)
CUT_TOLERANCE = 0.97
"""A file of which less than this share of its announced length can be read broke off."""
SMALLEST_STEP_S = 0.001
"""Frames that a file gives the same time, or an earlier one, are set so far apart."""


class VideoFileSource(FrameSource):
    """A video file, decoded frame by frame; media time 0 is its first frame."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: InputContainer | None = None
        self._frames: Iterator[VideoFrame] = iter(())
        self._peeked: VideoFrame | None = None
        self._fps: float | None = None
        self._announced_s = 0.0
        self._read_to_s = 0.0
        self._frame_count: int | None = None
        self._size = ""
        self._first_s = 0.0
        self._last_s = 0.0
        self._next_id = 0

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
            # a relative name with a colon would be taken for a protocol
            self._container = av.open(str(self._path.absolute()))
        except (av.FFmpegError, OSError, ValueError) as error:
            raise SourceError(f"{self._path} is not a video that can be read.") from error
        stream = self._container.streams.best("video")
        if not isinstance(stream, VideoStream):
            self.close()
            raise SourceError(f"{self._path} holds no video.")
        self._read_facts(self._container, stream)
        self._frames = self._decode(self._container, stream)
        try:
            self._peeked = next(self._frames, None)
        except (av.FFmpegError, OSError) as error:
            self.close()
            raise SourceError(f"{self._path} holds no frame that can be read.") from error
        if self._peeked is None:
            self.close()
            raise SourceError(f"{self._path} holds no frame that can be read.")
        height, width = to_image(self._peeked).shape[:2]
        self._size = f" ({width}x{height})"

    def read(self) -> Frame | None:
        try:
            decoded, self._peeked = self._peeked or next(self._frames, None), None
        except (av.FFmpegError, OSError) as error:
            raise self._broken_off() from error
        if decoded is None:
            if self._ended_early():
                raise self._broken_off()
            return None
        time_s = decoded.time if decoded.time is not None else self._next_id / (self._fps or 30)
        if not self._next_id:
            self._first_s = time_s
            self._last_s = 0.0
        else:
            self._last_s = max(time_s - self._first_s, self._last_s + SMALLEST_STEP_S)
        now_ns, wall_s = time.monotonic_ns(), time.time()
        frame = Frame(self._next_id, now_ns, wall_s, self._last_s, to_image(decoded))
        self._next_id += 1
        return frame

    def close(self) -> None:
        self._frames = iter(())
        self._peeked = None
        if self._container is not None:
            self._container.close()
            self._container = None

    def _read_facts(self, container: InputContainer, stream: VideoStream) -> None:
        stream.thread_type = "AUTO"
        self._fps = float(stream.average_rate) if stream.average_rate else None
        if stream.duration and stream.time_base:
            self._announced_s = float(stream.duration * stream.time_base)
        else:
            self._announced_s = (container.duration or 0) / av.time_base
        counts = (stream.frames, round(self._announced_s * (self._fps or 0)))
        self._frame_count = min((count for count in counts if count), default=None)
        self._read_to_s = 0.0
        self._next_id = 0

    def _decode(self, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        """Yield the frames, and note up to which time there was something to read.

        The announced length is that of the video where the file knows its frames, else that of
        the longest stream, which may be the sound.
        """
        watched = (stream,) if stream.duration and stream.frames else container.streams
        starts_s = (container.start_time or 0) / av.time_base
        for packet in container.demux():
            if packet.stream in watched and packet.pts is not None and packet.time_base:
                end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base)
                self._read_to_s = max(self._read_to_s, end_s - starts_s)
            if packet.stream is stream:
                yield from stream.decode(packet)

    def _ended_early(self) -> bool:
        missing_s = self._announced_s - self._read_to_s
        known = self._container is not None and self._read_to_s > 0
        return known and missing_s > 0.5 and self._read_to_s < CUT_TOLERANCE * self._announced_s

    def _broken_off(self) -> SourceError:
        return SourceError(f"{self._path} breaks off after {self._last_s:.1f} s.")


def to_image(decoded: VideoFrame) -> Image:
    """Return a decoded frame upright as (H, W, 3) BGR, read-only."""
    image: Image = np.asarray(decoded.to_ndarray(format="bgr24"), np.uint8)
    if turns := round((decoded.rotation or 0) / 90) % 4:
        image = np.ascontiguousarray(np.rot90(image, turns))
    image.setflags(write=False)
    return image
