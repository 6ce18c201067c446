"""A recording never holds up the pipeline, is true to the moments of capture, and always ends with
readable files."""

import csv
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from helpers.capture import START_NS, Ear, about, captured, labelled, until
from helpers.results import face

from fercam.core.errors import SessionError
from fercam.core.values import AnnotatedFrame
from fercam.recording import inbox
from fercam.recording import recorder as module
from fercam.recording.disk import STOP_BELOW, WARN_BELOW, room_bytes
from fercam.recording.options import RecordOptions
from fercam.recording.recorder import Recorder
from fercam.recording.session import SessionWriter
from fercam.recording.session_json import read_session_json

PLENTY = 10 * WARN_BELOW


class Clock:
    """The moment, as the recorder believes it."""

    def __init__(self) -> None:
        self.t_s = 0.0

    def __call__(self) -> int:
        return START_NS + round(self.t_s * 1e9)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def start(tmp_path: Path, clock: Clock, ear: Ear) -> Iterator[Callable[..., Recorder]]:
    """Start recordings into the folder `s`; all are ended after the test."""
    made: list[Recorder] = []

    def make(**options: Any) -> Recorder:
        more = {
            name: options.pop(name) for name in ("room", "sound", "lost_after_s") if name in options
        }
        wanted = RecordOptions(**{"folder": tmp_path / "s", **options})
        more.setdefault("room", lambda folder: PLENTY)
        made.append(Recorder(wanted, about, ear, now_ns=clock, **more))
        made[-1].start()
        return made[-1]

    yield make
    for recorder in made:
        recorder.stop()
        assert recorder.join(20)


def offer_all(recorder: Recorder, frames: list[AnnotatedFrame]) -> None:
    """Offer frames without a drop."""
    for annotated in frames:
        recorder.offer(annotated)
        until(lambda: len(recorder._inbox) < 3)


def times_s(video: Path) -> list[float]:
    with av.open(str(video)) as container:
        return [float(frame.time or 0) for frame in container.decode(video=0)]


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "frames.csv").read_text().splitlines()))


def test_both_videos_the_table_and_the_description_agree(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path
) -> None:
    recorder = start()
    offer_all(recorder, [captured(number / 30, face(1)) for number in range(20)])
    recorder.stop()
    assert recorder.join(20)
    folder = tmp_path / "s"
    info = read_session_json(folder)
    assert (info.state, info.written, info.dropped) == ("finished", 20, 0)
    assert (info.model, info.source["description"]) == ("tiny", "Test camera")
    assert len(rows(folder)) == len(times_s(folder / "video.mp4")) == 20
    assert len(times_s(folder / "clean.mp4")) == 20
    assert not ear.last.active and not ear.last.finishing and not ear.last.failure
    assert ear.last.summary is not None and ear.last.summary.frames == 20
    assert ear.last.folder == folder
    assert [status.finishing for status in ear.told].count(True) >= 1


def test_a_wandering_rate_keeps_every_moment_of_capture_and_the_length(
    start: Callable[..., Recorder], tmp_path: Path
) -> None:
    rng = np.random.default_rng(5)
    moments_s = np.cumsum(1 / rng.uniform(8, 30, 150)) + 3.0
    recorder = start()
    offer_all(recorder, [captured(t_s) for t_s in moments_s])
    recorder.stop()
    assert recorder.join(20)
    for name in ("video.mp4", "clean.mp4"):
        stamps_s = np.array(times_s(tmp_path / "s" / name))
        assert np.abs(stamps_s - (moments_s - moments_s[0])).max() <= 0.002
        with av.open(str(tmp_path / "s" / name)) as container:
            length_s = (container.duration or 0) / av.time_base
        assert 0 <= length_s - (moments_s[-1] - moments_s[0]) <= 1 / 8 + 0.01


def test_the_numbers_alone_can_be_recorded(start: Callable[..., Recorder], tmp_path: Path) -> None:
    recorder = start(video=False, clean=False)
    offer_all(recorder, [captured(0.0, face(1)), captured(0.1)])
    recorder.stop()
    assert recorder.join(20)
    assert sorted(file.name for file in (tmp_path / "s").iterdir()) == [
        "frames.csv",
        "session.json",
    ]


def test_a_rest_is_left_out_of_every_file_and_written_down(
    start: Callable[..., Recorder], clock: Clock, ear: Ear, tmp_path: Path
) -> None:
    recorder = start()
    offer_all(recorder, [captured(0.0), captured(0.1), captured(0.2)])
    clock.t_s = 0.25
    recorder.pause(True)
    until(lambda: ear.last.paused)
    recorder.offer(captured(0.3))
    clock.t_s = 10.25
    recorder.pause(False)
    recorder.offer(captured(10.2))  # captured while it rested, and late
    offer_all(recorder, [captured(10.3), captured(10.4)])
    recorder.stop()
    assert recorder.join(20)
    expected_s = [0, 0.1, 0.2, 0.3, 0.4]
    assert times_s(tmp_path / "s" / "video.mp4") == pytest.approx(expected_s, abs=0.002)
    assert [float(row["time_s"]) for row in rows(tmp_path / "s")] == pytest.approx(expected_s)
    info = read_session_json(tmp_path / "s")
    assert [(pause.start_s, pause.end_s) for pause in info.pauses] == [
        (pytest.approx(0.25), pytest.approx(10.25))
    ]


@pytest.mark.parametrize("paused", [True, False])
def test_it_can_be_stopped_at_any_moment(
    start: Callable[..., Recorder], clock: Clock, ear: Ear, tmp_path: Path, paused: bool
) -> None:
    recorder = start()
    offer_all(recorder, [captured(0.0), captured(0.1)])
    if paused:
        clock.t_s = 0.15
        recorder.pause(True)
    recorder.stop()
    recorder.stop()
    recorder.pause(False)
    recorder.offer(captured(0.3))
    recorder.add_marker("too late")
    assert recorder.join(20)
    assert read_session_json(tmp_path / "s").written == 2
    assert not ear.last.paused


def test_without_a_picture_nothing_is_left(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path
) -> None:
    recorder = start()
    recorder.add_marker("nothing to mark")
    recorder.stop()
    assert recorder.join(20)
    assert ear.last.summary is None
    assert list(tmp_path.iterdir()) == []


def test_it_ends_by_itself_after_its_time(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path
) -> None:
    recorder = start(duration_s=0.5)
    offer_all(recorder, [captured(number / 10) for number in range(5)])
    recorder.offer(captured(0.5))
    assert recorder.join(20)
    assert recorder.stopped
    assert times_s(tmp_path / "s" / "video.mp4")[-1] == pytest.approx(0.4, abs=0.002)


def test_a_slow_disk_drops_counts_and_keeps_the_times_true(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    add = SessionWriter.add

    def slow_add(self: SessionWriter, *frame: Any) -> None:
        assert go_on.wait(20)
        add(self, *frame)

    monkeypatch.setattr(SessionWriter, "add", slow_add)
    size = captured(0).frame.image.nbytes
    monkeypatch.setattr(inbox, "MOST_BYTES", 6 * size)
    recorder = start()
    for number in range(30):  # never waits, though nothing is written
        recorder.offer(captured(number / 30))
    go_on.set()
    until(lambda: not recorder._inbox)
    offer_all(recorder, [captured(1.0)])
    recorder.stop()
    assert recorder.join(20)
    info = read_session_json(tmp_path / "s")
    assert info.offered == 31
    assert ear.last.dropped == info.dropped > 20
    written = rows(tmp_path / "s")
    assert len(written) == info.written
    assert float(written[-1]["time_s"]) == pytest.approx(1.0)
    assert times_s(tmp_path / "s" / "video.mp4")[-1] == pytest.approx(1.0, abs=0.002)


def test_a_few_pictures_may_wait_however_large_they_are(
    start: Callable[..., Recorder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_BYTES", 1)
    recorder = start()
    for number in range(4):
        recorder.offer(captured(number / 30))
    recorder.stop()
    assert recorder.join(20)
    info = read_session_json(tmp_path / "s")
    assert (info.written, info.dropped) == (4, 0)


def test_frames_lost_on_the_way_are_counted_but_not_those_before_it_began_or_while_it_rested(
    start: Callable[..., Recorder], clock: Clock, tmp_path: Path
) -> None:
    recorder = start()
    for t_s, lost in ((0.0, 7), (0.1, 7), (0.2, 9), (0.3, 10)):
        recorder.offer(captured(t_s), lost)
    clock.t_s = 0.35
    recorder.pause(True)
    recorder.offer(captured(0.4), 20)
    clock.t_s = 10.0
    recorder.pause(False)
    for t_s, lost in ((10.1, 30), (10.2, 31)):
        recorder.offer(captured(t_s), lost)
    recorder.stop()
    assert recorder.join(20)
    info = read_session_json(tmp_path / "s")
    assert (info.written, info.dropped) == (6, 4)


def test_little_room_warns_and_hardly_any_ends_it_with_all_that_was_recorded(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TELL_EVERY_S", 0.01)
    room = [PLENTY]
    recorder = start(room=lambda folder: room[0])
    offer_all(recorder, [captured(0.0), captured(0.1)])
    until(lambda: ear.last.room_bytes == PLENTY)
    assert ear.last.warning == ""
    room[0] = WARN_BELOW - 1
    until(lambda: "500 MB are free" in ear.last.warning)
    assert ear.last.active
    room[0] = PLENTY
    until(lambda: ear.last.warning == "")
    room[0] = STOP_BELOW - 1
    assert recorder.join(20)
    assert "nearly full" in ear.last.note
    assert not ear.last.failure
    assert len(times_s(tmp_path / "s" / "video.mp4")) == 2
    assert "nearly full" in read_session_json(tmp_path / "s").note


def test_the_room_for_a_folder_is_that_of_the_disk_it_will_be_on(tmp_path: Path) -> None:
    assert room_bytes(tmp_path / "not" / "yet") == pytest.approx(room_bytes(tmp_path), rel=0.1)


def test_it_does_not_begin_on_a_full_disk(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path
) -> None:
    recorder = start(room=lambda folder: STOP_BELOW - 1)
    recorder.offer(captured(0.0))
    assert recorder.join(20)
    assert "too full" in ear.last.failure
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_one_sentence(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path
) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine.txt").write_text("mine")
    recorder = start()
    recorder.offer(captured(0.0))
    assert recorder.join(20)
    assert "s" in ear.last.failure and "\n" not in ear.last.failure
    assert [file.name for file in (tmp_path / "s").iterdir()] == ["mine.txt"]


def test_a_disk_that_fails_is_one_sentence_and_what_was_written_is_kept(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = SessionWriter.add

    def failing_add(self: SessionWriter, annotated: AnnotatedFrame, painted: Any) -> None:
        if annotated.frame.t_media_s > 0.35:
            raise SessionError("The disk is gone.")
        add(self, annotated, painted)

    monkeypatch.setattr(SessionWriter, "add", failing_add)
    recorder = start()
    offer_all(recorder, [captured(number / 10) for number in range(5)])
    assert recorder.join(20)
    assert ear.last.failure == "The disk is gone."
    info = read_session_json(tmp_path / "s")
    assert (info.written, info.note) == (4, "The disk is gone.")
    assert len(times_s(tmp_path / "s" / "video.mp4")) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody delete open files")
def test_a_folder_that_vanishes_is_one_sentence_and_the_recorder_ends(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path
) -> None:
    recorder = start()
    offer_all(recorder, [captured(0.0, labelled(face(1), 0.9))])  # its peak is still to be written
    until(lambda: recorder.status.bytes)
    shutil.rmtree(tmp_path / "s")
    recorder.add_marker("here")
    assert recorder.join(20)
    assert "cannot be written" in ear.last.failure
    assert not ear.last.active and not ear.last.finishing
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_sends_nothing_for_long_ends_it(
    start: Callable[..., Recorder], ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TELL_EVERY_S", 0.01)
    recorder = start(lost_after_s=0.3)
    offer_all(recorder, [captured(0.0)])
    assert recorder.join(20)
    assert "No picture came" in ear.last.note
    assert read_session_json(tmp_path / "s").written == 1


def test_a_rest_may_be_as_long_as_one_likes(
    start: Callable[..., Recorder], clock: Clock, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TELL_EVERY_S", 0.01)
    recorder = start(lost_after_s=0.3)
    offer_all(recorder, [captured(0.0)])
    recorder.pause(True)
    until(lambda: ear.last.paused)
    told = len(ear.told)
    until(lambda: len(ear.told) > told + 40)  # at least twice the time after which it is lost
    assert not recorder.stopped
    clock.t_s = 5.0
    recorder.pause(False)
    until(lambda: not ear.last.paused)
    told = len(ear.told)
    until(lambda: len(ear.told) > told + 1)  # it has looked, and waits for pictures anew
    offer_all(recorder, [captured(5.1)])
    recorder.stop()
    assert recorder.join(20)
    assert ear.last.summary.frames == 2


def test_markers_are_rows_of_the_description_and_chapters_of_the_videos(
    start: Callable[..., Recorder], clock: Clock, ear: Ear, tmp_path: Path
) -> None:
    recorder = start()
    offer_all(recorder, [captured(number / 10) for number in range(10)])
    clock.t_s = 0.75
    recorder.add_marker("now")
    recorder.add_marker("meant earlier", START_NS + 500_000_000)
    recorder.add_marker("before it began", START_NS - 1_000_000_000)
    until(lambda: len(ear.last.markers) == 3)
    recorder.stop()
    assert recorder.join(20)
    markers = read_session_json(tmp_path / "s").markers
    assert [(marker.t_s, marker.text) for marker in markers] == [
        (0, "before it began"),
        (pytest.approx(0.5), "meant earlier"),
        (pytest.approx(0.75), "now"),
    ]
    with av.open(str(tmp_path / "s" / "video.mp4")) as container:
        titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
    assert titles[-2:] == ["meant earlier", "now"]


def test_peaks_become_suggested_markers(start: Callable[..., Recorder], tmp_path: Path) -> None:
    recorder = start(video=False, clean=False)
    shares = [0.1, 0.5, 0.7, 0.9, 0.7, 0.3, 0.1]
    offer_all(
        recorder,
        [
            captured(n / 10, labelled(face(2), happy), labelled(face(0), happy))  # 0: not known
            for n, happy in enumerate(shares)
        ],
    )
    recorder.stop()
    assert recorder.join(20)
    markers = read_session_json(tmp_path / "s").markers
    assert [(m.emotion, m.text) for m in markers] == [("happy", "Person 2 looks happy, 90%")]
    assert markers[0].t_s == pytest.approx(0.3)


def test_it_tells_how_it_goes(start: Callable[..., Recorder], ear: Ear) -> None:
    recorder = start()
    until(lambda: ear.told)
    assert ear.told[0].active and ear.told[0].seconds == 0
    offer_all(recorder, [captured(number / 10) for number in range(20)])
    until(lambda: ear.last.seconds >= 1.9 and ear.last.bytes > 0 and ear.last.room_bytes)
    recorder.stop()
    assert recorder.join(20)
    seconds = [status.seconds for status in ear.told]
    assert all(earlier <= later for earlier, later in pairwise(seconds))
