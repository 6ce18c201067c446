"""Puts the sound of the source into a finished video."""

from __future__ import annotations  # newer PyAV has a generic Packet, older has not

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av

from fercam.core.errors import SessionError

_COPIED_AS_IT_IS = ("aac", "mp3", "ac3")  # what MP4 players expect; the rest becomes AAC


def copy_sound(video: Path, source: Path, start_s: float = 0.0) -> bool:
    """Add the first sound track of `source` to the MP4 file `video`; False if it has none.

    `start_s` is the time in `source` that the video's first frame shows. Sound outside the video
    is left out. The file is replaced in one step once it is complete.

    Raises:
        SessionError: the sound cannot be copied; the video is as it was.
    """
    part = video.with_suffix(".part.mp4")
    try:
        with av.open(str(video)) as pictures, av.open(str(source)) as sounds:
            if not sounds.streams.audio:
                return False
            with av.open(str(part), "w", options={"movflags": "faststart"}) as target:
                _mux(pictures, sounds, target, start_s)
        part.replace(video)
    except (av.FFmpegError, OSError) as error:
        raise SessionError(f"The sound of {source} could not be added to the video.") from error
    finally:
        part.unlink(missing_ok=True)
    return True


def _mux(
    pictures: av.container.InputContainer,
    sounds: av.container.InputContainer,
    target: av.container.OutputContainer,
    start_s: float,
) -> None:
    in_video, in_audio = pictures.streams.video[0], sounds.streams.audio[0]
    out_video = target.add_stream_from_template(in_video)
    end_s = (pictures.duration or 0) / av.time_base
    if in_audio.codec_context.name in _COPIED_AS_IT_IS:
        out_audio = target.add_stream_from_template(in_audio)
        audio = sounds.demux(in_audio)
    else:
        out_audio = target.add_stream("aac", rate=in_audio.codec_context.sample_rate)
        audio = _encoded(sounds, in_audio, out_audio)
    # Both tracks in the order of time: FFmpeg would otherwise hold one of them in memory.
    merged = heapq.merge(
        ((_time_s(packet), 0, packet) for packet in pictures.demux(in_video) if packet.size),
        _shifted(audio, start_s, end_s),
        key=lambda item: item[0],
    )
    for _, is_audio, packet in merged:
        packet.stream = out_audio if is_audio else out_video
        target.mux(packet)


def _encoded(
    sounds: av.container.InputContainer,
    stream: av.audio.stream.AudioStream,
    encoder: av.audio.stream.AudioStream,
) -> Iterator[av.Packet[Any]]:
    for frame in sounds.decode(stream):
        yield from encoder.encode(frame)
    yield from encoder.encode(None)


def _shifted(
    packets: Iterator[av.Packet[Any]], start_s: float, end_s: float
) -> Iterator[tuple[float, int, av.Packet[Any]]]:
    for packet in packets:
        if not packet.size or packet.pts is None or packet.time_base is None:
            continue
        shift = round(start_s / packet.time_base)
        packet.pts -= shift
        packet.dts = packet.pts if packet.dts is None else packet.dts - shift
        if 0 <= packet.pts * packet.time_base < end_s:
            yield _time_s(packet), 1, packet


def _time_s(packet: av.Packet[Any]) -> float:
    stamp = packet.dts if packet.dts is not None else packet.pts
    return float((stamp or 0) * packet.time_base) if packet.time_base else 0.0
