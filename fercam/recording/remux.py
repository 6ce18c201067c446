"""From the file that survives a crash to the one every player likes: index in front, chapters."""

from __future__ import annotations  # newer PyAV has a generic Packet, older has not

import errno
import heapq
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import av

from fercam.core.errors import SessionError
from fercam.recording.disk import room_bytes
from fercam.recording.session_json import Marker
from fercam.recording.sound import Sound, add_sound_stream, sound_packets

_SPARE_BYTES = 10_000_000
_MILLISECOND = Fraction(1, 1000)
_HALF_STEP_S = 1 / 120_000
_Timed = tuple[float, int, Any]  # seconds, the track, a packet
PART_SUFFIX = ".part.mp4"


def finish_video(
    video: Path,
    chapters: Sequence[Marker] = (),
    *,
    sound: Sound | None = None,
    end_s: float | None = None,
) -> bool:
    """Make a recorded video a plain MP4 file that can be sought in, without encoding it anew.

    Each marker starts a chapter. `sound` is added if it has any, and ends with the pictures; of
    the pictures those before `end_s` are kept (None: all). The file is replaced in one step; on a
    disk without room for a second copy it stays as it is, and False is returned.

    Raises:
        SessionError: the video or the sound cannot be read, or nothing can be written; the video
            is as it was.
    """
    part = video.with_suffix(PART_SUFFIX)
    try:
        if room_bytes(video.parent) < video.stat().st_size + _SPARE_BYTES:
            return False
        with ExitStack() as stack:
            pictures = stack.enter_context(av.open(str(video)))
            heard = stack.enter_context(sound.open()) if sound is not None else None
            target = stack.enter_context(
                av.open(str(part), "w", format="mp4", options={"movflags": "faststart"})
            )
            _copy(pictures, heard, target, sound, chapters, end_s)
        with part.open("r+b") as written:
            os.fsync(written.fileno())
        part.replace(video)
    except (av.FFmpegError, OSError) as error:
        if error.errno == errno.ENOSPC:
            return False
        what = f"The sound of {sound.path}" if sound is not None else "The index"
        raise SessionError(f"{what} could not be added to {video}; it plays without.") from error
    finally:
        part.unlink(missing_ok=True)
    return True


def _copy(
    pictures: av.container.InputContainer,
    heard: av.container.InputContainer | None,
    target: av.container.OutputContainer,
    sound: Sound | None,
    chapters: Sequence[Marker],
    end_s: float | None,
) -> None:
    in_video = pictures.streams.video[0]
    out_video = target.add_stream_from_template(in_video)
    keep_until_s = math.inf if end_s is None else end_s - _HALF_STEP_S
    if end_s is None:
        end_s = (pictures.duration or 0) / av.time_base
    if chapters:
        target.set_chapters(_chapters(chapters, end_s))
    shown = _timed((packet for packet in pictures.demux(in_video) if packet.size), 0)
    ways: list[Iterator[_Timed]] = [takewhile(lambda one: one[0] < keep_until_s, shown)]
    if sound is not None and heard is not None and heard.streams.audio:
        out_audio = add_sound_stream(target, heard)
        ways.append(_timed(sound_packets(heard, out_audio, sound.start_s, end_s), 1))
    # Both tracks in the order of time: FFmpeg would otherwise hold one of them in memory.
    for _, is_audio, packet in heapq.merge(*ways, key=lambda item: item[0]):
        packet.stream = out_audio if is_audio else out_video
        target.mux(packet)


def _timed(packets: Iterator[av.Packet[Any]], track: int) -> Iterator[_Timed]:
    for packet in packets:
        stamp = packet.dts if packet.dts is not None else packet.pts
        time_s = float((stamp or 0) * packet.time_base) if packet.time_base else 0.0
        yield time_s, track, packet


def _chapters(markers: Sequence[Marker], end_s: float) -> list[Any]:
    """Return chapters without a gap: what comes before the first marker is one too."""
    last_ms = max(0, round(end_s * 1000) - 1)  # a marker after the end stands there
    titled = [
        (min(max(0, round(one.t_s * 1000)), last_ms), _title(one))
        for one in sorted(markers, key=lambda one: one.t_s)
    ]
    if titled and titled[0][0] > 0:
        titled.insert(0, (0, "Start"))
    starts_and_end = [*titled, (max(round(end_s * 1000), 1), "")]
    return [
        {
            "id": number,
            "start": start,
            "end": max(end, start + 1),
            "time_base": _MILLISECOND,
            "metadata": {"title": title},
        }
        for number, ((start, title), (end, _)) in enumerate(pairwise(starts_and_end), start=1)
    ]


def _title(marker: Marker) -> str:
    return marker.text or (f"Peak: {marker.emotion}" if marker.emotion else "Marker")
