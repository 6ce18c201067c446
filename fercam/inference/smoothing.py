"""Calming the answers over time, for each face on its own."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fercam.core.emotions import EMOTIONS
from fercam.core.values import Probabilities

LEAD = 0.05
"""A new emotion takes over at once when its probability leads by this much,"""
LEAD_TIME_S = 0.3
"""or when it has led by less for this long."""


@dataclass(slots=True)
class _State:
    smoothed: Probabilities
    label: int
    t_s: float
    led_since_s: float | None = None


class EmotionSmoother:
    """Exponential smoothing by elapsed time, and labels that do not flicker.

    After `time_constant_s` seconds 63 % of a change has come through, whatever the frame rate;
    0 smooths nothing. Track 0, which is every face without a track, is never smoothed.
    """

    def __init__(self, time_constant_s: float = 0.35) -> None:
        self.time_constant_s = time_constant_s
        self._states: dict[int, _State] = {}

    def update(self, track_id: int, raw: Probabilities, t_s: float) -> tuple[Probabilities, str]:
        """Take a face's answer (7,) at `t_s` seconds; return the smoothed one and its label."""
        state = self._states.get(track_id)
        if state is None or t_s < state.t_s:
            state = _State(_frozen(raw), int(raw.argmax()), t_s)
            if track_id != 0:
                self._states[track_id] = state
            return state.smoothed, EMOTIONS[state.label]
        weight = self._weight(t_s - state.t_s)
        state.smoothed = _frozen(state.smoothed + weight * (raw - state.smoothed))
        state.t_s = t_s
        self._choose_label(state)
        return state.smoothed, EMOTIONS[state.label]

    def forget_except(self, ids: Iterable[int]) -> None:
        """Drop what is known of every face but these."""
        keep = set(ids)
        self._states = {number: state for number, state in self._states.items() if number in keep}

    def _weight(self, elapsed_s: float) -> float:
        if self.time_constant_s <= 0:
            return 1.0
        return 1 - math.exp(-elapsed_s / self.time_constant_s)

    @staticmethod
    def _choose_label(state: _State) -> None:
        leader = int(state.smoothed.argmax())
        if leader == state.label:
            state.led_since_s = None
            return
        if state.led_since_s is None:
            state.led_since_s = state.t_s
        lead = state.smoothed[leader] - state.smoothed[state.label]
        if lead >= LEAD or state.t_s - state.led_since_s >= LEAD_TIME_S:
            state.label, state.led_since_s = leader, None


def _frozen(values: Probabilities) -> Probabilities:
    """Return a read-only copy that sums to 1."""
    copy: Probabilities = (values / values.sum()).astype(np.float32)
    copy.flags.writeable = False
    return copy
