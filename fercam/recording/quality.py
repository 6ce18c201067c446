"""How good a recorded video looks and how large it is, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """What a word means for the encoder. `meaning` is for people.

    `crf` (0..51, lower is better) is x264's; `bits_per_pixel`, a second, is for machines without.
    """

    meaning: str
    crf: int
    bits_per_pixel: float


QUALITIES: dict[str, Quality] = {
    "small": Quality("small files, faces stay readable", 27, 2),
    "good": Quality("looks like the camera's picture", 21, 4),
    "best": Quality("hardly a difference to be seen, files twice as large", 15, 8),
}
"""The qualities to choose from."""

DEFAULT_QUALITY = "good"
