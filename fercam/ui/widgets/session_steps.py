"""What a stretch of a session looks like in as many steps as there are pixels."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.recording.session_json import SessionInfo
from fercam.sessions.statistics import timeline
from fercam.sessions.table import FrameTable

ABSENT, NOT_SURE = -1, len(EMOTIONS)
MOSTLY = 0.5
"""A step of several frames is sure if at least this part of it is."""


@dataclass(frozen=True, slots=True, eq=False)
class StepLane:
    """One person: `kinds` (n,) int8 is the place in EMOTIONS of what prevails in each step,
    NOT_SURE, or ABSENT; `heights` (n,) float32 its mean confidence 0..1."""

    person: int
    kinds: NDArray[np.int8]
    heights: NDArray[np.float32]


class Steps:
    """A table with which any stretch of it is cut into steps within some milliseconds."""

    def __init__(self, table: FrameTable, info: SessionInfo) -> None:
        self._info = info
        merged = self._table = table.with_people(info)
        self._time_s, self._frame_s = merged.time_s, merged.frame_s()
        self._row_frame = merged.row_frame()
        self._kinds = np.where(merged.sure, merged.label, NOT_SURE).astype(np.int8)
        self._heights = np.nan_to_num(merged.probabilities).max(axis=1, initial=0.0)
        self.people = [lane.person for lane in timeline(table, info, 1).lanes]
        known = merged.label >= 0
        self._rows = {n: np.flatnonzero((merged.person == n) & known) for n in self.people}

    def lanes(self, from_s: float, to_s: float, steps: int) -> list[StepLane]:
        """Return a lane for each person, of so many steps between two times."""
        if not len(self._time_s) or to_s <= from_s or steps < 1:
            return []
        first, last = np.searchsorted(self._time_s, (from_s, to_s))
        if last - first < 2 * steps:
            edges = np.linspace(from_s, to_s, steps + 1)
            middles_s = (edges[:-1] + edges[1:]) / 2
            return [self._sampled(person, middles_s) for person in self.people]
        found = []
        part = _part(self._table, int(first), int(last))
        for lane in timeline(part, self._info, steps, from_s, to_s).lanes:
            doubtful = (lane.emotion >= 0) & (lane.sure_share < MOSTLY)
            kinds = np.where(doubtful, NOT_SURE, lane.emotion).astype(np.int8)
            found.append(StepLane(lane.person, kinds, lane.confidence))
        return found

    def words_at(self, person: int, t_s: float) -> str:
        """Return what a person expressed at a time, such as "happy 83%"; empty while absent."""
        lane = self._sampled(person, np.array([t_s]))
        kind = int(lane.kinds[0])
        if kind == ABSENT:
            return ""
        if kind == NOT_SURE:
            return "not sure"
        return f"{EMOTIONS[kind]} {lane.heights[0] * 100:.0f}%"

    def _sampled(self, person: int, times_s: NDArray[np.float64]) -> StepLane:
        """Look up the frame at each time: there are hardly more frames than steps."""
        frames = np.searchsorted(self._time_s, times_s + 1e-6, side="right") - 1
        rows = self._rows[person]
        at = np.searchsorted(self._row_frame[rows], frames)
        there = (frames >= 0) & (at < len(rows))
        at, frames = np.where(there, at, 0), np.where(there, frames, 0)
        kinds = np.full(len(times_s), ABSENT, np.int8)
        heights = np.zeros(len(times_s), np.float32)
        if len(rows):
            there &= self._row_frame[rows[at]] == frames
            there &= times_s < self._time_s[frames] + self._frame_s[frames]
            kinds[there] = self._kinds[rows[at[there]]]
            heights[there] = self._heights[rows[at[there]]]
        return StepLane(person, kinds, heights)


def _part(table: FrameTable, first: int, last: int) -> FrameTable:
    """Return the frames from `first` to before `last` of a table."""
    rows = slice(int(table.first_row[first]), int(table.first_row[last]))
    return replace(
        table,
        time_s=table.time_s[first:last],
        first_row=table.first_row[first : last + 1] - rows.start,
        person=table.person[rows],
        box_px=table.box_px[rows],
        score=table.score[rows],
        probabilities=table.probabilities[rows],
        label=table.label[rows],
        sure=table.sure[rows],
    )
