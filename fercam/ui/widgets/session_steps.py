"""What a stretch of a session looks like in as many steps as there are pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.sessions.table import FrameTable

ABSENT, NOT_SURE = -1, len(EMOTIONS)


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One person: `kinds` (n,) int8 is the place in EMOTIONS of what prevails in each step,
    NOT_SURE, or ABSENT; `heights` (n,) float32 its mean confidence 0..1."""

    person: int
    kinds: NDArray[np.int8]
    heights: NDArray[np.float32]


class Steps:
    """A table prepared so that any stretch of it is cut into steps within a few milliseconds."""

    def __init__(self, table: FrameTable) -> None:
        """Take a table in which merged people are one already."""
        self._time_s, self._frame_s = table.time_s, table.frame_s()
        self._row_frame = table.row_frame()
        labels = table.labels()
        known = labels >= 0
        self._kinds = np.where(table.sure, labels, NOT_SURE).astype(np.int8)
        self._heights = np.zeros(table.rows, np.float32)
        self._heights[known] = table.probabilities[known].max(axis=1)
        numbers = table.people
        self._rows = {n: np.flatnonzero((table.person == n) & known) for n in numbers}

    @property
    def people(self) -> list[int]:
        """Everyone there is, by number."""
        return list(self._rows)

    def lanes(self, from_s: float, to_s: float, steps: int) -> list[Lane]:
        """Return a lane for each person, of so many steps between two times."""
        if not len(self._time_s) or to_s <= from_s or steps < 1:
            return []
        edges = np.linspace(from_s, to_s, steps + 1)
        first, last = np.searchsorted(self._time_s, (from_s, to_s))
        cut = self._sampled if last - first < 2 * steps else self._summed
        return [cut(person, edges) for person in self._rows]

    def _sampled(self, person: int, edges: NDArray[np.float64]) -> Lane:
        """Look up the frame in the middle of each step: there are hardly more frames than steps."""
        middles = (edges[:-1] + edges[1:]) / 2
        frames = np.searchsorted(self._time_s, middles, side="right") - 1
        rows = self._rows[person]
        at = np.searchsorted(self._row_frame[rows], frames)
        there = (frames >= 0) & (at < len(rows))
        at, frames = np.where(there, at, 0), np.where(there, frames, 0)
        if len(rows):
            there &= self._row_frame[rows[at]] == frames
            there &= middles < self._time_s[frames] + self._frame_s[frames]
        kinds = np.full(len(middles), ABSENT, np.int8)
        heights = np.zeros(len(middles), np.float32)
        kinds[there] = self._kinds[rows[at[there]]]
        heights[there] = self._heights[rows[at[there]]]
        return Lane(person, kinds, heights)

    def _summed(self, person: int, edges: NDArray[np.float64]) -> Lane:
        """Let the kind prevail that was longest in each step."""
        steps = len(edges) - 1
        rows = self._rows[person]
        times_s = self._time_s[self._row_frame[rows]]
        first, last = np.searchsorted(times_s, (edges[0], edges[-1]))
        rows, times_s = rows[first:last], times_s[first:last]
        step = np.minimum(((times_s - edges[0]) / (edges[1] - edges[0])).astype(int), steps - 1)
        wide = NOT_SURE + 1
        place = step * wide + self._kinds[rows]
        lasting = np.bincount(place, self._frame_s[self._row_frame[rows]], steps * wide)
        counts = np.bincount(place, minlength=steps * wide).reshape(steps, wide)
        sums = np.bincount(place, self._heights[rows], steps * wide).reshape(steps, wide)
        kinds = lasting.reshape(steps, wide).argmax(axis=1)
        chosen = np.arange(steps), kinds
        heights = sums[chosen] / np.maximum(counts[chosen], 1)
        kinds = np.where(counts.sum(axis=1) > 0, kinds, ABSENT).astype(np.int8)
        return Lane(person, kinds, heights.astype(np.float32))

    def words_at(self, person: int, t_s: float) -> str:
        """Return what a person expressed at a time, such as "happy 83%"; empty while absent."""
        lane = self._sampled(person, np.array([t_s - 5e-4, t_s + 5e-4]))
        kind = int(lane.kinds[0])
        if kind == ABSENT:
            return ""
        if kind == NOT_SURE:
            return "not sure"
        return f"{EMOTIONS[kind]} {lane.heights[0] * 100:.0f}%"
