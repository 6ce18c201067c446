"""When a replay saves itself."""

from collections.abc import Sequence

from fercam.core.emotions import emotion_index
from fercam.core.values import AnnotatedFrame
from fercam.core.words import called
from fercam.recording.options import SaveRule
from fercam.recording.peaks import LOOKS

BREAK_S = 1.0
"""What held before so long a time without a picture need not have held on."""


class RuleWatch:
    """Looks at one frame after the other, with times of capture."""

    def __init__(self, rules: Sequence[SaveRule]) -> None:
        """Watch for `rules`.

        Raises:
            DataError: a rule names no emotion.
        """
        self.rules = tuple(rules)
        self._rules = [(rule, emotion_index(rule.emotion)) for rule in rules]
        self._since_ns: dict[tuple[int, int], int] = {}
        self._fired_ns: dict[int, int] = {}
        self._seen_ns = 0

    def add(self, annotated: AnnotatedFrame) -> str:
        """Return, in words, what just came to pass; empty if no rule did."""
        now_ns = annotated.frame.t_capture_ns
        if now_ns - self._seen_ns > BREAK_S * 1e9:
            self.forget()
        self._seen_ns = now_ns
        words = ""
        holding: dict[tuple[int, int], int] = {}
        for number, (rule, index) in enumerate(self._rules):
            for face in annotated.faces:
                seen, person = face.prediction, face.detection.track_id
                if seen is None or not seen.sure or seen.smoothed[index] < rule.above:
                    continue
                key = (number, person)
                holding[key] = self._since_ns.get(key, now_ns)
                if now_ns - holding[key] >= rule.for_s * 1e9 and self._may(number, rule, now_ns):
                    self._fired_ns[number] = now_ns
                    who = called(person, face.name)
                    words = words or f"{who} looks {LOOKS[index]}, {seen.smoothed[index]:.0%}"
        self._since_ns = holding
        return words

    def forget(self) -> None:
        """What held so far holds no longer: other people are watched from now on."""
        self._since_ns = {}

    def _may(self, number: int, rule: SaveRule, now_ns: int) -> bool:
        fired_ns = self._fired_ns.get(number)
        return fired_ns is None or now_ns - fired_ns >= rule.at_most_every_s * 1e9
