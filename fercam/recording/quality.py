"""How good a recorded video looks and how large it is, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """What a word means for the encoder.

    `crf` (0..51, lower is better) is x264's; `bits_per_pixel`, a second, is for machines without.
    """

    crf: int
    bits_per_pixel: float


QUALITIES: dict[str, Quality] = {
    "small": Quality(27, 2),
    "good": Quality(21, 4),
    "best": Quality(15, 8),
}
"""The qualities to choose from."""

DEFAULT_QUALITY = "good"
