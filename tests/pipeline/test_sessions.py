"""Analysing a source writes every frame, or nothing at all."""

import csv
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import pytest
from helpers.videos import damage_packets, write_video

from fercam import paths
from fercam.capture import webcam
from fercam.capture.cameras import Camera
from fercam.capture.demo import LOOP_FRAMES, DemoSource, demo_image
from fercam.capture.webcam import WebcamSource
from fercam.core.errors import SessionError, SourceError, UsageError
from fercam.pipeline import sessions
from fercam.pipeline.sessions import (
    STOPPED,
    AnalyzeOptions,
    analyze,
    expand_sources,
    session_folders,
)
from fercam.recording.session import SessionWriter
from fercam.recording.session_json import read_session_json


def run(source: str, folder: Path | None, bundle: Path, **options: object):
    seen: list[tuple[int, int | None]] = []
    session = analyze(
        source,
        folder,
        AnalyzeOptions(model=str(bundle), **options),  # type: ignore[arg-type]
        lambda done, total: seen.append((done, total)),
    )
    return session, seen


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "frames.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def playing_time_s(video: Path) -> float:
    with av.open(str(video)) as container:
        packets = [p for p in container.demux(video=0) if p.pts is not None]
        last = max(packets, key=lambda packet: packet.pts)
        return float((last.pts + last.duration) * last.time_base)


def test_every_frame_of_the_demo_has_its_row_and_its_picture(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    folder = tmp_path / "session"
    session, seen = run("demo", folder, tiny_bundle, duration_s=1.0)
    assert session.summary.frames == 30
    assert session.summary.people == 1
    assert [done for done, _ in seen] == list(range(1, 31))
    table = rows(folder)
    assert [row["frame"] for row in table] == [str(n) for n in range(30)]
    assert {row["face"] for row in table} == {"1"}
    assert playing_time_s(folder / "video.mp4") == pytest.approx(1.0, abs=1 / 30)
    assert json.loads((folder / "session.json").read_text())["state"] == "finished"


def test_two_faces_make_two_rows_and_no_face_makes_one_empty_row(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    run("demo:two", tmp_path / "two", tiny_bundle, duration_s=0.1, video=False)
    assert [row["face"] for row in rows(tmp_path / "two")] == ["1", "2"] * 3
    run("demo:none", tmp_path / "none", tiny_bundle, duration_s=0.1, video=False)
    assert [(row["frame"], row["face"]) for row in rows(tmp_path / "none")] == [
        ("0", ""),
        ("1", ""),
        ("2", ""),
    ]
    assert not (tmp_path / "none" / "video.mp4").exists()


def test_a_session_of_a_session_video_has_the_same_length(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    run("demo", tmp_path / "first", tiny_bundle, duration_s=1.0)
    run(str(tmp_path / "first" / "video.mp4"), tmp_path / "second", tiny_bundle)
    assert len(rows(tmp_path / "second")) == 30
    about = json.loads((tmp_path / "second" / "session.json").read_text())
    assert about["source"]["path"].endswith("video.mp4")
    assert len(about["source"]["sha256"]) == 64


def test_a_file_that_breaks_off_keeps_what_was_read_and_says_so(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    whole = tmp_path / "whole.mp4"
    _write_video_with_index_first(whole, frames=60)
    content = whole.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(content[: len(content) // 2])
    session, _ = run(str(cut), tmp_path / "session", tiny_bundle)
    assert "breaks off after" in session.broken_off
    assert 5 < len(rows(tmp_path / "session")) < 60
    about = json.loads((tmp_path / "session" / "session.json").read_text())
    assert "breaks off" in about["note"]


def test_of_a_camera_that_is_pulled_out_nothing_more_is_promised(
    tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = WebcamSource(Camera(0, "Desk camera"))
    pictures = iter([(True, demo_image("", 0))] * 3)
    capture = SimpleNamespace(read=lambda: next(pictures, (False, None)), release=lambda: None)
    monkeypatch.setattr(camera, "open", lambda: setattr(camera, "_capture", capture))
    monkeypatch.setattr(webcam, "is_present", lambda camera: False)
    monkeypatch.setattr(sessions, "open_source", lambda spec, paced: camera)
    session, _ = run("0", tmp_path / "session", tiny_bundle, video=False, duration_s=60.0)
    assert session.summary.frames == 3
    assert session.broken_off == "Desk camera was unplugged."


def test_pictures_that_cannot_be_read_are_named_in_the_session(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    picture = cv2.imencode(".jpg", demo_image("", 0))[1].tobytes()
    for name, content in (("a.jpg", picture), ("b.jpg", picture[:4000]), ("c.jpg", picture)):
        (photos / name).write_bytes(content)
    session, _ = run(str(photos), tmp_path / "session", tiny_bundle, video=False)
    assert session.broken_off == ""
    assert session.left_out == "1 picture cannot be read: b.jpg."
    assert read_session_json(tmp_path / "session").note == session.left_out


def test_damaged_pictures_of_a_video_are_counted_in_the_session(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    video = write_video(tmp_path / "v.mp4", [40 * n for n in range(30)])
    damage_packets(video, [10, 20])
    session, _ = run(str(video), tmp_path / "session", tiny_bundle, video=False)
    assert session.summary.frames == 28
    assert session.to_json()["left_out"] == "2 damaged pictures were left out."
    assert read_session_json(tmp_path / "session").note == session.left_out


@pytest.mark.parametrize("interrupts", [1, 2])
def test_who_stops_while_the_last_frames_are_written_keeps_those_that_are(
    tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, interrupts: int
) -> None:
    done: list[str] = []
    interrupted = threading.Event()
    add, abort = SessionWriter.add, SessionWriter.abort

    def add_slowly(writer: SessionWriter, *frame: object) -> None:
        done.append("begun")
        assert interrupted.wait(20)
        time.sleep(0.1)
        add(writer, *frame)  # type: ignore[arg-type]
        done.append("written")

    def note_abort(writer: SessionWriter, note: str) -> object:
        done.append("aborted")
        return abort(writer, note)

    class Interrupted(ThreadPoolExecutor):
        """Is interrupted when it waits for its end, as Ctrl-C does."""

        left = interrupts

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            if self._thread_name_prefix == "fercam-writer" and self.left:
                self.left -= 1
                interrupted.set()
                raise KeyboardInterrupt
            super().shutdown(wait=wait, cancel_futures=cancel_futures)

    monkeypatch.setattr(SessionWriter, "add", add_slowly)
    monkeypatch.setattr(SessionWriter, "abort", note_abort)
    monkeypatch.setattr(sessions, "ThreadPoolExecutor", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("demo", tmp_path / "session", tiny_bundle, duration_s=0.2, video=False)
    written = done.count("written")
    assert done == ["begun", "written"] * written + ["aborted"]
    assert 0 < written < 6
    about = json.loads((tmp_path / "session" / "session.json").read_text())
    assert (about["state"], about["note"]) == ("finished", STOPPED)
    assert about["frames"]["written"] == len(rows(tmp_path / "session")) == written


def test_a_file_without_any_frame_leaves_nothing_behind(tmp_path: Path, tiny_bundle: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("this is no video")
    with pytest.raises(SourceError, match="is not a video"):
        run(str(text), tmp_path / "session", tiny_bundle)
    assert not (tmp_path / "session").exists()


def test_a_folder_in_use_is_refused_and_untouched(tmp_path: Path, tiny_bundle: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SessionError, match="not empty"):
        run("demo", tmp_path, tiny_bundle, duration_s=0.1)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_sessions_begun_at_the_same_moment_get_folders_of_their_own(
    tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "sessions_dir", lambda: tmp_path / "made")
    moment = tmp_path / "made" / "2026-11-22_14-03-07"
    monkeypatch.setattr(sessions, "stamped_folder", lambda *_: moment)  # both see it free
    made = [run("demo", None, tiny_bundle, duration_s=0.1)[0].folder for _ in range(2)]
    assert made == [moment, moment.with_name("2026-11-22_14-03-07_2")]
    assert [len(rows(folder)) for folder in made] == [3, 3]


def test_an_endless_source_needs_a_duration_unless_it_goes_round(
    tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("demo", tmp_path / "round", tiny_bundle, video=False)
    assert len({row["frame"] for row in rows(tmp_path / "round")}) == LOOP_FRAMES
    monkeypatch.setattr(DemoSource, "round_s", None)
    with pytest.raises(UsageError, match="--duration"):
        run("demo", tmp_path / "session", tiny_bundle)


def test_a_folder_of_videos_is_a_batch_and_one_of_pictures_a_session(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.mov", "notes.txt"):
        (tmp_path / name).touch()
    assert expand_sources([str(tmp_path)]) == [str(tmp_path / "a.mov"), str(tmp_path / "b.mp4")]
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "._a.mp4").touch()  # what another system keeps beside a video
    assert expand_sources([str(tmp_path / "pictures")]) == [str(tmp_path / "pictures")]


def test_a_folder_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(SourceError, match="cannot be read \\(Permission denied\\)"):
        expand_sources([str(tmp_path)])


def test_several_sources_get_folders_of_their_own(tmp_path: Path) -> None:
    folders = session_folders(["x/a.mp4", "y/a.mp4", "b.mp4"], tmp_path)
    assert [folder.name for folder in folders] == ["a", "a~2", "b"]
    folders = session_folders(["x/a~b.mp4", "y/a~b.mp4", "a~2.mp4", "x/a.mp4", "a.mp4"], tmp_path)
    assert [folder.name for folder in folders] == ["a~b", "a~b~2", "a~2", "a", "a~3"]
    folders = session_folders(["A.mp4", "a.mov", "Straße.mp4", "STRASSE.mp4"], tmp_path)
    assert [folder.name for folder in folders] == ["A", "a~2", "Straße", "STRASSE~2"]
    assert session_folders(["a.mp4"], tmp_path) == [tmp_path / "a"]


def test_a_folder_named_after_an_address_has_no_password_and_is_one_that_every_system_takes(
    tmp_path: Path,
) -> None:
    sources = [
        "rtsp://admin:12345@192.168.1.10",
        "http://admin:1/b@192.168.1.10",
        "http://192.168.1.10:8080/live.mjpg?token=12345",
        "screen:0,0,640,480",
        "videos/12:30?.mp4",
        "..",
    ]
    assert [folder.name for folder in session_folders(sources, tmp_path)] == [
        "192.168.1.10", "source", "192.168.1.10_8080_live.mjpg", "screen_0,0,640,480", "12_30_",
        "source~2",
    ]  # fmt: skip


def test_the_webcam_stand_in_is_labelled_on_all_its_587_frames(
    tmp_path: Path, tiny_bundle: Path, shared
) -> None:
    video = shared("media/videos/liveportrait_d9.mp4")
    session, _ = run(str(video), tmp_path / "session", tiny_bundle)
    assert session.summary.frames == 587
    table = rows(tmp_path / "session")
    assert [row["frame"] for row in table] == [str(n) for n in range(587)]
    assert {row["face"] for row in table} == {"1"}
    ours, theirs = playing_time_s(tmp_path / "session" / "video.mp4"), playing_time_s(video)
    assert ours == pytest.approx(theirs, abs=1 / 30)


def _write_video_with_index_first(path: Path, frames: int) -> None:
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height = 640, 480
        for number in range(frames):
            picture = av.VideoFrame.from_ndarray(demo_image("", number), format="bgr24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
