"""The draw list: what the overlay consists of, in the pixels of the unmirrored frame.

x grows to the right, y downwards, both in (sub)pixels from the frame's top left corner. Painters
draw the shapes in the order of the list, later ones on top.
"""

from dataclasses import dataclass

from fercam.overlay.palette import Colour


@dataclass(frozen=True, slots=True)
class Outline:
    """A rectangle's edge. The stroke lies inside the rectangle; `hatched` means dashed."""

    x: float
    y: float
    w: float
    h: float
    colour: Colour
    thickness: float
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A filled rectangle with corners rounded by `corner_radius`; `alpha` 0..1, 1 is opaque."""

    x: float
    y: float
    w: float
    h: float
    colour: Colour
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text: `x` is its left end, `y` its baseline, `size_px` the height of one em.

    Ascenders and digits stay within 0.8 em above the baseline, descenders within 0.25 em below.
    """

    x: float
    y: float
    text: str
    size_px: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal bar: a faint track w by h of which `share` (0..1) is filled from the left."""

    x: float
    y: float
    w: float
    h: float
    share: float
    colour: Colour


Shape = Outline | Panel | Text | Bar


def corner_radius(panel: Panel) -> float:
    """Return the radius of a panel's corners in pixels."""
    return min(panel.w, panel.h) * 0.2
