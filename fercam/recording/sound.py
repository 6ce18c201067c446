"""Sound for a finished video: from the file it was made from, or from the microphone's."""

from __future__ import annotations  # newer PyAV has a generic Packet, older has not

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

SOUND_FILE = "sound.wav"
"""What a session's microphone writes: its time 0 is the session's, pauses are left out. It goes
into the videos when they are finished, and is then removed."""

_COPIED_AS_IT_IS = ("aac", "mp3", "ac3")  # what MP4 players expect; the rest becomes AAC


@dataclass(frozen=True, slots=True)
class Sound:
    """A file whose first sound track is wanted; `start_s` is the time in it of the video's first
    frame."""

    path: Path
    start_s: float = 0.0

    def open(self) -> av.container.InputContainer:
        """Open the file; a WAV file also if a crash left its length unsaid."""
        options = {"ignore_length": "1"} if self.path.suffix == ".wav" else {}
        return av.open(str(self.path), options=options)


def add_sound_stream(
    target: av.container.OutputContainer, sounds: av.container.InputContainer
) -> Any:
    """Return a new track of `target` that takes what `sound_packets` makes of `sounds`."""
    stream = sounds.streams.audio[0]
    if stream.codec_context.name in _COPIED_AS_IT_IS:
        return target.add_stream_from_template(stream)
    return target.add_stream("aac", rate=stream.codec_context.sample_rate)


def sound_packets(
    sounds: av.container.InputContainer, track: Any, start_s: float, end_s: float
) -> Iterator[av.Packet[Any]]:
    """Yield the packets for `track` of the sound from `start_s`, at most `end_s` seconds of it."""
    stream = sounds.streams.audio[0]
    copied = stream.codec_context.name in _COPIED_AS_IT_IS
    for packet in sounds.demux(stream) if copied else _encoded(sounds, stream, track):
        if not packet.size or packet.pts is None or packet.time_base is None:
            continue
        shift = round(start_s / packet.time_base)
        packet.pts -= shift
        packet.dts = packet.pts if packet.dts is None else packet.dts - shift
        if 0 <= packet.pts * packet.time_base < end_s:
            yield packet


def _encoded(
    sounds: av.container.InputContainer, stream: av.audio.stream.AudioStream, encoder: Any
) -> Iterator[av.Packet[Any]]:
    for frame in sounds.decode(stream):
        yield from encoder.encode(frame)
    yield from encoder.encode(None)
