"""From the packets of a video to its pictures."""

from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fercam.core.values import Image

MOST_DAMAGED = 100
"""So many packets in a row that cannot be decoded are left out; after more there is nothing."""
STRANGEST_PIXELS = 4
"""Pixels that are said to be more than so many times as wide as high are not believed."""


class Decoder:
    """Decodes a stream's packets one by one; `left_out` counts those that were damaged."""

    def __init__(self, stream: VideoStream) -> None:
        self.left_out = 0
        self._stream = stream
        self._damaged = 0

    def decode(self, packet: "Packet[Any]") -> list[VideoFrame]:
        """Return the frames that a packet completes; none for a damaged one.

        Raises:
            av.FFmpegError: too many in a row were damaged.
        """
        try:
            frames = self._stream.decode(packet)
        except av.FFmpegError:
            self.left_out += 1
            self._damaged += 1
            if self._damaged > MOST_DAMAGED:
                raise
            return []
        if frames:
            self._damaged = 0
        return frames


def to_image(decoded: VideoFrame, pixel_ratio: Fraction | None) -> Image:
    """Return a decoded frame upright as (H, W, 3) BGR, read-only.

    `pixel_ratio` is how wide the stream's pixels are for their height (None or 0: not known); those
    of the image are square.
    """
    width = None
    if pixel_ratio and pixel_ratio != 1 and 1 / STRANGEST_PIXELS <= pixel_ratio <= STRANGEST_PIXELS:
        width = round(decoded.width * pixel_ratio)
    image: Image = np.asarray(decoded.to_ndarray(format="bgr24", width=width), np.uint8)
    if turns := round((decoded.rotation or 0) / 90) % 4:
        image = np.ascontiguousarray(np.rot90(image, turns))
    image.setflags(write=False)
    return image
