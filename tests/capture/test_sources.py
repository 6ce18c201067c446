"""Every source keeps the same promises, and bad input is one plain sentence."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from fercam.capture.demo import LOOP_FRAMES, VARIANTS, DemoSource, demo_image
from fercam.capture.images import ImageSource, read_image
from fercam.capture.registry import default_source_spec, open_source
from fercam.capture.source import FrameSource
from fercam.capture.stream import NetworkSource
from fercam.capture.video_file import VideoFileSource
from fercam.core.errors import SourceError, SourceLost
from fercam.detection.registry import DETECTORS


def write_video(path: Path, times_ms: list[int], codec: str = "mpeg4", **options: str) -> Path:
    from fractions import Fraction

    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=30)
        stream.width, stream.height = 320, 240
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, at_ms in enumerate(times_ms):
            picture = np.ascontiguousarray(demo_image("", number)[::2, ::2])
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = at_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


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
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://someone:secret@127.0.0.1:{server.server_port}/video"
    server.shutdown()
    server.server_close()
    thread.join()


KINDS: dict[str, Callable[[Path, str], FrameSource]] = {
    **{
        f"demo:{name}": lambda tmp, url, name=name: DemoSource(name, paced=False)
        for name in VARIANTS
    },
    "video": lambda tmp, url: VideoFileSource(write_video(tmp / "v.mp4", [0, 33, 67, 100])),
    "pictures": lambda tmp, url: ImageSource(write_pictures(tmp / "pictures")),
    "network": lambda tmp, url: NetworkSource(url),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_source_gives_numbered_timed_read_only_frames_and_can_be_opened_again(
    kind: str, tmp_path: Path, stream_url: str
) -> None:
    source = KINDS[kind](tmp_path, stream_url)
    for _ in range(2):
        source.open()
        frames = [source.read() for _ in range(3)]
        source.close()
        source.close()
        ids = [frame.frame_id for frame in frames if frame]
        assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
        times_s = [frame.t_media_s for frame in frames if frame]
        assert times_s == sorted(set(times_s))
        for frame in frames:
            assert frame is not None
            assert (frame.image.dtype, frame.image.ndim, frame.image.shape[2]) == (np.uint8, 3, 3)
            assert not frame.image.flags.writeable
        assert source.description
    assert times_s[0] >= 0


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


def test_a_video_keeps_its_own_uneven_times(tmp_path: Path) -> None:
    source = VideoFileSource(write_video(tmp_path / "v.mp4", [0, 40, 500, 1500]))
    source.open()
    times_s = [frame.t_media_s for frame in iter(source.read, None) if frame]
    source.close()
    assert times_s == pytest.approx([0, 0.04, 0.5, 1.5], abs=0.002)


def test_a_cut_file_gives_what_it_holds_and_then_says_where_it_broke_off(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", [n * 33 for n in range(90)], movflags="faststart")
    content = whole.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(content[: len(content) // 2])
    source = VideoFileSource(cut)
    source.open()
    read = 0
    with pytest.raises(SourceError, match=r"breaks off after \d\.\d s"):
        while source.read():
            read += 1
    source.close()
    assert 10 < read < 90


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "There is no file at"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.touch(), "is empty"),
        (lambda path: path.write_text("plain text"), "is not a video"),
    ],
)
def test_what_is_no_video_is_refused(
    tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    path = tmp_path / "x.mp4"
    make(path)
    with pytest.raises(SourceError, match=message):
        VideoFileSource(path).open()


def test_a_sound_file_holds_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        sound.sample_rate = 44100
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(SourceError, match="holds no video"):
        VideoFileSource(path).open()


def test_pictures_come_in_natural_order_and_unreadable_ones_are_listed(tmp_path: Path) -> None:
    source = ImageSource(write_pictures(tmp_path / "p"))
    source.open()
    shades = [int(frame.image[0, 0, 0]) for frame in iter(source.read, None) if frame]
    assert shades == [1, 2, 10]
    assert [(path.name, why.endswith("be read.")) for path, why in source.skipped] == [
        ("3.jpg", True)
    ]


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


def test_a_photo_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    from PIL import Image

    picture = Image.new("RGB", (40, 20))
    exif = picture.getexif()
    exif[0x0112] = 6  # turned by a quarter
    picture.save(tmp_path / "p.jpg", exif=exif)
    assert read_image(tmp_path / "p.jpg").shape == (40, 20, 3)


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


def test_a_source_is_found_by_what_people_write(tmp_path: Path) -> None:
    kinds = {
        "demo": DemoSource,
        "demo:two": DemoSource,
        "rtsp://camera/1": NetworkSource,
        str(tmp_path): ImageSource,
        "photo.jpg": ImageSource,
        "film.mp4": VideoFileSource,
    }
    for spec, kind in kinds.items():
        assert type(open_source(spec)) is kind
    for spec in ("no such thing", "demo:five", "no/such/thing"):
        with pytest.raises(SourceError) as refusal:
            open_source(spec)
        assert "\n" not in refusal.value.user_message


def test_without_a_camera_the_demo_stands_in_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fercam.capture.registry.list_cameras", list)
    spec, note = default_source_spec()
    assert (spec, "No camera found" in str(note)) == ("demo", True)


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("liveportrait_d9.mp4", 587),
        ("facenet_pytorch_video.mp4", 105),
        ("pyfeat_noface_face.mov", 169),
    ],
)
def test_real_videos_are_read_to_the_end(
    shared: Callable[[str], Path], name: str, frames: int
) -> None:
    source = open_source(str(shared(f"media/videos/{name}")))
    source.open()
    assert sum(1 for _ in iter(partial(source.read), None)) == frames
    source.close()
