"""A4 sheets that are written from top to bottom, in millimetres."""

from typing import Literal, cast

from fercam.overlay.palette import Colour
from fercam.sessions.chart_shapes import RULE, SOFT, Bar, Chart, Dot, Label, Line
from fercam.sessions.pdf_fonts import FAMILY, add_fonts
from fercam.sessions.pdf_script import visual

TOP_MM, SIDE_MM, BOTTOM_MM = 11.0, 14.0, 286.0
"""Where the part of a sheet begins and ends that is written on."""
WIDTH_MM = 182.0
POINT_MM = 25.4 / 72
_NO_GLYPH = "▯"
_SMALLER = 0.93  # since DejaVu is a large face


class Sheets:
    """Writes with one font family on A4. x counts from the left margin, y from the sheet's edge;
    `y` is where the writer stands. `text` is all that may hold letters of any script.
    """

    def __init__(self, title: str, creator: str, text: str) -> None:
        from fpdf import FPDF

        self.pdf = FPDF(format="A4", unit="mm")
        self.pdf.set_auto_page_break(False)
        self.pdf.set_title(title)
        self.pdf.set_creator(creator)
        self.pdf.set_lang("en")
        self._known = add_fonts(self.pdf, text)
        self.pdf.c_margin = 0
        self.pdf.add_page()
        self.y = TOP_MM

    def room(self, height: float) -> None:
        """Go on to a new sheet if there are less than so many millimetres left on this one."""
        if self.y + height > BOTTOM_MM:
            self.pdf.add_page()
            self.y = TOP_MM

    def finished(self, footer: str) -> bytes:
        """Return the file, with a line at the foot of each sheet; several sheets are numbered."""
        count = self.pdf.page
        for number in range(1, count + 1):
            self.pdf.page = number
            place = f" · {number} of {count}" if count > 1 else ""
            self.text(f"{footer}{place}", WIDTH_MM, BOTTOM_MM + 3, 7, anchor="end")
        return bytes(self.pdf.output())

    def chart(self, chart: Chart, x: float, y: float, width: float | None = None) -> None:
        """Draw a chart with its corner there, all of it or (for a scale) made narrower."""
        factor = 1.0 if width is None else width / chart.width
        for shape in chart.shapes:
            match shape:
                case Bar(left, top, wide, high, fill):
                    self.bar(x + left * factor, y + top, wide * factor, high, fill)
                case Line(points, colour, thick):
                    self.pdf.set_draw_color(*colour)
                    self.pdf.set_line_width(thick)
                    self.pdf.polyline([(SIDE_MM + x + px * factor, y + py) for px, py in points])
                case Dot(left, top, radius, fill):
                    self.dot(x + left * factor, y + top, radius, fill)
                case Label(left, base, text, size, colour, anchor, bold):
                    size_pt = size / POINT_MM * _SMALLER
                    self.text(text, x + left * factor, y + base, size_pt, colour, anchor, bold)

    def bar(self, x: float, y: float, width: float, height: float, fill: Colour) -> None:
        """Fill a rectangle."""
        self.pdf.set_fill_color(*fill)
        self.pdf.rect(SIDE_MM + x, y, width, height, style="F")

    def dot(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """Fill a circle around (x, y)."""
        self.pdf.set_fill_color(*fill)
        self.pdf.circle(SIDE_MM + x, y, radius, style="F")

    def line(self, x: float, y: float, to_x: float, to_y: float) -> None:
        """Draw a thin pale line."""
        self.pdf.set_draw_color(*RULE)
        self.pdf.set_line_width(0.2)
        self.pdf.line(SIDE_MM + x, y, SIDE_MM + to_x, to_y)

    def text(
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
        x -= back * self.width(text, size_pt, bold)
        self.pdf.set_text_color(*colour)
        self.pdf.set_xy(SIDE_MM + x, y - 0.76 * size_pt * POINT_MM)
        self.pdf.cell(h=size_pt * POINT_MM, text=self._printable(text))

    def width(self, text: str, size_pt: float, bold: bool = False) -> float:
        """Return how wide a line of text is."""
        self.pdf.set_font(FAMILY, "B" if bold else "", size_pt)
        return float(self.pdf.get_string_width(self._printable(text)))

    def shortened(self, text: str, width: float, size_pt: float) -> str:
        """Return as much of a line as fits."""
        if self.width(text, size_pt, bold=True) <= width:
            return text
        while text and self.width(f"{text}…", size_pt, bold=True) > width:
            text = text[:-1].rstrip()
        return f"{text}…"

    def block(
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

        pdf = self.pdf
        pdf.set_font(FAMILY, "B" if bold else "", size_pt)
        pdf.set_text_color(*colour)
        high = size_pt * POINT_MM * 1.38
        lines = pdf.multi_cell(
            width,
            high,
            self._known_only(text),
            align=Align.L,
            dry_run=True,
            output=MethodReturnValue.LINES,
        )
        for line in cast(list[str], lines):
            if not dry_run:
                pdf.set_xy(SIDE_MM + x, y)
                pdf.cell(h=high, text=self._printable(line))
            y += high
        return y

    def _printable(self, line: str) -> str:
        """Return a line as its glyphs follow each other."""
        return visual(self._known_only(line), self._known)

    def _known_only(self, text: str) -> str:
        return "".join(
            letter if ord(letter) in self._known or letter.isspace() else _NO_GLYPH
            for letter in text
        )
