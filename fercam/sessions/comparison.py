"""Two sessions side by side, and two models that looked at the same session."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.recording.session_json import SessionInfo
from fercam.sessions.session import Session
from fercam.sessions.statistics import SessionStatistics, counted, display_name, statistics
from fercam.sessions.table import FrameTable

SHORTEST_S = 0.3
"""Models that differ for less than this differ about a flicker; pauses as short are no pauses."""


@dataclass(frozen=True, slots=True)
class SessionComparison:
    """Two sessions with the statistics of each."""

    first: Session
    second: Session
    first_statistics: SessionStatistics
    second_statistics: SessionStatistics


@dataclass(frozen=True, slots=True)
class Difference:
    """From `start_s` to `end_s` two models mostly said `first` and `second` of a person."""

    start_s: float
    end_s: float
    person: int
    name: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class TableComparison:
    """How far two models agree about the same faces; None names the session's own model.

    `agreement` is the share (0..1) of the time with answers of both in which they gave the same
    label, None where there is no such time; two people for a second are two seconds.
    """

    first_model: str | None
    second_model: str | None
    agreement: float | None
    spans: tuple[Difference, ...]


def compare(first: Session, second: Session) -> SessionComparison:
    """Compare two sessions, each as its description asks for."""
    ours, theirs = (statistics(session.table, session.info) for session in (first, second))
    return SessionComparison(first, second, ours, theirs)


def differences(
    session: Session, first_model: str | None = None, second_model: str | None = None
) -> TableComparison:
    """Return where two models differ about the faces of a session, excluded stretches left out.

    Raises:
        SessionError: a model has not looked at it.
    """
    first = session.table_of(first_model).with_people(session.info)
    second = session.table_of(second_model).with_people(session.info)
    ours, theirs = _same_faces(first, second)
    row_s = np.repeat(first.frame_s() * counted(first, session.info), np.diff(first.first_row))
    used = (first.label[ours] >= 0) & (second.label[theirs] >= 0) & (row_s[ours] > 0)
    ours, theirs = ours[used], theirs[used]
    same = first.label[ours] == second.label[theirs]
    return TableComparison(
        first_model,
        second_model,
        _share(same, row_s[ours]),
        tuple(_spans(first, second, ours[~same], theirs[~same], session.info)),
    )


def _share(chosen: NDArray[np.bool_], weights: NDArray[np.float64]) -> float | None:
    total = float(weights.sum())
    return float(weights[chosen].sum()) / total if total else None


def _same_faces(
    first: FrameTable, second: FrameTable
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of both tables that are the same box at the same time, in order of time."""
    keys = [
        np.column_stack([np.rint(table.row_time_s() * 1e6), table.box_px]).astype(np.int64)
        for table in (first, second)
    ]
    if keys[0].shape == keys[1].shape and (keys[0] == keys[1]).all():
        every = np.arange(first.rows, dtype=np.int64)
        return every, every
    void = np.dtype((np.void, keys[0].dtype.itemsize * 5))
    one, other = (np.ascontiguousarray(key).view(void).ravel() for key in keys)
    _, ours, theirs = np.intersect1d(one, other, return_indices=True)
    order = np.argsort(ours)
    return ours[order], theirs[order]


def _spans(
    first: FrameTable,
    second: FrameTable,
    ours: NDArray[np.int64],
    theirs: NDArray[np.int64],
    info: SessionInfo,
) -> list[Difference]:
    times_s, frame_s = first.row_time_s(), first.frame_s()
    usual_s = float(np.median(frame_s)) if first.frames else 0.0
    spans = []
    for person in np.unique(first.person[ours]).tolist():
        rows = np.flatnonzero(first.person[ours] == person)
        at_s = times_s[ours[rows]]
        for part in np.split(rows, np.flatnonzero(np.diff(at_s) > SHORTEST_S + usual_s) + 1):
            start_s, end_s = float(times_s[ours[part[0]]]), float(times_s[ours[part[-1]]]) + usual_s
            if end_s - start_s < SHORTEST_S:
                continue
            pairs = first.label[ours[part]] * len(EMOTIONS) + second.label[theirs[part]]
            one, other = divmod(int(np.bincount(pairs).argmax()), len(EMOTIONS))
            name = display_name(info, person)
            spans.append(Difference(start_s, end_s, person, name, EMOTIONS[one], EMOTIONS[other]))
    return sorted(spans, key=lambda span: span.start_s)
