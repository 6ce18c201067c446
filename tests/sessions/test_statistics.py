"""Statistics go by time, leave out what is excluded and take merged people as one."""

from pathlib import Path

import pytest
from helpers.tables import info, write_table

from fercam.core.affect import CIRCUMPLEX
from fercam.core.emotions import EMOTIONS, NOT_SURE
from fercam.recording.session_json import Person, SessionInfo, Span
from fercam.sessions.peaks import find_peaks
from fercam.sessions.statistics import statistics, timeline
from fercam.sessions.table import FrameTable, read_table

HAPPY, UNSURE = (1, "happy", 0.8, True), (1, "sad", 0.4, False)
OTHER = (2, "neutral", 0.9, True)


def table(folder: Path, *parts: tuple[int, list]) -> FrameTable:
    return read_table(
        write_table(folder / "frames.csv", [faces for n, faces in parts for _ in range(n)])
    )


def test_shares_are_shares_of_time(tmp_path: Path) -> None:
    made = statistics(table(tmp_path, (60, [HAPPY]), (30, [UNSURE]), (30, [])), info())
    (person,) = made.people
    assert made.counted_s == pytest.approx(4.0, abs=1e-3)
    assert person.seen_s == pytest.approx(3.0, abs=1e-3)
    assert person.shares["happy"] == pytest.approx(2 / 3, abs=1e-3)
    assert person.shares["sad"] == 0  # it was not sure
    assert person.not_sure_share == pytest.approx(1 / 3, abs=1e-3)
    assert sum(person.shares.values()) == person.sure_share
    assert person.sure_share == pytest.approx(2 / 3, abs=1e-3)
    assert person.usable_share == pytest.approx(0.5, abs=1e-3)
    assert (person.dominant, person.name) == ("happy", "Person 1")
    assert person.valence is not None and person.valence > 0.2
    assert made.group.seen_s == person.seen_s


def test_time_counts_not_frames(tmp_path: Path) -> None:
    slow = [i * 0.1 for i in range(10)]
    fast = [1 + i * 0.025 for i in range(40)]
    path = write_table(tmp_path / "frames.csv", [[HAPPY]] * 10 + [[UNSURE]] * 40, slow + fast)
    (person,) = statistics(read_table(path), info()).people
    assert person.shares["happy"] == pytest.approx(0.5, abs=0.01)


def test_excluded_stretches_and_other_parts_are_left_out(tmp_path: Path) -> None:
    seen = table(tmp_path, (60, [HAPPY]), (60, [UNSURE]))
    without = statistics(seen, info(excluded=(Span(2.0, 4.0),)))
    assert without.people[0].shares["happy"] == 1
    assert without.counted_s == pytest.approx(2.0, abs=1e-3)
    between = statistics(seen, info(excluded=(Span(1.0, 2.0),)))
    assert between.counted_s == pytest.approx(3.0, abs=1e-3)
    assert between.people[0].shares["happy"] == pytest.approx(1 / 3, abs=1e-3)
    part = statistics(seen, info(), from_s=2.0, to_s=3.0)
    assert part.people[0].dominant == NOT_SURE and part.counted_s == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_emotion_counts_with_its_place(tmp_path: Path, emotion: str) -> None:
    (person,) = statistics(table(tmp_path, (30, [(1, emotion, 1.0, True)])), info()).people
    assert (person.dominant, person.shares[emotion]) == (emotion, 1)
    assert (person.valence, person.arousal) == pytest.approx(CIRCUMPLEX[emotion])


@pytest.mark.parametrize(("unsure", "dominant"), [(10, "happy"), (30, NOT_SURE)])
def test_the_largest_share_dominates_though_it_is_less_than_half(
    tmp_path: Path, unsure: int, dominant: str
) -> None:
    seen = table(tmp_path, (20, [HAPPY]), (15, [(1, "sad", 0.9, True)]), (unsure, [UNSURE]))
    assert statistics(seen, info()).people[0].dominant == dominant


def test_people_are_those_with_a_face_and_those_described(tmp_path: Path) -> None:
    seen = table(tmp_path, (30, [HAPPY]))
    first, third = statistics(seen, info(people=(Person(3, "Cleo"),))).people
    assert (first.name, first.seen_s) == ("Person 1", pytest.approx(1, abs=1e-3))
    assert (third.name, third.seen_s, third.dominant) == ("Cleo", 0, "")


def test_two_people_and_everybody(tmp_path: Path) -> None:
    seen = table(tmp_path, (30, [HAPPY, OTHER]), (30, [OTHER]))
    people = (Person(1, "Ann"), Person(2))
    made = statistics(seen, info(people=people))
    assert [one.name for one in made.people] == ["Ann", "Person 2"]
    assert made.group.seen_s == pytest.approx(2.0, abs=1e-3)
    assert made.group.shares["happy"] == pytest.approx(1 / 3, abs=1e-3)
    merged = statistics(seen, info(people=(Person(1), Person(2, merged_into=1))))
    assert [one.person for one in merged.people] == [1]
    assert merged.people[0].seen_s == pytest.approx(2.0, abs=1e-3)


def test_nobody_is_no_error(tmp_path: Path) -> None:
    for seen in (table(tmp_path), table(tmp_path, (3, []))):
        made = statistics(seen, info(people=()))
        assert made.people == () and made.group.dominant == "" and made.group.valence is None
        assert made.group.not_sure_share == 0
        assert timeline(seen, info(people=()), 4).lanes == ()
        assert find_peaks(seen, info()) == ()


def test_a_lane_says_what_was_seen_longest_in_each_bin(tmp_path: Path) -> None:
    seen = table(tmp_path, (30, [HAPPY]), (30, []), (10, [HAPPY]), (20, [UNSURE]))
    made = timeline(seen, info(), 3)
    (lane,) = made.lanes
    words = [EMOTIONS[index] if index >= 0 else "" for index in lane.emotion]
    assert words == ["happy", "", "sad"]
    assert lane.confidence.tolist() == pytest.approx([0.8, 0, 0.4], abs=1e-3)
    assert lane.sure_share.tolist() == pytest.approx([1, 0, 1 / 3], abs=1e-2)
    assert made.edges_s.tolist() == pytest.approx([0, 1, 2, 3], abs=1e-3)
    zoomed = timeline(seen, info(), 2, from_s=0.5, to_s=1.5).lanes[0]
    assert (zoomed.emotion >= 0).tolist() == [True, False]


@pytest.fixture
def lively(tmp_path: Path) -> FrameTable:
    calm, surprised = (1, "neutral", 0.9, True), (1, "surprise", 0.95, True)
    weaker, flicker = (1, "happy", 0.7, True), (1, "fear", 0.9, True)
    unsure = (1, "angry", 0.9, False)
    return table(
        tmp_path,
        (90, [calm]), (15, [surprised]), (90, [calm]), (30, [weaker]), (90, [calm]),
        (3, [flicker]), (60, [calm]), (30, [unsure]), (30, [calm]),
    )  # fmt: skip


def test_peaks_are_where_an_expression_stood_out(lively: FrameTable) -> None:
    surprise, happy = find_peaks(lively, info())
    assert (surprise.emotion, happy.emotion) == ("surprise", "happy")
    assert 3.0 <= surprise.t_s <= 3.5 and surprise.prominence > happy.prominence
    assert surprise.start_s == pytest.approx(3, abs=0.01)
    assert (surprise.person, surprise.name) == (1, "Person 1")


def test_a_weaker_peak_of_another_emotion_is_worth_more_than_one_more_of_the_same(
    tmp_path: Path,
) -> None:
    calm, surprised = (90, [(1, "neutral", 0.9, True)]), (15, [(1, "surprise", 0.7, True)])
    happy = (15, [(1, "happy", 0.95, True)])
    seen = table(tmp_path, calm, happy, calm, happy, calm, happy, calm, surprised, calm)
    best = [[peak.emotion for peak in find_peaks(seen, info(), most)] for most in (2, 3)]
    assert best == [["happy", "happy"], ["happy", "happy", "surprise"]]


@pytest.mark.parametrize(("between", "peaks"), [(30, 1), (90, 2)])
def test_a_short_break_does_not_part_a_peak(tmp_path: Path, between: int, peaks: int) -> None:
    calm, happy = [(1, "neutral", 0.9, True)], [(2, "happy", 0.9, True)]
    seen = table(tmp_path, (15, happy), (between, calm), (15, happy), (200, calm))
    merged = info(people=(Person(1, "Ann"), Person(2, merged_into=1)))
    found = find_peaks(seen, merged)
    assert [(peak.name, peak.emotion) for peak in found] == [("Ann", "happy")] * peaks


def test_what_is_usual_for_somebody_stands_out_less_than_what_is_rare(tmp_path: Path) -> None:
    usual, rare = [(1, "happy", 0.9, True)], [(1, "surprise", 0.6, True)]
    weak = [(1, "fear", 0.45, True)]
    seen = table(tmp_path, (90, usual), (15, rare), (90, usual), (30, weak), (90, usual))
    (first,) = find_peaks(seen, info(), most=1)
    assert first.emotion == "surprise"
    assert first.prominence == pytest.approx(0.6 - 0.1 / 6, abs=1e-3)
    assert {peak.emotion for peak in find_peaks(seen, info())} == {"happy", "surprise"}


def test_what_is_probable_but_not_what_is_shown_is_no_peak(tmp_path: Path) -> None:
    path = write_table(tmp_path / "frames.csv", [[]] * 30 + [[HAPPY]] * 30)
    path.write_text(path.read_text().replace("happy,0", "neutral,0"))  # the label lags behind
    assert find_peaks(read_table(path), info()) == ()


def test_few_peaks_are_the_best_and_none_is_excluded(lively: FrameTable) -> None:
    assert [peak.emotion for peak in find_peaks(lively, info(), most=1)] == ["surprise"]
    without: SessionInfo = info(excluded=(Span(2.5, 4.0),))
    assert [peak.emotion for peak in find_peaks(lively, without)] == ["happy"]
