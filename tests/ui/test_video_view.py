"""What is on the screen is one picture with its own faces, whole and the right way round."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PyQt6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from fercam.core.values import AnnotatedFrame
from fercam.overlay.layout import OverlayOptions
from fercam.ui.bridge import Bridge
from fercam.ui.overlay_painter import overlay_shapes
from fercam.ui.video_view import VideoView

from .conftest import FakePipeline, make_face, make_frame

BLUE, RED = "#0000ff", "#ff0000"


@pytest.fixture
def fake() -> FakePipeline:
    return FakePipeline(Bridge())


@pytest.fixture
def view(qtbot: QtBot, fake: FakePipeline) -> Iterator[VideoView]:
    video = VideoView()
    qtbot.addWidget(video)
    video.resize(400, 400)
    video.show()
    video.watch(fake)
    yield video
    video.rest()


def grab(view: VideoView) -> QImage:
    return view.grab().toImage()


def colour(picture: QImage, x: int, y: int) -> str:
    return QColor(picture.pixel(x, y)).name()


def test_the_picture_is_whole_and_keeps_its_shape(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    fake.show()
    qtbot.waitUntil(lambda: view.shown_frame is not None)
    picture = grab(view)
    assert view.picture_area(320, 240).getRect() == (0, 50, 400, 300)
    assert (colour(picture, 5, 200), colour(picture, 395, 200)) == (BLUE, RED)
    assert colour(picture, 200, 20) == colour(picture, 200, 380)
    assert colour(picture, 200, 20) not in {BLUE, RED}


def test_a_camera_is_shown_as_in_a_mirror(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    fake.mirrored = True
    fake.show()
    qtbot.waitUntil(lambda: view.shown_frame is not None)
    picture = grab(view)
    assert (colour(picture, 5, 200), colour(picture, 395, 200)) == (RED, BLUE)


def test_a_mirrored_overlay_follows_the_face_but_reads_the_same() -> None:
    result = AnnotatedFrame(make_frame(), (make_face(box=(40, 60, 80, 80)),))

    def described(mirrored: bool) -> list[tuple[Any, ...]]:
        shapes = overlay_shapes(result, mirrored, OverlayOptions(bars=True), zoom=1.0)
        return [(type(shape), getattr(shape, "text", None), shape.x) for shape in shapes]

    plain, mirrored = described(False), described(True)
    assert [entry[:2] for entry in plain] == [entry[:2] for entry in mirrored]
    assert plain[0][2] == 40
    assert mirrored[0][2] == 320 - 40 - 80


def test_the_box_is_painted_around_the_face_and_can_be_switched_off(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    fake.show(make_face(box=(40, 60, 80, 80)))
    qtbot.waitUntil(lambda: view.shown_result is not None)
    edge = (round(42 * 1.25), 50 + round(100 * 1.25))
    assert colour(grab(view), *edge) != BLUE
    view.overlay = False
    assert colour(grab(view), *edge) == BLUE


def test_faces_are_drawn_on_the_picture_in_which_they_were_found(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    result = fake.show(make_face(), frame=make_frame(1))
    fake.newest_frame.set(make_frame(2))
    qtbot.waitUntil(lambda: view.shown_result is result)
    assert view.shown_frame is result.frame
    assert view.lag_ms == 0


def test_a_slow_model_does_not_hold_the_picture_back(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    fake.show(make_face(), frame=make_frame(1, age_ms=600))
    newer = make_frame(2, age_ms=400)
    fake.newest_frame.set(newer)
    qtbot.waitUntil(lambda: view.shown_frame is newer)
    assert view.lag_ms == pytest.approx(200, abs=20)


def test_a_new_result_of_a_slow_source_is_waited_for(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    result = fake.show(make_face(), frame=make_frame(1, age_ms=900))
    qtbot.waitUntil(lambda: view.shown_result is result)
    fake.newest_frame.set(make_frame(2))
    qtbot.wait(50)
    assert view.shown_frame is result.frame


def test_before_the_first_result_the_picture_is_there_already(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    frame = make_frame()
    fake.newest_frame.set(frame)
    qtbot.waitUntil(lambda: view.shown_frame is frame)
    assert view.shown_result is None


def test_the_first_label_is_told_once_it_is_painted(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    told: list[float] = []
    view.first_label_painted.connect(lambda: told.append(time.monotonic()))
    fake.show()
    qtbot.waitUntil(lambda: view.shown_result is not None)
    grab(view)
    assert told == []
    fake.show(make_face(), frame=make_frame(1))
    qtbot.waitUntil(lambda: len(told) == 1)
    fake.show(make_face(), frame=make_frame(2))
    qtbot.waitUntil(lambda: view.shown_frame is not None and view.shown_frame.frame_id == 2)
    grab(view)
    assert len(told) == 1


def test_nothing_is_repainted_while_nothing_is_new(
    qtbot: QtBot, view: VideoView, fake: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    updates: list[int] = []
    monkeypatch.setattr(view, "update", lambda: updates.append(1))
    fake.show(make_face())
    qtbot.waitUntil(lambda: updates == [1])
    qtbot.wait(100)
    assert updates == [1]


def test_words_stand_where_there_is_no_picture(qtbot: QtBot, view: VideoView) -> None:
    empty = grab(view)
    view.show_words("Press Start")
    assert grab(view) != empty


def test_pictures_of_any_memory_layout_are_shown(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    frame = make_frame()
    flipped = replace(frame, image=frame.image[:, ::-1])
    fake.show(frame=flipped)
    qtbot.waitUntil(lambda: view.shown_frame is flipped)
    picture = grab(view)
    assert (colour(picture, 5, 200), colour(picture, 395, 200)) == (RED, BLUE)


def test_a_frozen_picture_stands_still_with_its_own_faces_until_it_goes_on(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    held = fake.show(make_face())
    qtbot.waitUntil(lambda: view.shown_result is held)
    view.freeze(True)
    newer = fake.show(make_face(), frame=make_frame(9))
    qtbot.wait(60)
    assert (view.shown_frame, view.shown_result) == (held.frame, held)
    view.freeze(False)
    qtbot.waitUntil(lambda: view.shown_result is newer)


@pytest.mark.parametrize(
    ("mirror", "camera", "mirrored"),
    [("cameras", True, True), ("always", False, True), ("never", True, False)],
)
def test_what_is_mirrored_can_be_chosen(
    qtbot: QtBot, view: VideoView, fake: FakePipeline, mirror: str, camera: bool, mirrored: bool
) -> None:
    view.mirror, fake.mirrored = mirror, camera
    fake.show()
    qtbot.waitUntil(lambda: view.shown_frame is not None)
    assert colour(grab(view), 5, 200) == (RED if mirrored else BLUE)


def test_paints_of_new_pictures_are_counted_with_the_age_of_their_labels(
    qtbot: QtBot, view: VideoView, fake: FakePipeline
) -> None:
    for number in range(3):
        shown = fake.show(make_face(), frame=make_frame(number, age_ms=40))
        qtbot.waitUntil(lambda shown=shown: view.shown_result is shown)
        grab(view)
        grab(view)  # the same picture again is no new one
    figures = view.paints.figures()
    assert figures is not None
    assert figures.label_age_ms >= 40
    assert figures.longest_gap_ms < 1000
