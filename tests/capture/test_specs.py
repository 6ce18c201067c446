"""What people write after --source finds the right kind of source, or one plain sentence."""

import re
from pathlib import Path

import pytest

from fercam.capture import cameras, registry, screen, webcam
from fercam.capture.cameras import Camera
from fercam.capture.demo import DemoSource
from fercam.capture.images import ImageSource
from fercam.capture.modes import CameraMode
from fercam.capture.registry import default_source_spec, open_source
from fercam.capture.screen import ScreenSource
from fercam.capture.source import FrameSource
from fercam.capture.stream import NetworkSource
from fercam.capture.video_file import VideoFileSource
from fercam.capture.webcam import WebcamSource
from fercam.core.errors import SourceError
from fercam.pipeline import choices


@pytest.fixture
def two_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [Camera(0, "Laptop camera"), Camera(2, "Desk camera")]
    monkeypatch.setattr(cameras, "list_cameras", lambda: there)
    monkeypatch.setattr(registry, "list_cameras", lambda: there)


@pytest.fixture
def no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "list_cameras", list)
    monkeypatch.setattr(registry, "list_cameras", list)


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("demo", DemoSource),
        ("demo:two", DemoSource),
        ("0", WebcamSource),
        ("2", WebcamSource),
        ("desk camera", WebcamSource),
        ("Laptop", WebcamSource),
        ("rtsp://camera/1", NetworkSource),
        ("HTTP://camera:8080/video", NetworkSource),
        (".", ImageSource),
        ("photo.JPG", ImageSource),
        ("film.mp4", VideoFileSource),
        ("film.MKV", VideoFileSource),
        ("screen", ScreenSource),
        ("screen:10,20,640x480", ScreenSource),
    ],
)
@pytest.mark.usefixtures("two_cameras")
def test_a_source_is_found_by_what_people_write(spec: str, kind: type[FrameSource]) -> None:
    assert type(open_source(spec)) is kind


@pytest.mark.usefixtures("two_cameras")
def test_a_camera_is_described_by_its_name() -> None:
    assert open_source("desk").description == open_source("2").description == "Desk camera"


def test_a_file_is_a_video_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"x")
    assert type(open_source(str(tmp_path / "film"))) is VideoFileSource


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("no such thing", "no file, folder or camera called 'no such thing'"),
        ("no/such/thing", "no file, folder or camera"),
        ("", "no file, folder or camera"),
        ("demo:five", "no demo 'five'; choose one of: demo, demo:two"),
        ("7", "No camera found"),
        ("x" * 5000, "cannot be opened"),
    ],
)
@pytest.mark.usefixtures("no_camera")
def test_what_is_not_known_is_one_sentence(spec: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as refusal:
        open_source(spec)
    assert "\n" not in refusal.value.user_message


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://someone:secret@camera:554/live?token=secret",
        "ftp://someone:secret@camera/film",
        "http://someone:secr/secret@camera/video",
        "http://someone:secr#secret@camera/video",
        "rtsp://someone:12/secret@camera/live",
        "rtsp://someone:12?secret@camera/live",
        "http://someone:x@secr/secret@camera/video",
        "http://someone:secret@[bad/video",
    ],
)
def test_a_password_in_an_address_is_never_shown(address: str) -> None:
    try:
        shown = open_source(address).description
    except SourceError as refusal:
        shown = refusal.user_message
    assert not re.search("secr|12", shown)
    assert address.partition(":")[0] in shown


def test_an_address_is_shown_with_its_host_port_and_path() -> None:
    assert open_source("rtsp://me:pw@camera:554/live?a=1").description == "rtsp://camera:554/live"


@pytest.mark.usefixtures("no_camera")
def test_without_a_camera_the_demo_stands_in_and_says_so() -> None:
    spec, note = default_source_spec()
    assert (spec, "No camera found" in str(note)) == ("demo", True)


@pytest.mark.usefixtures("two_cameras")
def test_the_first_camera_is_taken_where_there_is_one() -> None:
    assert default_source_spec() == ("Laptop camera", None)


@pytest.mark.usefixtures("two_cameras")
@pytest.mark.parametrize("spec", ["0", "desk"])
def test_a_camera_is_told_which_size_and_rate_is_wished(spec: str) -> None:
    source = open_source(spec, mode="1280x720@30")
    assert isinstance(source, WebcamSource)
    assert source.wished == CameraMode(1280, 720, 30)
    unclear = open_source(spec, mode="huge")
    assert isinstance(unclear, WebcamSource)
    assert unclear.wished is None


@pytest.mark.usefixtures("two_cameras")
def test_what_can_be_chosen_names_cameras_their_modes_and_a_screen_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = [CameraMode(1280, 720, rate) for rate in (50, 30, 15, 10)] + [CameraMode(640, 480)]
    monkeypatch.setattr(webcam, "known_modes", lambda camera: there)
    monkeypatch.setattr(screen, "screen_can_be_seen", lambda: True)
    listed = [choice.title for choice in choices.source_choices()]
    assert listed[:4] == ["Laptop camera", "Desk camera", "Screen", "Demo: one face"]
    assert [(choice.key, choice.title) for choice in choices.mode_choices("2")] == [
        ("1280x720@50", "1280×720 · 50 fps"),
        ("1280x720@30", "1280×720 · 30 fps"),
        ("1280x720@15", "1280×720 · 15 fps"),
        ("640x480@0", "640×480"),
    ]
    monkeypatch.setattr(screen, "screen_can_be_seen", lambda: False)
    assert "screen" not in [choice.key for choice in choices.source_choices()]
    for other in ("demo", "screen", "film.mp4", "http://camera/video", "7", "nonsense", ""):
        assert choices.mode_choices(other) == []


def test_a_camera_is_remembered_by_its_name_unless_that_reads_like_a_file() -> None:
    assert Camera(2, "HD Webcam (2)").spec == "HD Webcam (2)"
    assert Camera(2, "USB A/V").spec == "2"


@pytest.mark.usefixtures("two_cameras")
def test_a_camera_given_by_its_number_is_shown_by_its_name() -> None:
    assert choices.source_key("2") == "Desk camera"
    assert [choices.source_key(spec) for spec in ("7", "demo", "film.mp4")] == [
        "7",
        "demo",
        "film.mp4",
    ]
