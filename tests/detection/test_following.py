"""Faces are detected now and then and followed in between."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.pictures import PORTRAIT_FACE_PX, portrait

from fercam.capture.demo import demo_image
from fercam.core.values import Detection, Image
from fercam.detection.boxes import RawBox, box_inside, iou
from fercam.detection.detector import FaceDetector
from fercam.detection.following import (
    LOOK_AGAIN,
    LOOK_EVERY,
    LOOK_EVERY_ALONE,
    FollowingDetector,
)
from fercam.detection.yunet import YuNetDetector

WIDTH_PX, HEIGHT_PX = 800, 600
FACE = (200.0, 180.0, 120.0, 140.0)
ELSEWHERE = (560.0, 220.0, 120.0, 140.0)


class Knowing(FaceDetector):
    """Finds the faces it is told of, and counts how often it is asked."""

    def __init__(self, *faces: RawBox) -> None:
        self.faces = list(faces)
        self.looks = 0

    def detect(self, image: Image) -> list[Detection]:
        self.looks += 1
        return [detection(box, 0.9 - 0.1 * number) for number, box in enumerate(self.faces)]


class Counting(FaceDetector):
    """YuNet, and how often it is asked."""

    def __init__(self) -> None:
        self._yunet = YuNetDetector()
        self.looks = 0

    def detect(self, image: Image) -> list[Detection]:
        self.looks += 1
        return self._yunet.detect(image)


def detection(box: RawBox, score: float = 0.9) -> Detection:
    return Detection(box_inside(box, WIDTH_PX, HEIGHT_PX), box, score, landmarks(box))


def landmarks(box: RawBox) -> np.ndarray:
    x, y, width, height = box
    unit = np.array([(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)])
    points_px = (unit * (width, height) + (x, y)).astype(np.float32)
    points_px.flags.writeable = False
    return points_px


def scene(*faces: RawBox) -> Image:
    """Return a wall with the portrait's face hung exactly into each box."""
    ramp = np.linspace(150, 90, HEIGHT_PX)[:, None, None]
    image = np.broadcast_to(ramp, (HEIGHT_PX, WIDTH_PX, 3)).astype(np.uint8).copy()
    left, top, width, height = PORTRAIT_FACE_PX
    for x, y, box_width, box_height in faces:
        # the portrait from half a face around its face on
        scale_x, scale_y = box_width / width, box_height / height
        move = np.array([[scale_x, 0, x - left * scale_x], [0, scale_y, y - top * scale_y]])
        size = (WIDTH_PX, HEIGHT_PX)
        moved = cv2.warpAffine(portrait(), move, size, flags=cv2.INTER_AREA)
        near = np.s_[
            max(round(y - box_height / 2), 0) : round(y + 1.5 * box_height),
            max(round(x - box_width / 2), 0) : round(x + 1.5 * box_width),
        ]
        image[near] = moved[near]
    return image


def walk(step_px: float, growth: float = 1.0) -> Iterator[RawBox]:
    """Yield where a face is that walks to the right and comes nearer."""
    x, y, width, height = FACE
    while True:
        yield x, y, width, height
        x, y = x + step_px - width * (growth - 1) / 2, y - height * (growth - 1) / 2
        width, height = width * growth, height * growth


def test_a_known_face_is_looked_at_every_fifth_picture() -> None:
    knowing = Knowing(FACE)
    detector = FollowingDetector(knowing)
    looked = []
    for _ in range(4 * LOOK_EVERY):
        before = knowing.looks
        assert len(detector.detect(scene(FACE))) == 1
        looked.append(knowing.looks > before)
    # the first face is settled by a second look
    assert looked[: LOOK_AGAIN + 1] == [True] + [False] * (LOOK_AGAIN - 1) + [True]
    assert sum(looked[LOOK_AGAIN:]) == pytest.approx(len(looked[LOOK_AGAIN:]) / LOOK_EVERY, abs=1)


@pytest.mark.parametrize("step_px", [0.0, 1.5, 6.0, 25.0])
@pytest.mark.parametrize("growth", [0.985, 1.0, 1.015])
def test_box_and_landmarks_go_with_the_face_between_looks(step_px: float, growth: float) -> None:
    knowing = Knowing()
    detector = FollowingDetector(knowing)
    for _, box in zip(range(13), walk(step_px, growth), strict=False):
        knowing.faces = [box]
        (face,) = detector.detect(scene(box))
        assert iou(face.raw_box_px, box) > 0.93
        assert np.abs(face.landmarks_px - landmarks(box)).max() < 0.04 * box[2]
        assert face.box_px == box_inside(face.raw_box_px, WIDTH_PX, HEIGHT_PX)
        assert face.score == 0.9
        assert not face.landmarks_px.flags.writeable
    assert knowing.looks <= 4


def test_several_faces_go_their_own_ways_best_score_first() -> None:
    knowing = Knowing()
    detector = FollowingDetector(knowing)
    for step in range(12):
        truth = [(FACE[0] + 4 * step, *FACE[1:]), (ELSEWHERE[0] - 3 * step, *ELSEWHERE[1:])]
        knowing.faces = truth
        found = detector.detect(scene(*truth))
        assert [face.score for face in found] == pytest.approx([0.9, 0.8])
        for face, box in zip(found, truth, strict=True):
            assert iou(face.raw_box_px, box) > 0.93
    assert knowing.looks <= 4


def test_a_new_face_waits_four_pictures_at_most() -> None:
    for step in range(LOOK_EVERY):
        knowing = Knowing(FACE)
        detector = FollowingDetector(knowing)
        for _ in range(LOOK_EVERY + step):
            detector.detect(scene(FACE))
        knowing.faces = [FACE, ELSEWHERE]
        counts = [len(detector.detect(scene(FACE, ELSEWHERE))) for _ in range(LOOK_EVERY)]
        assert counts[-1] == 2


def test_the_first_face_waits_two_pictures_at_most() -> None:
    for step in range(LOOK_EVERY_ALONE):
        knowing = Knowing()
        detector = FollowingDetector(knowing)
        for _ in range(2 * LOOK_EVERY_ALONE + step):
            assert detector.detect(scene()) == []
        assert knowing.looks <= 3
        knowing.faces = [FACE]
        counts = [len(detector.detect(scene(FACE))) for _ in range(LOOK_EVERY_ALONE)]
        assert counts[-1] == 1


def settled(knowing: Knowing) -> FollowingDetector:
    """Return a detector that knows a face and has just looked."""
    detector = FollowingDetector(knowing)
    for _ in range(LOOK_AGAIN + 1):
        detector.detect(scene(*knowing.faces))
    return detector


def looks_at_once(detector: FollowingDetector, knowing: Knowing, image: Image) -> bool:
    before = knowing.looks
    detector.detect(image)
    return knowing.looks > before


def test_it_looks_at_once_when_a_face_is_hidden() -> None:
    knowing = Knowing(FACE)
    detector = settled(knowing)
    hidden = scene(FACE)
    x, y, width, height = (round(value) for value in FACE)
    noise = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    hidden[y : y + height, x : x + width] = noise
    knowing.faces = []
    assert looks_at_once(detector, knowing, hidden)
    assert detector.detect(hidden) == []


def test_it_looks_at_once_when_a_face_jumps() -> None:
    knowing = Knowing(FACE)
    detector = settled(knowing)
    knowing.faces = [ELSEWHERE]
    (face,) = detector.detect(scene(ELSEWHERE))
    assert face.raw_box_px == ELSEWHERE


def test_it_looks_at_once_after_a_cut() -> None:
    knowing = Knowing(FACE)
    detector = settled(knowing)
    other = np.ascontiguousarray(255 - scene(FACE)[::-1])
    knowing.faces = []
    assert detector.detect(other) == []


def test_a_cut_is_noticed_when_nobody_was_there() -> None:
    knowing = Knowing()
    detector = settled(knowing)
    detector.detect(scene())
    knowing.faces = [FACE]
    lit = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    lit[:, : WIDTH_PX // 2] = 255
    assert len(detector.detect(lit)) == 1


def test_it_looks_at_once_when_the_picture_changes_its_size() -> None:
    knowing = Knowing(FACE)
    detector = settled(knowing)
    half = (60.0, 90.0, 60.0, 70.0)
    knowing.faces = [half]
    (face,) = detector.detect(np.ascontiguousarray(scene(FACE)[::2, ::2]))
    assert face.raw_box_px == half


def test_light_that_changes_is_no_cut_and_moves_no_box() -> None:
    knowing = Knowing(FACE)
    detector = settled(knowing)
    lighter = cv2.add(scene(FACE), np.full((HEIGHT_PX, WIDTH_PX, 3), 30, np.uint8))
    before = knowing.looks
    (face,) = detector.detect(np.asarray(lighter, np.uint8))
    assert knowing.looks == before
    assert iou(face.raw_box_px, FACE) > 0.97


def test_a_face_that_leaves_is_let_go() -> None:
    knowing = Knowing()
    detector = FollowingDetector(knowing)
    left = []
    for step in range(12):
        box = (640.0 + 25 * step, *FACE[1:])
        knowing.faces = [box] if box[0] + box[2] / 2 < WIDTH_PX else []
        found = detector.detect(scene(box))
        assert all(face.box_px.x + face.box_px.width <= WIDTH_PX for face in found)
        left.append(len(found) == 0)
    assert not left[0]
    assert left[-2:] == [True, True]


def test_boxes_shake_less_than_the_detectors_own() -> None:
    rng = np.random.default_rng(1)
    knowing = Knowing()
    detector = FollowingDetector(knowing)
    given, seen = [], []
    for _ in range(60):
        x, y = FACE[:2] + rng.normal(0, 3, 2)
        knowing.faces = [(x, y, *FACE[2:])]
        (face,) = detector.detect(scene(FACE))
        given.append((x, y))
        seen.append(face.raw_box_px[:2])
    steps = [np.abs(np.diff(places, axis=0)).mean() for places in (given, seen)]
    assert steps[1] < 0.3 * steps[0]
    assert np.abs(np.mean(seen, axis=0) - FACE[:2]).max() < 2


def test_the_demo_is_followed_as_closely_as_it_is_detected() -> None:
    counting = Counting()
    detector, always = FollowingDetector(counting), YuNetDetector()
    overlaps = []
    for number in range(90):
        image = demo_image("two", number)
        every, followed = always.detect(image), detector.detect(image)
        assert len(followed) == len(every) == 2
        overlaps += [
            max(iou(face.raw_box_px, other.raw_box_px) for other in every) for face in followed
        ]
    assert counting.looks <= 90 / LOOK_EVERY + 3
    assert np.mean(overlaps) > 0.93
    assert min(overlaps) > 0.8


@pytest.mark.parametrize(
    ("video", "frames", "least_iou", "most_missed", "most_looks"),
    [
        ("liveportrait_d9.mp4", 150, 0.95, 0.0, 0.23),
        ("liveportrait_d10.mp4", 90, 0.95, 0.0, 0.23),
        ("liveportrait_d13.mp4", 60, 0.96, 0.0, 0.25),
        ("facenet_pytorch_video.mp4", 60, 0.85, 0.1, 0.5),
    ],
)
def test_people_are_followed_as_closely_as_they_are_detected(
    shared: Callable[[str], Path],
    video: str,
    frames: int,
    least_iou: float,
    most_missed: float,
    most_looks: float,
) -> None:
    film = cv2.VideoCapture(str(shared(f"media/videos/{video}")))
    counting = Counting()
    detector, always = FollowingDetector(counting), YuNetDetector()
    overlaps: list[float] = []
    for _ in range(frames):
        image = np.asarray(film.read()[1], np.uint8)
        followed = detector.detect(image)
        for face in always.detect(image):
            others = [iou(face.raw_box_px, other.raw_box_px) for other in followed]
            overlaps.append(max(others, default=0.0))
    film.release()
    found = np.array([overlap for overlap in overlaps if overlap > 0.3])
    assert 1 - len(found) / len(overlaps) <= most_missed
    assert found.mean() >= least_iou
    assert counting.looks / frames <= most_looks
