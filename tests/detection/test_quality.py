"""A fine face has no flaw; one made worse on purpose has the one that was made."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import SHARED
from helpers.pictures import portrait

from fercam.capture.demo import demo_image
from fercam.capture.images import read_image
from fercam.core.values import Box, Detection, Doubt, FaceQuality, Image
from fercam.detection.crop import crop_face
from fercam.detection.photo import PhotoDetector
from fercam.detection.quality import MIN_SIDE_PX, measure, yaw_and_roll_deg
from fercam.detection.yunet import YuNetDetector

PHOTOS = [
    "dlib_faces_bald_guys.jpg",
    "facenet_pytorch_multiface.jpg",
    "pyfeat_multi_face.jpg",
    "pyfeat_single_face.jpg",
    "vladmandic_human_group-4.jpg",
    "vladmandic_human_solvay1927.jpg",
    "vladmandic_human_stock-emotions-a-1.jpg",
    "vladmandic_human_stock-emotions-a-2.jpg",
    "vladmandic_human_stock-emotions-a-3.jpg",
    "vladmandic_human_stock-emotions-a-4.jpg",
]

HEAD = np.array(
    [
        [-3.15, 2.6, 0.0],
        [3.15, 2.6, 0.0],
        [0.0, -0.85, 3.46],
        [-2.46, -4.3, 0.0],
        [2.46, -4.3, 0.0],
    ]
)
"""Eyes, nose and mouth corners of an average head in cm, x right, y up, z towards the camera."""


def quality(image: Image, face: Detection) -> FaceQuality:
    return measure(image, face, crop_face(image, face.raw_box_px))


def detected(image: Image) -> Detection:
    """Return the most certain face of a picture."""
    return YuNetDetector().detect(image)[0]


@pytest.fixture(scope="module", params=["demo", "demo two", "d9", "photo"])
def fine(request: pytest.FixtureRequest) -> tuple[Image, Detection]:
    """Return a picture that is fine, and its face."""
    if request.param.startswith("demo"):
        image = demo_image(request.param[5:], 40)
    elif request.param == "d9":
        film = cv2.VideoCapture(str(_shared("media/videos/liveportrait_d9.mp4")))
        image = np.asarray(film.read()[1], np.uint8)
        film.release()
    else:
        image = read_image(_shared("media/photos/pyfeat_single_face.jpg"))
    return image, detected(image)


def _shared(relpath: str) -> Path:
    if not (SHARED / relpath).exists():
        pytest.skip(f"{relpath} is not in {SHARED}")
    return SHARED / relpath


@pytest.mark.parametrize("variant", ["", "two", "small"])
@pytest.mark.parametrize("number", [0, 90, 270])
def test_the_demo_is_fine(variant: str, number: int) -> None:
    image = demo_image(variant, number)
    faces = YuNetDetector().detect(image)
    assert faces
    assert all(quality(image, face).flaw is None for face in faces)


def test_the_dark_demo_is_too_dark() -> None:
    image = demo_image("dark", 0)
    assert quality(image, detected(image)).flaw is Doubt.TOO_DARK


def test_every_measure_is_in_its_unit(fine: tuple[Image, Detection]) -> None:
    image, face = fine
    found = quality(image, face)
    assert found.side_px == max(face.raw_box_px[2:])
    assert found.brightness == pytest.approx(crop_face(image, face.raw_box_px).mean(), abs=0.01)
    assert 0.03 < found.sharpness < 1
    assert abs(found.yaw_deg) < 25
    assert abs(found.roll_deg) < 10
    assert found.cut_off == 0
    assert found.flaw is None


def test_darkened_is_too_dark(fine: tuple[Image, Detection]) -> None:
    image, face = fine
    rng = np.random.default_rng(1)
    dark = np.clip(image * 0.2 + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)
    assert quality(dark, face).flaw is Doubt.TOO_DARK


def test_overexposed_is_too_bright(fine: tuple[Image, Detection]) -> None:
    image, face = fine
    bright = np.clip(image * 1.4 + 90.0, 0, 255).astype(np.uint8)
    assert quality(bright, face).flaw is Doubt.TOO_BRIGHT


def test_out_of_focus_is_blurred(fine: tuple[Image, Detection]) -> None:
    image, face = fine
    soft = cv2.GaussianBlur(image, (0, 0), 0.05 * max(face.raw_box_px[2:]))
    assert quality(np.asarray(soft, np.uint8), face).flaw is Doubt.BLURRED


@pytest.mark.parametrize("upright", [False, True])
def test_moved_while_exposed_is_blurred(fine: tuple[Image, Detection], upright: bool) -> None:
    image, face = fine
    length_px = round(0.22 * max(face.raw_box_px[2:]))
    moved = cv2.blur(image, (1, length_px) if upright else (length_px, 1))
    assert quality(np.asarray(moved, np.uint8), face).flaw is Doubt.BLURRED


def test_a_blur_that_the_network_cannot_see_is_no_flaw(fine: tuple[Image, Detection]) -> None:
    image, face = fine
    soft = cv2.GaussianBlur(image, (0, 0), 0.008 * max(face.raw_box_px[2:]))
    assert quality(np.asarray(soft, np.uint8), face).flaw is None


def test_sharpness_is_the_same_for_faces_of_all_sizes_and_any_contrast() -> None:
    image = portrait()
    face = detected(image)
    usual = quality(image, face).sharpness
    for scale in (0.5, 0.8, 2.0):
        other = np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
        x, y, width, height = (scale * value for value in face.raw_box_px)
        scaled = replace(face, raw_box_px=(x, y, width, height))
        assert quality(other, scaled).sharpness == pytest.approx(usual, rel=0.25)
    flat = (image * 0.4 + 70).astype(np.uint8)
    assert quality(flat, face).sharpness == pytest.approx(usual, rel=0.1)


def test_shrunk_is_too_small(fine: tuple[Image, Detection]) -> None:
    image, face = fine
    scale = 0.8 * MIN_SIDE_PX / max(face.raw_box_px[2:])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    x, y, width, height = (scale * value for value in face.raw_box_px)
    tiny = replace(face, raw_box_px=(x, y, width, height))
    assert quality(np.asarray(small, np.uint8), tiny).flaw is Doubt.TOO_SMALL


@pytest.mark.parametrize("side", ["left", "top", "right", "bottom"])
def test_cropped_is_cut_off(fine: tuple[Image, Detection], side: str) -> None:
    image, face = fine
    x, y, width, height = face.raw_box_px
    keep_x, keep_y = slice(None), slice(None)
    if side == "left":
        keep_x = slice(round(x + width / 4), None)
    elif side == "right":
        keep_x = slice(None, round(x + width * 3 / 4))
    elif side == "top":
        keep_y = slice(round(y + height / 4), None)
    else:
        keep_y = slice(None, round(y + height * 3 / 4))
    cropped = np.ascontiguousarray(image[keep_y, keep_x])
    moved = replace(
        face, raw_box_px=(x - (keep_x.start or 0), y - (keep_y.start or 0), width, height)
    )
    found = quality(cropped, moved)
    assert found.flaw is Doubt.CUT_OFF
    assert found.cut_off == pytest.approx(0.25, abs=0.02)


def test_a_face_all_outside_is_wholly_cut_off() -> None:
    image = np.full((100, 100, 3), 128, np.uint8)
    face = Detection(Box(99, 0, 1, 80), (150.0, 0.0, 80.0, 80.0), 0.9, np.ones((5, 2), np.float32))
    assert quality(image, face).cut_off == 1


@pytest.mark.parametrize("yaw_deg", [-80, -60, -30, 0, 20, 50, 85])
@pytest.mark.parametrize("roll_deg", [-40, 0, 15])
def test_a_turned_head_is_measured_in_degrees(yaw_deg: int, roll_deg: int) -> None:
    yaw, roll = yaw_and_roll_deg(turned_head(yaw_deg, roll_deg))
    assert yaw == pytest.approx(yaw_deg, abs=1)
    assert roll == pytest.approx(roll_deg, abs=0.1)


@pytest.mark.parametrize("nod_deg", [-20, 20])
def test_nodding_is_not_turning(nod_deg: int) -> None:
    yaw, roll = yaw_and_roll_deg(turned_head(30, 0, nod_deg))
    assert yaw == pytest.approx(30, abs=6)
    assert roll == pytest.approx(0, abs=12)


def test_eyes_in_one_place_turn_nothing() -> None:
    assert yaw_and_roll_deg(np.zeros((5, 2), np.float32)) == (0.0, 0.0)


def turned_head(yaw_deg: float, roll_deg: float, nod_deg: float = 0) -> np.ndarray:
    """Return the landmarks of a head turned to the picture's right, tilted clockwise, nodding."""
    yaw, roll, nod = (math.radians(angle) for angle in (yaw_deg, roll_deg, nod_deg))
    x, y, z = HEAD.T
    y, z = y * math.cos(nod) - z * math.sin(nod), y * math.sin(nod) + z * math.cos(nod)
    x, down = x * math.cos(yaw) + z * math.sin(yaw), -y
    x, down = x * math.cos(roll) - down * math.sin(roll), x * math.sin(roll) + down * math.cos(roll)
    return (np.stack([x, down], axis=1) * 20 + 300).astype(np.float32)


@pytest.mark.parametrize(("yaw_deg", "roll_deg"), [(-60, 0), (60, 0), (0, 40), (0, -40)])
def test_turned_or_tilted_is_turned_away(
    fine: tuple[Image, Detection], yaw_deg: int, roll_deg: int
) -> None:
    image, face = fine
    turned = replace(face, landmarks_px=turned_head(yaw_deg, roll_deg))
    assert quality(image, turned).flaw is Doubt.TURNED_AWAY


def test_what_is_named_first_is_what_must_be_mended_first(fine: tuple[Image, Detection]) -> None:
    """Cut off comes before dark, dark before blurred, blurred before turned away."""
    image, face = fine
    dark = (cv2.GaussianBlur(image, (0, 0), 0.05 * max(face.raw_box_px[2:])) * 0.2).astype(np.uint8)
    turned = replace(face, landmarks_px=turned_head(70, 0))
    assert quality(dark, turned).flaw is Doubt.TOO_DARK
    assert quality((dark * 5).astype(np.uint8), turned).flaw is Doubt.BLURRED
    _, y, width, height = face.raw_box_px
    over_the_border = replace(turned, raw_box_px=(-0.3 * width, y, width, height))
    assert quality(dark, over_the_border).flaw is Doubt.CUT_OFF


def test_a_face_of_one_gray_is_blurred_and_nothing_breaks() -> None:
    image = np.full((200, 200, 3), 128, np.uint8)
    face = Detection(Box(50, 50, 90, 90), (50.0, 50.0, 90.0, 90.0), 0.9, turned_head(0, 0))
    found = quality(image, face)
    assert (found.sharpness, found.flaw) == (0.0, Doubt.BLURRED)


def test_photos_are_mostly_fine(shared: Callable[[str], Path]) -> None:
    detector = PhotoDetector()
    flaws = []
    for name in PHOTOS:
        image = read_image(shared(f"media/photos/{name}"))
        flaws += [quality(image, face).flaw for face in detector.detect(image)]
    assert len(flaws) > 60
    assert sum(flaw is None for flaw in flaws) / len(flaws) > 0.95


@pytest.mark.parametrize("video", ["d9", "d10", "d13"])
def test_people_before_their_cameras_are_fine(shared: Callable[[str], Path], video: str) -> None:
    film = cv2.VideoCapture(str(shared(f"media/videos/liveportrait_{video}.mp4")))
    for _ in range(10):
        image = np.asarray(film.read()[1], np.uint8)
        assert quality(image, detected(image)).flaw is None
    film.release()


def test_people_who_look_aside_on_a_street_are_turned_away(shared: Callable[[str], Path]) -> None:
    film = cv2.VideoCapture(str(shared("media/videos/facenet_pytorch_video.mp4")))
    flaws = set()
    for _ in range(60):
        image = np.asarray(film.read()[1], np.uint8)
        flaws |= {quality(image, face).flaw for face in YuNetDetector().detect(image)}
    film.release()
    assert {None, Doubt.TURNED_AWAY} <= flaws
