"""What charts are made of: plain shapes in millimetres, drawn once and painted on page and PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal

from fercam.core.emotions import NOT_SURE
from fercam.overlay.palette import EMOTION_COLOURS, Colour

INK: Colour = (31, 36, 44)
SOFT: Colour = (96, 104, 116)
RULE: Colour = (218, 222, 228)
PAPER: Colour = (255, 255, 255)
EMPTY: Colour = (242, 244, 247)
UNSURE: Colour = (203, 208, 215)
"""Paler than the gray of "neutral": what is not sure stays in the background."""
COLOURS: Mapping[str, Colour] = {**EMOTION_COLOURS["light"], NOT_SURE: UNSURE}

LABEL_MM = 2.3
"""How high small letters are."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle; `about` is what a page says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour
    about: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    colour: Colour
    width: float = 0.2


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle around (x, y)."""

    x: float
    y: float
    radius: float
    fill: Colour


@dataclass(frozen=True, slots=True)
class Label:
    """Words on the base line y, `size` mm high; x is their start, middle or end."""

    x: float
    y: float
    text: str
    size: float = LABEL_MM
    colour: Colour = SOFT
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False


Shape = Bar | Line | Dot | Label


@dataclass(frozen=True, slots=True)
class Chart:
    """Shapes on `width` x `height` mm, the later ones on top; `summary` says the same in words."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    summary: str


def css(colour: Colour) -> str:
    """Return a colour as pages write it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def ink_on(colour: Colour) -> Colour:
    """Return the black or white that is easier to read on a colour."""
    red, green, blue = colour
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else PAPER


def to_svg(chart: Chart) -> str:
    """Return a chart as an SVG element that stands in a page and needs nothing else."""
    inside = "".join(_svg_of(shape) for shape in chart.shapes)
    return (
        f'<svg viewBox="0 0 {chart.width:g} {chart.height:g}" role="img" '
        f'aria-label="{escape(chart.summary)}" xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    )


def _svg_of(shape: Shape) -> str:
    match shape:
        case Bar(x, y, width, height, fill, about):
            title = f"<title>{escape(about)}</title>" if about else ""
            return (
                f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" '
                f'fill="{css(fill)}">{title}</rect>'
            )
        case Line(points, colour, width):
            path = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
            return (
                f'<polyline points="{path}" fill="none" stroke="{css(colour)}" '
                f'stroke-width="{width:g}" stroke-linejoin="round"/>'
            )
        case Dot(x, y, radius, fill):
            return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:g}" fill="{css(fill)}"/>'
        case Label(x, y, text, size, colour, anchor, bold):
            weight = ' font-weight="600"' if bold else ""
            return (
                f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" fill="{css(colour)}" '
                f'text-anchor="{anchor}"{weight}>{escape(text)}</text>'
                if text
                else ""
            )
