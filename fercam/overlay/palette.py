"""The colours of the seven emotions and of the overlay's other parts.

They start from Okabe and Ito's Color Universal Design set (https://jfly.uni-koeln.de/color/) and
are tuned so that every pair stays at least 20 CIE76 units apart, also under protanopia,
deuteranopia and tritanopia. Colour never stands alone: a word always says the same.
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
    }
)
"""By theme, then by emotion: for marks, bars and lines. The overlay uses "dark"."""

BACKDROP: Colour = (18, 20, 24)
TEXT: Colour = (245, 245, 245)
DIM_TEXT: Colour = (190, 194, 200)
TRACK: Colour = (70, 74, 80)
NOT_SURE: Colour = (165, 168, 172)
