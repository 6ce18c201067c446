"""The moments worth looking at: where somebody's expression stood out most."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.recording.session_json import SessionInfo
from fercam.sessions.statistics import counted, display_name
from fercam.sessions.table import FrameTable

LEAST = 0.5
"""A peak is at least this probable."""
LEAST_S = 0.2
"""And lasts at least so long; shorter ones are mostly a flicker."""
APART_S = 2.0
"""Peaks of one person and emotion nearer than this are the same one."""
SAME_AGAIN = 0.8
"""Each further peak of one emotion counts for so much of the one before: variety is worth more."""


@dataclass(frozen=True, slots=True)
class Peak:
    """A moment `t_s` at which a person's `emotion` was strongest (`confidence` 0..1), between
    `start_s` and `end_s`; `prominence` (0..1) is how far above what is usual for that person."""

    t_s: float
    start_s: float
    end_s: float
    person: int
    name: str
    emotion: str
    confidence: float
    prominence: float


def find_peaks(table: FrameTable, info: SessionInfo, most: int = 6) -> tuple[Peak, ...]:
    """Return the peaks that stand out most, in the order of time.

    Only sure answers outside excluded stretches count, and a neutral face is no peak.
    """
    merged = table.with_people(info)
    rows_counted = np.repeat(counted(table, info), np.diff(table.first_row))
    times_s = merged.row_time_s()
    found: list[Peak] = []
    for person in merged.people:
        rows = (merged.person == person) & rows_counted & (merged.label >= 0)
        name = display_name(info, person)
        for index, emotion in enumerate(EMOTIONS):
            if emotion == "neutral" or not rows.any():
                continue
            answer = merged.probabilities[rows, index].astype(np.float64)
            usual = float(np.median(answer))
            shown = np.where(merged.sure[rows] & (merged.label[rows] == index), answer, 0.0)
            found += [
                Peak(t_s, start_s, end_s, person, name, emotion, top, max(0.0, top - usual))
                for t_s, start_s, end_s, top in _runs(times_s[rows], shown)
            ]
    return tuple(sorted(_best(found, most), key=lambda peak: peak.t_s))


def _runs(
    times_s: NDArray[np.float64], shown: NDArray[np.float64]
) -> list[tuple[float, float, float, float]]:
    """Return (time of the top, start, end, top) of each stretch above LEAST."""
    high = np.flatnonzero(shown >= LEAST)
    if not len(high):
        return []
    breaks = np.flatnonzero(np.diff(times_s[high]) > APART_S) + 1
    runs = []
    for part in np.split(high, breaks):
        start_s, end_s = float(times_s[part[0]]), float(times_s[part[-1]])
        if end_s - start_s >= LEAST_S:
            top = int(part[shown[part].argmax()])
            runs.append((float(times_s[top]), start_s, end_s, float(shown[top])))
    return runs


def _best(found: list[Peak], most: int) -> list[Peak]:
    best: list[Peak] = []
    left = list(found)
    while left and len(best) < most:
        taken = [peak.emotion for peak in best]
        winner = max(
            left, key=lambda peak: peak.prominence * SAME_AGAIN ** taken.count(peak.emotion)
        )
        left.remove(winner)
        best.append(winner)
    return best
