"""Every source keeps the same promises, and bad input is one plain sentence."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import cv2
import mss
import numpy as np
import PIL.Image
import pytest
from helpers.videos import write_video

from fercam.capture import cameras, registry, screen, webcam
from fercam.capture.demo import LOOP_FRAMES, VARIANTS, DemoSource, demo_image
from fercam.capture.images import ImageSource, read_image
from fercam.capture.stream import NetworkSource
from fercam.core.errors import SourceError, SourceLost
from fercam.detection.registry import DETECTORS


def write_pictures(folder: Path) -> Path:
    folder.mkdir()
    for name in ("10.png", "2.png", "1.png"):
        cv2.imwrite(str(folder / name), np.full((20, 30, 3), int(name[:-4]), np.uint8))
    (folder / "3.jpg").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no picture either")
    return folder


class Mjpeg(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for number in range(12):
            picture = cv2.imencode(".jpg", demo_image("", number)[::2, ::2])[1].tobytes()
            self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n")
            self.wfile.write(b"Content-Length: %d\r\n\r\n%b\r\n" % (len(picture), picture))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stream_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mjpeg)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://someone:secret@127.0.0.1:{server.server_port}/video"
    server.shutdown()
    server.server_close()
    thread.join()


class FakeCapture:
    """A camera whose every picture is another one."""

    def __init__(self, index: int, backend: int) -> None:
        self._shade = 0

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def set(self, prop: int, value: float) -> bool:
        return True

    def get(self, prop: int) -> float:
        return 30.0

    def read(self) -> tuple[bool, np.ndarray]:
        self._shade += 1
        return True, np.full((48, 64, 3), self._shade, np.uint8)

    def release(self) -> None:
        pass


class FakeScreen:
    monitors = ({"left": 0, "top": 0, "width": 64, "height": 48},) * 2

    def grab(self, region: dict[str, int]) -> SimpleNamespace:
        return SimpleNamespace(raw=bytearray(64 * 48 * 4), width=64, height=48)

    def close(self) -> None:
        pass


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = cameras.Camera(0, "Desk camera")
    monkeypatch.setattr(webcam.cv2, "VideoCapture", FakeCapture)
    for module in (cameras, registry, webcam):
        monkeypatch.setattr(module, "list_cameras", lambda: [camera])
    monkeypatch.setattr(mss, "MSS", FakeScreen)
    monkeypatch.setattr(screen, "_hindrance", lambda: "")


KINDS: dict[str, tuple[str, Callable[[Path, str], str]]] = {
    **{f"demo:{name}": ("demo", lambda tmp, url, name=name: f"demo:{name}") for name in VARIANTS},
    "video": ("video", lambda tmp, url: str(write_video(tmp / "v.mp4", [0, 33, 67, 100]))),
    "picture": ("pictures", lambda tmp, url: str(write_pictures(tmp / "pictures") / "2.png")),
    "pictures": ("pictures", lambda tmp, url: str(write_pictures(tmp / "pictures"))),
    "network": ("network", lambda tmp, url: url),
    "screen": ("screen", lambda tmp, url: "screen"),
    "camera": ("camera", lambda tmp, url: "0"),
    "camera by name": ("camera by name", lambda tmp, url: "desk"),
}
"""How people write it, by name; first the entry of `SOURCES` that is meant."""
CAN_BE_LOST = {"network", "screen", "camera", "camera by name"}


def test_every_kind_of_source_is_held_to_the_contract() -> None:
    assert {entry for entry, _ in KINDS.values()} == set(registry.SOURCES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("devices")
def test_every_source_gives_numbered_timed_read_only_frames_and_can_be_opened_again(
    kind: str, tmp_path: Path, stream_url: str
) -> None:
    entry, spec = KINDS[kind]
    source = registry.open_source(spec(tmp_path, stream_url), paced=False)
    goes_on = entry in CAN_BE_LOST  # what can be lost goes on counting
    times_s: list[float] = []
    for attempt in range(2):
        source.open()
        frames = list(islice(iter(source.read, None), 3))
        source.close()
        source.close()
        first_id = 3 * attempt if goes_on else 0
        assert len(frames) == (1 if kind == "picture" else 3)
        assert [frame.frame_id for frame in frames if frame] == [
            first_id + n for n in range(len(frames))
        ]
        times_s = times_s * goes_on + [frame.t_media_s for frame in frames if frame]
        assert times_s[0] == 0
        assert times_s == sorted(set(times_s))
        for frame in frames:
            assert frame is not None
            assert (frame.image.dtype, frame.image.ndim, frame.image.shape[2]) == (np.uint8, 3, 3)
            assert not frame.image.flags.writeable
        assert source.description


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("devices")
def test_every_source_can_be_wound_or_says_that_it_cannot(
    kind: str, tmp_path: Path, stream_url: str
) -> None:
    source = registry.open_source(KINDS[kind][1](tmp_path, stream_url), paced=False)
    source.open()
    try:
        if not source.seekable:
            with pytest.raises(SourceError, match="cannot be wound"):
                source.seek(0.05)
            assert source.duration_s is None
            return
        assert source.duration_s is not None
        assert not source.live
        before = source.read()
        source.seek(0.05)
        after = source.read()
        assert before is not None
        assert after is not None
        assert after.frame_id > before.frame_id
        assert 0.05 <= after.t_media_s <= source.duration_s
    finally:
        source.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("devices")
def test_only_cameras_have_modes_to_choose_from(kind: str, tmp_path: Path, stream_url: str) -> None:
    entry, spec = KINDS[kind]
    source = registry.open_source(spec(tmp_path, stream_url), paced=False, mode="1280x720@30")
    source.open()
    source.close()
    assert bool(source.modes()) == entry.startswith("camera")


def test_the_demo_is_the_same_every_time_and_its_loop_has_no_seam() -> None:
    assert np.array_equal(demo_image("", 77), demo_image("", 77))
    assert not np.array_equal(demo_image("", 77), demo_image("", 78))
    assert np.array_equal(demo_image("", 5), demo_image("", LOOP_FRAMES + 5))


@pytest.mark.parametrize(
    ("variant", "faces"), [("", 1), ("two", 2), ("dark", 1), ("small", 1), ("none", 0)]
)
def test_the_demo_shows_the_faces_it_names(variant: str, faces: int) -> None:
    detector = DETECTORS["yunet"]()
    assert [len(detector.detect(demo_image(variant, n))) for n in (0, 90, 180, 270)] == [faces] * 4


def test_the_demo_costs_a_small_part_of_a_frame_time() -> None:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        for variant in VARIANTS:
            demo_image(variant, 0)
            costs_ms = []
            for number in range(40):
                before_s = time.thread_time()
                demo_image(variant, number)
                costs_ms.append((time.thread_time() - before_s) * 1000)
            assert min(costs_ms) < 5, variant
    finally:
        cv2.setNumThreads(threads)


def test_a_paced_demo_comes_at_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    slept_s: list[float] = []
    monkeypatch.setattr("fercam.capture.demo.time.monotonic", lambda: 5.0 + sum(slept_s))
    monkeypatch.setattr("fercam.capture.demo.time.sleep", slept_s.append)
    source = DemoSource("none")
    source.open()
    for _ in range(31):
        source.read()
    assert sum(slept_s) == pytest.approx(1.0)


def test_pictures_come_in_natural_order_and_unreadable_ones_are_named(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "p")
    (folder / "._1.png").write_bytes(b"what another system keeps beside a picture")
    source = ImageSource(folder)
    for _ in range(2):
        source.open()
        shades = [int(frame.image[0, 0, 0]) for frame in iter(source.read, None) if frame]
        assert shades == [1, 2, 10]
    assert source.left_out == "1 picture cannot be read: 3.jpg."


def test_of_many_unreadable_pictures_some_are_named(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "p")
    for number in range(4, 9):
        (folder / f"{number}.jpg").touch()
    source = ImageSource(folder)
    source.open()
    assert len(list(iter(source.read, None))) == 3
    assert source.left_out == "6 pictures cannot be read: 3.jpg, 4.jpg, 5.jpg and 3 more."


def test_a_folder_without_a_readable_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no pictures in"):
        ImageSource(tmp_path).open()
    (tmp_path / "a.png").write_bytes(b"x")
    source = ImageSource(tmp_path)
    source.open()
    with pytest.raises(SourceError, match="None of the pictures"):
        source.read()


def test_pictures_of_every_depth_and_colour_are_read(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    for picture, expected in (
        (np.full((4, 5), 77, np.uint8), (77, 77, 77)),
        (np.full((4, 5, 3), 200 << 8, np.uint16), (200, 200, 200)),
        (np.full((1, 1, 3), (1, 2, 3), np.uint8), (1, 2, 3)),
        (np.full((4, 5, 4), (10, 20, 30, 255), np.uint8), (10, 20, 30)),
        (np.full((4, 5, 4), (10, 20, 30, 0), np.uint8), (255, 255, 255)),
    ):
        cv2.imwrite(str(path), picture)
        image = read_image(path)
        assert image.dtype == np.uint8
        assert image.shape == (*picture.shape[:2], 3)
        assert tuple(image[0, 0]) == expected


def test_see_through_pictures_of_every_kind_are_shown_on_white(tmp_path: Path) -> None:
    clear = PIL.Image.new("P", (4, 4), 0)
    clear.putpalette([255, 0, 0])
    clear.save(tmp_path / "palette.png", transparency=0)
    PIL.Image.new("LA", (4, 4), (0, 0)).save(tmp_path / "gray.png")
    PIL.Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "clear.webp", lossless=True)
    half = np.full((4, 4, 4), (0, 0, 0, 32768), np.uint16)
    cv2.imwrite(str(tmp_path / "half.png"), half)
    for name, shade in (
        ("palette.png", 255),
        ("gray.png", 255),
        ("clear.webp", 255),
        ("half.png", 126),
    ):
        assert (read_image(tmp_path / name) == shade).all(), name


def test_a_picture_of_fractions_is_read(tmp_path: Path) -> None:
    PIL.Image.fromarray(np.full((4, 5), 0.5, np.float32)).save(tmp_path / "p.tif")
    assert (read_image(tmp_path / "p.tif") == 127).all()


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_a_photo_that_breaks_off_is_refused(tmp_path: Path, kept: float) -> None:
    content = cv2.imencode(".jpg", demo_image("", 0))[1].tobytes()
    (tmp_path / "p.jpg").write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(SourceError, match="not a picture that can be read"):
        read_image(tmp_path / "p.jpg")


def test_names_are_in_natural_order_whatever_digits_they_hold(tmp_path: Path) -> None:
    names = ["1.png", "01 b.png", "2.png", "10.png", "x\u00b2.png", "x\u0663.png"]
    for name in names:
        cv2.imwrite(str(tmp_path / "p.png"), np.zeros((2, 2), np.uint8))
        (tmp_path / "p.png").rename(tmp_path / name)
    source = ImageSource(tmp_path)
    source.open()
    assert source.frame_count == len(list(iter(source.read, None))) == len(names)


def test_a_photo_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    picture = PIL.Image.new("RGB", (40, 20))
    picture.paste((255, 255, 255), (20, 0, 40, 20))  # its right becomes the bottom
    exif = picture.getexif()
    exif[0x0112] = 6  # turned by a quarter
    picture.save(tmp_path / "p.jpg", exif=exif)
    image = read_image(tmp_path / "p.jpg")
    assert image.shape == (40, 20, 3)
    assert image[5, 10].max() < 60
    assert image[35, 10].min() > 200


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.png").write_bytes(content)
    for path in (tmp_path / "p.png", tmp_path / "none.png", tmp_path):
        with pytest.raises(SourceError):
            read_image(path)


def test_a_stream_never_shows_its_password_and_says_when_it_ends(stream_url: str) -> None:
    source = NetworkSource(stream_url)
    source.open()
    with pytest.raises(SourceLost) as lost:
        while True:
            source.read()
    source.close()
    assert "secret" not in source.description + str(lost.value)
    silent = NetworkSource("http://someone:secret@127.0.0.1:9/video")
    with pytest.raises(SourceError, match="does not answer") as refusal:
        silent.open()
    assert "secret" not in str(refusal.value)
