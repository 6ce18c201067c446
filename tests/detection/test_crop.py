"""The face crop: where it lies, what stands in for what is missing."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fercam.detection.crop import CROP_SIDE, FACE_PX, crop_face, to_face_gray


def gradient(height: int, width: int) -> np.ndarray:
    """A picture whose brightness at column x is x."""
    row = np.arange(width, dtype=np.uint8)
    return np.repeat(np.tile(row, (height, 1))[..., None], 3, axis=2)


def test_the_crop_is_the_square_around_the_centre_of_the_box() -> None:
    # larger side 100, so the square is 94 wide around x = 120: from 73 to 167
    crop = crop_face(gradient(240, 250), (90.0, 50.0, 60.0, 100.0))
    columns = crop.mean(axis=0)
    scale = 100 * CROP_SIDE / FACE_PX
    assert columns[0] == pytest.approx(73 + scale / 2 - 0.5, abs=1)
    assert columns[-1] == pytest.approx(167 - scale / 2 - 0.5, abs=1)
    assert (crop == crop[0]).all()


def test_the_crop_is_scaled_by_area() -> None:
    checkers = (np.indices((188, 188)).sum(axis=0) % 2 * 255).astype(np.uint8)
    crop = crop_face(cv2.merge([checkers] * 3), (-6.0, -6.0, 200.0, 200.0))
    assert crop.std() < 20
    assert crop.mean() == pytest.approx(127.5, abs=2)


@pytest.mark.parametrize(("channel", "gray"), [(0, 29), (1, 150), (2, 76)])
def test_colours_become_gray_as_the_eye_weighs_them(channel: int, gray: int) -> None:
    colour = np.zeros((100, 100, 3), np.uint8)
    colour[..., channel] = 255
    assert crop_face(colour, (10.0, 10.0, 60.0, 60.0))[20, 20] == gray


@pytest.mark.parametrize(
    "box",
    [(60.0, 50.0, 100.0, 60.0), (-30.0, 40.0, 90.0, 70.0), (220.0, 60.0, 80.0, 90.0)],
    ids=["inside", "over the left border", "over the right border"],
)
def test_across_and_down_are_treated_alike(box: tuple[float, float, float, float]) -> None:
    image = np.random.default_rng(2).integers(0, 256, (200, 250, 3), np.uint8)
    x, y, width, height = box
    turned = crop_face(image.transpose(1, 0, 2).copy(), (y, x, height, width))
    assert crop_face(image, box).astype(int) == pytest.approx(turned.T.astype(int), abs=1)


def test_a_small_face_is_enlarged_without_steps() -> None:
    crop = crop_face(10 * gradient(12, 12), (0.0, 0.0, 12.0, 12.0))
    assert np.diff(crop[0].astype(int)).max() < 10


def test_outside_the_picture_its_border_goes_on() -> None:
    crop = crop_face(gradient(200, 200) + np.uint8(20), (-50.0, 40.0, 100.0, 100.0))
    assert (crop[:, :22] == 20).all()
    assert crop[0, -1] > 60


@pytest.mark.parametrize(
    ("box", "value"),
    [
        ((-300.0, 40.0, 100.0, 100.0), 0),
        ((900.0, 40.0, 100.0, 100.0), 199),
    ],
)
def test_a_box_wholly_outside_gets_the_nearest_border(
    box: tuple[float, float, float, float], value: int
) -> None:
    assert (crop_face(gradient(100, 200), box) == value).all()


def test_a_box_above_and_left_of_everything_gets_the_corner() -> None:
    image = gradient(100, 200)
    image[0, 0] = 77
    assert (crop_face(image, (-500.0, -500.0, 40.0, 40.0)) == 77).all()


finite = st.floats(-400, 400)
size = st.floats(0, 500)


@given(st.integers(1, 60), st.integers(1, 60), st.tuples(finite, finite, size, size))
def test_any_box_gives_a_face_of_the_one_size(
    height: int, width: int, box: tuple[float, float, float, float]
) -> None:
    image = np.full((height, width, 3), 99, np.uint8)
    image.flags.writeable = False
    crop = crop_face(image, box)
    assert crop.shape == (FACE_PX, FACE_PX)
    assert crop.dtype == np.uint8
    assert (crop == 99).all()
    assert not crop.flags.writeable


def test_a_picture_that_is_a_crop_already_is_kept_as_it_is() -> None:
    face = np.random.default_rng(1).integers(0, 256, (48, 48), np.uint8)
    same = to_face_gray(face)
    assert (same == face).all()
    assert not same.flags.writeable
    assert face.flags.writeable
    assert (to_face_gray(cv2.merge([face, face, face])) == face).all()
    reused = face[..., None].copy()
    kept = to_face_gray(reused)
    reused[:] = 0
    assert (kept == face).all()


@pytest.mark.parametrize("shape", [(224, 224, 3), (48, 48, 1), (96, 48), (10, 12), (1, 1, 3)])
def test_other_pictures_are_resized(shape: tuple[int, ...]) -> None:
    face = to_face_gray(np.full(shape, 42, np.uint8))
    assert face.shape == (48, 48)
    assert (face == 42).all()
