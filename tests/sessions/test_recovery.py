"""A session whose program died is finished by the next start: readable, and rows agree with
frames, wherever the files were cut."""

import itertools
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.recorded import about, boxes, length_s, rows, session_writer, times_s, write_frames
from helpers.results import annotated, face

from fercam.core.errors import SessionError
from fercam.recording import remux, repair
from fercam.recording.lock import SessionLock
from fercam.recording.session_json import (
    Marker,
    Person,
    SessionInfo,
    Span,
    read_session_json,
    write_session_json,
)
from fercam.sessions.recovery import recover, recover_all, unfinished, words

FRAME_S = 1 / 30
TESTS = Path(__file__).resolve().parent.parent

RECORD = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from helpers.results import annotated, face
from fercam.recording.session import SessionWriter

session = SessionWriter(Path(sys.argv[1]), source={}, model_name="m", model_sha256="0", clean=True,
                        fps_hint=30.0)
started_s = time.monotonic()
for number in range(10_000):
    now_s = time.monotonic() - started_s
    result = annotated(face(), number=number, t_s=now_s, size=(320, 240))
    session.add(result, result.frame.image)
    print(now_s, flush=True)
    time.sleep(1 / 30)
"""


@pytest.fixture(scope="module")
def died(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a program leaves it that dies after three seconds with two people."""
    folder = tmp_path_factory.mktemp("died") / "s"
    live = folder.with_name("live")
    session = session_writer(live, clean=True, fps_hint=30.0, markers=[Marker(0.5, "hello")])
    for number in range(90):
        result = annotated(face(1), face(2), number=number, size=(160, 120))
        session.add(result, result.frame.image)
    shutil.copytree(live, folder)
    (folder / ".lock").touch()
    session.finish()
    return folder


def copied(died: Path, folder: Path) -> Path:
    shutil.copytree(died, folder)
    return folder


def cut(file: Path, size: int) -> None:
    os.truncate(file, size)


def assert_agreeing(folder: Path, info: SessionInfo) -> None:
    """All that is left can be read, and is the same stretch of time in every file."""
    assert about(folder)["state"] == "recovered"
    frames = {int(row["frame"]) for row in rows(folder)}
    assert frames == set(range(info.written))
    assert all(len(row) == 18 and None not in row.values() for row in rows(folder))
    for name in ("video.mp4", "clean.mp4"):
        if (folder / name).exists() and f"{name} cannot be read" not in info.note:
            assert len(times_s(folder / name)) == info.written
            assert length_s(folder / name) == pytest.approx(info.duration_s, abs=FRAME_S)


def test_a_session_that_broke_off_is_found_finished_and_told_of(died: Path, tmp_path: Path) -> None:
    copied(died, tmp_path / "a")
    copied(died, tmp_path / "batch" / "b")
    assert unfinished(tmp_path) == [tmp_path / "a", tmp_path / "batch" / "b"]
    infos = recover_all(tmp_path)
    assert words(infos) == "2 unfinished sessions recovered: 0:05 saved"
    assert unfinished(tmp_path) == []
    assert recover_all(tmp_path) == []
    for folder, info in zip((tmp_path / "a", tmp_path / "batch" / "b"), infos, strict=True):
        assert_agreeing(folder, info)
        assert info.duration_s >= 2.4
        assert [person.id for person in info.people] == [1, 2]
        with av.open(str(folder / "video.mp4")) as container:
            titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
        assert titles == ["Start", "hello"]
        assert sorted(path.name for path in folder.iterdir()) == [
            "clean.mp4", "frames.csv", "session.json", "video.mp4",
        ]  # fmt: skip


def test_words_for_what_was_saved() -> None:
    def info(seconds: float) -> SessionInfo:
        return SessionInfo("recovered", {}, "m", "0", "", "1", duration_s=seconds, written=1)

    assert words([]) == ""
    assert words([info(761.2)]) == "1 unfinished session recovered: 12:41 saved"
    assert words([info(3600), info(61)]) == "2 unfinished sessions recovered: 1:01:01 saved"


def test_cut_at_every_fragment_and_at_odd_bytes_it_is_readable(died: Path, tmp_path: Path) -> None:
    ends = [end for _, end in boxes(died / "video.mp4")]
    whole = (died / "video.mp4").stat().st_size
    odd = random.Random(5)
    sizes = {*ends, *(end + 1 for end in ends), *(end - 1 for end in ends), 0, 50,
             *(odd.randrange(whole) for _ in range(10))}  # fmt: skip
    for number, size in enumerate(sorted(min(size, whole) for size in sizes)):
        folder = copied(died, tmp_path / str(number))
        for name in ("video.mp4", "clean.mp4"):
            cut(folder / name, min(size, (folder / name).stat().st_size))
        info = recover(folder)
        assert_agreeing(folder, info)
        shutil.rmtree(folder)


def test_a_table_cut_anywhere_ends_with_a_whole_frame(died: Path, tmp_path: Path) -> None:
    whole = (died / "frames.csv").stat().st_size
    odd = random.Random(7)
    for number in range(12):
        folder = copied(died, tmp_path / str(number))
        cut(folder / "frames.csv", odd.randrange(whole // 2, whole))
        info = recover(folder)
        assert_agreeing(folder, info)
        assert info.written < 90


def test_room_that_was_given_but_never_filled_is_cut_off(died: Path, tmp_path: Path) -> None:
    """After a power loss a file may end in zeros, in the middle of a fragment too."""
    folder = copied(died, tmp_path / "s")
    for name in ("video.mp4", "clean.mp4", "frames.csv"):
        content = (folder / name).read_bytes()
        kept = int(len(content) * 0.9)
        (folder / name).write_bytes(content[:kept] + bytes(len(content) - kept + 5000))
    info = recover(folder)
    assert_agreeing(folder, info)
    assert info.written >= 60


def test_without_room_for_a_copy_it_is_readable_all_the_same(
    died: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remux, "room_bytes", lambda folder: 0)
    folder = copied(died, tmp_path / "s")
    cut(folder / "video.mp4", (folder / "video.mp4").stat().st_size - 3)
    info = recover(folder)
    assert about(folder)["state"] == "recovered"
    assert len(times_s(folder / "video.mp4")) == info.written == len(rows(folder)) / 2


def test_a_second_index_is_cut_off(
    died: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing writes it at the end; only then the first one is put out of force."""
    monkeypatch.setattr(remux, "room_bytes", lambda folder: 0)
    folder = copied(died, tmp_path / "s")
    with (folder / "video.mp4").open("ab") as video:
        video.write(b"\0\0\0\x08moov")
    assert_agreeing(folder, recover(folder))
    assert [name for name, _ in boxes(folder / "video.mp4")].count("moov") == 1


def test_a_file_that_lacks_much_takes_nothing_from_the_others(tmp_path: Path) -> None:
    session = session_writer(tmp_path / "live", clean=True, fps_hint=10.0)
    write_frames(session, [number / 10 for number in range(100)], size=(64, 48))
    folder = copied(tmp_path / "live", tmp_path / "s")
    session.finish()
    cut(folder / "clean.mp4", boxes(folder / "clean.mp4")[6][1])
    info = recover(folder)
    assert info.written == len(rows(folder)) == len(times_s(folder / "video.mp4")) >= 90
    assert "clean.mp4 ends after" in info.note
    assert 0 < len(times_s(folder / "clean.mp4")) < 50


def test_what_was_said_of_it_is_kept_as_far_as_it_goes(died: Path, tmp_path: Path) -> None:
    folder = copied(died, tmp_path / "s")
    for name in ("session.json.1.part", "clean.part.mp4"):
        (folder / name).touch()
    rests = Span(1, 2), Span(50, 60)
    said = replace(
        read_session_json(folder),
        people=(Person(1, "Ann"), Person(9, "Nobody")),
        markers=(Marker(0.5, "hello"), Marker(99, "too late")),
        pauses=rests,
        note="It was cold.",
    )
    write_session_json(folder, said)
    (folder / "clean.mp4").write_bytes(b"nothing")
    info = recover(folder)
    assert info.people == (Person(1, "Ann"), Person(2))
    assert [one.t_s for one in info.markers] == [0.5, info.duration_s]
    assert info.pauses == rests[:1]
    assert info.note == "It was cold. clean.mp4 cannot be read."
    assert not list(folder.glob("*.part*"))


def test_of_a_session_without_a_frame_nothing_is_left(died: Path, tmp_path: Path) -> None:
    folder = copied(died, tmp_path / "s")
    for name in ("video.mp4", "clean.mp4"):
        cut(folder / name, 72)
    cut(folder / "frames.csv", 20)
    (folder / "sound.wav").touch()
    infos = recover_all(tmp_path)
    assert [info.written for info in infos] == [0]
    assert words(infos) == ""
    assert not folder.exists()


def test_a_large_video_that_cannot_be_read_is_kept_with_a_word_about_it(
    died: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "_WORTHLESS_BYTES", 1000)
    folder = copied(died, tmp_path / "s")
    (folder / "frames.csv").write_text("")
    (folder / "video.mp4").write_bytes(b"x" * 500)
    (folder / "clean.mp4").write_bytes(b"x" * 2000)
    info = recover(folder)
    assert (info.state, info.written) == ("recovered", 0)
    assert "clean.mp4 cannot be read" in info.note
    assert (folder / "clean.mp4").stat().st_size == 2000
    assert not (folder / "video.mp4").exists()
    assert (folder / "session.json").exists()


def test_what_is_being_written_or_is_finished_is_left_alone(died: Path, tmp_path: Path) -> None:
    folder = copied(died, tmp_path / "s")
    with SessionLock(folder):
        assert unfinished(tmp_path) == []
        with pytest.raises(SessionError, match="being recorded"):
            recover(folder)
    session = session_writer(tmp_path / "done", video=False)
    write_frames(session, [0.0, 0.1])
    session.finish()
    before = {path: path.read_bytes() for path in (tmp_path / "done").iterdir()}
    assert recover(tmp_path / "done").state == "finished"
    assert {path: path.read_bytes() for path in (tmp_path / "done").iterdir()} == before


def test_foreign_and_damaged_folders_are_passed_over(died: Path, tmp_path: Path) -> None:
    for name, text in (("other", "{}"), ("broken", "{"), (".trash", '{"state": "recording"}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "session.json").write_text(text)
    deleted = copied(died, tmp_path / ".deleted" / "s")
    assert unfinished(deleted.parent) == [deleted]
    assert unfinished(tmp_path) == recover_all(tmp_path) == []
    assert unfinished(tmp_path / "missing") == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_sentence(died: Path, tmp_path: Path) -> None:
    folder = copied(died, tmp_path / "s")
    folder.chmod(0o500)
    try:
        with pytest.raises(SessionError, match="cannot be written"):
            recover(folder)
        assert recover_all(tmp_path) == []
    finally:
        folder.chmod(0o700)


@pytest.mark.slow
def test_killed_at_any_moment_at_most_a_second_and_a_half_is_lost(tmp_path: Path) -> None:
    moments = random.Random(11)
    lost_s = []
    for number in range(20):
        folder = tmp_path / str(number)
        with subprocess.Popen(
            [sys.executable, "-c", RECORD, str(folder), str(TESTS)],
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdout is not None
            first = program.stdout.readline()
            time.sleep(moments.uniform(0.2, 6.0))
            program.kill()
            written_s = [float(line) for line in (first + program.stdout.read()).splitlines()]
        assert unfinished(tmp_path) == [folder]
        info = recover(folder)
        assert_agreeing(folder, info)
        lost_s.append(written_s[-1] - info.duration_s)
    assert max(lost_s) <= 1.5, sorted(lost_s)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB of its own."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("a small file system can be mounted by root on Linux only")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_disk_that_fills_leaves_a_video_that_plays_and_a_table_that_reads(
    small_disk: Path,
) -> None:
    noise = np.random.default_rng(3)
    session = session_writer(small_disk / "s", clean=True, fps_hint=30.0)
    with pytest.raises(SessionError, match="No space left"):
        for number in itertools.count():
            result = annotated(face(), number=number)
            shape = result.frame.image.shape
            session.add(result, noise.integers(0, 255, shape).astype(np.uint8))
    summary = session.abort("The disk is full.")
    assert summary.frames == len(rows(small_disk / "s")) > 10
    for name in ("video.mp4", "clean.mp4"):
        assert len(times_s(small_disk / "s" / name)) >= summary.frames
    assert about(small_disk / "s")["frames"]["written"] == summary.frames


@pytest.mark.slow
def test_on_a_read_only_disk_nothing_is_harmed_and_told_in_a_sentence(
    small_disk: Path, died: Path
) -> None:
    copied(died, small_disk / "s")
    before = {path.name: path.read_bytes() for path in (small_disk / "s").iterdir()}
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert unfinished(small_disk) == [small_disk / "s"]
    assert recover_all(small_disk) == []
    with pytest.raises(SessionError, match="cannot be written"):
        recover(small_disk / "s")
    with pytest.raises(SessionError, match="cannot be created"):
        session_writer(small_disk / "new")
    assert {path.name: path.read_bytes() for path in (small_disk / "s").iterdir()} == before
