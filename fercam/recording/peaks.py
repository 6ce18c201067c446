"""Where an expression was strongest: peaks found while the frames go by."""

from dataclasses import dataclass

from fercam.core.emotions import EMOTIONS
from fercam.core.values import Probabilities
from fercam.core.words import called
from fercam.recording.session_json import Marker

AT_LEAST = 0.6
"""The probability of a peak."""

FALL = 0.15
"""A peak is one once the probability has fallen so far below it …"""

HOLD_S = 2.0
"""… or nothing stronger came for so long."""

LOOKS = ("angry", "disgusted", "afraid", "happy", "neutral", "sad", "surprised")
"""How a face looks, in the order of `EMOTIONS`."""

APART_S = 20.0
"""Peaks of one emotion of one person are at least so far apart."""


@dataclass(slots=True)
class _Candidate:
    t_s: float
    probability: float
    name: str


class PeakFinder:
    """Says, a moment later, where a person's expression was strongest.

    Faces come in the order of time. What is not sure counts as no face, and neutral has no peaks.
    """

    def __init__(self) -> None:
        self._candidates: dict[tuple[int, int], _Candidate] = {}
        self._last_s: dict[tuple[int, int], float] = {}

    def add(
        self, t_s: float, person: int, probabilities: Probabilities, sure: bool, name: str = ""
    ) -> Marker | None:
        """Look at a person's face at `t_s`; return the peak that is over by now, if there is one.

        `name` is what the marker's text calls the person.
        """
        for index in range(len(EMOTIONS)):
            if EMOTIONS[index] != "neutral":
                seen = _Candidate(t_s, float(probabilities[index]), name)
                self._climb((person, index), seen, sure)
        over = [
            key
            for key, peak in self._candidates.items()
            if t_s - peak.t_s >= HOLD_S
            or (key[0] == person and sure and probabilities[key[1]] < peak.probability - FALL)
        ]
        return self._marker(over[0]) if over else None

    def rest(self) -> list[Marker]:
        """Return the peaks that were not over when the frames were."""
        return [self._marker(key) for key in list(self._candidates)]

    def _climb(self, key: tuple[int, int], seen: _Candidate, sure: bool) -> None:
        peak = self._candidates.get(key)
        if not sure or seen.probability < (AT_LEAST if peak is None else peak.probability):
            return
        if seen.t_s - self._last_s.get(key, -APART_S) >= APART_S:
            self._candidates[key] = seen

    def _marker(self, key: tuple[int, int]) -> Marker:
        person, index = key
        peak = self._candidates.pop(key)
        self._last_s[key] = peak.t_s
        who = called(person, peak.name)
        return Marker(
            peak.t_s, f"{who} looks {LOOKS[index]}, {peak.probability:.0%}", EMOTIONS[index]
        )
