"""The report of a session as a file: HTML that needs nothing else, or PDF."""

import base64
import importlib.util
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fercam import __version__, paths
from fercam.core.emotions import EMOTIONS, NOT_SURE
from fercam.core.errors import SessionError
from fercam.core.words import clock, length
from fercam.overlay.palette import EMOTION_COLOURS, Colour
from fercam.sessions.exporter import Exporter, ExportOptions, ShowProgress
from fercam.sessions.report import CONSENT, LIMITS, Report, make_report, shares_in_words
from fercam.sessions.session import Session, open_session
from fercam.sessions.statistics import PersonStatistics

if TYPE_CHECKING:
    from fpdf import FPDF

COLOURS = EMOTION_COLOURS["light"]
INK, QUIET, EMPTY, UNSURE = (26, 29, 34), (90, 98, 110), (230, 233, 238), (138, 146, 158)
PAGE_MM, MARGIN_MM, NAME_MM = 210.0, 16.0, 34.0
WIDE_MM = PAGE_MM - 2 * MARGIN_MM
STILLS_IN_A_ROW = 3
TICKS = 5
MOST_PEOPLE = 12
"""More would push everything else off the page; the others are counted."""


class _ReportExporter(Exporter):
    def file_for(self, session: Session, out: Path | None = None) -> Path:
        """Return the file that `out` means, by default report.html or .pdf among the session's."""
        if out is not None and not out.is_dir():
            return out
        return (out or session.folder) / f"report{self.suffix}"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        self._print(make_report(session, progress), path)

    def _print(self, report: Report, path: Path) -> None:
        raise NotImplementedError


class HtmlReport(_ReportExporter):
    """One page for the browser, with everything inside it."""

    suffix = ".html"

    def _print(self, report: Report, path: Path) -> None:
        from jinja2 import Environment, StrictUndefined

        template = (paths.resource_dir("assets") / "report.html").read_text(encoding="utf-8")
        environment = Environment(autoescape=True, undefined=StrictUndefined)
        text = environment.from_string(template).render(
            report=report,
            everybody=_rows(report),
            colours={name: _hex(colour) for name, colour in COLOURS.items()},
            ticks=_ticks(report),
            limits=LIMITS,
            consent=CONSENT,
            version=__version__,
            in_words=_in_words,
            bar=_bar,
            fill=_fill,
            clock=clock,
            length=length,
            base64=lambda content: base64.b64encode(content).decode("ascii"),
        )
        path.write_text(text, encoding="utf-8")


class PdfReport(_ReportExporter):
    """A page or two of A4."""

    suffix = ".pdf"

    def _print(self, report: Report, path: Path) -> None:
        pdf = _new_pdf()
        pdf.set_title(f"FerCam report: {report.title}")
        pdf.add_page()
        _text(pdf, report.title, 20, strong=True)
        _text(pdf, "What expressions looked like, as read by FerCam.", 10, QUIET)
        for problem in report.problems:
            _text(pdf, problem, 10)
        _facts(pdf, report)
        _heading(pdf, "Shares of the time with a face")
        _key(pdf)
        for one in _rows(report):
            _share_row(pdf, one)
        _heading(pdf, "Timeline")
        _timeline(pdf, report)
        _heading(pdf, "Where expressions stood out")
        _stills(pdf, report)
        _heading(pdf, "The model")
        for line in report.model:
            _text(pdf, line, 9.5)
        _heading(pdf, "What this does not say")
        for line in LIMITS:
            _text(pdf, f"•  {line}", 9.5)
        pdf.ln(3)
        _text(pdf, f"{CONSENT} Made by FerCam {__version__}.", 8.5, QUIET)
        path.write_bytes(bytes(pdf.output()))


REPORTS: dict[str, type[Exporter]] = {"html": HtmlReport, "pdf": PdfReport}
"""What a report can be printed as."""


def write_report(
    folder: Path,
    form: str,
    out: Path | None = None,
    progress: ShowProgress = lambda done, total: None,
    *,
    force: bool = False,
) -> Path:
    """Write the report of a session in one of REPORTS and return the file.

    `out` is a file, a folder for it, or None for the session's own folder. An older file is
    replaced with `force` only.

    Raises:
        UsageError: the file must not be written.
        SessionError: the session cannot be read, is empty, or the file cannot be written.
    """
    session, exporter = open_session(folder), REPORTS[form]()
    file = exporter.file_for(session, out)
    exporter.export(session, file, progress, force=force)
    return file


def _rows(report: Report) -> list[PersonStatistics]:
    """Return everybody together and each person, those seen longest where there are many."""
    longest = sorted(report.statistics.people, key=lambda one: -one.seen_s)[:MOST_PEOPLE]
    return [report.statistics.group, *(p for p in report.statistics.people if p in longest)]


def _in_words(one: PersonStatistics) -> str:
    return shares_in_words(one.shares, one.not_sure_share) or "no expression was read"


def _parts(one: PersonStatistics) -> Iterator[tuple[float, float, str]]:
    """Yield start, width (0..1) and emotion of each part of a person's bar."""
    x = 0.0
    for name in (*EMOTIONS, NOT_SURE):
        share = one.not_sure_share if name == NOT_SURE else one.shares[name]
        if share > 0:
            yield x, share, name
        x += share


def _bar(one: PersonStatistics) -> list[tuple[float, float, str]]:
    return [(x * 1000, wide * 1000, _fill(name)) for x, wide, name in _parts(one)]


def _fill(name: str) -> str:
    return _hex(COLOURS[name]) if name in COLOURS else "url(#unsure)"


def _hex(colour: Colour) -> str:
    red, green, blue = colour
    return f"#{red:02x}{green:02x}{blue:02x}"


def _ticks(report: Report) -> list[str]:
    return [clock(report.duration_s * n / (TICKS - 1)) for n in range(TICKS)]


# Drawing the PDF: each of these leaves the pen below what it has drawn.


def _new_pdf() -> "FPDF":
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.set_margins(MARGIN_MM, MARGIN_MM)
    pdf.set_auto_page_break(True, 12)
    spec = importlib.util.find_spec("matplotlib")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        fonts = Path(folder) / "mpl-data" / "fonts" / "ttf"
        if (fonts / "DejaVuSans.ttf").is_file():
            pdf.add_font("DejaVu", "", str(fonts / "DejaVuSans.ttf"))
            pdf.add_font("DejaVu", "B", str(fonts / "DejaVuSans-Bold.ttf"))
            return pdf
    raise SessionError("The font DejaVu Sans is missing, so no PDF can be printed.")


def _text(
    pdf: "FPDF", text: str, size_pt: float, colour: Colour = INK, strong: bool = False
) -> None:
    pdf.set_font("DejaVu", "B" if strong else "", size_pt)
    pdf.set_text_color(*colour)
    pdf.multi_cell(0, size_pt * 0.48, text, new_x="LMARGIN", new_y="NEXT", align="L")


def _heading(pdf: "FPDF", text: str) -> None:
    _room(pdf, 30)
    pdf.ln(3)
    _text(pdf, text, 12, strong=True)
    pdf.ln(1)


def _room(pdf: "FPDF", high_mm: float) -> None:
    """Begin a new page unless so much room is left."""
    if pdf.will_page_break(high_mm):
        pdf.add_page()


def _facts(pdf: "FPDF", report: Report) -> None:
    pdf.ln(2)
    for name, value in report.facts:
        pdf.set_font("DejaVu", "", 9)
        pdf.set_text_color(*QUIET)
        pdf.cell(40, 4.8, name)
        pdf.set_text_color(*INK)
        pdf.multi_cell(0, 4.8, value, new_x="LMARGIN", new_y="NEXT", align="L")


def _patch(pdf: "FPDF", x: float, y: float, wide: float, high: float, name: str) -> None:
    """Fill a rectangle with an emotion's colour, or hatch it."""
    if name in COLOURS:
        pdf.set_fill_color(*COLOURS[name])
        pdf.rect(x, y, wide, high, style="F")
        return
    pdf.set_draw_color(*UNSURE)
    pdf.set_line_width(0.25)
    with pdf.rect_clip(x, y, wide, high):
        step, at = 1.2, x - high
        while at < x + wide:
            pdf.line(at, y + high, at + high, y)
            at += step


def _key(pdf: "FPDF") -> None:
    pdf.set_font("DejaVu", "", 8.5)
    pdf.set_text_color(*INK)
    y = pdf.get_y()
    for name in (*EMOTIONS, NOT_SURE):
        _patch(pdf, pdf.get_x(), y + 0.7, 3, 3, name)
        pdf.set_x(pdf.get_x() + 4)
        pdf.cell(pdf.get_string_width(name) + 4.5, 4.4, name)
    pdf.ln(6)


def _named(pdf: "FPDF", name: str, high_mm: float, draw: Callable[[float, float], None]) -> None:
    """Write a name and draw beside it, given the left edge and the top."""
    _room(pdf, high_mm + 6)
    pdf.set_font("DejaVu", "", 9)
    pdf.set_text_color(*INK)
    y = pdf.get_y()
    short = name
    while pdf.get_string_width(short) > NAME_MM - 2 and len(short) > 1:
        short = short[:-2] + "…"
    pdf.cell(NAME_MM, high_mm, short)
    draw(MARGIN_MM + NAME_MM, y)
    pdf.set_xy(MARGIN_MM, y + high_mm)


def _share_row(pdf: "FPDF", one: PersonStatistics) -> None:
    wide = WIDE_MM - NAME_MM

    def draw(left: float, top: float) -> None:
        pdf.set_fill_color(*EMPTY)
        pdf.rect(left, top + 0.6, wide, 3.8, style="F")
        for x, share, name in _parts(one):
            _patch(pdf, left + x * wide, top + 0.6, share * wide, 3.8, name)

    _named(pdf, one.name, 5, draw)
    pdf.set_x(MARGIN_MM + NAME_MM)
    valence = "" if one.valence is None else f" · valence {one.valence:+.2f}"
    pdf.set_font("DejaVu", "", 8)
    pdf.set_text_color(*QUIET)
    said = f"{_in_words(one)} · seen {length(one.seen_s)}{valence}"
    pdf.multi_cell(wide, 3.9, said, new_x="LMARGIN", new_y="NEXT", align="L")
    pdf.ln(1)


def _timeline(pdf: "FPDF", report: Report) -> None:
    wide = WIDE_MM - NAME_MM
    for name, stretches in report.lanes:

        def draw(left: float, top: float, stretches: tuple = stretches) -> None:  # type: ignore[type-arg]
            pdf.set_fill_color(*EMPTY)
            pdf.rect(left, top + 0.4, wide, 4, style="F")
            for part in stretches:
                long = (part.end - part.start) * wide
                _patch(pdf, left + part.start * wide, top + 0.4, long, 4, part.emotion)

        _named(pdf, name, 5, draw)

    def valence(left: float, top: float) -> None:
        pdf.set_fill_color(*EMPTY)
        pdf.rect(left, top + 0.4, wide, 15, style="F")
        pdf.set_draw_color(*UNSURE)
        pdf.set_line_width(0.1)
        pdf.line(left, top + 7.9, left + wide, top + 7.9)
        pdf.set_draw_color(11, 92, 173)
        pdf.set_line_width(0.35)
        for run in report.valence:
            pdf.polyline([(left + x * wide, top + 7.9 - y * 7) for x, y in run])

    _named(pdf, "Valence", 16, valence)
    pdf.set_font("DejaVu", "", 8)
    pdf.set_text_color(*QUIET)
    y = pdf.get_y()
    for number, mark in enumerate(_ticks(report)):
        middle = MARGIN_MM + NAME_MM + wide * number / (TICKS - 1)
        shift = pdf.get_string_width(mark) * number / (TICKS - 1)
        pdf.text(middle - shift, y + 3.2, mark)
    pdf.set_xy(MARGIN_MM, y + 5)
    if report.excluded:
        spans = (f"{clock(span.start_s)} to {clock(span.end_s)}" for span in report.excluded)
        _text(pdf, f"Left out of the figures: {', '.join(spans)}.", 8.5, QUIET)
    if report.markers:
        marks = (f"{clock(marker.t_s)} {marker.text}".strip() for marker in report.markers)
        _text(pdf, f"Markers: {'; '.join(marks)}", 8.5, QUIET)


def _stills(pdf: "FPDF", report: Report) -> None:
    from PIL import Image

    if not report.stills:
        words = "No expression but a neutral one was sure for long enough, or there is no video."
        _text(pdf, words, 9.5, QUIET)
        return
    gap = 4.0
    wide = (WIDE_MM - gap * (STILLS_IN_A_ROW - 1)) / STILLS_IN_A_ROW
    for first in range(0, len(report.stills), STILLS_IN_A_ROW):
        row = report.stills[first : first + STILLS_IN_A_ROW]
        pictures = [Image.open(io.BytesIO(still.jpeg)) for still in row]
        highs = [wide * picture.height / picture.width for picture in pictures]
        _room(pdf, max(highs) + 8)
        y = pdf.get_y()
        for number, (still, picture, high) in enumerate(zip(row, pictures, highs, strict=True)):
            x, peak = MARGIN_MM + number * (wide + gap), still.peak
            pdf.image(picture, x, y, wide, high)
            pdf.set_xy(x, y + high + 0.8)
            pdf.set_font("DejaVu", "", 8)
            pdf.set_text_color(*QUIET)
            said = f"{clock(peak.t_s)} · {peak.name} looks {peak.emotion}, {peak.confidence:.0%}"
            pdf.multi_cell(wide, 3.8, said, align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.set_xy(MARGIN_MM, y + max(highs) + 6)
