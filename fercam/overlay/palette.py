"""The colours of the seven emotions, of people, of levels, and of the overlay's other parts.

They start from Okabe and Ito's Color Universal Design set (https://jfly.uni-koeln.de/color/) and
are tuned so that every pair stays at least 20 CIE76 units apart, also under protanopia,
deuteranopia and tritanopia. The colours of people were searched for under the same conditions.
Colour never stands alone: a word always says the same.
"""

from collections.abc import Mapping
from types import MappingProxyType

Colour = tuple[int, int, int]
"""Red, green, blue, each 0..255."""

EMOTION_COLOURS: Mapping[str, Mapping[str, Colour]] = MappingProxyType(
    {
        "dark": MappingProxyType(
            {
                "angry": (247, 118, 52),
                "disgust": (23, 160, 115),
                "fear": (181, 107, 178),
                "happy": (242, 222, 55),
                "neutral": (194, 194, 194),
                "sad": (13, 105, 200),
                "surprise": (113, 204, 255),
            }
        ),
        "light": MappingProxyType(
            {
                "angry": (214, 78, 8),
                "disgust": (11, 135, 84),
                "fear": (140, 71, 156),
                "happy": (219, 185, 0),
                "neutral": (76, 76, 76),
                "sad": (34, 84, 196),
                "surprise": (4, 172, 238),
            }
        ),
        "contrast": MappingProxyType(
            {
                "angry": (247, 118, 52),
                "disgust": (23, 160, 115),
                "fear": (181, 107, 178),
                "happy": (242, 222, 55),
                "neutral": (194, 194, 194),
                "sad": (60, 115, 255),
                "surprise": (113, 204, 255),
            }
        ),
    }
)
"""By theme, then by emotion: for marks, bars and lines. The overlay uses "dark"; "contrast" stands
on black (4.5 : 1)."""

PERSON_COLOURS: Mapping[str, tuple[Colour, ...]] = MappingProxyType(
    {
        "dark": (
            (5, 175, 237),
            (239, 161, 29),
            (109, 255, 198),
            (172, 87, 151),
            (244, 241, 129),
            (128, 102, 243),
            (188, 86, 28),
            (36, 126, 86),
        ),
        "light": (
            (129, 122, 237),
            (241, 90, 14),
            (1, 135, 94),
            (191, 80, 163),
            (64, 22, 104),
            (150, 47, 16),
            (143, 19, 240),
            (85, 7, 30),
        ),
        "contrast": (
            (78, 188, 243),
            (240, 155, 4),
            (185, 247, 196),
            (123, 100, 240),
            (255, 254, 108),
            (201, 81, 19),
            (1, 137, 90),
            (207, 175, 105),
        ),
    }
)
"""By theme: eight colours for people, at least 25 units from each other and 20 from "not sure"."""

LEVEL_COLOURS: Mapping[str, Mapping[str, Colour]] = MappingProxyType(
    {
        "dark": MappingProxyType(
            {"good": (45, 180, 140), "fair": (240, 222, 80), "bad": (240, 105, 55)}
        ),
        "light": MappingProxyType(
            {"good": (0, 135, 95), "fair": (160, 120, 0), "bad": (150, 10, 0)}
        ),
        "contrast": MappingProxyType(
            {"good": (45, 200, 150), "fair": (255, 235, 80), "bad": (255, 110, 60)}
        ),
    }
)
"""By theme, then by level: for lights, beside a shape and a word that say the same."""

FOR: Colour = (226, 106, 0)
AGAINST: Colour = (20, 110, 215)
"""What mattered for an answer and what spoke against it, laid over a gray picture."""

BACKDROP: Colour = (18, 20, 24)
TEXT: Colour = (245, 245, 245)
DIM_TEXT: Colour = (190, 194, 200)
TRACK: Colour = (70, 74, 80)
NOT_SURE: Colour = (165, 168, 172)


def bgr(colour: Colour) -> Colour:
    """Return a colour as OpenCV writes it."""
    red, green, blue = colour
    return blue, green, red


def person_colour(person_id: int, theme_name: str) -> Colour:
    """Return a person's colour (ids count from 1; the ninth has that of the first) in a theme."""
    colours = PERSON_COLOURS[theme_name]
    return colours[(person_id - 1) % len(colours)]
