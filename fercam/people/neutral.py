"""My neutral: a person's resting face, and the correction that makes it read neutral.

A face at rest should mostly read neutral (`RESTING`). What one person's resting face reads instead
is taken for the prior that the network wrongly gives to that person, and divided out as after a
change of priors (Saerens, Latinne and Decaestecker 2002, doi:10.1162/089976602753284446), which in
logits is a subtraction (logit adjustment, Menon et al. 2021, arXiv:2007.07314):

    log p' = log p - strength * offsets + constant
    offsets = mean log p at rest - log RESTING, measured from neutral's and kept in 0..MAX_OFFSET

Only what a resting face shows too much of is taken back, never anything added; and as a strong
expression differs from the same person's resting face, it is left after the subtraction.
"""

import math
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS, emotion_index
from fercam.core.errors import DataError
from fercam.core.values import Doubt, FaceQuality, Probabilities

Offsets = NDArray[np.float32]
"""(7,) float32 logits in the order of `EMOTIONS`, 0 for neutral; what is subtracted."""

NEUTRAL = emotion_index("neutral")
RESTING = np.full(len(EMOTIONS), 0.25 / 6, np.float64)
RESTING[NEUTRAL] = 0.75

MAX_OFFSET = 3.5
FLOOR = 0.005
"""Probabilities below are taken for this: how close to nothing they are says nothing."""

MIN_SAMPLES = 20
MIN_COVERED = 0.6
"""A readable face is needed in so much of each step, counted in pieces of `PIECE_S`."""
PIECE_S = 0.5
MAX_SPREAD = 0.25
"""How far (total variation, 0..1) the answers of a step may stray from their mean on average."""


class Step(StrEnum):
    """What the person is asked to do; the value is what they read."""

    RELAXED = "Look at the camera and relax your face"
    LEFT = "Still relaxed, turn a little to the left"
    RIGHT = "Still relaxed, turn a little to the right"
    DONE = "Done"


STEPS_S = {Step.RELAXED: 4.0, Step.LEFT: 3.0, Step.RIGHT: 3.0}
DURATION_S = sum(STEPS_S.values())


class RestingFace:
    """Ten seconds of a resting face, step by step by the clock of the first answer.

    Where time goes back, as in a video that is wound, they begin anew.
    """

    def __init__(self) -> None:
        self._begin(math.inf)

    def _begin(self, t_s: float) -> None:
        self._start_s = self._last_s = t_s
        self._elapsed_s = 0.0
        self._samples: dict[Step, list[tuple[float, Probabilities]]] = {s: [] for s in STEPS_S}

    @property
    def progress(self) -> float:
        """How much of the ten seconds has passed, 0..1."""
        return min(self._elapsed_s / DURATION_S, 1.0)

    @property
    def step(self) -> Step:
        """What the person is to do now."""
        left_s = self._elapsed_s
        for step, length_s in STEPS_S.items():
            if left_s < length_s:
                return step
            left_s -= length_s
        return Step.DONE

    @property
    def samples(self) -> int:
        """How many answers were good enough to be kept."""
        return sum(len(kept) for kept in self._samples.values())

    def add(self, raw: Probabilities, t_s: float, quality: FaceQuality | None = None) -> bool:
        """Take an unsmoothed answer (7,) at `t_s` seconds; return whether it can be used.

        A face with a flaw, other than being turned away, cannot, nor can one that comes late.
        """
        self.tick(t_s)
        step = self.step
        flaw = quality.flaw if quality is not None else None
        if step is Step.DONE or flaw not in (None, Doubt.TURNED_AWAY):
            return False
        self._samples[step].append((self._elapsed_s, raw))
        return True

    def tick(self, t_s: float) -> None:
        """Let time pass where there is no face: `t_s` in seconds."""
        if t_s < self._last_s:
            self._begin(t_s)
        self._last_s = t_s
        self._elapsed_s = t_s - self._start_s

    def offsets(self) -> Offsets:
        """Return what to subtract from this person's logits, (7,).

        Raises:
            DataError: the face was seen too little, or was not at rest.
        """
        for step, length_s in STEPS_S.items():
            pieces = {int(when_s / PIECE_S) for when_s, _ in self._samples[step]}
            if len(pieces) < MIN_COVERED * length_s / PIECE_S:
                raise DataError(
                    "Your face could not be seen well enough for long enough; sit closer, in good "
                    "light, and try again."
                )
        if self.samples < MIN_SAMPLES:
            raise DataError("Too few pictures of your face arrived; try again with less running.")
        if max(_spread(kept) for kept in self._samples.values()) > MAX_SPREAD:
            raise DataError(
                "Your expression changed too much to learn your resting face; relax and try again."
            )
        answers = [raw for kept in self._samples.values() for _, raw in kept]
        return resting_offsets(np.stack(answers))


def resting_offsets(at_rest: NDArray[np.float32]) -> Offsets:
    """Return the offsets (7,) for a face that reads `at_rest` (n, 7) when it is relaxed."""
    excess = np.log(np.maximum(at_rest, FLOOR)).mean(axis=0) - np.log(RESTING)
    offsets: Offsets = np.clip(excess - excess[NEUTRAL], 0, MAX_OFFSET).astype(np.float32)
    offsets.flags.writeable = False
    return offsets


def correct(probabilities: NDArray[np.float32], offsets: Offsets) -> NDArray[np.float32]:
    """Return probabilities (n, 7) or (7,) with a person's resting face taken back; each row sums to
    1 again."""
    corrected = probabilities * np.exp(-offsets)
    total = np.maximum(corrected.sum(axis=-1, keepdims=True), np.finfo(np.float32).tiny)
    result: NDArray[np.float32] = (corrected / total).astype(np.float32)
    result.flags.writeable = False
    return result


def _spread(kept: list[tuple[float, Probabilities]]) -> float:
    answers = np.stack([raw for _, raw in kept])
    return float(np.abs(answers - answers.mean(axis=0)).sum(axis=1).mean() / 2)
