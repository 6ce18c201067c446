"""Rules that save a replay by themselves, and the peaks that become markers."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from helpers.capture import captured, labelled
from helpers.results import face

from fercam.core.errors import DataError
from fercam.recording.options import SaveRule
from fercam.recording.peaks import PeakFinder
from fercam.recording.rules import RuleWatch
from fercam.recording.session_json import Marker

RULE = SaveRule("happy", above=0.8, for_s=0.5, at_most_every_s=10)


def fired_s(rules: list[SaveRule], moments: Iterable[tuple[float, float, bool]]) -> list[float]:
    """Return when, of moments (time, probability of happy, sure), a rule came to pass."""
    watch = RuleWatch(rules)
    return [
        t_s
        for t_s, happy, sure in moments
        if watch.add(captured(t_s, labelled(face(), happy, sure)))
    ]


def tenths(
    start: int, end: int, happy: float = 0.9, sure: bool = True
) -> list[tuple[float, float, bool]]:
    return [(number / 10, happy, sure) for number in range(start, end)]


def test_a_rule_comes_to_pass_once_it_held_for_long_enough() -> None:
    assert fired_s([RULE], tenths(0, 4)) == []
    assert fired_s([RULE], tenths(0, 20)) == [0.5]


def test_a_break_begins_anew() -> None:
    assert fired_s([RULE], tenths(0, 4) + tenths(4, 5, happy=0.7) + tenths(5, 12)) == [1.0]


def test_nothing_is_known_of_the_time_without_pictures() -> None:
    assert fired_s([RULE], tenths(0, 4) + tenths(60, 64)) == []
    assert fired_s([RULE], tenths(0, 4) + tenths(60, 70)) == [6.5]
    assert fired_s([RULE], tenths(0, 4) + tenths(18, 24)) == [2.3]
    assert fired_s([RULE], tenths(0, 4) + tenths(12, 14)) == [1.2]  # a second may be missed


def test_what_is_not_sure_does_not_count() -> None:
    assert fired_s([RULE], tenths(0, 20, sure=False)) == []
    assert fired_s([RULE], tenths(0, 4) + tenths(4, 5, sure=False) + tenths(5, 9)) == []


def test_it_does_not_come_again_too_soon() -> None:
    assert fired_s([RULE], tenths(0, 250)) == [0.5, 10.5, 20.5]


def test_people_do_not_help_each_other() -> None:
    watch = RuleWatch([RULE])
    for number in range(12):
        person = 1 + number % 2
        assert not watch.add(captured(number / 10, labelled(face(person), 0.9)))


def test_nor_do_rules() -> None:
    calm = replace(RULE, emotion="neutral")
    assert fired_s([RULE, calm], tenths(0, 4) + tenths(4, 8, happy=0.1)) == []
    assert fired_s([calm, RULE], tenths(0, 250)) == [0.5, 10.5, 20.5]


def test_a_face_that_was_not_read_yet_shows_nothing() -> None:
    assert not RuleWatch([SaveRule("happy", for_s=0)]).add(captured(0, face(label=None)))


def test_what_is_shown_counts_not_the_single_answer() -> None:
    shown = labelled(face(), 0.91)
    assert shown.prediction is not None
    raw = np.zeros(7, np.float32)
    shown = replace(shown, prediction=replace(shown.prediction, raw=raw), name="Ada")
    watch = RuleWatch([SaveRule("happy", above=0.8, for_s=0)])
    assert watch.add(captured(0, shown)) == "Ada looks happy, 91%"


def test_the_words_say_who_and_what() -> None:
    watch = RuleWatch([SaveRule("happy", above=0.8, for_s=0)])
    assert watch.add(captured(0, labelled(face(3), 0.91))) == "Person 3 looks happy, 91%"


def test_of_two_rules_at_once_the_first_is_told() -> None:
    watch = RuleWatch([replace(RULE, for_s=0), replace(RULE, emotion="neutral", for_s=0)])
    both = labelled(face(1), 0.91), labelled(face(2), 0.05)
    assert watch.add(captured(0, *both)) == "Person 1 looks happy, 91%"


def test_a_rule_without_an_emotion_is_refused() -> None:
    with pytest.raises(DataError, match="joyful"):
        RuleWatch([SaveRule("joyful")])


def peaks(moments: Iterable[tuple[float, float, bool]], person: int = 1) -> list[Marker]:
    finder = PeakFinder()
    found = []
    for t_s, happy, sure in moments:
        prediction = labelled(face(person), happy, sure).prediction
        assert prediction is not None
        found.append(finder.add(t_s, person, prediction.smoothed, sure))
    return [marker for marker in found if marker is not None] + finder.rest()


def hill(start_s: float, top: float) -> list[tuple[float, float, bool]]:
    shares = (0.1, 0.4, 0.7 * top, top, 0.7 * top, 0.4, 0.1)
    return [(start_s + number / 10, share, True) for number, share in enumerate(shares)]


def test_the_top_of_a_hill_is_a_peak() -> None:
    (marker,) = peaks(hill(5, 0.9))
    assert (marker.t_s, marker.emotion) == (pytest.approx(5.3), "happy")
    assert marker.text == "Person 1 looks happy, 90%"


def test_a_low_hill_a_doubtful_one_and_neutral_are_none() -> None:
    assert peaks(hill(0, 0.59)) == []
    assert peaks([(t_s, share, False) for t_s, share, _ in hill(0, 0.9)]) == []
    assert peaks(tenths(0, 50, happy=0.0)) == []


def test_a_long_smile_is_one_peak_and_at_most_one_every_twenty_seconds() -> None:
    assert len(peaks(tenths(0, 150))) == 1
    hills = [moment for start in range(0, 60, 6) for moment in hill(start, 0.9)]
    assert [marker.t_s for marker in peaks(hills)] == pytest.approx([0.3, 24.3, 48.3])


def test_an_expression_that_hardly_falls_is_a_peak_after_two_seconds() -> None:
    finder = PeakFinder()
    told_s = []
    for t_s, happy, sure in [(0.0, 0.95, True), *tenths(1, 40)]:
        prediction = labelled(face(), happy, sure).prediction
        assert prediction is not None
        if finder.add(t_s, 1, prediction.smoothed, sure):
            told_s.append(t_s)
    assert told_s == [2.0]


def test_people_have_peaks_of_their_own() -> None:
    finder = PeakFinder()
    for t_s, happy, sure in hill(0, 0.9):
        for person in (1, 2):
            prediction = labelled(face(person), happy, sure).prediction
            assert prediction is not None
            finder.add(t_s, person, prediction.smoothed, sure)
    # both were found on the way, so neither is left
    assert finder.rest() == []


def look(
    finder: PeakFinder, t_s: float, happy: float, person: int = 1, sure: bool = True, name: str = ""
) -> Marker | None:
    prediction = labelled(face(person), happy, sure).prediction
    assert prediction is not None
    return finder.add(t_s, person, prediction.smoothed, sure, name)


@pytest.mark.parametrize(
    ("happy", "person", "sure", "over"),
    [(0.74, 1, True, True), (0.76, 1, True, False), (0.2, 1, False, False), (0.2, 2, True, False)],
)
def test_a_peak_is_over_once_that_person_surely_looks_less_so(
    happy: float, person: int, sure: bool, over: bool
) -> None:
    finder = PeakFinder()
    assert look(finder, 0.0, 0.9) is None
    assert (look(finder, 0.1, happy, person, sure) is not None) == over


def test_a_peak_has_its_own_persons_name_whoever_is_looked_at_when_it_is_over() -> None:
    finder = PeakFinder()
    look(finder, 0.0, 0.9, name="Ada")
    over = look(finder, 2.0, 0.1, person=2, name="Bob")
    look(finder, 30.0, 0.8, name="Ada")
    assert over is not None and over.text == "Ada looks happy, 90%"
    assert [left.text for left in finder.rest()] == ["Ada looks happy, 80%"]
