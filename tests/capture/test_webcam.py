"""A camera that is missing, taken, pulled out or put back is handled, and said."""

import errno
import os
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from fercam.capture import camera_trouble, cameras, modes, webcam
from fercam.capture.cameras import Camera
from fercam.capture.modes import CameraMode
from fercam.capture.webcam import WebcamSource
from fercam.core.errors import SourceError, SourceLost

CAMERA = Camera(0, "Desk camera")


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
        self.asked: dict[int, float] = {}

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
                desk.asked[prop] = value
                if value in (640, 480, 1280, 720):  # the sizes it has
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
    monkeypatch.setattr(webcam, "list_cameras", lambda: [CAMERA] * desk.plugged)
    monkeypatch.setattr(
        webcam, "find_again", lambda camera, others: camera if desk.plugged else None
    )
    monkeypatch.setattr(modes, "_found", {})
    monkeypatch.setattr(webcam.time, "monotonic_ns", desk.clock_ns)
    return desk


def test_the_size_that_was_got_is_told_not_the_one_asked_for(desk: Desk) -> None:
    source = WebcamSource(CAMERA, CameraMode(1280, 720, 30))
    source.open()
    assert source.description == "Desk camera (1280x720)"
    source = WebcamSource(CAMERA, CameraMode(800, 600, 0))
    source.open()
    assert source.description == "Desk camera (640x480)"
    assert source.mirrored
    assert source.live


def test_a_camera_is_asked_for_the_rate_the_way_over_the_wire_and_no_old_pictures(
    desk: Desk,
) -> None:
    WebcamSource(CAMERA, CameraMode(1280, 720, 25)).open()
    assert desk.asked[cv2.CAP_PROP_FPS] == 25
    assert desk.asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")
    assert desk.asked[cv2.CAP_PROP_BUFFERSIZE] == 1
    desk.asked.clear()
    WebcamSource(CAMERA, CameraMode(640, 480)).open()
    assert cv2.CAP_PROP_FOURCC not in desk.asked


def test_an_unplugged_camera_is_lost_at_once_and_can_be_opened_when_it_is_back(desk: Desk) -> None:
    source = WebcamSource(CAMERA)
    source.open()
    first = source.read()
    desk.plugged = False
    with pytest.raises(SourceLost, match=r"^Desk camera was unplugged\.$"):
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


def test_a_missing_camera_says_what_to_do(desk: Desk) -> None:
    desk.plugged = False
    with pytest.raises(SourceError, match="Desk camera is not plugged in; plug it in"):
        WebcamSource(CAMERA).open()


def test_cameras_are_found_by_number_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [Camera(0, "Laptop camera"), Camera(2, "Desk camera"), Camera(3, "Desk")]
    monkeypatch.setattr(cameras, "list_cameras", lambda: there)
    assert cameras.find_camera("Desk") == there[2]
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
    assert source.fps == 30


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


def test_a_size_that_is_wished_later_comes_with_the_next_opening_and_time_goes_on(
    desk: Desk,
) -> None:
    source = WebcamSource(CAMERA)
    source.open()
    before = source.read()
    assert source.wish("1280x720@30")
    assert not source.wish("1280x720@30")
    source.open()
    assert source.description == "Desk camera (1280x720)"
    after = source.read()
    assert after.t_media_s > before.t_media_s
    assert after.frame_id == before.frame_id + 1


def test_frames_that_stop_while_the_camera_stays_are_another_loss(desk: Desk) -> None:
    source = WebcamSource(CAMERA)
    source.open()
    desk.broken = True
    with pytest.raises(SourceLost, match=r"^Desk camera sends no pictures\.$"):
        source.read()


def test_a_camera_comes_back_under_another_number_but_never_as_the_one_beside_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, twin = (
        Camera(0, "HD Webcam", "/dev/video0", "HD Webcam 1:2", "port 1"),
        Camera(2, "HD Webcam (2)", "/dev/video2", "HD Webcam 1:2", "port 2"),
    )
    there = [mine, twin]
    opened: list[int] = []
    capture = desk.camera()

    def noting(index: int, backend: int) -> object:
        opened.append(index)
        return capture(index, backend)

    monkeypatch.setattr(webcam.cv2, "VideoCapture", noting)
    for module in (cameras, webcam):
        monkeypatch.setattr(module, "list_cameras", lambda: there)
    monkeypatch.setattr(webcam, "find_again", cameras.find_again)
    monkeypatch.setattr(cameras, "is_present", lambda camera: camera in there)
    source = WebcamSource(mine)
    source.open()
    there.remove(mine)
    with pytest.raises(SourceError, match="HD Webcam is not plugged in"):
        source.open()
    there.append(replace(mine, index=3, path="/dev/video3"))
    source.open()
    there[-1] = replace(mine, index=5, path="/dev/video5", plug="port 9")  # into another socket
    source.open()
    assert opened == [0, 3, 5]
    assert source.description == "HD Webcam (640x480)"
    there.remove(there[-1])
    late = WebcamSource(mine)  # chosen before it is plugged in
    with pytest.raises(SourceError, match="HD Webcam is not plugged in"):
        late.open()
    there.append(replace(mine, index=7, path="/dev/video7", plug="port 8"))
    late.open()
    assert opened[-1] == 7


def test_a_camera_is_found_again_under_another_number(monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[Camera] = []
    monkeypatch.setattr(cameras, "list_cameras", lambda: there)
    desk_camera = Camera(0, "Desk camera", "/dev/video990")
    assert cameras.find_again(desk_camera) is None
    there += [Camera(0, "Laptop camera", "/dev/video0"), Camera(1, "Desk camera", "/dev/video1")]
    assert cameras.find_again(desk_camera) == there[1]
    assert cameras.find_again(desk_camera, others={"/dev/video1"}) is None
    there[0] = desk_camera
    assert cameras.find_again(desk_camera) == desk_camera


@pytest.mark.parametrize("plug", ["port 1", "port 9"])
def test_a_camera_that_is_found_again_keeps_its_name(
    monkeypatch: pytest.MonkeyPatch, plug: str
) -> None:
    mine = Camera(0, "HD Webcam", "/dev/video0", "HD Webcam 1:2", "port 1")
    now = Camera(2, "HD Webcam (2)", "/dev/video2", mine.kind, plug)
    monkeypatch.setattr(cameras, "list_cameras", lambda: [now])
    assert cameras.find_again(mine) == replace(now, name="HD Webcam")


def test_a_place_is_the_plug_or_the_file_or_the_number() -> None:
    assert Camera(3, "Cam", "/dev/video3", plug="port 1").place == "port 1"
    assert Camera(3, "Cam", "/dev/video3").place == "/dev/video3"
    assert Camera(3, "Cam").place == "3"
    assert Camera(3, "Cam \\ 2").spec == Camera(3, "Cam / 2").spec == "3"


def test_where_a_camera_is_plugged_in_is_known_whatever_its_number(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cameras, "SYSFS", tmp_path)
    (tmp_path / "usb1").mkdir()
    for name, part in (("video0", "0"), ("video4", "1"), ("video9", "0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "device").symlink_to(tmp_path / "usb1")
        (tmp_path / name / "index").write_text(part)
    (tmp_path / "video7").mkdir()  # made by a program
    plugs = [cameras._plug(f"/dev/video{number}") for number in (0, 4, 9, 7)]
    assert plugs[0] == plugs[2] != plugs[1]
    assert plugs[3] == ""
    assert cameras._plug("usb#1") == "usb#1"


def test_a_file_of_the_same_name_is_the_same_camera_only_where_it_was_plugged_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cameras, "SYSFS", tmp_path)
    monkeypatch.setattr(cameras, "list_cameras", list)
    (tmp_path / "null" / "device").mkdir(parents=True)
    mine = Camera(0, "Desk camera", "/dev/null", plug=cameras._plug("/dev/null"))
    assert cameras.is_present(mine)
    assert cameras.find_again(mine) == mine
    assert not cameras.is_present(replace(mine, plug="elsewhere"))


def test_two_cameras_of_one_name_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    class Found:
        vid, pid = 0x46D, 0x825

        def __init__(self, index: int, name: str) -> None:
            self.index, self.name, self.path = index, name, f"/dev/video{index}"

    found = [Found(2, "HD Webcam"), Found(0, "HD Webcam"), Found(4, "Other"), Found(0, "Again")]
    monkeypatch.setattr(cameras.cv2_enumerate_cameras, "enumerate_cameras", lambda _: found)
    listed = cameras.list_cameras()
    names = [(camera.index, camera.name) for camera in listed]
    assert names == [(0, "HD Webcam"), (2, "HD Webcam (2)"), (4, "Other")]
    assert listed[0].make == listed[1].make == "HD Webcam 046d:0825"
    assert cameras.find_camera("hd webcam (2)") == listed[1]


def test_a_camera_that_sends_nothing_blocks_for_seconds_only() -> None:
    assert float(os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"]) <= 2


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "Linux does not let you use Desk camera; ask for .* group 'video'"),
        (errno.EBUSY, r"Another program \(cheese\) is using Desk camera; close it"),
        (errno.ENODEV, "Desk camera is not plugged in"),
        (errno.ENOENT, "Desk camera is not plugged in"),
        (errno.EIO, "Desk camera cannot be opened; close other programs"),
    ],
)
def test_on_linux_a_camera_that_refuses_says_why(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int, words: str
) -> None:
    def refuse(device: int) -> None:
        raise OSError(number, "refused")

    held = tmp_path / "video0"
    held.touch()
    for pid, name in ((os.getpid(), "fercam"), (4711, "cheese")):
        process = tmp_path / "proc" / str(pid)
        (process / "fd").mkdir(parents=True)
        (process / "fd" / "3").symlink_to(held)
        (process / "comm").write_text(f"{name}\n")
    desk.free = False
    monkeypatch.setattr(camera_trouble.sys, "platform", "linux")
    monkeypatch.setattr(camera_trouble, "PROC", tmp_path / "proc")
    monkeypatch.setattr(camera_trouble, "_take", refuse)
    with pytest.raises(SourceError, match=words):
        WebcamSource(Camera(0, "Desk camera", str(held))).open()
    (process / "comm").unlink()  # the other program ends, or is somebody else's
    assert "(" not in camera_trouble.why_not_opened(Camera(0, "Desk camera", str(held))).args[0]


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (2, SourceError, "macOS has not given permission .* System Settings → Privacy & Security"),
        (1, SourceError, "macOS has not given permission"),
        (0, SourceLost, "macOS asks whether FerCam may use the camera; say yes"),
        (3, SourceError, "Desk camera cannot be opened; close other programs"),
    ],
)
def test_on_macos_permission_is_asked_for_in_words(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    kind: type[SourceError],
    words: str,
) -> None:
    device = SimpleNamespace(authorizationStatusForMediaType_=lambda media: status)
    framework = SimpleNamespace(AVCaptureDevice=device, AVMediaTypeVideo="vide")
    monkeypatch.setitem(sys.modules, "AVFoundation", framework)
    monkeypatch.setattr(camera_trouble.sys, "platform", "darwin")
    desk.free = False
    with pytest.raises(kind, match=words) as refusal:
        WebcamSource(CAMERA).open()
    assert type(refusal.value) is kind


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (["Allow", "Deny"], "Windows has not given permission"),
        (["Allow", "Allow"], "Desk camera cannot be opened; close other programs"),
        ([], "Desk camera cannot be opened"),
    ],
)
def test_on_windows_permission_is_asked_for_in_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, answers: list[str], words: str
) -> None:
    def query(key: object, name: str) -> tuple[str, int]:
        if not answers:
            raise OSError("no such value")
        return answers.pop(0), 1

    registry = SimpleNamespace(
        HKEY_CURRENT_USER=1, OpenKey=lambda root, key: nullcontext(key), QueryValueEx=query
    )
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(camera_trouble.sys, "platform", "win32")
    desk.free = False
    with pytest.raises(SourceError, match=words):
        WebcamSource(CAMERA).open()
