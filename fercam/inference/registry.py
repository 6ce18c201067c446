"""The runtimes there are, by name: each builds a classifier from a bundle."""

from collections.abc import Callable

from fercam.inference.bundle import FLOAT, INT8, ModelBundle
from fercam.inference.classifier import EmotionClassifier
from fercam.inference.litert import LiteRtClassifier

RUNTIMES: dict[str, Callable[[ModelBundle], EmotionClassifier]] = {
    "int8": lambda bundle: LiteRtClassifier(
        bundle.verified_file(INT8), temperature=bundle.card.temperature
    ),
    "float": lambda bundle: LiteRtClassifier(
        bundle.verified_file(FLOAT), temperature=bundle.card.temperature
    ),
}
