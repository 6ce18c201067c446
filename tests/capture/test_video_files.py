"""Every frame of a video comes upright, with its own time; a damaged file says where it ends."""

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from helpers.videos import damage_packets, write_video

from fercam.capture import decoding
from fercam.capture.demo import demo_image
from fercam.capture.registry import open_source
from fercam.capture.video_file import VideoFileSource
from fercam.core.errors import SourceError
from fercam.core.values import Frame

STEADY_MS = [n * 33 for n in range(90)]


def read_all(path: Path) -> list[Frame]:
    source = VideoFileSource(path)
    source.open()
    try:
        return list(iter(source.read, None))
    finally:
        source.close()


def test_a_video_keeps_its_own_uneven_times(tmp_path: Path) -> None:
    source = VideoFileSource(write_video(tmp_path / "v.mp4", [0, 40, 500, 1500]))
    source.open()
    times_s = [frame.t_media_s for frame in iter(source.read, None) if frame]
    source.close()
    assert times_s == pytest.approx([0, 0.04, 0.5, 1.5], abs=0.002)


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no colon in a file name")
def test_a_colon_in_a_name_is_no_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_video(tmp_path / "v.mp4", [0, 33]).rename(tmp_path / "14:03.mp4")
    monkeypatch.chdir(tmp_path)
    assert len(read_all(Path("14:03.mp4"))) == 2


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_cut_file_gives_what_it_holds_and_then_says_where_it_broke_off(
    tmp_path: Path, kept: float
) -> None:
    whole = write_video(tmp_path / "whole.mp4", [n * 66 for n in range(90)], movflags="faststart")
    content = whole.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(content[: int(len(content) * kept)])
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


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_a_damaged_packet_costs_its_own_picture_and_no_other(tmp_path: Path, codec: str) -> None:
    video = write_video(tmp_path / "v.mp4", STEADY_MS[:40], codec=codec)
    damage_packets(video, [20])
    frames = read_all(video)
    assert len(frames) == 39
    assert frames[-1].t_media_s == pytest.approx(STEADY_MS[39] / 1000, abs=0.002)


def test_a_file_of_damaged_packets_breaks_off_where_they_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "MOST_DAMAGED", 30)
    video = write_video(tmp_path / "v.mp4", STEADY_MS)
    damage_packets(video, range(20, 60))
    source = VideoFileSource(video)
    source.open()
    with pytest.raises(SourceError, match=r"breaks off after 0\.6 s"):
        while source.read():
            pass
    source.close()


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


@pytest.mark.parametrize(("codec", "name"), [("mpeg4", "v.mp4"), ("libx264", "v.mkv")])
def test_every_frame_is_counted_also_where_they_are_stored_out_of_order(
    tmp_path: Path, codec: str, name: str
) -> None:
    path = write_video(tmp_path / name, STEADY_MS, codec=codec)
    frames = read_all(path)
    assert [frame.frame_id for frame in frames] == list(range(90))
    assert [frame.t_media_s for frame in frames] == pytest.approx(
        [at_ms / 1000 for at_ms in STEADY_MS], abs=0.002
    )


@pytest.mark.parametrize("turned_deg", [90, 180, 270])
def test_a_video_from_a_turned_phone_comes_upright(tmp_path: Path, turned_deg: int) -> None:
    source = VideoFileSource(write_video(tmp_path / "v.mp4", [0, 33], turned_deg=turned_deg))
    source.open()
    frame = source.read()
    description = source.description
    source.close()
    upright = np.rot90(demo_image("", 0)[::2, ::2], turned_deg // 90)
    assert frame is not None
    assert frame.image.shape == upright.shape
    assert np.abs(frame.image.astype(int) - upright).mean() < 12
    assert description == f"v.mp4 ({upright.shape[1]}x{upright.shape[0]})"


@pytest.mark.parametrize(
    ("pixel_ratio", "width"),
    [(Fraction(64, 45), 455), (Fraction(8, 9), 284), (Fraction(100, 1), 320)],
)
@pytest.mark.parametrize("turned_deg", [0, 90])
def test_pixels_that_are_not_square_are_made_so_within_reason(
    tmp_path: Path, pixel_ratio: Fraction, width: int, turned_deg: int
) -> None:
    path = write_video(tmp_path / "v.mp4", [0, 33], turned_deg=turned_deg, pixel_ratio=pixel_ratio)
    source = VideoFileSource(path)
    source.open()
    frame = source.read()
    description = source.description
    source.close()
    upright = np.rot90(cv2.resize(demo_image("", 0), (width, 240)), turned_deg // 90)
    assert frame is not None
    assert frame.image.shape == upright.shape
    assert np.abs(frame.image.astype(int) - upright).mean() < 12
    assert description == f"v.mp4 ({upright.shape[1]}x{upright.shape[0]})"


def test_frames_that_share_a_time_still_follow_each_other(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "v.mp4", [0, 100, 200, 300])
    source = VideoFileSource(whole)
    source.open()
    container = av.open(str(whole))
    decoded = list(container.decode(video=0))
    decoded[2].pts = decoded[1].pts
    timed = [(float(frame.time or 0), frame) for frame in decoded]
    source._peeked, source._frames = None, iter(timed)  # no muxer writes such a file
    times_s = [frame.t_media_s for frame in iter(source.read, None)]
    source.close()
    container.close()
    assert times_s == pytest.approx([0, 0.1, 0.101, 0.3], abs=1e-6)


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.avi", "v.wmv", "v.flv", "v.ts", "v.mov"])
@pytest.mark.parametrize("sound_s", [0.0, 6.0])
def test_a_whole_file_never_seems_to_break_off(tmp_path: Path, name: str, sound_s: float) -> None:
    codec = "flv" if name == "v.flv" else "mpeg4"
    path = write_video(tmp_path / name, STEADY_MS[:60], codec=codec, sound_s=sound_s)
    assert len(read_all(path)) == 60


def test_frames_without_a_time_come_at_their_rate(tmp_path: Path) -> None:
    bare = write_video(tmp_path / "v.h264", [n * 40 for n in range(10)], codec="libx264")
    times_s = [frame.t_media_s for frame in read_all(bare)]
    assert times_s == pytest.approx([n / 25 for n in range(10)], abs=1e-6)


def test_a_long_last_picture_is_no_break(tmp_path: Path) -> None:
    slides = write_video(tmp_path / "v.mp4", [0, 1000, 2000, 9000])
    assert len(read_all(slides)) == 4


def test_a_recording_that_crashed_is_read_up_to_its_last_fragment(tmp_path: Path) -> None:
    flags = "frag_keyframe+empty_moov+default_base_moof"
    whole = write_video(tmp_path / "whole.mp4", STEADY_MS, movflags=flags)
    content = whole.read_bytes()
    assert len(read_all(whole)) == 90
    last = content.rindex(b"moof") - 4
    (tmp_path / "cut.mp4").write_bytes(content[:last])
    assert 10 < len(read_all(tmp_path / "cut.mp4")) < 90


def test_a_file_without_a_frame_is_refused(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", STEADY_MS, movflags="faststart")
    content = whole.read_bytes()
    (tmp_path / "none.mp4").write_bytes(content[: content.index(b"mdat") + 4])
    with pytest.raises(SourceError, match="holds no frame that can be read"):
        VideoFileSource(tmp_path / "none.mp4").open()


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("facenet_pytorch_video.mp4", 105),
        ("liveportrait_d9.mp4", 587),
        ("liveportrait_d10.mp4", 448),
        ("liveportrait_d13.mp4", 352),
        ("pyfeat_noface_face.mov", 169),
        ("pyfeat_single_face.mp4", 72),
    ],
)
def test_real_videos_are_read_to_the_end(
    shared: Callable[[str], Path], name: str, frames: int
) -> None:
    source = open_source(str(shared(f"media/videos/{name}")))
    source.open()
    assert sum(1 for _ in iter(source.read, None)) == frames
    source.close()


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("mpeg4", "v.mp4"),
        ("libx264", "v.mp4"),
        ("libx264", "v.mkv"),
        ("libx264", "v.ts"),
        ("mpeg4", "v.avi"),
        ("mpeg4", "v.ts"),
        ("wmv2", "v.wmv"),
        ("mpeg4", "v.mov"),
    ],
)
def test_a_file_can_be_gone_on_with_from_anywhere(tmp_path: Path, codec: str, name: str) -> None:
    path = write_video(tmp_path / name, [n * 40 for n in range(140)], codec=codec)
    whole = read_all(path)
    source = VideoFileSource(path)
    source.open()
    assert source.seekable
    assert source.duration_s == pytest.approx(whole[-1].t_media_s, abs=0.2)
    ids = []
    for wanted_s in (5.0, 1.01, 3.0, 0.0, 2.999, whole[-1].t_media_s, whole[77].t_media_s, -1.0):
        source.seek(wanted_s)
        at = next(n for n, frame in enumerate(whole) if frame.t_media_s >= wanted_s - 1e-6)
        for expected in whole[at : at + 3]:
            found = source.read()
            assert found is not None
            assert found.t_media_s == pytest.approx(expected.t_media_s, abs=1e-6)
            assert np.array_equal(found.image, expected.image), wanted_s
            ids.append(found.frame_id)
    assert ids == list(range(len(ids)))  # what is on its way is never mistaken for another frame
    source.close()


@pytest.mark.parametrize("name", ["facenet_pytorch_video.mp4", "pyfeat_noface_face.mov"])
def test_real_videos_can_be_gone_on_with_from_anywhere(
    shared: Callable[[str], Path], name: str
) -> None:
    source = VideoFileSource(shared(f"media/videos/{name}"))
    source.open()
    whole = [(frame.t_media_s, frame.image[::8, ::8].copy()) for frame in iter(source.read, None)]
    for at in (len(whole) // 2, 1, len(whole) - 2):
        source.seek(whole[at][0])
        found = source.read()
        assert found is not None
        assert found.t_media_s == pytest.approx(whole[at][0], abs=1e-6)
        assert np.array_equal(found.image[::8, ::8], whole[at][1])
    source.close()


def test_past_the_end_a_file_is_over_and_can_be_gone_on_with(tmp_path: Path) -> None:
    source = VideoFileSource(write_video(tmp_path / "v.mp4", STEADY_MS))
    source.open()
    for _ in range(2):
        source.seek(99.0)
        assert source.read() is None
        source.seek(0.0)
        frame = source.read()
        assert frame is not None
        assert frame.t_media_s == 0
    source.close()


def test_a_damaged_file_says_where_it_ends_also_when_wound(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", STEADY_MS, movflags="faststart")
    content = whole.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) // 2])
    source = VideoFileSource(tmp_path / "cut.mp4")
    source.open()
    with pytest.raises(SourceError, match="breaks off"):
        source.seek(2.5)
        source.read()
    source.seek(0.2)
    assert source.read() is not None
    source.close()


def test_only_what_is_open_can_be_wound(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not open"):
        VideoFileSource(write_video(tmp_path / "v.mp4", [0, 33])).seek(0.0)
