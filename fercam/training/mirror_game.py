"""The mirror game: FerCam asks for an expression, shows how near you are, and keeps good frames."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.values import AnnotatedFrame, Face

Phase = Literal["ready", "show", "over"]

ORDER = ("happy", "surprise", "neutral", "sad", "angry", "disgust", "fear")
"""From what most people can show on demand to what few can."""
READY_S, SHOW_S = 3.0, 9.0
KEEP_EVERY_S = 0.4
MOST_A_ROUND = 12
NEAR_ENOUGH = 0.6
GOAL = 0.75
"""The probability that counts as all there."""
USUAL_AT_MOST = 0.5
LEARNING = 0.05
"""How fast what is usual follows the person, a frame at a time."""
SAME_FACE = 0.985
"""Correlation of two crops from which the second shows nothing new."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How the game stands: the `emotion` asked for, the `phase`, how `near` (0..1) the face is,
    how many faces were kept of this emotion, and how long the phase goes on."""

    emotion: str
    phase: Phase
    near: float
    kept: int
    seconds_left: float
    round: int
    words: str


@dataclass(frozen=True, slots=True)
class Keep:
    """A face worth keeping: its crop (48, 48) and what it was asked to express."""

    face: Face
    emotion: str
    round: int


class MirrorGame:
    """Is told of every result with the time in seconds, and answers with the state and a face to
    keep, if this is one. Two rounds of every emotion, so that some can be held back to check.

    How near a face is to an expression is measured from what is usual for that face: the
    probability before the round began counts as nothing, `GOAL` as all there.
    """

    def __init__(self, now_s: float, rounds: int = 2) -> None:
        self._asked = ORDER * rounds
        self._at = 0
        self._since_s = now_s
        self._phase: Phase = "ready"
        self._usual = np.full(len(EMOTIONS), 1 / len(EMOTIONS))
        self._kept: list[NDArray[np.uint8]] = []
        self._kept_at_s = 0.0
        self.kept = dict.fromkeys(EMOTIONS, 0)
        self.keep_anyway = False
        """Keep what the model does not recognise, too: that is what it can learn most from."""

    def offer(self, result: AnnotatedFrame, now_s: float) -> tuple[Turn, Keep | None]:
        """Take up a result."""
        self._go_on(now_s)
        face = result.largest
        prediction = face.prediction if face is not None else None
        if self._phase == "over" or face is None or prediction is None:
            words = "All done." if self._phase == "over" else "Nobody in the picture."
            return self._turn(0.0, now_s, words), None
        wanted = EMOTIONS.index(self.emotion)
        probabilities = prediction.smoothed.astype(np.float64)
        if self._phase == "ready":
            self._usual += LEARNING * (probabilities - self._usual)
            return self._turn(0.0, now_s, "Get ready…"), None
        usual = min(float(self._usual[wanted]), USUAL_AT_MOST)
        near = float(np.clip((probabilities[wanted] - usual) / (GOAL - usual), 0.0, 1.0))
        flaw = face.crop.quality.flaw if face.crop and face.crop.quality else None
        if flaw is not None:
            return self._turn(near, now_s, f"Your face is {flaw.value}."), None
        good = near >= NEAR_ENOUGH or self.keep_anyway
        keep = self._keep(face, now_s) if good else None
        return self._turn(near, now_s, _words(near, good)), keep

    @property
    def emotion(self) -> str:
        """What is asked for."""
        return self._asked[min(self._at, len(self._asked) - 1)]

    @property
    def over(self) -> bool:
        """Whether all rounds are done."""
        return self._phase == "over"

    def skip(self, now_s: float) -> None:
        """Go on with the next expression."""
        self._next(now_s)

    def again(self, now_s: float) -> None:
        """Begin this round anew; what was kept stays."""
        if self._phase != "over":
            self._begin(now_s)

    def _go_on(self, now_s: float) -> None:
        if self._phase == "ready" and now_s - self._since_s >= READY_S:
            self._phase, self._since_s = "show", now_s
        elif self._phase == "show" and (
            now_s - self._since_s >= SHOW_S or len(self._kept) >= MOST_A_ROUND
        ):
            self._next(now_s)

    def _next(self, now_s: float) -> None:
        self._at += 1
        if self._at >= len(self._asked):
            self._phase = "over"
        else:
            self._begin(now_s)

    def _begin(self, now_s: float) -> None:
        self._phase, self._since_s, self._kept = "ready", now_s, []

    def _keep(self, face: Face, now_s: float) -> Keep | None:
        crop = face.crop
        if crop is None or now_s - self._kept_at_s < KEEP_EVERY_S:
            return None
        if any(_alike(crop.pixels, other) for other in self._kept):
            return None
        self._kept.append(crop.pixels)
        self._kept_at_s = now_s
        self.kept[self.emotion] += 1
        return Keep(face, self.emotion, self._at)

    def _turn(self, near: float, now_s: float, words: str) -> Turn:
        lasts_s = {"ready": READY_S, "show": SHOW_S, "over": 0.0}[self._phase]
        left_s = max(lasts_s - (now_s - self._since_s), 0.0)
        kept = self.kept[self.emotion]
        return Turn(self.emotion, self._phase, near, kept, left_s, self._at, words)


def _alike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    a, b = (face.astype(np.float64).ravel() - face.mean() for face in (one, other))
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return size == 0 or float(a @ b) / size >= SAME_FACE


def _words(near: float, good: bool) -> str:
    if near >= NEAR_ENOUGH:
        return "That is it, hold it."
    if good:
        return "Kept, though it does not look like it to FerCam."
    return "Getting there." if near > 0.25 else "Show it more."
