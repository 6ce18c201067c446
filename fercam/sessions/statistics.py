"""What a session comes to: shares by time, per person and together, and its timeline's lanes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fercam.core.affect import CIRCUMPLEX
from fercam.core.emotions import EMOTIONS, NOT_SURE
from fercam.core.words import called
from fercam.recording.session_json import SessionInfo
from fercam.sessions.table import FrameTable, merged_people, people_names

_PLACES = np.array([CIRCUMPLEX[emotion] for emotion in EMOTIONS])


@dataclass(frozen=True, slots=True)
class PersonStatistics:
    """One person over the time that counts; `person` 0 is everybody together.

    `seen_s` is for how long there was a face, `usable_share` in which part (0..1) of the time that
    counts there was one whose expression was sure. `shares` are each emotion's sure parts of the
    time with an answer (0..1, all 0 without any), `sure_share` is their sum and `not_sure_share`
    the rest. `valence` and `arousal` (-1..1, derived, see core.affect) are means over all of that
    time, None without any. `dominant` is the emotion with the largest share, NOT_SURE where the
    rest is larger, empty without an answer.
    """

    person: int
    name: str
    seen_s: float
    usable_share: float
    shares: Mapping[str, float]
    sure_share: float
    valence: float | None
    arousal: float | None
    dominant: str

    @property
    def not_sure_share(self) -> float:
        """The part of the time with an answer, 0..1, in which it was not sure."""
        return max(0.0, 1 - self.sure_share) if self.dominant else 0.0


@dataclass(frozen=True, slots=True)
class SessionStatistics:
    """A session from `from_s` to `to_s`; `counted_s` is that time without what is excluded.

    Everybody together counts persons: two people who look happy for a second are two seconds of
    it. `people` come in the order of their numbers.
    """

    from_s: float
    to_s: float
    counted_s: float
    people: tuple[PersonStatistics, ...]
    group: PersonStatistics


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One person over the bins of a timeline, (B,) each: `emotion` is the one seen longest in the
    bin as its place in EMOTIONS, -1 where there was none; `confidence` (0..1) the mean of its
    answers; `sure_share` (0..1) the part of the time with an answer that was sure.
    """

    person: int
    name: str
    emotion: NDArray[np.int8]
    confidence: NDArray[np.float32]
    sure_share: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The lanes of all people; bin i goes from `edges_s[i]` to `edges_s[i + 1]` (B + 1,)."""

    edges_s: NDArray[np.float64]
    lanes: tuple[Lane, ...]


def counted(table: FrameTable, info: SessionInfo) -> NDArray[np.bool_]:
    """Return which frames (F,) are in no excluded stretch."""
    kept = np.ones(table.frames, bool)
    for span in info.excluded:
        kept &= (table.time_s < span.start_s) | (table.time_s >= span.end_s)
    return kept


def display_name(info: SessionInfo, person: int) -> str:
    """Return what a person is called: the name typed, else "Person 3"."""
    return called(person, people_names(info).get(person, ""))


def statistics(
    table: FrameTable,
    info: SessionInfo,
    from_s: float | None = None,
    to_s: float | None = None,
) -> SessionStatistics:
    """Return the statistics of a session, or of a part of it, as its description asks for:
    excluded stretches left out, merged people as one.
    """
    merged = table.with_people(info)
    start_s = 0.0 if from_s is None else from_s
    end_s = table.duration_s if to_s is None else to_s
    inside = (table.time_s >= start_s) & (table.time_s < end_s) & counted(table, info)
    frame_s = np.where(inside, table.frame_s(), 0.0)
    counted_s = float(frame_s.sum())
    row_s = np.repeat(frame_s, np.diff(table.first_row))
    return SessionStatistics(
        start_s,
        end_s,
        counted_s,
        tuple(
            _person(merged, frame_s, row_s, merged.person == number, number, name)
            for number, name in _people(merged, info)
        ),
        _person(merged, frame_s, row_s, np.ones(merged.rows, bool), 0, "Everybody"),
    )


def _people(merged: FrameTable, info: SessionInfo) -> list[tuple[int, str]]:
    """Return everyone with a row or a description, but those who are part of somebody else."""
    gone = merged_people(info)
    known = {person.id for person in info.people} | set(merged.people)
    return [(number, display_name(info, number)) for number in sorted(known - gone.keys())]


def _person(
    table: FrameTable,
    frame_s: NDArray[np.float64],
    row_s: NDArray[np.float64],
    theirs: NDArray[np.bool_],
    number: int,
    name: str,
) -> PersonStatistics:
    answered = theirs & (table.label >= 0)
    weights = row_s[answered]
    answered_s = float(weights.sum())
    sure = answered & table.sure
    shares = np.bincount(table.label[sure], row_s[sure], len(EMOTIONS)) / (answered_s or 1.0)
    most = EMOTIONS[int(shares.argmax())] if shares.max() >= 1 - shares.sum() else NOT_SURE
    affect = weights @ (table.probabilities[answered] @ _PLACES) / (answered_s or 1.0)
    return PersonStatistics(
        person=number,
        name=name,
        seen_s=_time_of_frames(table, frame_s, theirs),
        usable_share=_time_of_frames(table, frame_s, sure) / (float(frame_s.sum()) or 1.0),
        shares={emotion: float(share) for emotion, share in zip(EMOTIONS, shares, strict=True)},
        sure_share=float(shares.sum()),
        valence=float(affect[0]) if answered_s else None,
        arousal=float(affect[1]) if answered_s else None,
        dominant=most if answered_s else "",
    )


def _time_of_frames(
    table: FrameTable, frame_s: NDArray[np.float64], rows: NDArray[np.bool_]
) -> float:
    """Return for how long there was at least one of these rows."""
    return float(frame_s[np.unique(table.row_frame()[rows])].sum())


def timeline(
    table: FrameTable,
    info: SessionInfo,
    bins: int,
    from_s: float | None = None,
    to_s: float | None = None,
) -> Timeline:
    """Return the lanes of all people in equal bins; excluded stretches are in them too."""
    merged = table.with_people(info)
    start_s = 0.0 if from_s is None else from_s
    end_s = max(table.duration_s if to_s is None else to_s, start_s + 1e-3)
    edges_s = np.linspace(start_s, end_s, bins + 1)
    times_s = merged.row_time_s()
    row_bin = np.floor((times_s - start_s) / (end_s - start_s) * bins).astype(np.int64)
    row_s = np.repeat(table.frame_s(), np.diff(table.first_row))
    inside = (row_bin >= 0) & (row_bin < bins) & (merged.label >= 0)
    lanes = []
    for number, name in _people(merged, info):
        rows = inside & (merged.person == number)
        lanes.append(_lane(merged, rows, row_bin[rows], row_s[rows], bins, number, name))
    return Timeline(edges_s, tuple(lanes))


def _lane(
    table: FrameTable,
    rows: NDArray[np.bool_],
    row_bin: NDArray[np.int64],
    row_s: NDArray[np.float64],
    bins: int,
    number: int,
    name: str,
) -> Lane:
    label, count = table.label[rows].astype(np.int64), len(EMOTIONS)
    cell = row_bin * count + label

    def summed(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(cell, weights, bins * count)
        return sums.astype(np.float64).reshape(bins, count)

    time_s = summed(row_s)
    winner = time_s.argmax(axis=1)
    every = np.arange(bins)
    total_s = time_s.sum(axis=1)
    confidence_s = summed(row_s * table.probabilities[rows].max(axis=1, initial=0.0))
    sure_s = summed(row_s * table.sure[rows]).sum(axis=1)
    seen = total_s > 0
    return Lane(
        number,
        name,
        np.where(seen, winner, -1).astype(np.int8),
        (confidence_s[every, winner] / np.where(seen, time_s[every, winner], 1)).astype(np.float32),
        (sure_s / np.where(seen, total_s, 1)).astype(np.float32),
    )
