"""Pictures of a video from anywhere in it, quickly and one at a time."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fercam.capture.decoding import Decoder, to_image
from fercam.capture.video_file import SEEK_BACK_S
from fercam.core.errors import SessionError
from fercam.core.values import Image

SAME_TIME_S = 0.0005
"""Tables have microseconds, videos 1/60000 s, films from elsewhere milliseconds."""
NEAR_S = 0.5
"""So far ahead it is quicker to read on than to jump."""
KEPT_BYTES = 48_000_000
"""Decoded pictures behind the current one that are kept, for steps back."""

TimedPicture = tuple[float, Image]
"""Time in the session, in seconds, and the picture, (H, W, 3) BGR."""
_Decoded = tuple[float, VideoFrame]


class PictureReader:
    """Random access to a video's pictures by time. Belongs to one thread.

    Times are the session's: its 0 is `start_s` after the video's first picture. A jump goes to the
    key frame before the place and decodes from there; nothing is read twice for a step forwards,
    and rarely for one backwards.
    """

    def __init__(self, video: Path, start_s: float = 0.0) -> None:
        """Open a video.

        Raises:
            SessionError: it cannot be read.
        """
        self._path, self._start_s = video, start_s
        self._kept: deque[_Decoded] = deque()
        self._again: deque[_Decoded] = deque()  # decoded already, and coming after those kept
        self._frames: Iterator[_Decoded] = iter(())
        self._first_s = 0.0
        try:
            self._container: InputContainer = av.open(str(video.absolute()))
            stream = self._container.streams.best("video")
            if not isinstance(stream, VideoStream):
                raise SessionError(f"The video {video} holds no pictures.")
            stream.thread_type = "AUTO"
            self._stream = stream
            self._step_s = 1 / float(stream.average_rate or 30)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._failed() from error
        self._frames = self._decode(0.0)
        first = self._peek()
        if first is None:
            self.close()
            raise self._failed()
        self._first_s = first[0]
        size = first[1].width * first[1].height * 3 // 2
        self._kept = deque(maxlen=max(2, KEPT_BYTES // max(1, size)))

    def at(self, t_s: float) -> TimedPicture:
        """Return the picture shown at a time: the last one not after it, else the nearest.

        Raises:
            SessionError: the video cannot be read there.
        """
        wanted_s = t_s + self._start_s + self._first_s + SAME_TIME_S
        if self._kept and self._kept[0][0] <= wanted_s < self._kept[-1][0]:
            while self._kept[-1][0] > wanted_s:
                self._again.appendleft(self._kept.pop())
        elif not (self._kept and self._kept[-1][0] <= wanted_s <= self._kept[-1][0] + NEAR_S):
            self._jump(wanted_s)
        self._read_up_to(wanted_s)
        return self._given()

    def after(self) -> TimedPicture | None:
        """Return the picture after the last one given, None at the end."""
        if self._peek() is None:
            return None
        self._kept.append(self._again.popleft())
        return self._given()

    def before(self) -> TimedPicture | None:
        """Return the picture before the last one given, None at the beginning."""
        if not self._kept or self._kept[-1][0] <= self._first_s + SAME_TIME_S:
            return None
        return self.at(self._kept[-1][0] - self._first_s - self._start_s - 3 * SAME_TIME_S)

    def close(self) -> None:
        """Close the file; harmless when closed already."""
        self._kept.clear()
        self._again.clear()
        self._frames = iter(())
        self._container.close()

    def _given(self) -> TimedPicture:
        time_s, decoded = self._kept[-1]
        image = to_image(decoded, self._stream.sample_aspect_ratio)
        return time_s - self._first_s - self._start_s, image

    def _jump(self, wanted_s: float) -> None:
        """Go on with a key frame some way before a time."""
        for start_s in (*(wanted_s - back_s for back_s in SEEK_BACK_S), self._first_s):
            self._kept.clear()
            self._again.clear()
            try:
                place = int(start_s / (self._stream.time_base or 1))
                self._container.seek(place, stream=self._stream)
            except (av.FFmpegError, OSError):
                continue
            self._frames = self._decode(start_s)
            first = self._peek()
            if first is not None and first[0] <= wanted_s:
                return

    def _read_up_to(self, wanted_s: float) -> None:
        """Take pictures up to the last one not after a time, and at least one."""
        while not self._kept or self._kept[-1][0] < wanted_s - 2 * SAME_TIME_S:
            ahead = self._peek()
            if ahead is None or (self._kept and ahead[0] > wanted_s):
                break
            self._kept.append(self._again.popleft())
        if not self._kept:
            raise self._failed()

    def _peek(self) -> _Decoded | None:
        """Return the picture that comes next, None at the end or where the video was cut."""
        if not self._again:
            try:
                self._again.append(next(self._frames))
            except (StopIteration, av.FFmpegError, OSError):
                return None
        return self._again[0]

    def _decode(self, start_s: float) -> Iterator[_Decoded]:
        """Yield pictures from where the file stands; those without a time go by the usual step."""
        at_s = start_s - self._step_s
        decoder = Decoder(self._stream)
        for packet in self._container.demux(self._stream):
            for decoded in decoder.decode(packet):
                at_s = at_s + self._step_s if decoded.time is None else decoded.time
                yield at_s, decoded

    def _failed(self) -> SessionError:
        return SessionError(f"The video {self._path} cannot be read.")
