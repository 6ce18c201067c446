"""When a replay saves itself."""

from collections.abc import Sequence

from fercam.core.emotions import emotion_index
from fercam.core.values import AnnotatedFrame
from fercam.recording.options import SaveRule
from fercam.recording.peaks import LOOKS


class RuleWatch:
    """Looks at one frame after the other, with times of capture."""

    def __init__(self, rules: Sequence[SaveRule]) -> None:
        """Watch for `rules`.

        Raises:
            DataError: a rule names no emotion.
        """
        self._rules = [(rule, emotion_index(rule.emotion)) for rule in rules]
        self._since_s: dict[tuple[int, int], float] = {}
        self._fired_s: dict[int, float] = {}

    def add(self, annotated: AnnotatedFrame) -> str:
        """Return, in words, what just came to pass; empty if no rule did."""
        now_s = annotated.frame.t_capture_ns / 1e9
        words = ""
        holding: dict[tuple[int, int], float] = {}
        for number, (rule, index) in enumerate(self._rules):
            for face in annotated.faces:
                seen, person = face.prediction, face.detection.track_id
                if seen is None or not seen.sure or seen.smoothed[index] < rule.above:
                    continue
                key = (number, person)
                holding[key] = self._since_s.get(key, now_s)
                if now_s - holding[key] >= rule.for_s and self._may(number, rule, now_s):
                    self._fired_s[number] = now_s
                    who = face.name or f"Person {person}"
                    words = words or f"{who} looks {LOOKS[index]}, {seen.smoothed[index]:.0%}"
        self._since_s = holding
        return words

    def _may(self, number: int, rule: SaveRule, now_s: float) -> bool:
        fired_s = self._fired_s.get(number)
        return fired_s is None or now_s - fired_s >= rule.at_most_every_s
