"""The report as a PDF: the same charts and words on A4 sheets."""

import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fercam import paths
from fercam.core import words
from fercam.overlay.palette import Colour
from fercam.sessions.chart_shapes import COLOURS, EMPTY, INK, SOFT, Label, ink_on
from fercam.sessions.charts import BAR_MM, ROOMY_UP_TO, SCALE_MM, shares_bar, valence_scale
from fercam.sessions.exporter import ExportOptions, ShowProgress
from fercam.sessions.pdf_sheets import SIDE_MM, TOP_MM, WIDTH_MM, Sheets
from fercam.sessions.report import (
    Report,
    ReportExporter,
    Still,
    gather,
    usable_words,
    valence_words,
)
from fercam.sessions.session import Session

_STILLS, _GAP_MM = 6, 3.4
_NOTE: Colour = (255, 248, 230)
_NAME_MM = 42.0
_ROW_MM, _NARROW_ROW_MM = 7.6, 5.8
_SEEN_MM, _USABLE_MM, _SCALE_FROM_MM = 142.0, 156.0, 158.0


class PdfReport(ReportExporter):
    """One or two A4 sheets with text that can be searched."""

    suffix = ".pdf"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        path.write_bytes(to_pdf(gather(session, progress)))
        progress(1, 1)


def to_pdf(report: Report) -> bytes:
    """Return the report as a PDF file.

    Names may be in any script for which DejaVu Sans or a font of this computer has letters; a
    letter that none has becomes a box.
    """
    with _quiet():
        return _Layout(report).finished()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep fpdf and fontTools from telling about the inside of fonts."""
    logs = [logging.getLogger(name) for name in ("fpdf", "fontTools")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)


class _Layout:
    """Puts the parts of a report on sheets, one below the other."""

    def __init__(self, report: Report) -> None:
        self._report = report
        title = f"{report.title} · FerCam report"
        self._sheets = Sheets(title, report.made_with, _all_words(report))
        self._head()
        self._tiles()
        self._notes()
        if report.people:
            self._shares()
            self._over_time()
            self._moments()
        else:
            self._heading("No face was found")
            text = "Nothing can be said about expressions in this session."
            self._sheets.y = self._sheets.block(text, 0, self._sheets.y, WIDTH_MM, 9, SOFT) + 4
        self._foot()

    def finished(self) -> bytes:
        """Return the file."""
        return self._sheets.finished(f"Made with {self._report.made_with}")

    def _head(self) -> None:
        pdf, report = self._sheets.pdf, self._report
        brand = "FerCam report"
        left = SIDE_MM + WIDTH_MM - self._sheets.width(brand, 8) - 9
        pdf.image(paths.resource_dir("assets") / "fercam.svg", left, self._sheets.y, 7, 7)
        self._sheets.text(brand, WIDTH_MM, self._sheets.y + 4.7, 8, anchor="end")
        self._sheets.y = (
            self._sheets.block(report.title, 0, self._sheets.y, 146, 19, INK, bold=True) + 0.6
        )
        self._sheets.y = (
            self._sheets.block("  ·  ".join(report.about), 0, self._sheets.y, 146, 8.5, SOFT) + 4
        )

    def _tiles(self) -> None:
        self._sheets.line(0, self._sheets.y, WIDTH_MM, self._sheets.y)
        wide = WIDTH_MM / len(self._report.tiles)
        for number, tile in enumerate(self._report.tiles):
            x = number * wide + (4 if number else 0)
            if number:
                self._sheets.line(
                    number * wide, self._sheets.y + 3, number * wide, self._sheets.y + 16
                )
            self._sheets.text(tile.label, x, self._sheets.y + 5, 7.5)
            self._sheets.text(tile.value, x, self._sheets.y + 11.4, 15, INK, bold=True)
            self._sheets.text(tile.about, x, self._sheets.y + 15.6, 7)
        self._sheets.y += 19
        self._sheets.line(0, self._sheets.y, WIDTH_MM, self._sheets.y)
        self._sheets.y += 1

    def _notes(self) -> None:
        notes = "\n".join(self._report.notes)
        if not notes:
            return
        self._sheets.y += 2.5
        high = self._sheets.block(notes, 4, 0, WIDTH_MM - 8, 8, INK, dry_run=True) + 3.2
        self._sheets.room(high)
        self._sheets.bar(0, self._sheets.y, WIDTH_MM, high, _NOTE)
        self._sheets.bar(0, self._sheets.y, 0.9, high, COLOURS["happy"])
        self._sheets.block(notes, 4, self._sheets.y + 1.6, WIDTH_MM - 8, 8, INK)
        self._sheets.y += high

    def _heading(self, text: str) -> None:
        self._sheets.y += 3.5
        self._sheets.text(text, 0, self._sheets.y + 4, 11, INK, bold=True)
        self._sheets.y += 7

    def _shares(self) -> None:
        report = self._report
        self._sheets.room(30)
        self._heading("What each face looked like")
        self._sheets.text("Person", 0, self._sheets.y + 2.5, 7)
        self._sheets.text("Share of the time with a face", _NAME_MM, self._sheets.y + 2.5, 7)
        self._sheets.text("Seen", _SEEN_MM, self._sheets.y + 2.5, 7, anchor="end")
        self._sheets.text("Usable", _USABLE_MM, self._sheets.y + 2.5, 7, anchor="end")
        self._sheets.text("Valence", WIDTH_MM, self._sheets.y + 2.5, 7, anchor="end")
        self._sheets.y += 4
        high = _ROW_MM if len(report.people) <= ROOMY_UP_TO + 1 else _NARROW_ROW_MM
        for person in report.people:
            self._sheets.room(high)
            self._sheets.line(0, self._sheets.y, WIDTH_MM, self._sheets.y)
            base = self._sheets.y + high / 2 + 1.1
            name = self._sheets.shortened(person.name, _NAME_MM - 3, 9)
            self._sheets.text(name, 0, base, 9, INK, bold=True)
            top = self._sheets.y + (high - BAR_MM[1]) / 2
            self._sheets.chart(shares_bar(person), _NAME_MM, top)
            self._sheets.text(words.length(person.seen_s), _SEEN_MM, base, 8.5, INK, "end")
            self._sheets.text(usable_words(person), _USABLE_MM, base, 8.5, INK, "end")
            self._sheets.chart(
                valence_scale(person.valence), _SCALE_FROM_MM + 1.5, top, SCALE_MM[0] / 2
            )
            self._sheets.text(valence_words(person), WIDTH_MM, base, 8.5, INK, "end")
            self._sheets.y += high
        x = 0.0
        for name, colour in COLOURS.items():
            self._sheets.bar(x, self._sheets.y + 1.3, 2.4, 2.4, colour)
            self._sheets.text(name, x + 3.4, self._sheets.y + 3.4, 7)
            x += 3.4 + self._sheets.width(name, 7) + 4.5
        self._sheets.y += 4.5
        if report.more_people:
            self._sheets.text(report.more_people, 0, self._sheets.y + 3, 7)
            self._sheets.y += 4

    def _over_time(self) -> None:
        chart = self._report.timeline
        if chart is None:
            return
        self._sheets.room(12 + chart.height)
        self._heading("Over time")
        self._sheets.chart(chart, 0, self._sheets.y - 1)
        self._sheets.y += chart.height - 1

    def _moments(self) -> None:
        report, sheets = self._report, self._sheets
        wide = (WIDTH_MM - (_STILLS - 1) * _GAP_MM) / _STILLS
        high = wide if report.has_pictures else 5.0
        sheets.room(12 + high + 9)
        self._heading("Moments that stand out")
        for place, still in enumerate(report.stills):
            self._still(still, place * (wide + _GAP_MM), wide, high)
        if report.stills:
            sheets.y += high + 8.5
        else:
            sheets.text(report.no_stills, 0, sheets.y + 2.5, 8.5)
            sheets.y += 4

    def _still(self, still: Still, x: float, wide: float, high: float) -> None:
        sheets, top = self._sheets, self._sheets.y
        colour, corner = COLOURS[still.peak.emotion], 3.0 if high == wide else 2.1
        if still.jpeg is not None:
            picture = io.BytesIO(still.jpeg)
            sheets.pdf.image(picture, SIDE_MM + x, top, wide, wide, alt_text=still.title)
        elif high == wide:
            sheets.bar(x, top, wide, high, EMPTY)
        sheets.dot(x + corner, top + 3, 2.1, colour)
        number = str(still.number)
        sheets.text(number, x + corner, top + 3.95, 7.5, ink_on(colour), "middle", bold=True)
        sheets.text(still.title, x, top + high + 4, 8.5, INK, bold=True)
        sheets.text(sheets.shortened(still.when, wide, 7), x, top + high + 7.4, 7)

    def _foot(self) -> None:
        report, sheets = self._report, self._sheets
        half = (WIDTH_MM - 10) / 2
        facts = "\n".join(f"{label}: {value}" for label, value in report.model_facts)
        model = [text for text in (facts, report.model_limits) if text]
        columns: Sequence[tuple[str, Sequence[str]]] = (
            ("What this can and cannot say", report.limits),
            (f"The model: {report.model}", model),
        )
        consent: tuple[str, Sequence[str]] = ("Consent", [report.consent])
        high = max(self._part(*column, 0, 0, half, dry_run=True) for column in columns)
        high = self._part(*consent, 0, high, WIDTH_MM, dry_run=True)
        if sheets.y > TOP_MM:
            sheets.y += 4
        sheets.room(high)
        sheets.line(0, sheets.y - 1, WIDTH_MM, sheets.y - 1)
        ends = [
            self._part(*column, number * (half + 10), sheets.y, half)
            for number, column in enumerate(columns)
        ]
        sheets.y = self._part(*consent, 0, max(ends), WIDTH_MM)

    def _part(
        self,
        title: str,
        paragraphs: Sequence[str],
        x: float,
        y: float,
        width: float,
        dry_run: bool = False,
    ) -> float:
        """Write paragraphs under a heading; return where they end."""
        y = self._sheets.block(title, x, y + 2, width, 8.5, INK, bold=True, dry_run=dry_run) + 0.8
        for text in paragraphs:
            y = self._sheets.block(text, x, y, width, 6.8, INK, dry_run=dry_run) + 1.4
        return y


def _all_words(report: Report) -> str:
    """Return what people may have typed, in whatever script."""
    names = [person.name for person in report.people]
    labels = [s.text for s in (report.timeline.shapes if report.timeline else ()) if
              isinstance(s, Label)]  # fmt: skip
    return "".join([report.title, *report.about, *names, *labels, *report.notes, report.model])
