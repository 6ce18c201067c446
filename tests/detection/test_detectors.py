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


@pytest.fixture(scope="module", params=sorted(DETECTORS))
def detector(request: pytest.FixtureRequest) -> FaceDetector:
    return DETECTORS[request.param]()


def inside(box: Box, image: Image) -> bool:
    height, width = image.shape[:2]
    whole = all(isinstance(value, int) for value in (box.x, box.y, box.width, box.height))
    fits = 0 <= box.x and 0 <= box.y and box.x + box.width <= width
    return whole and fits and box.y + box.height <= height and min(box.width, box.height) >= 1


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


def test_a_face_at_the_border_is_kept_with_its_true_centre(detector: FaceDetector) -> None:
    x, _, width, _ = PORTRAIT_FACE_PX
    cut = x + width // 4
    image = np.ascontiguousarray(portrait()[:, cut:])
    (face,) = detector.detect(image)
    assert inside(face.box_px, image)
    assert face.box_px.x == 0
    assert face.raw_box_px[0] < 0
    assert face.raw_box_px[0] == pytest.approx(x - cut, abs=width * 0.2)


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


def test_the_network_is_loaded_once_and_resized_only_for_another_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[tuple[int, int]] = []
    created: list[object] = []

    class Net:
        def __init__(self, *args: object) -> None:
            created.append(args)

        def setInputSize(self, size: tuple[int, int]) -> None:  # noqa: N802  (OpenCV's name)
            sizes.append(size)

        def detect(self, image: Image) -> tuple[int, None]:
            return 1, None

    monkeypatch.setattr(yunet.cv2.FaceDetectorYN, "create", Net)
    detector = YuNetDetector()
    for shape in ((180, 320, 3), (180, 320, 3), (320, 180, 3)):
        assert detector.detect(np.zeros(shape, np.uint8)) == []
    assert len(created) == 1
    assert sizes == [(320, 180), (180, 320)]


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
