"""What a report of a session says, whatever it is printed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from fercam.core import words
from fercam.core.affect import CIRCUMPLEX
from fercam.core.emotions import EMOTIONS, NOT_SURE
from fercam.core.errors import ModelError, SessionError
from fercam.inference.bundle import INT8, find_bundle
from fercam.overlay.layout import lay_out
from fercam.overlay.raster import paint
from fercam.recording.session_json import Marker, SessionInfo, Span
from fercam.sessions.exporter import ShowProgress
from fercam.sessions.peaks import Peak, find_peaks
from fercam.sessions.pictures import PictureReader
from fercam.sessions.session import Session
from fercam.sessions.statistics import Lane, SessionStatistics, counted, statistics, timeline
from fercam.sessions.table import FrameTable

MOST_BINS = 240
FRAMES_A_BIN = 3
"""At least so many: fewer would leave gaps where frames come unevenly."""
STILL_PX = 480
MOSTLY_SURE = 0.5
NO_MODEL = "This very model is not installed here, so how good it is cannot be said."
LIMITS = (
    "The labels say what an expression looks like, not what somebody feels or thinks.",
    "“Not sure” is time with a face whose label may well be wrong: too small, too dark, turned "
    "away, or two expressions close together. It counts for no emotion.",
    "Valence and arousal are derived from the seven probabilities with published weights (Russell "
    "and Mehrabian, 1977); they were not measured.",
    "Nobody should be judged by this. Inferring emotions at work and in education is prohibited in "
    "the European Union (AI Act, Article 5(1)(f)).",
)
CONSENT = (
    "Faces are personal data. Keep this report only with the consent of the people in it, and "
    "delete it when it has served its purpose."
)
_PLACES = np.array([CIRCUMPLEX[emotion] for emotion in EMOTIONS])


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a lane from `start` to `end` (0..1 of the session); one of EMOTIONS or NOT_SURE."""

    start: float
    end: float
    emotion: str


@dataclass(frozen=True, slots=True)
class Still:
    """A peak and its picture with the labels on it, as JPEG."""

    peak: Peak
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report shows.

    `facts` are names and values. `lanes` has each person's name and stretches; `valence` points
    (time 0..1, mean valence of everybody -1..1), in runs without a gap.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    statistics: SessionStatistics
    duration_s: float
    lanes: tuple[tuple[str, tuple[Stretch, ...]], ...]
    valence: tuple[tuple[tuple[float, float], ...], ...]
    excluded: tuple[Span, ...]
    markers: tuple[Marker, ...]
    stills: tuple[Still, ...]
    model: tuple[str, ...]
    problems: tuple[str, ...]


def make_report(session: Session, progress: ShowProgress = lambda done, total: None) -> Report:
    """Return what a report of a session says.

    Raises:
        SessionError: the session has not a single frame.
    """
    info, table = session.info, session.table
    if not table.frames:
        raise SessionError("The session holds no frame to report on.")
    figures = statistics(table, info)
    bins = max(1, min(MOST_BINS, table.frames // FRAMES_A_BIN))
    lanes = timeline(table, info, bins).lanes
    return Report(
        title=words.date(info.start_utc) or session.folder.name,
        facts=_facts(session, figures),
        statistics=figures,
        duration_s=table.duration_s,
        lanes=tuple((lane.name, tuple(_stretches(lane))) for lane in lanes),
        valence=tuple(_valence(table, info, bins)),
        excluded=info.excluded,
        markers=tuple(marker for marker in info.markers if not marker.emotion),
        stills=tuple(_stills(session, find_peaks(table, info), progress)),
        model=_about_model(info),
        problems=session.problems,
    )


def shares_in_words(shares: Mapping[str, float], not_sure: float) -> str:
    """Return the shares as they are read: "happy 62%, neutral 20%, not sure 18%"."""
    parts = [*sorted(shares.items(), key=lambda one: -one[1]), (NOT_SURE, not_sure)]
    return ", ".join(f"{name} {share:.0%}" for name, share in parts if share >= 0.005)


def _facts(session: Session, figures: SessionStatistics) -> tuple[tuple[str, str], ...]:
    info, group = session.info, figures.group
    dropped = f", {info.dropped} dropped" if info.dropped else ""
    found = [
        ("Source", str(info.source.get("description", ""))),
        ("Length", words.clock(session.table.duration_s)),
        ("Counted", words.clock(figures.counted_s)),
        ("Frames", f"{session.table.frames}{dropped}"),
        ("People", words.people(len(figures.people))),
        ("A face could be used", f"{group.usable_share:.0%} of the time"),
    ]
    if group.valence is not None and group.arousal is not None:
        found.append(("Valence, arousal", f"{group.valence:+.2f}, {group.arousal:+.2f} (derived)"))
    found += [("Model", info.model), ("Tags", ", ".join(info.tags)), ("Note", info.note)]
    return tuple((name, value) for name, value in found if value)


def _stretches(lane: Lane) -> list[Stretch]:
    found: list[Stretch] = []
    bins = len(lane.emotion)
    for number, (emotion, sure) in enumerate(zip(lane.emotion, lane.sure_share, strict=True)):
        if emotion < 0:
            continue
        said = EMOTIONS[int(emotion)] if sure >= MOSTLY_SURE else NOT_SURE
        start, end = number / bins, (number + 1) / bins
        last = found[-1] if found else None
        if last is not None and last.emotion == said and abs(last.end - start) < 1e-9:
            found[-1] = Stretch(last.start, end, said)
        else:
            found.append(Stretch(start, end, said))
    return found


def _valence(
    table: FrameTable, info: SessionInfo, bins: int
) -> list[tuple[tuple[float, float], ...]]:
    """Return the mean valence of everybody over the session, a run for each part with a face."""
    kept = np.repeat(counted(table, info), np.diff(table.first_row)) & (table.label >= 0)
    place = table.row_time_s()[kept] / max(table.duration_s, 1e-6)
    row_bin = np.minimum((place * bins).astype(np.int64), bins - 1)
    valence = table.probabilities[kept] @ _PLACES[:, 0]
    count = np.bincount(row_bin, minlength=bins)
    mean = np.bincount(row_bin, valence, bins) / np.maximum(count, 1)
    seen = np.flatnonzero(count)
    runs = np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1)
    return [tuple(((n + 0.5) / bins, float(mean[n])) for n in run) for run in runs if len(run)]


def _stills(session: Session, peaks: Sequence[Peak], progress: ShowProgress) -> list[Still]:
    """Return the peaks' pictures; those that cannot be read are left out."""
    if session.video is None:
        return []
    found: list[Still] = []
    try:
        reader = PictureReader(session.video, session.video_start_s)
    except SessionError:
        return []
    table = session.table.with_people(session.info)
    try:
        for number, peak in enumerate(peaks, 1):
            image = reader.at(peak.t_s)[1]
            if session.video_kind != "annotated":
                shown = table.annotated(table.frame_at(peak.t_s), image, session.names)
                image = paint(image, lay_out(shown))
            scale = min(1.0, STILL_PX / image.shape[1])
            small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            found.append(Still(peak, cv2.imencode(".jpg", small)[1].tobytes()))
            progress(number, len(peaks))
    except SessionError:
        return found
    finally:
        reader.close()
    return found


def _about_model(info: SessionInfo) -> tuple[str, ...]:
    """Return in plain words how good the model is that made the session."""
    try:
        card = find_bundle(info.model).card
    except ModelError:
        return (NO_MODEL,)
    if card.sha256.get(INT8) != info.model_sha256:
        return (NO_MODEL,)
    test: dict[str, Any] = dict(card.metrics.get("test") or {})
    fresh: dict[str, Any] = test.get("without_copies_of_training") or test
    if "accuracy" not in fresh:
        return (f"{card.name}: not tested.",)
    majority = fresh.get("majority") or {}
    lines = [
        f"{card.name} names {fresh['accuracy']:.0%} of the test faces as their label does "
        f"(FER2013 PublicTest without copies of training faces; people agree with those labels "
        f"about 65 % of the time)."
    ]
    if "accuracy" in majority:
        lines.append(
            f"Where most of ten people agree, it agrees with them {majority['accuracy']:.0%}."
        )
    return (*lines, card.limits)
