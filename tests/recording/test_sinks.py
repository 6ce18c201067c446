"""A session's files hold what was seen, at the time it was seen, even after a crash."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.results import annotated, face

from fercam.core.errors import SessionError
from fercam.recording.csv_sink import COLUMNS, CsvSink
from fercam.recording.session import SINKS, SessionWriter, stamped_folder

CONTRACT = (
    "frame,time_s,face,x,y,w,h,score,label,confidence,sure,"
    "angry,disgust,fear,happy,neutral,sad,surprise"
)


def writer(folder: Path, **options: object) -> SessionWriter:
    about = {"source": {"description": "test"}, "model_name": "m", "model_sha256": "0" * 64}
    return SessionWriter(folder, **{**about, **options})  # type: ignore[arg-type]


def times_s(video: Path) -> list[float]:
    with av.open(str(video)) as container:
        return [float(frame.time or 0) for frame in container.decode(video=0)]


@pytest.mark.parametrize("kind", SINKS)
def test_every_sink_writes_its_file_and_may_be_closed_twice(kind: str, tmp_path: Path) -> None:
    sink = SINKS[kind](tmp_path, 30.0)
    for number in range(3):
        result = annotated(face(), number=number)
        sink.add(result, result.frame.image)
    sink.close()
    sink.close()
    assert (tmp_path / sink.file_name).stat().st_size > 0


@pytest.mark.parametrize("kind", SINKS)
def test_a_file_that_cannot_be_written_is_one_sentence(kind: str, tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="cannot be written"):
        sink = SINKS[kind](tmp_path / "missing", 30.0)
        for number in range(3):
            sink.add(annotated(number=number))
        sink.close()


def test_the_table_has_a_row_for_each_face_and_one_for_a_frame_without(tmp_path: Path) -> None:
    session = writer(tmp_path / "s", video=False)
    session.add(annotated(face(1), face(2, label="sad", sure=False), number=0, t_s=5.0))
    session.add(annotated(number=7, t_s=5.5))
    session.add(annotated(face(1, label=None), number=9, t_s=6.0))
    summary = session.finish()
    text = (tmp_path / "s" / "frames.csv").read_text()
    assert text.splitlines()[0] == CONTRACT == ",".join(COLUMNS)
    rows = list(csv.DictReader(text.splitlines()))
    assert [(r["frame"], r["time_s"], r["face"], r["label"], r["sure"]) for r in rows] == [
        ("0", "0.000000", "1", "happy", "1"),
        ("0", "0.000000", "2", "sad", "0"),
        ("1", "0.500000", "", "", ""),
        ("2", "1.000000", "1", "", ""),
    ]
    assert sum(float(rows[0][name]) for name in COLUMNS[11:]) == pytest.approx(1, abs=1e-5)
    assert (summary.frames, summary.people, summary.face_rows) == (3, 2, 4 - 1)
    assert (summary.shares["happy"], summary.shares["sad"]) == (0.5, 0)  # the sad one is not sure
    assert summary.sure_share == 0.5


def test_a_row_has_the_faces_place_and_what_was_shown_of_it(tmp_path: Path) -> None:
    seen = face(3, box=(10, 20, 30, 40))
    assert seen.prediction is not None
    raw = replace(seen.prediction, raw=np.zeros(7, np.float32))
    sink = CsvSink(tmp_path)
    sink.add(annotated(replace(seen, prediction=raw)))
    sink.close()
    others = ",".join(["0.028333"] * 3)
    assert sink.path.read_text().splitlines()[1] == (
        f"0,0.000000,3,10,20,30,40,0.9000,happy,0.830000,1,{others},0.830000,{others}"
    )


def test_of_a_frame_the_disk_has_no_room_for_no_row_is_left(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    sink, seen = CsvSink(tmp_path), annotated(face(1), face(2))
    sink.add(seen)
    whole = sink.path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    one_row_and_a_half = len(whole) + 150
    resource.setrlimit(resource.RLIMIT_FSIZE, (one_row_and_a_half, limits[1]))
    try:
        with pytest.raises(SessionError, match="cannot be written"):
            sink.add(seen)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sink.path.read_bytes() == whole
    sink.add(seen)  # there is room again
    sink.close()
    rows = sink.path.read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["0", "0", "1", "1"]


def test_frames_play_at_the_times_they_were_captured(tmp_path: Path) -> None:
    session = writer(tmp_path / "s", fps_hint=None)
    for number, at_s in enumerate((2.0, 2.1, 2.5, 3.5)):
        result = annotated(number=number, t_s=at_s)
        session.add(result, result.frame.image)
    session.finish()
    assert times_s(tmp_path / "s" / "video.mp4") == pytest.approx([0, 0.1, 0.5, 1.5], abs=1e-3)


@pytest.mark.parametrize("size", [(321, 241), (320, 240), (99, 45)])
def test_pictures_of_any_size_and_of_changing_size_are_written(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    session = writer(tmp_path / "s", fps_hint=30.0)
    for number in range(4):
        result = annotated(number=number, size=size if number < 2 else (200, 300))
        session.add(result, result.frame.image)
    session.finish()
    assert len(times_s(tmp_path / "s" / "video.mp4")) == 4


def test_colours_survive_the_way_into_the_file(tmp_path: Path) -> None:
    session = writer(tmp_path / "s", fps_hint=30.0)
    red = np.zeros((240, 320, 3), np.uint8)
    red[:] = (30, 60, 200)
    session.add(annotated(), red)
    session.finish()
    with av.open(str(tmp_path / "s" / "video.mp4")) as container:
        read = next(container.decode(video=0)).to_ndarray(format="bgr24")
    assert np.abs(read[100, 100].astype(int) - (30, 60, 200)).max() <= 6


def test_the_clean_video_has_no_overlay(tmp_path: Path) -> None:
    session = writer(tmp_path / "s", clean=True, fps_hint=30.0)
    result = annotated(face())
    session.add(result, np.zeros_like(result.frame.image))
    session.finish()
    with av.open(str(tmp_path / "s" / "clean.mp4")) as container:
        assert next(container.decode(video=0)).to_ndarray(format="gray").mean() > 50


def test_session_json_tells_what_the_session_is(tmp_path: Path) -> None:
    session = writer(tmp_path / "s", video=False, fps_hint=10.0, settings={"a": 1})
    session.add(annotated(face(1), number=0, t_s=0.0))
    about = json.loads((tmp_path / "s" / "session.json").read_text())
    assert about["state"] == "recording"
    session.add(annotated(face(2), number=1, t_s=0.1))
    session.count_dropped(3)
    session.finish(note="The file breaks off.")
    about = json.loads((tmp_path / "s" / "session.json").read_text())
    assert about["state"] == "finished"
    assert about["frames"] == {"offered": 5, "written": 2, "dropped": 3}
    assert about["duration_s"] == pytest.approx(0.2)
    assert [person["id"] for person in about["people"]] == [1, 2]
    assert (about["note"], about["settings"]) == ("The file breaks off.", {"a": 1})
    assert set(about) >= {"schema", "version", "app_version", "source", "model", "start_utc",
                          "markers", "excluded"}  # fmt: skip


def test_a_session_without_a_frame_leaves_nothing_behind(tmp_path: Path) -> None:
    session = writer(tmp_path / "deep" / "s")
    assert session.finish().frames == 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(SessionError, match="not empty"):
        writer(tmp_path)


def test_a_stamped_folder_is_always_a_new_one(tmp_path: Path) -> None:
    from datetime import datetime

    now = datetime(2026, 11, 22, 14, 3, 7)
    first = stamped_folder(tmp_path, now)
    assert first.name == "2026-11-22_14-03-07"
    first.mkdir()
    assert stamped_folder(tmp_path, now).name == "2026-11-22_14-03-07_2"


CRASH = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from helpers.results import annotated, face
from fercam.recording.session import SessionWriter

session = SessionWriter(Path(sys.argv[1]), source={}, model_name="m", model_sha256="0",
                        fps_hint=30.0)
for number in range(120):
    result = annotated(face(), number=number)
    session.add(result, result.frame.image)
os._exit(9)
"""


def test_a_crash_costs_about_a_second_of_video_and_no_row(tmp_path: Path) -> None:
    tests = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(tmp_path / "s"), str(tests)], check=False
    )
    assert done.returncode == 9
    rows = (tmp_path / "s" / "frames.csv").read_text().splitlines()
    assert len(rows) == 121
    assert len(times_s(tmp_path / "s" / "video.mp4")) >= 85
    assert json.loads((tmp_path / "s" / "session.json").read_text())["state"] == "recording"


def test_the_sound_of_a_file_comes_along_when_asked_for(tmp_path: Path) -> None:
    source = tmp_path / "with_sound.mp4"
    with av.open(str(source), "w") as container:
        video = container.add_stream("mpeg4", rate=30)
        video.width, video.height = 320, 240
        audio = container.add_stream("aac", rate=44100)
        for number in range(30):
            picture = annotated(number=number).frame.image
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        tone = np.sin(np.arange(44100) * 0.06).astype(np.float32)
        for start in range(0, 44100 - 1024, 1024):
            sound = av.AudioFrame.from_ndarray(
                tone[None, start : start + 1024], format="fltp", layout="mono"
            )
            sound.sample_rate, sound.pts = 44100, start
            container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    for name, sound_from, start_s, frames, heard_s in (
        ("silent", None, 0.0, 30, []),
        ("loud", source, 0.0, 30, [1.0]),
        ("later", source, 0.5, 30, [0.5]),
        ("short", source, 0.0, 15, [0.5]),
    ):
        session = writer(tmp_path / name, clean=True, fps_hint=30.0, sound_from=sound_from)
        for number in range(frames):
            result = annotated(number=number, t_s=start_s + number / 30)
            session.add(result, result.frame.image)
        session.finish()
        with av.open(str(tmp_path / name / "clean.mp4")) as container:
            assert not container.streams.audio
        with av.open(str(tmp_path / name / "video.mp4")) as container:
            lengths_s = [float(one.duration * one.time_base) for one in container.streams.audio]
            assert lengths_s == pytest.approx(heard_s, abs=0.1)
        assert len(times_s(tmp_path / name / "video.mp4")) == frames


@pytest.mark.parametrize(("size", "quick"), [((640, 480), False), ((1920, 1080), True)])
def test_large_pictures_are_encoded_the_quick_way(
    size: tuple[int, int], quick: bool, tmp_path: Path
) -> None:
    sink = SINKS["clean"](tmp_path)
    for number in range(2):
        sink.add(annotated(number=number, size=size))
    sink.close()
    settings = sink.path.read_bytes()  # x264 writes down how it encodes
    assert (b"cabac=0" in settings) == quick
    assert (b"cabac=1" in settings) != quick


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_closing_a_video_after_the_disk_was_full_does_not_crash(tmp_path: Path) -> None:
    (tmp_path / "video.mp4").symlink_to("/dev/full")
    code = """
import sys
from pathlib import Path
import numpy as np
from fercam.core.errors import SessionError
from fercam.core.values import AnnotatedFrame, Frame
from fercam.recording.video_sink import VideoSink

sink, noise = VideoSink(Path(sys.argv[1]), 30.0), np.random.default_rng(1)
try:
    for number in range(200):
        image = noise.integers(0, 255, (240, 320, 3), np.uint8)
        sink.add(AnnotatedFrame(Frame(number, number, 0.0, number / 30, image), ()))
except SessionError as error:
    print(error.user_message)
try:
    sink.close()
except SessionError as error:
    print(error.user_message)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
    assert "No space left on device" in ran.stdout
