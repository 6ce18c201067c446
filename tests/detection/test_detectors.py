"""What every registered face detector keeps to, and what YuNet does beyond."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.pictures import PORTRAIT_FACE_PX, portrait

from fercam.core.errors import ModelError
from fercam.core.values import Box, Image
from fercam.detection import yunet
from fercam.detection.detector import FaceDetector
from fercam.detection.photo import PhotoDetector
from fercam.detection.registry import DETECTORS
from fercam.detection.yunet import YuNetDetector, work_size


@pytest.fixture(params=sorted(DETECTORS))
def detector(request: pytest.FixtureRequest) -> FaceDetector:
    return DETECTORS[request.param]()


def inside(box: Box, image: Image) -> bool:
    height, width = image.shape[:2]
    whole = all(isinstance(value, int) for value in (box.x, box.y, box.width, box.height))
    starts = min(box.x, box.y) >= 0 and min(box.width, box.height) >= 1
    return whole and starts and box.x + box.width <= width and box.y + box.height <= height


def iou(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def test_the_face_of_a_portrait_is_found_where_it_is(detector: FaceDetector) -> None:
    (face,) = detector.detect(portrait())
    assert iou(face.raw_box_px, PORTRAIT_FACE_PX) > 0.8
    assert inside(face.box_px, portrait())
    assert 0.6 <= face.score <= 1
    assert face.track_id == 0
    assert face.landmarks_px.shape == (5, 2)
    assert face.landmarks_px.dtype == np.float32
    right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks_px
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_eye[1] < nose[1] < right_mouth[1]
    assert right_mouth[0] < left_mouth[0]


def test_two_faces_of_different_size_are_two_faces_best_score_first(detector: FaceDetector) -> None:
    small = cv2.resize(portrait(), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    scene = np.full((600, 800, 3), 90, np.uint8)
    scene[:, :512] = portrait()
    scene[200:500, 530:786] = small
    faces = detector.detect(scene)
    assert len(faces) == 2
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)
    widths = sorted(face.box_px.width for face in faces)
    assert widths[0] == pytest.approx(widths[1] / 2, rel=0.2)


def test_a_face_cut_off_by_the_border_is_kept(detector: FaceDetector) -> None:
    x, y, width, height = PORTRAIT_FACE_PX
    image = np.ascontiguousarray(portrait()[y + height // 5 :, x + width // 5 :])
    (face,) = detector.detect(image)
    assert inside(face.box_px, image)
    assert max(face.box_px.x, face.box_px.y) <= 5


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 2), (3, 7), (48, 48), (300, 300)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_without_detail_holds_no_face(
    detector: FaceDetector, shape: tuple[int, int], value: int
) -> None:
    assert detector.detect(np.full((*shape, 3), value, np.uint8)) == []


def test_pictures_of_noise_of_any_size_give_boxes_inside_them(detector: FaceDetector) -> None:
    rng = np.random.default_rng(1)
    for height, width in ((1, 1), (1, 40), (5, 5), (17, 3), (64, 48), (200, 311)):
        image = rng.integers(0, 256, (height, width, 3), np.uint8)
        assert all(inside(face.box_px, image) for face in detector.detect(image))


def test_a_gray_picture_with_three_channels_will_do(detector: FaceDetector) -> None:
    gray = cv2.cvtColor(portrait(), cv2.COLOR_BGR2GRAY)
    assert len(detector.detect(cv2.merge([gray, gray, gray]))) == 1


def test_pictures_of_changing_size_do_not_disturb_each_other(detector: FaceDetector) -> None:
    first = detector.detect(portrait())
    detector.detect(np.zeros((720, 1280, 3), np.uint8))
    again = detector.detect(portrait())
    assert [face.raw_box_px for face in first] == [face.raw_box_px for face in again]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ((512, 480), (239, 224)),
        ((640, 480), (288, 216)),
        ((1280, 720), (320, 180)),
        ((720, 1280), (180, 320)),
        ((1920, 1080), (480, 270)),
        ((3840, 2160), (480, 270)),
        ((40, 30), (80, 60)),
        ((1, 1), (2, 2)),
    ],
)
def test_the_working_size_follows_the_picture(
    frame: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert work_size(*frame) == expected


def test_the_working_size_can_be_set() -> None:
    assert work_size(1000, 500, work_side_px=320) == (320, 160)
    assert work_size(100, 50, work_side_px=320) == (200, 100)
    (face,) = YuNetDetector(work_side_px=320).detect(portrait())
    assert iou(face.raw_box_px, PORTRAIT_FACE_PX) > 0.8


class FakeNet:
    """Stands in for cv2.FaceDetectorYN and finds what `rows` says."""

    rows: list[list[float]]

    def __init__(self, *args: object) -> None:
        self.sizes: list[tuple[int, int]] = []

    def setInputSize(self, size: tuple[int, int]) -> None:  # noqa: N802  (OpenCV's name)
        self.sizes.append(size)

    def detect(self, image: Image) -> tuple[int, np.ndarray | None]:
        return 1, np.array(self.rows, np.float32) if self.rows else None


@pytest.fixture
def nets(monkeypatch: pytest.MonkeyPatch) -> list[FakeNet]:
    made: list[FakeNet] = []

    def create(*args: object) -> FakeNet:
        made.append(FakeNet())
        return made[-1]

    monkeypatch.setattr(yunet.cv2.FaceDetectorYN, "create", create)
    return made


def test_the_network_is_loaded_once_and_resized_only_for_another_size(nets: list[FakeNet]) -> None:
    FakeNet.rows = []
    detector = YuNetDetector()
    for shape in ((180, 320, 3), (180, 320, 3), (320, 180, 3)):
        assert detector.detect(np.zeros(shape, np.uint8)) == []
    first_look, second_look = nets
    assert first_look.sizes == [(320, 180), (180, 320)]
    assert second_look.sizes == [(480, 270), (270, 480)]


def test_a_second_look_is_taken_only_when_nobody_was_found(nets: list[FakeNet]) -> None:
    FakeNet.rows = [[10.0, 20.0, 40.0, 50.0, *[30.0] * 10, 0.7]]
    assert len(YuNetDetector().detect(np.zeros((480, 640, 3), np.uint8))) == 1
    FakeNet.rows = []
    YuNetDetector(work_side_px=320).detect(np.zeros((480, 640, 3), np.uint8))
    assert [net.sizes for net in nets] == [[(288, 216)], [], [(320, 240)]]


@pytest.mark.parametrize("frame", [(640, 480), (1280, 720), (1920, 1080)])
def test_a_face_of_a_twentieth_of_the_width_is_found(frame: tuple[int, int]) -> None:
    width, height = frame
    scale = 0.05 * width / PORTRAIT_FACE_PX[2]
    person = cv2.resize(portrait(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    scene = np.full((height, width, 3), 110, np.uint8)
    scene[height // 3 :, width // 3 :][: person.shape[0], : person.shape[1]] = person
    assert len(YuNetDetector().detect(scene)) == 1


def test_boxes_are_scaled_back_and_clipped_but_kept_as_they_were_too(nets: list[FakeNet]) -> None:
    points = [40.0, 50.0] * 5
    FakeNet.rows = [
        [-10.5, 20.0, 40.0, 50.0, *points, 0.7],
        [310.0, 170.0, 40.0, 50.0, *points, 0.9],
        [-60.0, 20.0, 40.0, 50.0, *points, 0.8],
        [float("inf"), 20.0, 40.0, 50.0, *points, 0.8],
        [20.0, 20.0, 1e30, 50.0, *points, 0.8],
    ]
    faces = YuNetDetector().detect(np.zeros((720, 1280, 3), np.uint8))
    assert [face.score for face in faces] == pytest.approx([0.9, 0.8, 0.7])
    assert [face.raw_box_px for face in faces] == [
        (1240.0, 680.0, 160.0, 200.0),
        (-240.0, 80.0, 160.0, 200.0),
        (-42.0, 80.0, 160.0, 200.0),
    ]
    assert [face.box_px for face in faces] == [
        Box(1240, 680, 40, 40),
        Box(0, 80, 1, 200),
        Box(0, 80, 118, 200),
    ]
    assert (faces[0].landmarks_px == [160.0, 200.0]).all()


def test_a_missing_or_damaged_model_file_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: Spec())
    with pytest.raises(ModelError, match="is missing; reinstall"):
        YuNetDetector()
    (tmp_path / yunet.MODEL_FILE).write_bytes(b"not a network")
    with pytest.raises(ModelError, match="is damaged; reinstall"):
        YuNetDetector()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="is missing; reinstall"):
        YuNetDetector()


def test_the_largest_face_of_a_photo_is_cut_out() -> None:
    detector = PhotoDetector()
    crop = detector.largest_face_crop(portrait())
    assert crop is not None
    assert crop.shape == (48, 48)
    assert crop.std() > 20
    assert detector.largest_face_crop(np.zeros((60, 60, 3), np.uint8)) is None


@pytest.mark.parametrize(
    ("photo", "least", "most"),
    [
        *[(f"vladmandic_human_stock-emotions-a-{number}.jpg", 1, 1) for number in (1, 2, 3, 4)],
        ("pyfeat_single_face.jpg", 1, 1),
        ("pyfeat_Image_with_alpha.png", 1, 1),
        ("pyfeat_free-mountain-vector-01.jpg", 0, 0),
        ("pyfeat_multi_face.jpg", 5, 5),
        ("vladmandic_human_group-4.jpg", 5, 5),
        ("dlib_faces_bald_guys.jpg", 24, 26),
        ("vladmandic_human_solvay1927.jpg", 27, 29),
    ],
)
def test_the_faces_of_photos_are_counted(
    shared: Callable[[str], Path], photo: str, least: int, most: int
) -> None:
    image = cv2.imread(str(shared(f"media/photos/{photo}")))
    assert image is not None
    assert least <= len(PhotoDetector().detect(image)) <= most
