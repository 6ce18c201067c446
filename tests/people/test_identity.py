"""People keep their numbers: hidden, crossing, away for a while, coming back."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.actors import Actor, put, stage

from fercam.capture.video_file import VideoFileSource
from fercam.core.values import Detection, Frame, Image
from fercam.detection.tracker import FaceTracker
from fercam.detection.yunet import YuNetDetector
from fercam.people.identity import REMEMBERED_S, WAIT_FRAMES, PeopleBook

ADA, BEN, CLEO = Actor(), Actor(hue=60, mirrored=True), Actor(hue=115, shade=0.8)
STREET_PEOPLE = 11
"""Who shows a face in facenet_pytorch_video.mp4, counted by eye."""

Placed = tuple[Actor, float, float, float]
"""An actor with the middle of the face (x, y) and its height, in pixels."""


class Play:
    """A tracker and a book of people watching a stage, 25 frames a second."""

    def __init__(self) -> None:
        self.tracker, self.book = FaceTracker(), PeopleBook()
        self.t_s = 0.0

    def show(self, *placed: Placed, light: float = 1.0) -> list[int]:
        """Put the actors on the stage, the last one in front; return their numbers."""
        image: Image = stage().copy()
        faces = [put(image, *actor, light=light) for actor in placed]
        return self.watch(image, faces)

    def watch(self, image: Image, faces: list[Detection]) -> list[int]:
        tracked = self.tracker.update(faces, self.t_s)
        people = self.book.update(image, tracked, self.t_s)
        self.t_s += 0.04
        numbers = [face.track_id for face in people]
        known = [number for number in numbers if number]
        assert len(set(known)) == len(known)
        return numbers

    def hold(self, *placed: Placed, frames: int = 25, light: float = 1.0) -> list[list[int]]:
        return [self.show(*placed, light=light) for _ in range(frames)]

    def wait(self, seconds: float) -> None:
        self.t_s += seconds


def settled(rows: list[list[int]]) -> list[int]:
    """The numbers after the few frames that may be needed to decide."""
    later = rows[WAIT_FRAMES:]
    assert all(row == later[0] for row in later), rows
    assert all(number in (0, later[0][i]) for row in rows for i, number in enumerate(row)), rows
    return later[0]


def test_a_person_has_a_number_from_the_first_row() -> None:
    assert Play().hold((ADA, 320, 180, 140)) == [[1]] * 25


def test_only_the_number_of_a_face_is_changed_and_the_order_kept() -> None:
    image: Image = stage().copy()
    faces = [replace(put(image, actor, x, 180, 100), track_id=n) for actor, x, n in
             ((ADA, 150, 7), (BEN, 470, 3))]  # fmt: skip
    people = PeopleBook().update(image, faces, 0.0)
    assert [face.track_id for face in people] == [1, 2]
    for before, after in zip(faces, people, strict=True):
        assert after.raw_box_px == before.raw_box_px
        assert after.landmarks_px is before.landmarks_px
    assert PeopleBook().update(image, [], 0.0) == []


@pytest.mark.parametrize("away_s", [0.5, 3.0, 50.0])
def test_who_comes_back_to_the_same_place_is_known_at_once(away_s: float) -> None:
    play = Play()
    play.hold((ADA, 320, 180, 140))
    play.wait(away_s)
    assert play.show((ADA, 325, 182, 138)) == [1]


@pytest.mark.parametrize("away_s", [2.0, 30.0])
def test_who_comes_back_elsewhere_smaller_and_darker_is_known(away_s: float) -> None:
    play = Play()
    play.hold((ADA, 320, 180, 140))
    play.wait(away_s)
    assert settled(play.hold((ADA, 180, 220, 80), light=0.8)) == [1]


def test_another_person_in_the_same_place_is_another() -> None:
    play = Play()
    play.hold((ADA, 320, 180, 140))
    play.wait(3)
    assert settled(play.hold((BEN, 320, 180, 140))) == [2]
    play.wait(3)
    assert settled(play.hold((ADA, 200, 200, 120))) == [1]


def test_a_cut_from_one_person_to_another_and_back() -> None:
    play = Play()
    assert settled(play.hold((ADA, 320, 180, 140))) == [1]
    assert settled(play.hold((BEN, 325, 180, 140))) == [2]
    assert settled(play.hold((ADA, 320, 185, 140))) == [1]


def test_after_a_minute_a_person_is_somebody_new() -> None:
    play = Play()
    play.hold((ADA, 320, 180, 140))
    play.wait(REMEMBERED_S + 1)
    assert play.show((ADA, 320, 180, 140)) == [2]
    assert play.book.active_ids == {2}


def test_state_is_kept_for_everybody_who_may_come_back() -> None:
    play = Play()
    play.show((ADA, 150, 180, 100), (BEN, 470, 180, 100))
    play.wait(30)
    play.show()
    assert play.book.active_ids == {1, 2}


def test_time_that_runs_backwards_makes_everybody_new() -> None:
    play = Play()
    play.hold((ADA, 320, 180, 140))
    play.t_s = 0.0
    assert play.show((ADA, 320, 180, 140)) == [2]
    assert play.book.active_ids == {2}


def test_people_who_look_the_same_have_each_their_number() -> None:
    play = Play()
    rows = play.hold((ADA, 150, 180, 100), (ADA, 470, 180, 100))
    assert rows == [[1, 2]] * 25


def test_people_who_look_the_same_are_known_again_by_their_places() -> None:
    play = Play()
    play.hold((ADA, 150, 180, 100), (ADA, 470, 180, 100))
    play.wait(3)
    assert settled(play.hold((ADA, 470, 180, 100), (ADA, 150, 180, 100))) == [2, 1]


def test_who_turns_up_where_somebody_just_was_does_not_get_their_number() -> None:
    play = Play()
    play.hold((ADA, 150, 180, 100))
    assert play.show((ADA, 500, 180, 100)) == [1]  # too far for the tracker
    assert settled(play.hold((ADA, 500, 180, 100), (ADA, 150, 180, 100))) == [1, 2]


def test_who_changed_while_in_view_is_known_by_the_new_looks() -> None:
    play = Play()
    for hue in range(0, 60, 4):
        assert play.hold((Actor(hue=hue), 320, 180, 140), frames=4) == [[1]] * 4
    play.wait(3)
    assert settled(play.hold((Actor(hue=hue), 150, 200, 100), frames=8)) == [1]


def test_a_face_found_twice_for_a_moment_is_nobody_new() -> None:
    play = Play()
    play.hold((ADA, 320, 180, 140))
    image: Image = stage().copy()
    face = put(image, ADA, 320, 180, 140)
    x, y, width, height = face.raw_box_px
    twice = replace(face, raw_box_px=(x + 20, y - 60, width, height))
    for _ in range(WAIT_FRAMES - 1):
        assert play.watch(image, [face, twice]) == [1, 0]
    assert play.show((ADA, 320, 180, 140)) == [1]
    assert play.book.active_ids == {1}


@pytest.mark.parametrize("turning_back", [False, True], ids=["cross", "meet and turn back"])
@pytest.mark.parametrize("hidden_px", [60, 140])
def test_people_who_move_through_each_other(turning_back: bool, hidden_px: int) -> None:
    play = Play()
    for step in range(61):
        way = min(step, 60 - step) if turning_back else step
        front, rear = 120 + 6.5 * way, 520 - 6.5 * way
        image: Image = stage().copy()
        faces = [put(image, BEN, rear, 175, 85), put(image, ADA, front, 180, 95)]
        hidden = abs(front - rear) < hidden_px
        numbers = play.watch(image, faces[1:] if hidden else faces)
        if step > 50:
            assert numbers == [1, 2], f"frame {step}"


def test_a_tracker_that_mixed_two_people_up_is_corrected() -> None:
    book = PeopleBook()
    wrong = 0
    for step in range(75):
        image: Image = stage().copy()
        apart = abs(step - 25) * 6 + 20
        faces = [put(image, ADA, 320 - apart, 180, 90), put(image, BEN, 320 + apart, 180, 90)]
        order = (1, 2) if step < 25 else (2, 1)
        tracked = [replace(face, track_id=n) for face, n in zip(faces, order, strict=True)]
        numbers = [face.track_id for face in book.update(image, tracked, step * 0.04)]
        wrong += numbers != [1, 2]
    assert numbers == [1, 2]
    assert wrong <= 12  # half a second, most of it while one is before the other


def test_a_number_is_never_withheld_for_long() -> None:
    """Whatever a face turns into, it is nobody for a few frames at most."""
    play = Play()
    unknown = longest = 0
    for step in range(90):
        actor = Actor(hue=(step // 9) * 31 % 180, shade=0.6 + 0.1 * (step // 5 % 9))
        unknown = unknown + 1 if play.show((actor, 320, 180, 140)) == [0] else 0
        longest = max(longest, unknown)
    assert longest <= WAIT_FRAMES


def frames_of(file: Path, step: int = 1, longest_s: float = 99.0) -> Iterator[Frame]:
    source = VideoFileSource(file)
    source.open()
    try:
        number = 0
        while (frame := source.read()) is not None and frame.t_media_s < longest_s:
            if number % step == 0:
                yield frame
            number += 1
    finally:
        source.close()


def numbers_in(frames: Iterable[Frame], play: Play) -> list[list[int]]:
    """The people's numbers in each frame, from YuNet's faces."""
    detector = YuNetDetector()
    return [play.watch(frame.image, detector.detect(frame.image)) for frame in frames]


def test_somebody_making_faces_has_one_number(shared: Callable[[str], Path]) -> None:
    rows = numbers_in(frames_of(shared("media/videos/liveportrait_d9.mp4"), step=2), Play())
    assert len(rows) > 250
    assert rows == [[1]] * len(rows)


def test_a_street_has_few_more_numbers_than_people(shared: Callable[[str], Path]) -> None:
    file = shared("media/videos/facenet_pytorch_video.mp4")
    rows = numbers_in(frames_of(file), Play())
    people = {number for row in rows for number in row} - {0}
    assert STREET_PEOPLE / 2 <= len(people) <= 2 * STREET_PEOPLE


@pytest.mark.parametrize("away_s", [0.0, 15.0])
@pytest.mark.parametrize(
    ("first", "second"), [("d9", "d10"), ("d10", "d13"), ("d13", "d9"), ("d9", "d13")]
)
def test_a_person_is_known_again_after_somebody_else(
    shared: Callable[[str], Path], first: str, second: str, away_s: float
) -> None:
    play = Play()
    for name, number, light in ((first, 1, 1.0), (second, 2, 1.0), (first, 1, 0.75)):
        file = shared(f"media/videos/liveportrait_{name}.mp4")
        frames = [
            replace(frame, image=np.asarray(cv2.convertScaleAbs(frame.image, alpha=light)))
            for frame in frames_of(file, step=4, longest_s=3.0)
        ]
        assert settled(numbers_in(frames, play)) == [number]
        play.wait(away_s)
