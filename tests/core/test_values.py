"""Emotions, names and numbers that every room relies on."""

import pytest

from fercam.core.emotions import ALIASES, EMOTIONS, FER2013_CSV_ORDER, emotion_index
from fercam.core.errors import DataError, FerCamError
from fercam.core.stats import Rate, StageTimer
from fercam.core.values import Box


def test_the_order_of_emotions_is_alphabetical_and_fer2013_has_the_same_seven() -> None:
    assert list(EMOTIONS) == sorted(EMOTIONS)
    assert sorted(FER2013_CSV_ORDER) == list(EMOTIONS)


@pytest.mark.parametrize(("name", "emotion"), [*ALIASES.items(), (" Happy ", "happy")])
def test_aliases_and_letter_case_are_understood(name: str, emotion: str) -> None:
    assert EMOTIONS[emotion_index(name)] == emotion


def test_an_unknown_emotion_is_named_in_the_message() -> None:
    with pytest.raises(DataError, match="'contempt' is not one of the seven"):
        emotion_index("contempt")


def test_a_message_for_people_is_one_line() -> None:
    assert FerCamError("broken\n  in two").user_message == "broken in two"


def test_a_box_knows_its_centre_and_larger_side() -> None:
    box = Box(10, 20, 30, 50)
    assert (box.centre, box.side) == ((25, 45), 50)


def test_a_rate_counts_the_last_two_seconds_only() -> None:
    now_s = 0.0
    rate = Rate(clock=lambda: now_s)
    for step in range(31):
        now_s = step / 10
        rate.tick()
    assert rate.per_second() == pytest.approx(10)
    now_s = 60.0
    assert rate.per_second() == 0


def test_a_timer_gives_median_and_95th_percentile_by_stage() -> None:
    timer = StageTimer()
    for duration_ms in range(1, 102):
        timer.add("detect", duration_ms)
    with timer.time("crop"):
        pass
    summary = timer.summary()
    assert list(summary) == ["detect", "crop"]
    assert (summary["detect"].median_ms, summary["detect"].p95_ms) == (51, 96)
