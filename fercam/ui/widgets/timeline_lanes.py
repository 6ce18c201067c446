"""What the timeline remembers: the last minute in short steps, one lane per person."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fercam.core.affect import circumplex_point
from fercam.core.values import AnnotatedFrame, Prediction
from fercam.core.words import called

WINDOW_S = 60.0
STEP_S = 0.2
STEPS = round(WINDOW_S / STEP_S)
BRIDGED_STEPS = 4
"""A slow computer gives fewer results than steps: 0.8 s without one is no absence."""
MOST_LANES = 6
LONGEST_RUN = 100
"""Steps: what lasts longer goes on in a new run, so that old steps can be forgotten."""


@dataclass(slots=True)
class Run:
    """Steps in a row, from number `start`, in which a person's strongest emotion stayed the same:
    its confidence 0..1 in each. `emotion` is None where the model was not sure."""

    start: int
    emotion: str | None
    confidences: list[float]

    @property
    def end(self) -> int:
        """The number of the step after the last."""
        return self.start + len(self.confidences)


@dataclass(slots=True)
class Lane:
    """One person: number, name (empty without one) and runs, the oldest first."""

    person_id: int
    name: str = ""
    runs: deque[Run] = field(default_factory=deque)

    @property
    def title(self) -> str:
        """The name as it is read."""
        return called(self.person_id, self.name)

    def put(self, step: int, emotion: str | None, confidence: float) -> None:
        """Remember a step; one seen before takes its newest confidence, short gaps are filled."""
        last = self.runs[-1] if self.runs else None
        if last is None or step - last.end >= BRIDGED_STEPS:
            self.runs.append(Run(step, emotion, [confidence]))
            return
        last.confidences.extend([last.confidences[-1]] * (step - last.end))
        if last.end > step:
            last.confidences[-1] = confidence
        elif emotion == last.emotion and len(last.confidences) < LONGEST_RUN:
            last.confidences.append(confidence)
        else:
            self.runs.append(Run(step, emotion, [confidence]))

    def forget(self, before: int) -> None:
        """Forget the runs that ended before a step."""
        while self.runs and self.runs[0].end <= before:
            self.runs.popleft()

    def words_at(self, step: int) -> str:
        """Return what is known of a step, such as "happy 83%"; empty while absent."""
        for run in self.runs:
            if run.start <= step < run.end:
                confidence = run.confidences[step - run.start]
                return f"{run.emotion} {confidence * 100:.0f}%" if run.emotion else "not sure"
        return ""


class LastMinute:
    """Keeps the last `STEPS` steps (and what began before them) of at most `MOST_LANES` people, and
    the group's mean valence.

    Whoever was not seen for a minute is forgotten; where there are more people than lanes,
    newcomers take the lanes of those who are away.
    """

    def __init__(self) -> None:
        self.now_s = 0.0
        self._lanes: dict[int, Lane] = {}
        self._valence: dict[int, float] = {}

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The people in the order in which they appeared."""
        return tuple(self._lanes.values())

    def clear(self) -> None:
        """Forget everything."""
        self._lanes.clear()
        self._valence.clear()

    def add(self, result: AnnotatedFrame, t_s: float) -> None:
        """Remember the faces of a result; going back in time (a file wound back) starts anew."""
        if t_s < self.now_s:
            self.clear()
        self.now_s = t_s
        step = int(t_s // STEP_S)
        present = {face.detection.track_id for face in result.faces}
        seen: list[Prediction] = []
        for face in result.faces:
            prediction = face.prediction
            if not face.detection.track_id or prediction is None:
                continue
            seen.append(prediction)
            lane = self._lane(face.detection.track_id, present)
            if lane is not None:
                lane.name = face.name
                emotion = prediction.label if prediction.sure else None
                lane.put(step, emotion, prediction.confidence)
        if seen:
            valences = [circumplex_point(prediction.smoothed)[0] for prediction in seen]
            self._valence[step] = sum(valences) / len(valences)
        self._forget(step + 1 - STEPS)

    def words_at(self, t_s: float) -> str:
        """Return what was expressed at a time: "Ann happy 83%, Person 2 not sure"."""
        step = int(t_s // STEP_S)
        said = ((lane.title, lane.words_at(step)) for lane in self.lanes)
        return ", ".join(f"{title} {words}" for title, words in said if words) or "nobody"

    def valence(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return seconds before now (n,), ascending and at most 0, and the group's valence (n,)
        -1..1; NaN where nobody was there."""
        if not self._valence:
            return np.empty(0), np.empty(0)
        steps = np.array(tuple(self._valence), np.float64)
        values = np.array(tuple(self._valence.values()), np.float64)
        gaps = np.flatnonzero(np.diff(steps) > BRIDGED_STEPS) + 1
        steps = np.insert(steps, gaps, steps[gaps] - 1)
        values = np.insert(values, gaps, np.nan)
        return np.minimum((steps + 0.5) * STEP_S - self.now_s, 0.0), values

    def _forget(self, before: int) -> None:
        while self._valence and (oldest := next(iter(self._valence))) < before:
            del self._valence[oldest]
        for lane in self.lanes:
            lane.forget(before)
            if not lane.runs:
                del self._lanes[lane.person_id]

    def _lane(self, number: int, present: set[int]) -> Lane | None:
        if number not in self._lanes:
            if len(self._lanes) >= MOST_LANES:
                away = [lane for lane in self.lanes if lane.person_id not in present]
                if not away:
                    return None
                del self._lanes[min(away, key=lambda lane: lane.runs[-1].end).person_id]
            self._lanes[number] = Lane(number)
        return self._lanes[number]
