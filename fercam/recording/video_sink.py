"""video.mp4 and clean.mp4: H.264 with the frames' own times, readable even after a crash."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import PictureType

from fercam.core.errors import SessionError, reason_of
from fercam.core.values import AnnotatedFrame, Image
from fercam.overlay.raster import letterboxed
from fercam.recording.quality import DEFAULT_QUALITY, QUALITIES
from fercam.recording.sink import Sink, frame_duration_s

TIME_BASE = Fraction(1, 60000)
"""Divides 24, 25, 29.97, 30 and 60 fps exactly; MPEG-4 part 2 allows no finer than 1/65535."""

_KEYFRAME_EVERY_S = 1.0
_FULL_HD = 1920 * 1080
_BT601 = 6  # the matrix of OpenCV's conversion, so that players show the same colours
_LIMITED_RANGE = 1

# A fragment is written at least every half second, so a crash loses little more; on close FFmpeg
# adds the usual index, so the file opens and seeks in any player even if it cannot be tidied up.
_MP4_OPTIONS = {
    "movflags": "hybrid_fragmented+frag_keyframe+default_base_moof",
    "frag_duration": "500000",
    "flush_packets": "1",  # a finished fragment goes to the system at once
}


class VideoSink(Sink):
    """Writes the pictures with the overlay. Later pictures of another size are letterboxed."""

    file_name = "video.mp4"

    def __init__(
        self, folder: Path, fps_hint: float | None = None, quality: str = DEFAULT_QUALITY
    ) -> None:
        super().__init__(folder, fps_hint, quality)
        self._fps_hint = fps_hint
        self._quality = QUALITIES[quality]
        self._size: tuple[int, int] | None = None  # even width and height
        self._first_s = 0.0
        self._keyframe_pts = 0
        self._last_gap: int | None = None
        self._waiting: av.VideoFrame | None = None  # held back until its duration is known
        try:
            self._container = av.open(str(self.path), "w", format="mp4", options=_MP4_OPTIONS)
        except (av.FFmpegError, OSError) as error:
            raise self._failed(error) from error
        self._open = True
        self._begun = False  # there is no file before the first picture is encoded

    def add(self, annotated: AnnotatedFrame, painted: Image | None = None) -> None:
        """Write one picture at its media time, counted from the first frame's."""
        image = self._picture(annotated, painted)
        media_s = annotated.frame.t_media_s
        try:
            if self._size is None:
                self._first_s = media_s
                self._start(image)
            pts = round((media_s - self._first_s) / TIME_BASE)
            if self._waiting is not None:
                previous = self._waiting.pts or 0
                pts = max(pts, previous + 1)  # two frames never share a time
                self._last_gap = pts - previous
                self._encode_waiting(self._last_gap)
            self._waiting = self._encodable(image, pts)
        except (av.FFmpegError, OSError) as error:
            raise self._failed(error) from error

    def sync(self) -> None:
        """Bring what the system has of the file onto the disk itself, if it has any."""
        if self._begun:
            super().sync()

    def close(self) -> None:
        """Write the last frame, what the encoder holds back, and the index."""
        if not self._open:
            return
        self._open = False
        try:
            if self._waiting is not None:
                gap_s = None if self._last_gap is None else float(self._last_gap * TIME_BASE)
                self._encode_waiting(round(frame_duration_s(gap_s, self._fps_hint) / TIME_BASE))
                self._container.mux(self._stream.encode(None))
        except (av.FFmpegError, OSError) as error:
            raise self._failed(error) from error
        finally:
            self._waiting = None
            self._close_container()

    def _picture(self, annotated: AnnotatedFrame, painted: Image | None) -> Image:
        return annotated.frame.image if painted is None else painted

    def _start(self, image: Image) -> None:
        height, width = image.shape[:2]
        self._size = (width + width % 2, height + height % 2)
        x264 = "libx264" in av.codecs_available
        rate = Fraction(self._fps_hint or 30).limit_denominator(1001)
        stream = self._container.add_stream("libx264" if x264 else "mpeg4", rate=rate)
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = TIME_BASE
        context.colorspace, context.color_range = _BT601, _LIMITED_RANGE
        context.gop_size = 250  # keyframes are asked for by time, see `_encodable`
        if x264:
            # Zero latency keeps no frames in the encoder that a crash would take along. Superfast
            # takes a third less time than veryfast, for files a sixth larger; from Full HD on,
            # ultrafast a third less again, for files twice as large.
            large = self._size[0] * self._size[1] >= _FULL_HD
            context.options = {
                "preset": "ultrafast" if large else "superfast", "crf": str(self._quality.crf),
                "tune": "zerolatency", "forced-idr": "1",
            }  # fmt: skip
        else:
            pixels = self._size[0] * self._size[1]
            context.bit_rate = round(self._quality.bits_per_pixel * pixels)
        self._stream = stream

    def _encodable(self, image: Image, pts: int) -> av.VideoFrame:
        assert self._size is not None
        planes = cv2.cvtColor(_fitted(image, self._size), cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_ndarray(np.asarray(planes, np.uint8), format="yuv420p")
        frame.pts, frame.time_base = pts, TIME_BASE
        frame.colorspace, frame.color_range = _BT601, _LIMITED_RANGE
        if pts == 0 or (pts - self._keyframe_pts) * TIME_BASE >= _KEYFRAME_EVERY_S:
            frame.pict_type = PictureType.I
            self._keyframe_pts = pts
        return frame

    def _encode_waiting(self, duration: int) -> None:
        assert self._waiting is not None
        for packet in self._stream.encode(self._waiting):
            packet.duration = duration  # the encoder says that of the nominal rate
            self._container.mux(packet)
            self._begun = True

    def _close_container(self) -> None:
        try:
            self._container.close()
        except (av.FFmpegError, OSError) as error:
            raise self._failed(error) from error

    def _failed(self, error: av.FFmpegError | OSError) -> SessionError:
        self._waiting = None  # FFmpeg may crash when more is written where writing failed
        return SessionError(f"The video {self.path} cannot be written ({reason_of(error)}).")


class CleanVideoSink(VideoSink):
    """Writes the pictures as they came, so that the overlay can be drawn anew."""

    file_name = "clean.mp4"

    def _picture(self, annotated: AnnotatedFrame, painted: Image | None) -> Image:
        return annotated.frame.image


def _fitted(image: Image, size: tuple[int, int]) -> Image:
    """Return the picture in an even `size`: one repeated edge row, or shrunk within black bars."""
    width, height = size
    h, w = image.shape[:2]
    if (w, h) == size:
        return image
    if (w + w % 2, h + h % 2) == size:
        padded = cv2.copyMakeBorder(image, 0, height - h, 0, width - w, cv2.BORDER_REPLICATE)
        return np.asarray(padded, np.uint8)
    return letterboxed(image, size)
