"""Video files, every frame with the time stamp the file gives it."""

import math
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fercam.capture.decoding import Decoder, to_image
from fercam.capture.source import FrameSource
from fercam.core.errors import SourceError
from fercam.core.values import Frame
from fercam.core.words import counted

CUT_TOLERANCE = 0.97
"""A file of which less than this share of its announced length can be read broke off."""
SMALLEST_STEP_S = 0.001
"""Frames that a file gives the same time, or an earlier one, are set so far apart."""
SEEK_BACK_S = (0.0, 2.0, 10.0)
"""Some files lead to a place after the one sought; then it is tried so far before it."""
SAME_TIME_S = 1e-6
TimedFrame = tuple[float, VideoFrame]
"""A decoded frame and its time, in seconds as the file counts them."""


class VideoFileSource(FrameSource):
    """A video file, decoded frame by frame; media time 0 is its first frame."""

    seekable = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: InputContainer | None = None
        self._decoder: Decoder | None = None
        self._frames: Iterator[TimedFrame] = iter(())
        self._peeked: TimedFrame | None = None
        self._fps: float | None = None
        self._pixel_ratio: Fraction | None = None
        self._announced_s = 0.0
        self._read_to_s = 0.0
        self._frame_count: int | None = None
        self._size = ""
        self._first_s = 0.0
        self._last_s = -math.inf
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

    @property
    def duration_s(self) -> float | None:
        return max(self._announced_s, self._read_to_s) or None

    @property
    def left_out(self) -> str:
        count = self._decoder.left_out if self._decoder else 0
        said = counted(count, "damaged picture was", "damaged pictures were")
        return f"{said} left out." if count else ""

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
        self._first_s, first = self._peeked
        height, width = to_image(first, self._pixel_ratio).shape[:2]
        self._size = f" ({width}x{height})"

    def read(self) -> Frame | None:
        try:
            timed, self._peeked = self._peeked or next(self._frames, None), None
        except (av.FFmpegError, OSError) as error:
            raise self._broken_off() from error
        if timed is None:
            if self._ended_early():
                raise self._broken_off()
            return None
        time_s, decoded = timed
        self._last_s = max(time_s - self._first_s, self._last_s + SMALLEST_STEP_S)
        now_ns, wall_s = time.monotonic_ns(), time.time()
        image = to_image(decoded, self._pixel_ratio)
        frame = Frame(self._next_id, now_ns, wall_s, self._last_s, image)
        self._next_id += 1
        return frame

    def seek(self, t_s: float) -> None:
        if self._container is None:
            raise SourceError(f"{self._path} is not open.")
        wanted_s = self._first_s + t_s - SAME_TIME_S
        try:
            if t_s <= 0 or not any(self._jump(wanted_s, back_s) for back_s in SEEK_BACK_S):
                self._begin_again()
            while self._peeked is not None and self._peeked[0] < wanted_s:
                self._peeked = next(self._frames, None)
        except (av.FFmpegError, OSError) as error:
            raise self._broken_off() from error
        self._last_s = -math.inf

    def close(self) -> None:
        self._frames = iter(())
        self._peeked = None
        if self._container is not None:
            self._container.close()
            self._container = None

    def _read_facts(self, container: InputContainer, stream: VideoStream) -> None:
        stream.thread_type = "AUTO"
        self._fps = float(stream.average_rate) if stream.average_rate else None
        self._pixel_ratio = stream.sample_aspect_ratio
        if stream.duration and stream.time_base:
            self._announced_s = float(stream.duration * stream.time_base)
        else:
            self._announced_s = (container.duration or 0) / av.time_base
        counts = (stream.frames, round(self._announced_s * (self._fps or 0)))
        self._frame_count = min((count for count in counts if count), default=None)
        self._read_to_s = 0.0
        self._last_s = -math.inf
        self._next_id = 0

    def _jump(self, wanted_s: float, back_s: float) -> bool:
        """Go on with a key frame some way before a time; return whether it is before it indeed."""
        container = self._container
        stream = container.streams.best("video") if container else None
        if container is None or not isinstance(stream, VideoStream) or not stream.time_base:
            return False
        try:
            container.seek(int((wanted_s - back_s) / stream.time_base), stream=stream)
            self._frames = self._decode(container, stream, from_key_frame=True)
            self._peeked = next(self._frames, None)
        except (av.FFmpegError, OSError):
            return False
        if self._peeked is None or self._peeked[1].time is None:
            return False
        return self._peeked[0] <= wanted_s + 2 * SAME_TIME_S

    def _begin_again(self) -> None:
        next_id = self._next_id
        self.open()
        self._next_id = next_id

    def _decode(
        self, container: InputContainer, stream: VideoStream, *, from_key_frame: bool = False
    ) -> Iterator[TimedFrame]:
        """Yield the frames, and note up to which time there was something to read.

        A frame to which the file gives no time comes a step after the one before.

        The announced length is that of the video where the file knows its frames, else that of
        the longest stream, which may be the sound.
        """
        watched = (stream,) if stream.duration and stream.frames else container.streams
        starts_s = (container.start_time or 0) / av.time_base
        step_s = 1 / (self._fps or 30)
        at_s = -step_s
        waiting = from_key_frame
        decoder = self._decoder = Decoder(stream)
        for packet in container.demux():
            if packet.stream in watched and packet.pts is not None and packet.time_base:
                end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base)
                self._read_to_s = max(self._read_to_s, end_s - starts_s)
            if packet.stream is stream:
                waiting = waiting and not packet.is_keyframe
                for decoded in () if waiting else decoder.decode(packet):
                    at_s = at_s + step_s if decoded.time is None else decoded.time
                    yield at_s, decoded

    def _ended_early(self) -> bool:
        missing_s = self._announced_s - self._read_to_s
        known = self._container is not None and self._read_to_s > 0
        return known and missing_s > 0.5 and self._read_to_s < CUT_TOLERANCE * self._announced_s

    def _broken_off(self) -> SourceError:
        return SourceError(f"{self._path} breaks off after {max(self._last_s, 0.0):.1f} s.")
