"""A camera that is missing, taken, pulled out or put back is handled, and said."""

import os
from typing import Any

import cv2
import numpy as np
import pytest

from fercam.capture import cameras, webcam
from fercam.capture.cameras import Camera
from fercam.capture.webcam import WebcamSource
from fercam.core.errors import SourceError, SourceLost


class Desk:
    """A desk with one camera, which can be pulled out or be in use elsewhere."""

    def __init__(self) -> None:
        self.plugged = True
        self.free = True
        self.now_s = 100.0
        self.moving = True
        self.frozen = False
        self.size_px = (640, 480)
        self.broken = False

    def clock_ns(self) -> int:
        self.now_s += 0.001
        return int(self.now_s * 1e9)

    def camera(self) -> type:
        desk = self

        class FakeCapture:
            def __init__(self, index: int, backend: int) -> None:
                self._open = desk.plugged and desk.free
                self._asked = {cv2.CAP_PROP_FRAME_WIDTH: 640.0, cv2.CAP_PROP_FRAME_HEIGHT: 480.0}
                self._count = 0

            def isOpened(self) -> bool:  # noqa: N802
                return self._open

            def set(self, prop: int, value: float) -> bool:
                if value in (1280, 720):  # the one other size it has
                    self._asked[prop] = value
                return True

            def get(self, prop: int) -> float:
                return self._asked.get(prop, 30.0)

            def read(self) -> tuple[bool, Any]:
                if not desk.plugged and not desk.frozen:
                    return False, None
                if desk.broken:
                    raise cv2.error("a damaged frame")
                self._count += desk.moving
                return True, np.full((*desk.size_px[::-1], 3), self._count % 256, np.uint8)

            def release(self) -> None:
                self._open = False

        return FakeCapture


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(webcam.cv2, "VideoCapture", desk.camera())
    monkeypatch.setattr(webcam, "is_present", lambda camera: desk.plugged)
    monkeypatch.setattr(webcam.time, "monotonic_ns", desk.clock_ns)
    return desk


CAMERA = Camera(0, "Desk camera")


def test_the_size_that_was_got_is_told_not_the_one_asked_for(desk: Desk) -> None:
    source = WebcamSource(CAMERA, (1280, 720))
    source.open()
    assert (source.asked_px, source.got_px) == ((1280, 720), (1280, 720))
    source = WebcamSource(CAMERA, (800, 600))
    source.open()
    assert (source.got_px, source.description) == ((640, 480), "Desk camera (640x480)")
    assert source.mirrored
    assert source.live


def test_an_unplugged_camera_is_lost_at_once_and_can_be_opened_when_it_is_back(desk: Desk) -> None:
    source = WebcamSource(CAMERA)
    source.open()
    first = source.read()
    desk.plugged = False
    with pytest.raises(SourceLost, match="Desk camera was unplugged"):
        source.read()
    with pytest.raises(SourceError, match="not plugged in"):
        source.open()
    with pytest.raises(SourceLost):
        source.read()
    desk.plugged = True
    source.open()
    assert source.read().frame_id == first.frame_id + 1


def test_a_picture_that_repeats_after_the_camera_is_gone_means_lost(desk: Desk) -> None:
    source = WebcamSource(CAMERA)
    source.open()
    source.read()
    desk.moving, desk.frozen, desk.plugged = False, True, False
    source.read()
    desk.now_s += 2.1
    with pytest.raises(SourceLost):
        source.read()


def test_a_picture_that_stands_still_is_legal(desk: Desk) -> None:
    source = WebcamSource(CAMERA)
    source.open()
    desk.moving = False
    for _ in range(10):
        assert source.read()
        desk.now_s += 1


def test_a_camera_in_use_or_missing_says_what_to_do(desk: Desk) -> None:
    desk.free = False
    with pytest.raises(SourceError, match="another program may be using it"):
        WebcamSource(CAMERA).open()
    desk.plugged = False
    with pytest.raises(SourceError, match="not plugged in"):
        WebcamSource(CAMERA).open()


def test_cameras_are_found_by_number_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [Camera(0, "Laptop camera"), Camera(2, "Desk camera")]
    monkeypatch.setattr(cameras, "list_cameras", lambda: there)
    assert cameras.find_camera("2") == there[1]
    assert cameras.find_camera("desk") == there[1]
    with pytest.raises(SourceError, match="There is no camera 1"):
        cameras.find_camera("1")
    monkeypatch.setattr(cameras, "list_cameras", list)
    with pytest.raises(SourceError, match="No camera found"):
        cameras.find_camera("0")


@pytest.mark.parametrize("number", ["1", "9", "20"])
def test_a_number_is_never_taken_for_a_part_of_a_name(
    monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(cameras, "list_cameras", lambda: [Camera(0, "C920 HD 1080p")])
    with pytest.raises(SourceError, match=f"There is no camera {number}"):
        cameras.find_camera(number)


def test_a_camera_that_moved_up_to_the_number_is_another_camera(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone, other = Camera(0, "Desk camera", "usb-1"), Camera(0, "Laptop camera", "usb-2")
    monkeypatch.setattr(cameras, "list_cameras", lambda: [other])
    assert cameras.is_present(other)
    assert not cameras.is_present(gone)


def test_a_frame_of_another_size_is_passed_on_and_told(desk: Desk) -> None:
    source = WebcamSource(CAMERA)
    source.open()
    source.read()
    desk.size_px = (320, 200)
    assert source.read().image.shape == (200, 320, 3)
    assert source.description == "Desk camera (320x200)"


def test_a_camera_whose_frames_cannot_be_decoded_is_lost(desk: Desk) -> None:
    source = WebcamSource(CAMERA)
    source.open()
    desk.broken = True
    with pytest.raises(SourceLost):
        source.read()


def test_time_goes_on_over_a_loss_and_never_repeats(desk: Desk) -> None:
    source = WebcamSource(CAMERA)
    times_s = []
    for _ in range(2):
        source.open()
        times_s += [source.read().t_media_s for _ in range(3)]
        source.close()
        desk.now_s += 10
    assert times_s[0] == 0
    assert times_s == sorted(set(times_s))
    assert times_s[3] - times_s[2] == pytest.approx(10, abs=0.1)


def test_a_camera_that_may_not_be_used_says_whom_to_ask(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webcam.os, "access", lambda path, mode: False)
    with pytest.raises(SourceError, match="group 'video'"):
        WebcamSource(Camera(0, "Desk camera", "/dev/video0")).open()


def test_each_camera_is_listed_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    class Info:
        def __init__(self, index: int, name: str) -> None:
            self.index, self.name, self.path = index, name, f"/dev/video{index}"

    infos = [Info(102, "Desk"), Info(0, "Laptop"), Info(102, "Desk")]
    monkeypatch.setattr(cameras.cv2_enumerate_cameras, "enumerate_cameras", lambda backend: infos)
    assert [(camera.index, camera.name) for camera in cameras.list_cameras()] == [
        (0, "Laptop"),
        (102, "Desk"),
    ]


def test_a_camera_that_sends_nothing_blocks_for_seconds_only() -> None:
    assert float(os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"]) <= 5
