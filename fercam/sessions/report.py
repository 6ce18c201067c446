"""What the one-page report of a session says, whatever it is written on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fercam.core import words
from fercam.core.errors import ModelError, SessionError
from fercam.core.values import Image
from fercam.inference.bundle import INT8, Card, find_bundle
from fercam.inference.figures import headline
from fercam.sessions.chart_shapes import COLOURS, Chart
from fercam.sessions.charts import timeline_chart
from fercam.sessions.exporter import Exporter, ShowProgress
from fercam.sessions.peaks import Peak, find_peaks
from fercam.sessions.session import ANNOTATED, Session
from fercam.sessions.statistics import PersonStatistics, SessionStatistics, counted, statistics

MOST_PEOPLE = 5
"""So many have lines of their own, those seen longest."""
STILL_PX = 360
_AROUND_FACE = 1.9
"""The side of a still, times the face's."""
_QUALITY = 86

LIMITS = (
    "This report says what expressions look like to a network trained on people's judgements. It "
    "does not say what anybody felt or thought, and it errs: treat every figure as an estimate, "
    "and no moment as proof of anything.",
    "Shares count only answers the network was sure of; the rest is “not sure”. Valence, "
    "from −1 (unpleasant) to +1 (pleasant), is derived from the seven probabilities, not measured.",
    "Do not use it to judge, select or rate people. In the European Union, systems that infer "
    "emotions at work and in education are prohibited (AI Act, Article 5(1)(f)).",
)
CONSENT = (
    "Faces and what is read from them are personal data. Record people only with their knowledge "
    "and consent, pass this report on only as they agreed, and delete it together with the session "
    "when they ask for it."
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure that matters most, with the words around it."""

    label: str
    value: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Still:
    """A peak with its number on the timeline and its picture, a square JPEG (None if none)."""

    number: int
    peak: Peak
    jpeg: bytes | None

    @property
    def title(self) -> str:
        """The expression in words."""
        return f"{self.peak.emotion} {self.peak.confidence:.0%}"

    @property
    def when(self) -> str:
        """Whose it is and when it was."""
        return f"{words.clock(self.peak.t_s, 1)} · {self.peak.name}"


@dataclass(frozen=True, slots=True)
class Report:
    """All that the report says; texts are plain, figures are ready to be shown.

    `people` are in the order of their numbers, everybody together comes last where there are
    several. `timeline` is None where nobody was seen. `notes` are about this session alone.
    """

    title: str
    about: tuple[str, ...]
    tiles: tuple[Tile, ...]
    people: tuple[PersonStatistics, ...]
    more_people: str
    timeline: Chart | None
    stills: tuple[Still, ...]
    no_stills: str
    model: str
    model_facts: tuple[tuple[str, str], ...]
    model_limits: str
    notes: tuple[str, ...]
    limits: tuple[str, ...]
    consent: str
    made_with: str

    @property
    def has_pictures(self) -> bool:
        """Whether there is a picture of any peak."""
        return any(still.jpeg for still in self.stills)


class ReportExporter(Exporter):
    """Writes the report to one file, which is called "report" unless another name is asked for."""

    def file_for(self, session: Session, out: Path | None = None) -> Path:
        """Return the file that `out` means: itself, or one in the folder `out` or the session's."""
        if out is not None and not out.is_dir():
            return out
        return (out or session.folder) / f"report{self.suffix}"


def gather(session: Session, progress: ShowProgress = lambda done, total: None) -> Report:
    """Return the report of a session: names, merged people and excluded stretches as described."""
    info = session.info
    totals = statistics(session.table, info)
    seen = [person for person in totals.people if person.seen_s > 0]
    longest = sorted(seen, key=lambda person: -person.seen_s)[:MOST_PEOPLE]
    shown, rest = [person for person in seen if person in longest], len(seen) - len(longest)
    peaks = find_peaks(session.table, info)
    chart = None
    if shown:
        numbers = [person.person for person in shown]
        chart = timeline_chart(session.table, info, numbers, peaks)
    more = ""
    if rest:
        other = "one more person" if rest == 1 else f"{rest} more people"
        more = f"Seen for less time, and part of “{totals.group.name}” only: {other}."
    card = _card_of(session)
    return Report(
        title=session.folder.resolve().name,
        about=_about(session),
        tiles=_tiles(session, totals, len(seen)),
        people=(*shown, *([totals.group] if len(seen) > 1 else [])),
        more_people=more,
        timeline=chart,
        stills=_stills(session, peaks, progress),
        no_stills="" if peaks else "No expression but neutral was sure for long enough.",
        model=info.model,
        model_facts=_model_facts(session, card),
        model_limits=card.limits if card else "",
        notes=_notes(session),
        limits=LIMITS,
        consent=CONSENT,
        made_with=f"FerCam {info.app_version}",
    )


def _about(session: Session) -> tuple[str, ...]:
    info = session.info
    source = str(info.source.get("description") or "")
    tags = ", ".join(info.tags)
    return tuple(part for part in (words.date(info.start_utc), source, tags) if part)


def _tiles(session: Session, totals: SessionStatistics, people: int) -> tuple[Tile, ...]:
    group = totals.group
    frame_s = session.table.frame_s()
    missing = {
        "left out": float(frame_s[~counted(session.table, session.info)].sum()),
        "without a picture": session.table.duration_s - float(frame_s.sum()),
    }
    not_counted = [f"{words.length(s)} {why}" for why, s in missing.items() if s > 0.05]
    most = group.dominant or "no face"
    share = group.shares.get(group.dominant, group.not_sure_share)
    return (
        Tile("Length", words.length(totals.counted_s), ", ".join(not_counted)),
        Tile("People", str(people), "told apart by their faces" if people > 1 else ""),
        Tile("Face usable", f"{group.usable_share:.0%}", "of the time, with a sure answer"),
        Tile("Most often", most, f"{share:.0%} of the time with a face" if group.dominant else ""),
    )


def _notes(session: Session) -> tuple[str, ...]:
    info, notes = session.info, list(session.problems)
    if info.note:
        notes.append(info.note)
    if info.dropped:
        notes.append(f"{info.dropped} of {info.offered} frames were dropped while recording.")
    if info.excluded:
        spans = ", ".join(
            f"{words.clock(span.start_s, 1)}–{words.clock(span.end_s, 1)}" for span in info.excluded
        )
        notes.append(f"Left out of all figures: {spans}.")
    if session.video_kind == ANNOTATED:
        notes.append("The stills are from the video with the labels drawn in.")
    return tuple(notes)


def _card_of(session: Session) -> Card | None:
    """Return the card of the very network the session was made with, None if it is not here."""
    try:
        card = find_bundle(session.info.model).card
    except ModelError:
        return None
    return card if card.sha256.get(INT8) == session.info.model_sha256 else None


def _model_facts(session: Session, card: Card | None) -> tuple[tuple[str, str], ...]:
    if card is None:
        missing = "not known here: this very model is not installed on this computer"
        return (("Accuracy", missing), ("SHA-256", session.info.model_sha256[:16]))
    facts = [("Network", card.architecture)]
    if card.parameters:  # 0: not known
        facts[0] = ("Network", f"{card.architecture}, {card.parameters:,} parameters")
    test = headline(card.metrics) or {}
    if "accuracy" in test:
        faces = f" of {test['faces']:,} test faces" if "faces" in test else ""
        facts.append(("Accuracy", f"{test['accuracy']:.1%}{faces}"))
    else:
        facts.append(("Accuracy", "not tested"))
    if test.get("sure_accuracy") is not None and "sure_share" in test:
        sure = f"{test['sure_accuracy']:.1%} (on {test['sure_share']:.0%} of the faces)"
        facts.append(("Where it was sure", sure))
    recall = {name: each.get("recall") for name, each in test.get("per_class", {}).items()}
    known = {name: value for name, value in recall.items() if value is not None}
    if known:
        best, worst = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
        found = f"{best} {known[best]:.0%} of the time, {worst} only {known[worst]:.0%}"
        facts.append(("Recognised", found))
    return tuple(facts)


def _stills(session: Session, peaks: Sequence[Peak], progress: ShowProgress) -> tuple[Still, ...]:
    from fercam.sessions.pictures import PictureReader

    total, stills = len(peaks) + 1, []
    reader = None
    progress(0, total)
    try:
        if session.video is not None and peaks:
            reader = PictureReader(session.video, session.video_start_s)
    except SessionError:
        reader = None  # what is wrong with the video is among the notes
    try:
        for number, peak in enumerate(peaks, 1):
            jpeg = _still(session, peak, reader.at(peak.t_s)[1]) if reader else None
            stills.append(Still(number, peak, jpeg))
            progress(number, total)
    finally:
        if reader is not None:
            reader.close()
    return tuple(stills)


def _still(session: Session, peak: Peak, picture: Image) -> bytes | None:
    """Return the square around the person's face as a JPEG, a frame of the peak's colour on it."""
    import cv2

    table = session.table.with_people(session.info)
    rows = [r for r in table.rows_of(table.frame_at(peak.t_s)) if table.person[r] == peak.person]
    height, width = picture.shape[:2]
    if not rows:
        return None
    x, y, box_w, box_h = (int(value) for value in table.box_px[rows[0]])
    side = int(min(max(box_w, box_h) * _AROUND_FACE, height, width))
    left = int(np.clip(x + box_w / 2 - side / 2, 0, width - side))
    top = int(np.clip(y + box_h / 2 - side / 2, 0, height - side))
    cut = picture[top : top + side, left : left + side]
    if not cut.size:
        return None
    way = cv2.INTER_AREA if side > STILL_PX else cv2.INTER_CUBIC
    square = cv2.resize(cut, (STILL_PX, STILL_PX), interpolation=way)
    if session.video_kind != ANNOTATED:
        scale = STILL_PX / side
        first = round((x - left) * scale), round((y - top) * scale)
        last = round((x + box_w - left) * scale), round((y + box_h - top) * scale)
        cv2.rectangle(square, first, last, COLOURS[peak.emotion][::-1], 4, cv2.LINE_AA)
    done, jpeg = cv2.imencode(".jpg", square, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return jpeg.tobytes() if done else None


def usable_words(person: PersonStatistics) -> str:
    """Return for what part of the session a face was usable."""
    return f"{person.usable_share:.0%}"


def valence_words(person: PersonStatistics) -> str:
    """Return a valence such as "+0.32", "–" without an answer."""
    if person.valence is None:
        return "–"
    return f"{round(person.valence, 2) + 0.0:+.2f}".replace("-", "−")
