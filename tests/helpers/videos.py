"""Small videos, made on the spot."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from fercam.capture.demo import demo_image


def write_video(
    path: Path,
    times_ms: list[int],
    *,
    codec: str = "mpeg4",
    turned_deg: int = 0,
    pixel_ratio: Fraction = Fraction(1),
    sound_s: float = 0.0,
    **options: str,
) -> Path:
    """Write the demo's first frames, 320x240, each at its time.

    `turned_deg` is how far, counterclockwise, a player must turn the frames to show them upright;
    `pixel_ratio` is how wide their pixels are for their height; `sound_s` adds silence of that
    length; `options` go to the container.
    """
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=30)
        stream.width, stream.height = 320, 240
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.sample_aspect_ratio = pixel_ratio
        if turned_deg:
            stream.set_display_rotation(turned_deg)
        sound = container.add_stream("aac", rate=8000) if sound_s else None
        if sound is not None:
            sound.layout = "mono"
        for number, at_ms in enumerate(times_ms):
            picture = np.ascontiguousarray(demo_image("", number)[::2, ::2])
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = at_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            for start in range(0, round(sound_s * 8000), 1024):
                silence = av.AudioFrame.from_ndarray(
                    np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
                )
                silence.sample_rate, silence.pts = 8000, start
                container.mux(sound.encode(silence))
            container.mux(sound.encode(None))
    return path


def damage_packets(video: Path, numbers: Iterable[int]) -> None:
    """Make the pictures of a video whose packets have these numbers unreadable."""
    with av.open(str(video)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    content = bytearray(video.read_bytes())
    for number in numbers:
        start, size = places[number]
        content[start : start + min(size, 40)] = b"\xff" * min(size, 40)
    video.write_bytes(content)
