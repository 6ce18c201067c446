"""Faces keep their numbers."""

import numpy as np
import pytest

from fercam.core.values import Box, Detection
from fercam.detection.tracker import FaceTracker


def face(x: float, y: float = 100.0, side: float = 80.0) -> Detection:
    """A face whose centre is (x, y)."""
    left, top = x - side / 2, y - side / 2
    return Detection(
        box_px=Box(max(round(left), 0), max(round(top), 0), round(side), round(side)),
        raw_box_px=(left, top, side, side),
        score=0.9,
        landmarks_px=np.zeros((5, 2), np.float32),
    )


def ids(faces: list[Detection]) -> list[int]:
    return [found.track_id for found in faces]


def test_numbers_start_at_one_and_stay_whatever_the_order() -> None:
    tracker = FaceTracker()
    assert ids(tracker.update([face(100), face(400)], 0.0)) == [1, 2]
    assert ids(tracker.update([face(405), face(95)], 0.04)) == [2, 1]
    assert tracker.active_ids == {1, 2}


def test_only_the_number_of_a_detection_is_changed() -> None:
    given = face(100)
    (tracked,) = FaceTracker().update([given], 0.0)
    assert given.track_id == 0
    assert tracked.raw_box_px == given.raw_box_px
    assert tracked.score == given.score
    assert tracked.landmarks_px is given.landmarks_px


def test_a_new_face_gets_a_new_number() -> None:
    tracker = FaceTracker()
    tracker.update([face(100)], 0.0)
    assert ids(tracker.update([face(400), face(100)], 0.04)) == [2, 1]


def test_no_two_faces_of_a_frame_share_a_number() -> None:
    tracker = FaceTracker()
    tracker.update([face(100)], 0.0)
    assert sorted(ids(tracker.update([face(98), face(103)], 0.04))) == [1, 2]


def test_a_face_missed_for_a_moment_keeps_its_number() -> None:
    tracker = FaceTracker()
    for step in range(10):
        tracker.update([face(100 + 4 * step)], step / 25)
    for step in range(10, 20):
        assert tracker.update([], step / 25) == []
    assert tracker.active_ids == {1}
    assert ids(tracker.update([face(180)], 0.8)) == [1]


def test_a_face_gone_for_longer_is_forgotten_and_its_number_never_used_again() -> None:
    tracker = FaceTracker()
    tracker.update([face(100)], 0.0)
    tracker.update([], 1.2)
    assert tracker.active_ids == frozenset()
    assert ids(tracker.update([face(100)], 1.24)) == [2]


@pytest.mark.parametrize("hidden_frames", [0, 5])
def test_faces_that_cross_keep_their_numbers(hidden_frames: int) -> None:
    """Two faces walk through each other; the rear one may be hidden for some frames."""
    tracker = FaceTracker()
    for step in range(41):
        front, rear = face(100 + 8 * step, 100), face(420 - 8 * step, 108, 70)
        hidden = abs(step - 20) < hidden_frames / 2
        found = tracker.update([front] if hidden else [front, rear], step / 25)
        assert ids(found) == ([1] if hidden else [1, 2]), f"frame {step}"


def test_a_fast_face_is_followed_by_its_velocity() -> None:
    tracker = FaceTracker()
    for step in range(6):
        tracker.update([face(100 + 30 * step)], step / 25)
    # three frames missed: 1.5 faces further on
    assert ids(tracker.update([face(100 + 30 * 8)], 8 / 25)) == [1]


@pytest.mark.parametrize(
    ("missed_s", "away_px", "side", "number"),
    [
        (0.04, 40, 80, 1), (0.04, 70, 80, 2), (0.4, 70, 80, 1), (0.96, 105, 80, 1),
        (0.96, 118, 80, 2), (0.96, 0, 140, 1),
    ],
)  # fmt: skip
def test_the_longer_a_face_was_missed_the_farther_away_it_may_turn_up(
    missed_s: float, away_px: float, side: float, number: int
) -> None:
    tracker = FaceTracker()
    tracker.update([face(100)], 0.0)
    assert ids(tracker.update([face(100 + away_px, side=side)], missed_s)) == [number]


def test_one_place_that_was_a_little_off_says_nothing_about_where_a_face_goes() -> None:
    tracker = FaceTracker()
    for step in range(10):
        tracker.update([face(100)], step / 25)
    tracker.update([face(115)], 10 / 25)
    assert ids(tracker.update([face(100)], 0.74)) == [1]


def test_a_face_that_stops_out_of_sight_is_found() -> None:
    tracker = FaceTracker()
    for step in range(20):
        tracker.update([face(100 + 12 * step)], step / 25)
    assert ids(tracker.update([face(100 + 12 * 19 + 40)], 19 / 25 + 0.9)) == [1]


def test_of_two_faces_the_nearer_one_or_the_one_of_the_same_size_is_the_one() -> None:
    for others, numbers in (
        ([face(185), face(20)], [2, 1]),
        ([face(185, side=45), face(186)], [2, 1]),
    ):
        tracker = FaceTracker()
        tracker.update([face(100)], 0.0)
        assert ids(tracker.update(others, 0.6)) == numbers


def test_a_small_face_before_a_large_one_is_not_mixed_up_with_it() -> None:
    tracker = FaceTracker()
    tracker.update([face(100, side=100), face(110, side=60)], 0.0)
    assert ids(tracker.update([face(107, side=100), face(103, side=60)], 0.04)) == [1, 2]


def test_a_face_elsewhere_or_of_quite_another_size_is_another() -> None:
    tracker = FaceTracker()
    tracker.update([face(100)], 0.0)
    assert ids(tracker.update([face(300)], 0.04)) == [2]
    assert ids(tracker.update([face(300, side=250)], 0.08)) == [3]


def test_a_video_that_starts_over_has_new_faces() -> None:
    tracker = FaceTracker()
    tracker.update([face(100)], 19.0)
    assert ids(tracker.update([face(100)], 0.0)) == [2]
    assert tracker.active_ids == {2}
