"""The sizes and rates of a camera: those it has, each once, by the best way over the wire."""

from types import SimpleNamespace

import cv2
import pytest

from fercam.capture import modes
from fercam.capture.cameras import Camera
from fercam.capture.modes import CameraMode, best_match, camera_modes, known_modes

DEVICE = Camera(0, "Desk camera", "/dev/video0")
ELSEWHERE = Camera(0, "Desk camera", "usb#1")


def driver_tells(monkeypatch: pytest.MonkeyPatch, *told: CameraMode) -> None:
    monkeypatch.setattr(modes, "_found", {})
    monkeypatch.setattr(modes, "_driver_modes", lambda path: list(told))


def test_a_mode_is_written_and_read() -> None:
    assert CameraMode.parse("1280x720@30") == CameraMode(1280, 720, 30)
    assert CameraMode.parse(" 640X480 ") == CameraMode(640, 480, 0)
    assert CameraMode.parse("640x480@7.5") == CameraMode(640, 480, 7.5)
    for nonsense in ("", "large", "1280x720@", "1280x720x30", "x", "-1x5"):
        assert CameraMode.parse(nonsense) is None
    for mode in (CameraMode(1280, 720, 30), CameraMode(640, 480, 7.5), CameraMode(640, 480)):
        assert CameraMode.parse(mode.key) == mode
    assert CameraMode(1280, 720, 29.97).key == "1280x720@30"


def test_modes_come_once_the_largest_and_fastest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    driver_tells(
        monkeypatch,
        CameraMode(640, 480, 30, "YUYV"),
        CameraMode(640, 480, 29.97, "MJPG"),
        CameraMode(640, 480, 15, "YUYV"),
        CameraMode(1280, 720, 10, "YUYV"),
        CameraMode(1280, 720, 30, "MJPG"),
    )
    assert [mode.key for mode in known_modes(DEVICE)] == [
        "1280x720@30",
        "1280x720@10",
        "640x480@30",
        "640x480@15",
    ]


def test_compressed_pictures_are_for_what_raw_ones_do_not_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver_tells(
        monkeypatch,
        CameraMode(640, 480, 30, "MJPG"),
        CameraMode(640, 480, 30, "YUYV"),
        CameraMode(640, 480, 60, "MJPG"),
        CameraMode(1920, 1080, 30, "YUYV"),
        CameraMode(1920, 1080, 30, "MJPG"),
    )
    ways = {mode.key: mode.fourcc for mode in known_modes(DEVICE)}
    assert ways == {"1920x1080@30": "MJPG", "640x480@60": "MJPG", "640x480@30": "YUYV"}


def test_a_wish_gets_the_way_over_the_wire_that_reaches_it() -> None:
    there = [CameraMode(1280, 720, 30, "MJPG"), CameraMode(640, 480, 30, "YUYV")]
    assert best_match(CameraMode(1280, 720, 30), there) == there[0]
    assert best_match(CameraMode(640, 480), there) == there[1]
    assert best_match(CameraMode(800, 600, 30), there) == CameraMode(800, 600, 30)
    assert best_match(CameraMode(1920, 1080, 30), there) == CameraMode(1920, 1080, 30)
    assert best_match(CameraMode(1280, 720, 30), []).fourcc == "MJPG"
    assert best_match(CameraMode(640, 480, 30), []).fourcc == ""


def test_a_rate_that_a_driver_does_not_know_is_none() -> None:
    answers = {cv2.CAP_PROP_FRAME_WIDTH: 640.0, cv2.CAP_PROP_FRAME_HEIGHT: 480.0}
    capture = SimpleNamespace(get=lambda prop: answers.get(prop, -1.0))
    assert modes.mode_of(capture) == CameraMode(640, 480, 0.0)  # type: ignore[arg-type]


class TwoSizes:
    """A camera that has two sizes, whatever it is asked for."""

    opened = released = 0

    def __init__(self, index: int, backend: int) -> None:
        TwoSizes.opened += 1
        self._asked: dict[int, float] = {}

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def set(self, prop: int, value: float) -> bool:
        self._asked[prop] = value
        return True

    def get(self, prop: int) -> float:
        large = self._asked.get(cv2.CAP_PROP_FRAME_WIDTH, 0) >= 1280
        width, height = (1280, 720) if large else (640, 480)
        return {cv2.CAP_PROP_FRAME_WIDTH: width, cv2.CAP_PROP_FRAME_HEIGHT: height}.get(prop, 30.0)

    def release(self) -> None:
        TwoSizes.released += 1


def test_where_nobody_tells_the_common_sizes_are_tried_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(modes, "_found", {})
    monkeypatch.setattr(modes.cv2, "VideoCapture", TwoSizes)
    monkeypatch.setattr(TwoSizes, "opened", 0)
    monkeypatch.setattr(TwoSizes, "released", 0)
    assert known_modes(ELSEWHERE) == []
    for _ in range(2):
        assert [mode.key for mode in camera_modes(ELSEWHERE)] == ["1280x720@30", "640x480@30"]
    assert TwoSizes.opened == TwoSizes.released == 1
    assert len(known_modes(ELSEWHERE)) == 2


def test_a_camera_that_cannot_be_opened_has_no_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "_found", {})
    monkeypatch.setattr(modes.cv2, "VideoCapture", TwoSizes)
    monkeypatch.setattr(TwoSizes, "isOpened", lambda self: False)
    assert camera_modes(ELSEWHERE) == []
    assert known_modes(Camera(0, "Gone", "/dev/video990")) == []
