"""The moments worth looking at, cut together into one short video."""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from fercam.core.errors import SessionError
from fercam.core.values import AnnotatedFrame
from fercam.overlay.layout import text_size_px
from fercam.overlay.metrics import text_width_px
from fercam.overlay.palette import BACKDROP, EMOTION_COLOURS, TEXT
from fercam.overlay.shapes import Panel, Shape, Text
from fercam.recording.session_json import Marker, Span
from fercam.recording.sound import Sound
from fercam.sessions.exporter import Exporter, ExportOptions, ShowProgress, chosen_table
from fercam.sessions.peaks import Peak, find_peaks
from fercam.sessions.render import complete, sound_of, write_pictures
from fercam.sessions.session import Session
from fercam.sessions.table import FrameTable

AROUND_S = 2.0
"""So much is shown before and after each peak."""
_RATE, _CHANNELS = 48_000, 2
_SEEK_EARLIER_S = 1.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A part of the reel: the frames `first` up to, not including, `end`, which are the session's
    `start_s` to `end_s`; `at_s` is where it begins in the reel. `peaks` are one or more."""

    first: int
    end: int
    start_s: float
    end_s: float
    at_s: float
    peaks: tuple[Peak, ...]

    def peak_at(self, t_s: float) -> Peak:
        """Return the peak nearest to a time of the session."""
        return min(self.peaks, key=lambda peak: abs(peak.t_s - t_s))


def find_clips(table: FrameTable, peaks: Sequence[Peak], excluded: Sequence[Span]) -> list[Clip]:
    """Return what is shown of the peaks: those that are near each other become one clip, and
    nothing of an excluded stretch is shown."""
    parts: list[tuple[float, float, tuple[Peak, ...]]] = []
    for peak in peaks:
        start_s = max(
            [0.0, peak.t_s - AROUND_S, *(s.end_s for s in excluded if s.end_s <= peak.t_s)]
        )
        end_s = min([peak.t_s + AROUND_S, *(s.start_s for s in excluded if s.start_s > peak.t_s)])
        if parts and start_s <= parts[-1][1]:
            earlier = parts.pop()
            parts.append((earlier[0], max(earlier[1], end_s), (*earlier[2], peak)))
        else:
            parts.append((start_s, end_s, (peak,)))
    frame_s, clips, at_s = table.frame_s(), [], 0.0
    for start_s, end_s, inside in parts:
        first = int(np.searchsorted(table.time_s, start_s - 1e-6))
        end = int(np.searchsorted(table.time_s, end_s - 1e-6))
        if end <= first:
            continue
        begins_s = float(table.time_s[first])
        ends_s = float(table.time_s[end - 1] + frame_s[end - 1])
        clips.append(Clip(first, end, begins_s, ends_s, at_s, inside))
        at_s += ends_s - begins_s
    return clips


class HighlightsExporter(Exporter):
    """A reel of the peaks, each with what was around it and its title; with sound and chapters."""

    suffix = ".mp4"
    ending = "_highlights"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        table = chosen_table(session, options)
        clips = find_clips(table, find_peaks(table, session.info), session.info.excluded)
        if not clips:
            raise SessionError("There are no highlights: no expression stands out here.")
        clip_of = {frame: clip for clip in clips for frame in range(clip.first, clip.end)}

        def title(annotated: AnnotatedFrame) -> list[Shape]:
            clip = clip_of[annotated.frame.frame_id]
            height, width = annotated.frame.image.shape[:2]
            return draw_title(clip.peak_at(annotated.frame.t_media_s), width, height)

        shown = (
            (frame, clip.at_s + float(table.time_s[frame]) - clip.start_s)
            for frame, clip in clip_of.items()
        )
        video = write_pictures(session, options, path.parent, shown, len(clip_of), progress, title)
        heard = sound_of(session)
        sound = None if heard is None else _cut_sound(heard, clips, path.parent / "sound.wav")
        chapters = [
            Marker(clip.at_s + max(0.0, peak.t_s - AROUND_S - clip.start_s), _words(peak))
            for clip in clips
            for peak in clip.peaks
        ]
        complete(video, chapters, sound)
        video.replace(path)


def draw_title(peak: Peak, width: int, height: int) -> list[Shape]:
    """Return a panel in the lower left corner of a picture: the emotion's colour, what, when."""
    size, text = 1.2 * text_size_px(width, height), _words(peak)
    wide = 2.1 * size + text_width_px(text, size)
    size *= min(1.0, 0.94 * width / wide)
    wide, high, edge = 2.1 * size + text_width_px(text, size), 1.7 * size, 0.03 * min(width, height)
    left, top = edge, height - edge - high
    colour = EMOTION_COLOURS["dark"][peak.emotion]
    return [
        Panel(left, top, wide, high, BACKDROP, 0.78),
        Panel(left + 0.5 * size, top + 0.5 * size, 0.7 * size, 0.7 * size, colour),
        Text(left + 1.6 * size, top + 1.2 * size, text, size, TEXT),
    ]


def _words(peak: Peak) -> str:
    minutes, seconds = divmod(int(peak.t_s), 60)
    name = " ".join(peak.name.split())
    return f"{minutes}:{seconds:02d}  {name}: {peak.emotion} {peak.confidence:.0%}"


def _cut_sound(sound: Sound, clips: Sequence[Clip], path: Path) -> Sound:
    """Write the sound of the clips, one after the other, to a WAV file.

    Raises:
        SessionError: the sound cannot be read.
    """
    try:
        with sound.open() as container, wave.open(str(path), "wb") as target:
            target.setnchannels(_CHANNELS)
            target.setsampwidth(2)
            target.setframerate(_RATE)
            for clip in clips:
                target.writeframes(_samples(container, sound.start_s, clip).tobytes())
    except (av.FFmpegError, ValueError) as error:
        raise SessionError(f"The sound of {sound.path} cannot be read.") from error
    return Sound(path)


def _samples(
    container: av.container.InputContainer, start_s: float, clip: Clip
) -> NDArray[np.int16]:
    """Return a clip's samples (n, 2); where there is no sound they are silent."""
    stream = container.streams.audio[0]
    wanted = round((clip.at_s + clip.end_s - clip.start_s) * _RATE) - round(clip.at_s * _RATE)
    samples = np.zeros((wanted, _CHANNELS), np.int16)
    begins_s = start_s + clip.start_s
    container.seek(max(0, int((begins_s - _SEEK_EARLIER_S) * av.time_base)))
    resampler = av.AudioResampler("s16", "stereo", _RATE)
    place: int | None = None
    for frame in container.decode(stream):
        if place is None:
            place = round(((frame.time or 0.0) - begins_s) * _RATE)
        for part in resampler.resample(frame):
            heard = part.to_ndarray().reshape(-1, _CHANNELS)
            first, end = max(0, place), min(wanted, place + len(heard))
            if end > first:
                samples[first:end] = heard[first - place : end - place]
            place += len(heard)
        if place >= wanted:
            break
    return samples
