"""Network cameras: MJPEG, RTSP or anything else FFmpeg can open by address."""

from collections.abc import Iterator
from fractions import Fraction
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fercam.capture.decoding import Decoder, to_image
from fercam.capture.source import FrameSource, LiveClock
from fercam.core.errors import SourceError, SourceLost
from fercam.core.values import Frame

URL_SCHEMES = frozenset({"http", "https", "rtsp", "rtsps", "rtmp", "udp", "tcp", "srt"})
TIMEOUT_S = 5.0


class NetworkSource(FrameSource):
    """A stream by its address. Passwords in the address are never shown."""

    live = True
    endless = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._shown = shown_address(url)
        self._container: InputContainer | None = None
        self._frames: Iterator[VideoFrame] = iter(())
        self._fps: float | None = None
        self._pixel_ratio: Fraction | None = None
        self._clock = LiveClock()

    @property
    def description(self) -> str:
        return self._shown

    @property
    def fps(self) -> float | None:
        return self._fps

    def open(self) -> None:
        self.close()
        options = {"fflags": "nobuffer", "flags": "low_delay"}
        if self._url.lower().startswith("rtsp"):
            options["rtsp_transport"] = "tcp"
        try:
            container = av.open(self._url, timeout=TIMEOUT_S, options=options)
        except (av.FFmpegError, OSError, ValueError):
            # the cause names the address with its password
            raise SourceError(
                f"{self._shown} does not answer with a video; check the address."
            ) from None
        if not container.streams.video:
            container.close()
            raise SourceError(f"{self._shown} sends no video.")
        self._container = container
        stream = container.streams.video[0]
        self._fps = float(stream.average_rate) if stream.average_rate else None
        self._pixel_ratio = stream.sample_aspect_ratio
        self._frames = _decode(container, stream)

    def read(self) -> Frame:
        try:
            decoded = next(self._frames, None)
        except (av.FFmpegError, OSError):
            decoded = None
        if decoded is None:
            raise SourceLost(f"{self._shown} sends nothing any more.")
        return self._clock.frame(to_image(decoded, self._pixel_ratio))

    def close(self) -> None:
        self._frames = iter(())
        if self._container is not None:
            self._container.close()
            self._container = None


def _decode(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    decoder = Decoder(stream)
    for packet in container.demux(stream):
        yield from decoder.decode(packet)


def shown_address(url: str) -> str:
    """Return an address without user, password and query, fit to be shown."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # also where a password holds a character that belongs to addresses
        return f"{url.partition(':')[0]}://..."
    if "@" in parts.path + parts.query + parts.fragment:  # what stands before is of a password
        return f"{parts.scheme}://..."
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
