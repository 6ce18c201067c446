"""How good a recorded video looks and how large it is, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """What a word means for the encoder. `meaning` is for people.

    `crf` (0..51, lower is better) and `preset` are x264's; `bits_per_pixel`, a second, is for
    machines without x264.
    """

    meaning: str
    crf: int
    preset: str
    bits_per_pixel: float


QUALITIES: dict[str, Quality] = {
    "small": Quality("small files, faces stay readable", 28, "veryfast", 2),
    "good": Quality("looks like the camera's picture", 21, "veryfast", 4),
    "best": Quality(
        "hardly a difference to be seen, files three times as large", 15, "veryfast", 8
    ),
}
"""The qualities to choose from."""

DEFAULT_QUALITY = "good"
