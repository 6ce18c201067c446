"""What a session's faces express as subtitles, for players and cutting rooms."""

import html
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import SessionError
from fercam.recording.session_json import SessionInfo
from fercam.sessions.exporter import Exporter, ExportOptions, ShowProgress, chosen_table
from fercam.sessions.session import Session
from fercam.sessions.statistics import counted, display_name
from fercam.sessions.table import FrameTable

BRIDGED_S = 0.5
"""A face missed for no longer than this does not end its cue."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A line `text` shown from `start_s` to `end_s`."""

    start_s: float
    end_s: float
    text: str


def cues(table: FrameTable, info: SessionInfo) -> list[Cue]:
    """Return a cue for each stretch in which a person's label stays the same, in order of time.

    It says the mean of the label's probability: "Anna: happy 83%", or "Anna: happy? 41%" where
    most of the stretch was not sure. Excluded stretches have none; nor do faces without a number.
    """
    ends_s = table.row_time_s() + np.repeat(table.frame_s(), np.diff(table.first_row))
    kept = np.repeat(counted(table, info), np.diff(table.first_row)) & (table.label >= 0)
    found: list[Cue] = []
    for person in table.people:
        name = " ".join(display_name(info, person).split())
        rows = np.flatnonzero(kept & (table.person == person))
        for part in _stretches(table, rows, info):
            label = int(table.label[part[0]])
            share = float(table.probabilities[part, label].mean())
            doubt = "" if 2 * int(table.sure[part].sum()) >= len(part) else "?"
            said = f"{name}: {EMOTIONS[label]}{doubt} {share:.0%}"
            found.append(Cue(float(table.row_time_s()[part[0]]), float(ends_s[part[-1]]), said))
    return sorted(found, key=lambda cue: (cue.start_s, cue.end_s))


def _stretches(
    table: FrameTable, rows: NDArray[np.int64], info: SessionInfo
) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each stretch of one label, without a gap or an excluded part in it."""
    if not len(rows):
        return
    times_s = table.row_time_s()[rows]
    new = (np.diff(table.label[rows]) != 0) | (np.diff(times_s) > BRIDGED_S)
    for span in info.excluded:
        new |= (times_s[:-1] < span.start_s) & (times_s[1:] >= span.end_s)
    yield from np.split(rows, np.flatnonzero(new) + 1)


class _SubtitleExporter(Exporter):
    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        lines = cues(chosen_table(session, options), session.info)
        if not lines:
            raise SessionError("There are no subtitles to write: no expression was read.")
        path.write_text(self._text(lines), encoding="utf-8", newline="\n")
        progress(1, 1)

    @staticmethod
    @abstractmethod
    def _text(lines: Sequence[Cue]) -> str:
        """Return the whole file."""


class SrtExporter(_SubtitleExporter):
    """SubRip, which nearly every player reads."""

    suffix = ".srt"

    @staticmethod
    def _text(lines: Sequence[Cue]) -> str:
        return "\n".join(
            f"{number}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n"
            f"{cue.text.replace('-->', '->')}\n"
            for number, cue in enumerate(lines, start=1)
        )


class VttExporter(_SubtitleExporter):
    """WebVTT (https://www.w3.org/TR/webvtt1/), which browsers read."""

    suffix = ".vtt"

    @staticmethod
    def _text(lines: Sequence[Cue]) -> str:
        return "WEBVTT\n\n" + "\n".join(
            f"{_clock(cue.start_s, '.')} --> {_clock(cue.end_s, '.')}\n"
            f"{html.escape(cue.text, quote=False)}\n"
            for cue in lines
        )


def _clock(t_s: float, point: str) -> str:
    seconds, milliseconds = divmod(round(t_s * 1000), 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}{point}{milliseconds:03d}"
