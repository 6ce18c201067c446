"""What is drawn says what is known, and never leaves the frame."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from helpers.results import annotated, face
from hypothesis import given, settings
from hypothesis import strategies as st

from fercam.overlay.layout import OverlayOptions, lay_out, text_size_px
from fercam.overlay.metrics import text_width_px
from fercam.overlay.palette import EMOTION_COLOURS
from fercam.overlay.raster import paint
from fercam.overlay.shapes import Bar, Outline, Shape, Text


def texts(shapes: list[Shape]) -> list[str]:
    return [shape.text for shape in shapes if isinstance(shape, Text)]


def test_a_sure_face_shows_its_number_label_and_confidence_in_its_colour() -> None:
    shapes = lay_out(annotated(face(track_id=3)))
    assert texts(shapes) == ["3", "happy 83%"]
    outline = [shape for shape in shapes if isinstance(shape, Outline)][-1]  # on its shadow
    assert (outline.colour, outline.hatched) == (EMOTION_COLOURS["dark"]["happy"], False)
    shadow = next(shape for shape in shapes if isinstance(shape, Outline))
    assert (shadow.x, shadow.y, shadow.w, shadow.h) == (100, 80, 60, 80)


def test_a_doubtful_face_is_dashed_and_says_so() -> None:
    shapes = lay_out(annotated(face(confidence=0.41, sure=False)))
    assert any("not sure" in text and "happy? 41%" in text for text in texts(shapes))
    outline = [shape for shape in shapes if isinstance(shape, Outline)][-1]  # on its shadow
    assert outline.hatched
    assert outline.colour not in EMOTION_COLOURS["dark"].values()


def test_a_face_the_network_has_not_seen_yet_has_a_box_and_no_label() -> None:
    shapes = lay_out(annotated(face(label=None)))
    assert "…" in texts(shapes)
    assert not any(emotion in text for text in texts(shapes) for emotion in ("happy", "not sure"))


def test_bars_and_numbers_are_shown_when_asked_for() -> None:
    plain = lay_out(annotated(face()), OverlayOptions(ids=False))
    assert texts(plain) == ["happy 83%"]
    assert not any(isinstance(shape, Bar) for shape in plain)
    bars = [s for s in lay_out(annotated(face(), size=(640, 480)), OverlayOptions(bars=True))
            if isinstance(s, Bar)]  # fmt: skip
    assert len(bars) == 7
    assert max(bar.share for bar in bars) == pytest.approx(0.83)


def test_bars_never_lie_on_those_of_another_face() -> None:
    crowd = [face(number, (70 * number, 100, 60, 80)) for number in range(1, 8)]
    for some in range(1, len(crowd) + 1):
        shapes = lay_out(annotated(*crowd[:some], size=(640, 480)), OverlayOptions(bars=True))
        bars = [shape for shape in shapes if isinstance(shape, Bar)]
        assert len(bars) >= 7
        for one, other in combinations(bars, 2):
            beside = one.x + one.w <= other.x or other.x + other.w <= one.x
            assert beside or one.y + one.h <= other.y or other.y + other.h <= one.y


def test_text_is_readable_at_360p_and_grows_with_the_frame() -> None:
    assert text_size_px(640, 360) >= 14
    assert text_size_px(3840, 2160) >= 2.2 * text_size_px(1280, 720)


@settings(max_examples=150, deadline=None)
@given(
    width=st.integers(60, 900),
    height=st.integers(60, 700),
    boxes=st.lists(
        st.tuples(*[st.floats(0, 0.97)] * 2, *[st.floats(0.01, 1)] * 2), min_size=1, max_size=4
    ),
    bars=st.booleans(),
)
def test_nothing_leaves_the_frame(
    width: int, height: int, boxes: list[tuple[float, float, float, float]], bars: bool
) -> None:
    faces = []
    for number, (x, y, w, h) in enumerate(boxes, start=1):
        left, top = int(x * width), int(y * height)
        size = (max(1, int(w * (width - left))), max(1, int(h * (height - top))))
        faces.append(face(number, (left, top, *size)))
    for shape in lay_out(annotated(*faces, size=(width, height)), OverlayOptions(bars=bars)):
        if isinstance(shape, Text):
            right, top = shape.x + text_width_px(shape.text, shape.size_px), shape.y
            bottom = shape.y
        else:
            right, top, bottom = shape.x + shape.w, shape.y, shape.y + shape.h
        assert shape.x >= -0.01
        assert top >= -0.01
        assert right <= width + 0.01
        assert bottom <= height + 0.01


def test_painting_changes_a_copy_and_only_where_something_is_drawn() -> None:
    result = annotated(face())
    before = result.frame.image.copy()
    painted = paint(result.frame.image, lay_out(result))
    assert np.array_equal(result.frame.image, before)
    assert painted.shape == before.shape
    changed = (painted != before).any(axis=2)
    assert changed[80:160, 100:160].any()
    assert not changed[:, 250:].any()
    assert np.array_equal(paint(result.frame.image, []), before)


@pytest.mark.parametrize("background", [0, 255])
def test_a_label_stands_out_from_light_and_dark_pictures(background: int) -> None:
    result = annotated(face(), size=(640, 360))
    image = np.full_like(result.frame.image, background)
    shapes = lay_out(result)
    painted = paint(image, shapes).astype(int)
    label = next(shape for shape in shapes if isinstance(shape, Text) and "happy" in shape.text)
    area = painted[int(label.y - label.size_px * 0.7) : int(label.y), int(label.x) :][:, :60]
    assert area.max() - area.min() > 120


def test_a_name_takes_the_place_of_the_number_and_a_long_one_is_shortened() -> None:
    named = replace(face(), name="Ada")
    assert "Ada" in texts(lay_out(annotated(named)))
    endless = replace(face(), name="A very long name that goes on and on")
    assert "A very long nam…" in texts(lay_out(annotated(endless)))
    assert "Ada" not in texts(lay_out(annotated(named), OverlayOptions(ids=False)))


def test_two_models_are_quoted_side_by_side() -> None:
    both = replace(face(), second=face().prediction)
    said = [text for text in texts(lay_out(annotated(both))) if " | " in text]
    assert len(said) == 1
    assert said[0].count("%") == 2
