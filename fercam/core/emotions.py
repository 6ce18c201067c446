"""The seven emotions, their one order, and the names other programs use for them."""

from collections.abc import Mapping
from types import MappingProxyType

from fercam.core.errors import DataError

EMOTIONS: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""Every array of seven probabilities in FerCam is in this (alphabetical) order."""

NOT_SURE = "not sure"
"""What is said instead of an emotion where no label can be trusted."""

FER2013_CSV_ORDER: tuple[str, ...] = (
    "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral",
)  # fmt: skip
"""What the numbers 0..6 in the `emotion` column of fer2013.csv mean."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "anger": "angry",
        "disgusted": "disgust",
        "fearful": "fear",
        "afraid": "fear",
        "scared": "fear",
        "happiness": "happy",
        "joy": "happy",
        "neutrality": "neutral",
        "calm": "neutral",
        "sadness": "sad",
        "surprised": "surprise",
    }
)


def emotion_index(name: str) -> int:
    """Return the index in `EMOTIONS` of an emotion's name or alias, in any letter case.

    Raises:
        DataError: the name is none of the seven nor an alias of one.
    """
    plain = name.strip().lower()
    plain = ALIASES.get(plain, plain)
    if plain not in EMOTIONS:
        raise DataError(f"'{name}' is not one of the seven emotions ({', '.join(EMOTIONS)}).")
    return EMOTIONS.index(plain)
