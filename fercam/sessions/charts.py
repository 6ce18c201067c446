"""The charts of a report: shares, valence, and everybody's expressions over time."""

import bisect
import itertools
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fercam.core import words
from fercam.core.affect import CIRCUMPLEX
from fercam.core.emotions import EMOTIONS, NOT_SURE
from fercam.recording.session_json import SessionInfo
from fercam.sessions.chart_shapes import (
    COLOURS,
    EMPTY,
    INK,
    PAPER,
    RULE,
    SOFT,
    Bar,
    Chart,
    Dot,
    Label,
    Line,
    Shape,
    ink_on,
)
from fercam.sessions.peaks import Peak
from fercam.sessions.statistics import Lane, PersonStatistics, counted, timeline
from fercam.sessions.table import FrameTable

WIDTH_MM = 182.0
BAR_MM = (84.0, 5.2)
SCALE_MM = (24.0, 5.2)
_PLOT_FROM_MM = 31.0
_NAME_LETTERS = 17
_LETTER_MM = 1.3  # about how wide small letters are
_BINS = 300
_VALENCE_MM = 5.8
ROOMY_UP_TO = 3
"""With more people everything is set closer, so that the report stays one page."""
_ROOMY_MM, _NARROW_MM = 14.8, 7.4
_STEPS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_MOST_TICKS = 9
_VALENCE = np.array([CIRCUMPLEX[emotion][0] for emotion in EMOTIONS])


def shares_in_words(person: PersonStatistics) -> str:
    """Return such as "happy 64%, neutral 30%, not sure 6%", the largest first."""
    return ", ".join(f"{name} {share:.0%}" for name, share in _shares(person) if share >= 0.005)


def _shares(person: PersonStatistics) -> list[tuple[str, float]]:
    sure = sorted(person.shares.items(), key=lambda item: -item[1])
    return [*sure, (NOT_SURE, person.not_sure_share)]


def shares_bar(person: PersonStatistics) -> Chart:
    """Return one bar with each emotion's part of the time, largest first, and the rest in gray."""
    width, height = BAR_MM
    shapes: list[Shape] = [Bar(0, 0, width, height, EMPTY)]
    at = 0.0
    for name, share in _shares(person):
        part = share * width
        if part <= 0:
            continue
        shapes.append(Bar(at, 0, part, height, COLOURS[name], f"{name} {share:.1%}"))
        if at:
            shapes.append(Line(((at, 0), (at, height)), PAPER, 0.25))
        percent = f"{share:.0%}"
        text = next((t for t in (f"{name} {percent}", percent) if _fits(t, part)), "")
        middle = at + part / 2
        shapes.append(Label(middle, 3.5, text, colour=ink_on(COLOURS[name]), anchor="middle"))
        at += part
    return Chart(width, height, tuple(shapes), f"{person.name}: {shares_in_words(person)}")


def _fits(text: str, width: float) -> bool:
    return len(text) * _LETTER_MM + 1.2 <= width


def valence_scale(valence: float | None) -> Chart:
    """Return a dot on a scale from -1 (unpleasant) to 1 (pleasant); no dot without a value."""
    width, height = SCALE_MM
    middle, level = width / 2, height / 2
    shapes: list[Shape] = [
        Line(((0, level), (width, level)), RULE, 0.35),
        Line(((middle, level - 1), (middle, level + 1)), SOFT, 0.2),
    ]
    if valence is None:
        return Chart(width, height, tuple(shapes), "no answer")
    at = middle + max(-1.0, min(1.0, valence)) * (middle - 1.1)
    shapes.append(Dot(at, level, 1.1, INK))
    return Chart(width, height, tuple(shapes), f"valence {valence:+.2f}")


def timeline_chart(
    table: FrameTable, info: SessionInfo, people: Sequence[int], peaks: Sequence[Peak]
) -> Chart:
    """Return a lane for each of `people`: the expression as a coloured band with the numbers of
    the peaks above it and, of few people, the derived valence as a line below it. Marked moments,
    pauses and what is excluded lie over all of them.
    """
    lanes_of = timeline(table, info, _bins(table))
    lanes = {lane.person: lane for lane in lanes_of.lanes}
    shown = [number for number in people if number in lanes]
    edges_s = lanes_of.edges_s
    end_s = float(edges_s[-1])

    def x(t_s: float) -> float:
        return _PLOT_FROM_MM + min(max(t_s, 0.0), end_s) / end_s * (WIDTH_MM - _PLOT_FROM_MM)

    top = 5.0 if info.markers or info.pauses else 1.0
    lane_mm = _ROOMY_MM if len(shown) <= ROOMY_UP_TO else _NARROW_MM
    bottom = top + lane_mm * len(shown)
    shapes: list[Shape] = []
    for index, number in enumerate(shown):
        y = top + index * lane_mm
        numbers = [(place, peak) for place, peak in enumerate(peaks, 1) if peak.person == number]
        shapes += _lane_shapes(lanes[number], y, x, edges_s)
        if lane_mm == _ROOMY_MM:
            valence = _valence(table, info, number, edges_s)
            shapes += _valence_shapes(valence, y + 8.4, x, edges_s)
        shapes += _peak_numbers(numbers, y, x)
    shapes += _excluded_shapes(info, top, bottom, x)
    shapes += _moments(info, bottom, x)
    shapes += _axis(end_s, bottom, x)
    names = ", ".join(lanes[number].name for number in shown)
    what = "Expressions and valence" if lane_mm == _ROOMY_MM else "Expressions"
    summary = f"{what} of {names} from 0:00 to {words.clock(end_s)}"
    return Chart(WIDTH_MM, bottom + 4.5, tuple(shapes), summary)


def _bins(table: FrameTable) -> int:
    """Return how many bins there may be so that none is empty just for being short."""
    gaps_s = np.diff(table.time_s)
    gaps_s = gaps_s[gaps_s > 0]
    if not len(gaps_s):
        return 1
    return int(np.clip(table.duration_s / (1.5 * np.quantile(gaps_s, 0.9)), 1, _BINS))


def _lane_shapes(
    lane: Lane, y: float, x: Callable[[float], float], edges_s: NDArray[np.float64]
) -> list[Shape]:
    high = 4.6
    name = lane.name
    if len(name) > _NAME_LETTERS:
        name = name[: _NAME_LETTERS - 1].rstrip() + "…"
    shapes: list[Shape] = [
        Label(0, y + 6.6, name, 2.7, INK, bold=True),
        Bar(_PLOT_FROM_MM, y + 3.4, WIDTH_MM - _PLOT_FROM_MM, high, EMPTY),
    ]
    said = np.where(lane.sure_share >= 0.5, lane.emotion, len(EMOTIONS))
    said = np.where(lane.emotion < 0, -1, said)
    cuts = [0, *(np.flatnonzero(np.diff(said)) + 1).tolist(), len(said)]
    for first, end in itertools.pairwise(cuts):
        if said[first] < 0:
            continue
        word = (*EMOTIONS, NOT_SURE)[int(said[first])]
        start_s, end_s = float(edges_s[first]), float(edges_s[end])
        about = f"{words.clock(start_s, 1)} to {words.clock(end_s, 1)}: {word}"
        shapes.append(Bar(x(start_s), y + 3.4, x(end_s) - x(start_s), high, COLOURS[word], about))
    return shapes


def _valence(
    table: FrameTable, info: SessionInfo, person: int, edges_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a person's mean valence in each bin (B,), -1..1, NaN where there is none."""
    merged, bins = table.with_people(info), len(edges_s) - 1
    rows = (merged.person == person) & (merged.label >= 0)
    rows &= np.repeat(counted(table, info), np.diff(table.first_row))
    place = np.searchsorted(edges_s, merged.row_time_s()[rows], side="right") - 1
    place = place.clip(0, bins - 1)
    values = merged.probabilities[rows] @ _VALENCE
    count = np.bincount(place, minlength=bins)
    mean = np.bincount(place, values, bins) / np.maximum(count, 1)
    return np.where(count > 0, mean, np.nan).astype(np.float64)


def _valence_shapes(
    valence: NDArray[np.float64],
    y: float,
    x: Callable[[float], float],
    edges_s: NDArray[np.float64],
) -> list[Shape]:
    half = _VALENCE_MM / 2
    zero = y + half
    shapes: list[Shape] = [
        Label(_PLOT_FROM_MM - 1.2, y + 1.6, "pleasant", 1.9, anchor="end"),
        Label(_PLOT_FROM_MM - 1.2, y + _VALENCE_MM - 0.1, "unpleasant", 1.9, anchor="end"),
        Line(((_PLOT_FROM_MM, zero), (WIDTH_MM, zero)), RULE, 0.15),
    ]
    known = np.flatnonzero(np.isfinite(valence))
    if not len(known):
        return shapes
    usual = int(np.median(np.diff(known))) if len(known) > 1 else 1
    for part in np.split(known, np.flatnonzero(np.diff(known) > 3 * usual) + 1):
        points = [
            (x(float(edges_s[i] + edges_s[i + 1]) / 2), zero - half * float(valence[i]))
            for i in part
        ]
        if len(points) == 1:
            shapes.append(Dot(*points[0], 0.3, INK))
        else:
            shapes.append(Line(tuple(points), INK, 0.3))
    return shapes


def _peak_numbers(
    numbers: Sequence[tuple[int, Peak]], y: float, x: Callable[[float], float]
) -> list[Shape]:
    shapes: list[Shape] = []
    last = -1.0
    for number, peak in numbers:
        at = max(x(peak.t_s), last + 3.2)
        last = at
        colour = COLOURS[peak.emotion]
        shapes.append(Line(((x(peak.t_s), y + 3.4), (at, y + 2.2)), colour, 0.3))
        shapes.append(Dot(at, y + 1.5, 1.5, colour))
        label = Label(at, y + 2.25, str(number), 2.1, ink_on(colour), "middle", bold=True)
        shapes.append(label)
    return shapes


def _excluded_shapes(
    info: SessionInfo, top: float, bottom: float, x: Callable[[float], float]
) -> list[Shape]:
    shapes: list[Shape] = []
    for span in info.excluded:
        start, end = x(span.start_s), x(span.end_s)
        about = f"left out: {words.clock(span.start_s, 1)} to {words.clock(span.end_s, 1)}"
        shapes.append(Bar(start, top, end - start, bottom - top, EMPTY, about))
        shapes += [Line(((at, top), (at, bottom)), RULE, 0.2) for at in (start, end)]
        if _fits("left out", end - start):
            shapes.append(
                Label((start + end) / 2, (top + bottom) / 2 + 0.8, "left out", anchor="middle")
            )
    return shapes


def _moments(info: SessionInfo, bottom: float, x: Callable[[float], float]) -> list[Shape]:
    """Return what people marked and where recording rested; peaks have numbers of their own."""
    found = [(marker.t_s, marker.text) for marker in info.markers if not marker.emotion]
    found += [
        (rest.start_s, f"paused {words.length(rest.end_s - rest.start_s)}") for rest in info.pauses
    ]
    found.sort()
    shapes: list[Shape] = []
    ends = [*(x(t_s) for t_s, _ in found[1:]), WIDTH_MM]
    for (t_s, text), end in zip(found, ends, strict=False):
        at = x(t_s)
        room = end - at - 2
        shapes.append(Line(((at, 1.2), (at, bottom)), SOFT, 0.15))
        letters = int(room / _LETTER_MM)
        if letters < 4:
            continue
        fitting = text if len(text) <= letters else text[: letters - 1].rstrip() + "…"
        shapes.append(Label(at + 0.8, 2.9, fitting))
    return shapes


def _axis(end_s: float, bottom: float, x: Callable[[float], float]) -> list[Shape]:
    place = bisect.bisect_left(_STEPS_S, end_s / _MOST_TICKS)
    step_s = _STEPS_S[place] if place < len(_STEPS_S) else end_s / _MOST_TICKS
    shapes: list[Shape] = [Line(((_PLOT_FROM_MM, bottom), (WIDTH_MM, bottom)), SOFT, 0.2)]
    for number in range(int(end_s / step_s) + 1):
        at = x(number * step_s)
        shapes.append(Line(((at, bottom), (at, bottom + 0.9)), SOFT, 0.2))
        text = words.clock(number * step_s, 1 if step_s < 1 else 0)
        anchor: Literal["middle", "end"] = "end" if at > WIDTH_MM - 3 else "middle"
        shapes.append(Label(at, bottom + 3.7, text, anchor=anchor))
    return shapes
