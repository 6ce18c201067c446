"""Valence and arousal, derived from the seven probabilities.

No network was trained for them: they are the mean of the seven emotions' places in the circumplex
(Russell 1980, "A circumplex model of affect"), weighted by the probabilities. Whoever shows them
says that they are derived.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from fercam.core.emotions import EMOTIONS
from fercam.core.values import Probabilities

CIRCUMPLEX: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "angry": (-0.51, 0.59),
        "disgust": (-0.60, 0.35),
        "fear": (-0.64, 0.60),
        "happy": (0.81, 0.51),
        "neutral": (0.0, 0.0),
        "sad": (-0.63, -0.27),
        "surprise": (0.40, 0.67),
    }
)
"""Each emotion's (valence, arousal), -1..1: mean ratings of the terms angry, disgusted, fearful,
happy, sad and surprised by Russell and Mehrabian 1977, "Evidence for a three-factor theory of
emotions", Journal of Research in Personality 11, 273-294 (pleasure and arousal; dominance is left
out). Neutral is the origin by definition.
"""

_PLACES = np.array([CIRCUMPLEX[emotion] for emotion in EMOTIONS])


def circumplex_point(probabilities: Probabilities) -> tuple[float, float]:
    """Return the derived (valence, arousal) of (7,) probabilities, each -1..1.

    Valence runs from unpleasant to pleasant, arousal from calm to excited.
    """
    valence, arousal = np.asarray(probabilities, np.float64) @ _PLACES
    return float(valence), float(arousal)
