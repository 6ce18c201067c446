"""The report as a PDF: the same charts and words on A4 sheets."""

import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fercam import paths
from fercam.core import words
from fercam.overlay.palette import Colour
from fercam.sessions.charts import (
    BAR_MM,
    COLOURS,
    EMPTY,
    INK,
    RULE,
    SCALE_MM,
    SOFT,
    WIDTH_MM,
    Bar,
    Chart,
    Dot,
    Label,
    Line,
    ink_on,
    moved,
    shares_bar,
    valence_scale,
)
from fercam.sessions.exporter import Exporter, ExportOptions, ShowProgress
from fercam.sessions.report import Report, Still, gather, usable_words, valence_words
from fercam.sessions.session import Session

if TYPE_CHECKING:
    from fpdf import FPDF

_SHEET_MM = (210.0, 297.0)
_SIDE_MM = (_SHEET_MM[0] - WIDTH_MM) / 2
_TOP_MM, _BOTTOM_MM = 14.0, 297.0 - 15.0
_POINT_MM = 25.4 / 72
_FAMILY = "report"
_NO_GLYPH = "▯"
_STILLS, _GAP_MM = 6, 3.4
_NOTE: Colour = (255, 248, 230)
_NAME_MM = 42.0
_SEEN_MM, _USABLE_MM, _SCALE_FROM_MM = 142.0, 156.0, 158.0


class PdfReport(Exporter):
    """One or two A4 sheets with text that can be searched."""

    suffix = ".pdf"
    ending = "_report"

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
        return _Sheets(report).finished()


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


class _Sheets:
    """Writes a report from top to bottom; `y` is where it stands on the current sheet, in mm."""

    def __init__(self, report: Report) -> None:
        from fpdf import FPDF

        self._report = report
        pdf = self._pdf = FPDF(format="A4", unit="mm")
        pdf.set_auto_page_break(False)
        pdf.set_margins(_SIDE_MM, _TOP_MM)
        pdf.set_title(f"{report.title} · FerCam report")
        pdf.set_creator(report.made_with)
        pdf.set_lang("en")
        self._known = _add_fonts(pdf, _all_words(report))
        pdf.add_page()
        self.y = _TOP_MM
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
            self.y = self._block(text, 0, self.y, WIDTH_MM, 9, SOFT) + 4
        self._foot()

    def finished(self) -> bytes:
        """Return the file, its sheets numbered if there are several."""
        pdf = self._pdf
        sheets = pdf.page
        for sheet in range(1, sheets + 1):
            pdf.page = sheet
            place = f" · {sheet} of {sheets}" if sheets > 1 else ""
            self._text(f"Made with {self._report.made_with}{place}", 182, 283, 7, anchor="end")
        return bytes(pdf.output())

    def _room(self, height: float) -> None:
        """Go on to a new sheet if there are less than so many millimetres left on this one."""
        if self.y + height > _BOTTOM_MM:
            self._pdf.add_page()
            self.y = _TOP_MM

    def _head(self) -> None:
        pdf, report = self._pdf, self._report
        pdf.image(paths.resource_dir("assets") / "fercam.svg", _SIDE_MM + 153, self.y, 7, 7)
        self._text("FerCam report", 162, self.y + 4.7, 8)
        self.y = self._block(report.title, 0, self.y, 146, 19, INK, bold=True) + 0.6
        self.y = self._block("  ·  ".join(report.about), 0, self.y, 146, 8.5, SOFT) + 4

    def _tiles(self) -> None:
        self._line(0, self.y, WIDTH_MM, self.y)
        wide = WIDTH_MM / len(self._report.tiles)
        for number, tile in enumerate(self._report.tiles):
            x = number * wide + (4 if number else 0)
            if number:
                self._line(number * wide, self.y + 3, number * wide, self.y + 16)
            self._text(tile.label, x, self.y + 5, 7.5)
            self._text(tile.value, x, self.y + 11.4, 15, INK, bold=True)
            self._text(tile.about, x, self.y + 15.6, 7)
        self.y += 19
        self._line(0, self.y, WIDTH_MM, self.y)
        self.y += 1

    def _notes(self) -> None:
        notes = "\n".join(self._report.notes)
        if not notes:
            return
        self.y += 2.5
        high = self._block(notes, 4, 0, WIDTH_MM - 8, 8, INK, dry_run=True) + 3.2
        self._room(high)
        self._bar(0, self.y, WIDTH_MM, high, _NOTE)
        self._bar(0, self.y, 0.9, high, COLOURS["happy"])
        self._block(notes, 4, self.y + 1.6, WIDTH_MM - 8, 8, INK)
        self.y += high

    def _heading(self, text: str) -> None:
        self.y += 4.5
        self._text(text, 0, self.y + 4, 11, INK, bold=True)
        self.y += 7

    def _shares(self) -> None:
        report = self._report
        self._room(30)
        self._heading("What each face looked like")
        self._text("Person", 0, self.y + 2.5, 7)
        self._text("Share of the time with a face", _NAME_MM, self.y + 2.5, 7)
        self._text("Seen", _SEEN_MM, self.y + 2.5, 7, anchor="end")
        self._text("Usable", _USABLE_MM, self.y + 2.5, 7, anchor="end")
        self._text("Valence", WIDTH_MM, self.y + 2.5, 7, anchor="end")
        self.y += 4
        for person in report.people:
            self._room(8)
            self._line(0, self.y, WIDTH_MM, self.y)
            name = self._shortened(person.name, _NAME_MM - 3, 9)
            self._text(name, 0, self.y + 4.9, 9, INK, bold=True)
            top = self.y + (7.6 - BAR_MM[1]) / 2
            self._chart(shares_bar(person), _NAME_MM, top)
            self._text(words.length(person.seen_s), _SEEN_MM, self.y + 4.9, 8.5, INK, "end")
            self._text(usable_words(person), _USABLE_MM, self.y + 4.9, 8.5, INK, "end")
            self._chart(valence_scale(person.valence), _SCALE_FROM_MM + 1.5, top, SCALE_MM[0] / 2)
            self._text(valence_words(person), WIDTH_MM, self.y + 4.9, 8.5, INK, "end")
            self.y += 7.6
        x = 0.0
        for name, colour in COLOURS.items():
            self._bar(x, self.y + 1.3, 2.4, 2.4, colour)
            self._text(name, x + 3.4, self.y + 3.4, 7)
            x += 3.4 + self._width(name, 7) + 4.5
        self.y += 4.5
        if report.more_people:
            self._text(report.more_people, 0, self.y + 3, 7)
            self.y += 4

    def _over_time(self) -> None:
        chart = self._report.timeline
        if chart is None:
            return
        self._room(12 + chart.height)
        self._heading("Over time")
        self._chart(chart, 0, self.y - 1)
        self.y += chart.height - 1

    def _moments(self) -> None:
        side = (WIDTH_MM - (_STILLS - 1) * _GAP_MM) / _STILLS
        self._room(12 + side + 9)
        self._heading("Moments that stand out")
        for place, still in enumerate(self._report.stills):
            self._still(still, place * (side + _GAP_MM), side)
        if self._report.stills:
            self.y += side + 8.5
        else:
            self._text(self._report.no_stills, 0, self.y + 2.5, 8.5)
            self.y += 4

    def _still(self, still: Still, x: float, side: float) -> None:
        colour = COLOURS[still.peak.emotion]
        if still.jpeg is None:
            self._bar(x, self.y, side, side, EMPTY)
        else:
            self._pdf.image(
                io.BytesIO(still.jpeg), _SIDE_MM + x, self.y, side, side, alt_text=still.title
            )
        self._dot(x + 3, self.y + 3, 2.1, colour)
        self._text(
            str(still.number), x + 3, self.y + 3.95, 7.5, ink_on(colour), "middle", bold=True
        )
        self._text(still.title, x, self.y + side + 4, 8.5, INK, bold=True)
        self._text(self._shortened(still.when, side, 7), x, self.y + side + 7.4, 7)

    def _foot(self) -> None:
        report = self._report
        half = (WIDTH_MM - 10) / 2
        start = self.y + 5
        facts = "\n".join(f"{label}: {value}" for label, value in report.model_facts)
        model = [text for text in (facts, report.model_limits) if text]
        columns: Sequence[Sequence[tuple[str, Sequence[str]]]] = (
            [("What this can and cannot say", report.limits)],
            [(f"The model: {report.model}", model), ("Consent", [report.consent])],
        )
        high = max(self._column(column, 0, 0, half, dry_run=True) for column in columns)
        self._room(high + 6)
        start = self.y if self.y == _TOP_MM else start
        self._line(0, start - 1, WIDTH_MM, start - 1)
        for number, column in enumerate(columns):
            self._column(column, number * (half + 10), start, half)
        self.y = start + high

    def _column(
        self,
        parts: Sequence[tuple[str, Sequence[str]]],
        x: float,
        y: float,
        width: float,
        dry_run: bool = False,
    ) -> float:
        """Write headings with their paragraphs below each other; return where they end."""
        for title, paragraphs in parts:
            y = self._block(title, x, y + 2, width, 8.5, INK, bold=True, dry_run=dry_run) + 0.8
            for text in paragraphs:
                y = self._block(text, x, y, width, 7.2, INK, dry_run=dry_run) + 1.4
        return y

    def _chart(self, chart: Chart, x: float, y: float, width: float | None = None) -> None:
        """Draw a chart with its corner there, all of it or (for a scale) made narrower."""
        factor = 1.0 if width is None else width / chart.width
        for shape in moved(chart, 0, y):
            match shape:
                case Bar(left, top, wide, high, fill):
                    self._bar(x + left * factor, top, wide * factor, high, fill)
                case Line(points, colour, thick):
                    self._pdf.set_draw_color(*colour)
                    self._pdf.set_line_width(thick)
                    line = [(_SIDE_MM + x + px * factor, py) for px, py in points]
                    self._pdf.polyline(line)
                case Dot(left, top, radius, fill):
                    self._dot(x + left * factor, top, radius, fill)
                case Label(left, base, text, size, colour, anchor, bold):
                    points_high = size / _POINT_MM * 0.93  # DejaVu is a large face
                    self._text(text, x + left * factor, base, points_high, colour, anchor, bold)

    def _bar(self, x: float, y: float, width: float, height: float, fill: Colour) -> None:
        self._pdf.set_fill_color(*fill)
        self._pdf.rect(_SIDE_MM + x, y, width, height, style="F")

    def _dot(self, x: float, y: float, radius: float, fill: Colour) -> None:
        self._pdf.set_fill_color(*fill)
        self._pdf.circle(_SIDE_MM + x, y, radius, style="F")

    def _line(self, x: float, y: float, to_x: float, to_y: float) -> None:
        self._pdf.set_draw_color(*RULE)
        self._pdf.set_line_width(0.2)
        self._pdf.line(_SIDE_MM + x, y, _SIDE_MM + to_x, to_y)

    def _text(
        self,
        text: str,
        x: float,
        y: float,
        size_pt: float,
        colour: Colour = SOFT,
        anchor: Literal["start", "middle", "end"] = "start",
        bold: bool = False,
    ) -> None:
        """Write a line on the base line y; x is its start, middle or end."""
        if not text:
            return
        back = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        x -= back * self._width(text, size_pt, bold)
        self._pdf.set_text_color(*colour)
        self._pdf.set_xy(_SIDE_MM + x, y - 0.76 * size_pt * _POINT_MM)
        self._pdf.cell(h=size_pt * _POINT_MM, text=self._printable(text))

    def _width(self, text: str, size_pt: float, bold: bool = False) -> float:
        self._pdf.set_font(_FAMILY, "B" if bold else "", size_pt)
        return float(self._pdf.get_string_width(self._printable(text)))

    def _shortened(self, text: str, width: float, size_pt: float) -> str:
        """Return as much of a line as fits."""
        if self._width(text, size_pt, bold=True) <= width:
            return text
        while text and self._width(f"{text}…", size_pt, bold=True) > width:
            text = text[:-1].rstrip()
        return f"{text}…"

    def _block(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        size_pt: float,
        colour: Colour,
        bold: bool = False,
        dry_run: bool = False,
    ) -> float:
        """Write lines from y down, broken where they must be; return where they end."""
        from fpdf.enums import Align, MethodReturnValue

        pdf = self._pdf
        pdf.set_font(_FAMILY, "B" if bold else "", size_pt)
        pdf.set_text_color(*colour)
        pdf.set_xy(_SIDE_MM + x, y)
        pdf.c_margin = 0
        height = pdf.multi_cell(
            width,
            size_pt * _POINT_MM * 1.38,
            self._printable(text),
            align=Align.L,
            dry_run=dry_run,
            output=MethodReturnValue.HEIGHT,
        )
        return y + float(height)

    def _printable(self, text: str) -> str:
        return "".join(
            letter if ord(letter) in self._known or letter.isspace() else _NO_GLYPH
            for letter in text
        )


def _all_words(report: Report) -> str:
    """Return what people may have typed, in whatever script."""
    names = [person.name for person in report.people]
    labels = [s.text for s in (report.timeline.shapes if report.timeline else ()) if
              isinstance(s, Label)]  # fmt: skip
    return "".join([report.title, *report.about, *names, *labels, *report.notes, report.model])


def _add_fonts(pdf: "FPDF", text: str) -> set[int]:
    """Add DejaVu Sans and, for letters it has not, fonts of this computer; return what is there."""
    import matplotlib

    home = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    known: set[int] = set()
    for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        pdf.add_font(_FAMILY, style, home / file)
        letters = _letters_of(home / file)
        known = known & letters if known else set(letters)
    missing = {ord(letter) for letter in text if not letter.isspace()} - known
    others = []
    for file in _fonts_with(missing):
        name = f"other{len(others)}"
        for style in ("", "B"):
            pdf.add_font(name, style, file)
        others.append(name)
        known |= _letters_of(file)
    if others:
        pdf.set_fallback_fonts(others, exact_match=False)
    pdf.c_margin = 0
    return known


def _fonts_with(missing: set[int]) -> list[Path]:
    """Return fonts of this computer that have the letters between them, as far as there are any."""
    if not missing:
        return []
    from matplotlib import font_manager

    left, chosen = set(missing), []
    for file in sorted(map(Path, font_manager.findSystemFonts())):
        has = left & _letters_of(file)
        if has:
            chosen.append(file)
            left -= has
        if not left:
            break
    return chosen


@cache
def _letters_of(file: Path) -> frozenset[int]:
    """Return the characters that a font has outlines for; none if it cannot be used."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(file, fontNumber=0, lazy=True) as font:
            if "glyf" not in font and "CFF " not in font:
                return frozenset()
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError, ValueError, KeyError, AssertionError):
        return frozenset()
