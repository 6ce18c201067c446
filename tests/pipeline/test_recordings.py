"""Recording through the live pipeline: what the window and `fercam record` do."""

import csv
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.capture import until

from fercam import paths
from fercam.capture import registry
from fercam.capture.demo import DemoSource
from fercam.capture.source import FrameSource
from fercam.core.errors import SourceLost
from fercam.core.values import Frame
from fercam.pipeline.events import (
    NeutralProgress,
    PipelineStats,
    RecordingStatus,
    RecordOptions,
    SaveRule,
    State,
    WatchOptions,
)
from fercam.pipeline.live import LivePipeline
from fercam.pipeline.recordings import NO_REPLAY, NOTHING_WATCHED
from fercam.pipeline.run import Run
from fercam.recording.session_json import SessionInfo, read_session_json


class Listener:
    """Remembers what it heard."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.saved: list[tuple[str, bool]] = []
        self.recordings: list[RecordingStatus] = []

    def on_state(self, state: State, message: str) -> None:
        self.states.append(state)

    def on_stats(self, stats: PipelineStats) -> None: ...
    def on_refused(self, in_use: WatchOptions, message: str) -> None: ...
    def on_neutral(self, progress: NeutralProgress) -> None: ...

    def on_saved(self, message: str, failed: bool) -> None:
        self.saved.append((message, failed))

    def on_recording(self, status: RecordingStatus) -> None:
        self.recordings.append(status)

    def until_recorded(self, seconds: float) -> None:
        until(lambda: self.recordings and self.recordings[-1].seconds >= seconds)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sessions go."""
    monkeypatch.setattr(paths, "sessions_dir", lambda: tmp_path / "sessions")
    return tmp_path / "sessions"


@pytest.fixture
def pipeline(listener: Listener, sessions: Path) -> Iterator[LivePipeline]:
    before = set(threading.enumerate())
    pipeline = LivePipeline(listener)
    yield pipeline
    pipeline.close()
    assert pipeline.join(20)
    until(lambda: set(threading.enumerate()) <= before)


def frames_in(video: Path) -> int:
    with av.open(str(video)) as container:
        return sum(1 for _ in container.decode(video=0))


def whole(folder: Path) -> SessionInfo:
    """Return a session's description, having seen that all its files agree."""
    info = read_session_json(folder)
    table = list(csv.DictReader((folder / "frames.csv").read_text().splitlines()))
    assert info.state == "finished"
    assert len({row["frame"] for row in table}) == info.written
    assert frames_in(folder / "video.mp4") == frames_in(folder / "clean.mp4") == info.written
    return info


def test_the_window_loads_no_opencv_and_no_ffmpeg_to_have_it_at_hand() -> None:
    code = "import sys, fercam.pipeline.recordings; print(sorted({'av', 'cv2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_watched_is_recorded_until_it_is_stopped(
    pipeline: LivePipeline, listener: Listener, sessions: Path, tiny_bundle: Path
) -> None:
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    pipeline.start_recording(RecordOptions())
    pipeline.start_recording(RecordOptions())  # pressed twice: one recording
    listener.until_recorded(0.5)
    pipeline.add_marker("here")
    until(lambda: [marker.text for marker in listener.recordings[-1].markers] == ["here"])
    pipeline.stop_recording()
    until(lambda: listener.saved)
    (folder,) = sessions.iterdir()
    message, failed = listener.saved[0]
    assert not failed and str(folder) in message
    info = whole(folder)
    assert info.source == {"description": "Demo (640x480)"}
    assert info.model == "tiny"
    assert [person.id for person in info.people] == [1]
    assert not listener.recordings[-1].active
    before = pipeline.newest_result.get()
    until(lambda: pipeline.newest_result.get() is not before)  # watching goes on


def test_one_recording_after_the_other(
    pipeline: LivePipeline, listener: Listener, sessions: Path, tiny_bundle: Path
) -> None:
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    for _ in range(2):
        pipeline.start_recording(RecordOptions())
        until(lambda: listener.recordings[-1].active and listener.recordings[-1].seconds > 0)
        pipeline.stop_recording()
    until(lambda: len(listener.saved) == 2)
    assert [whole(folder).state for folder in sorted(sessions.iterdir())] == ["finished"] * 2


def test_another_source_ends_it_and_so_does_the_end_of_watching(
    pipeline: LivePipeline, listener: Listener, sessions: Path, tiny_bundle: Path
) -> None:
    for go_on in (
        lambda: pipeline.start("demo:two", WatchOptions(str(tiny_bundle))),
        pipeline.request_stop,
    ):
        pipeline.start("demo", WatchOptions(str(tiny_bundle)))
        listener.saved.clear()
        pipeline.start_recording(RecordOptions())
        until(lambda: listener.recordings[-1].active and listener.recordings[-1].seconds > 0.2)
        go_on()
        until(lambda: listener.saved)
        assert not listener.saved[0][1]
    notes = [whole(folder).note for folder in sorted(sessions.iterdir())]
    assert notes == ["Another source was chosen.", ""]


def test_however_fast_the_old_source_ends_the_reason_is_the_other_one(
    pipeline: LivePipeline,
    listener: Listener,
    sessions: Path,
    tiny_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request_stop = Run.request_stop

    def stop_at_once(run: Run) -> None:
        request_stop(run)
        assert run.join(20)

    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    pipeline.start_recording(RecordOptions())
    listener.until_recorded(0.1)
    monkeypatch.setattr(Run, "request_stop", stop_at_once)
    pipeline.start("demo:two", WatchOptions(str(tiny_bundle)))
    until(lambda: listener.saved)
    (folder,) = sessions.iterdir()
    assert whole(folder).note == "Another source was chosen."
    assert State.STOPPED not in listener.states


def test_closing_waits_until_everything_is_on_the_disk(
    listener: Listener, sessions: Path, tiny_bundle: Path
) -> None:
    pipeline = LivePipeline(listener)
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    pipeline.start_recording(RecordOptions())
    listener.until_recorded(0.3)
    pipeline.request_stop()
    pipeline.close()
    until(lambda: pipeline.join(0.0))
    (folder,) = sessions.iterdir()
    whole(folder)


def test_without_a_source_there_is_nothing_to_record(
    pipeline: LivePipeline, listener: Listener, sessions: Path
) -> None:
    pipeline.start_recording(RecordOptions())
    assert listener.saved == [(NOTHING_WATCHED, True)]
    assert not listener.recordings[-1].active
    assert not sessions.exists()


def test_a_file_that_is_over_ends_its_recording(
    pipeline: LivePipeline, listener: Listener, sessions: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    from helpers.videos import write_video

    video = write_video(tmp_path / "short.mp4", list(range(0, 1500, 50)))
    pipeline.start(str(video), WatchOptions(str(tiny_bundle)))
    pipeline.start_recording(RecordOptions())
    until(lambda: listener.saved)
    (folder,) = sessions.iterdir()
    info = whole(folder)
    assert info.note == "The source is over."
    assert info.written > 5
    assert State.ENDED in listener.states


class Dawn(FrameSource):
    """Ten pictures, each brighter than the one before: 0, 25, ... 225."""

    def __init__(self) -> None:
        self._number = 0

    @property
    def description(self) -> str:
        return "Dawn (320x240)"

    def open(self) -> None:
        pass

    def read(self) -> Frame | None:
        number, self._number = self._number, self._number + 1
        image = np.full((240, 320, 3), 25 * number % 250, np.uint8)
        frame = Frame(number, time.monotonic_ns(), time.time(), number / 30, image)
        return frame if number < 10 else None

    def close(self) -> None:
        pass


def test_the_last_picture_of_a_file_is_recorded_too(
    pipeline: LivePipeline,
    listener: Listener,
    sessions: Path,
    tiny_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "open_source", lambda spec, mode="": Dawn())
    pipeline.start("dawn", WatchOptions(str(tiny_bundle)))
    pipeline.start_recording(RecordOptions())
    until(lambda: listener.saved)
    (folder,) = sessions.iterdir()
    whole(folder)
    with av.open(str(folder / "clean.mp4")) as container:
        *_, last = container.decode(video=0)
    assert last.to_ndarray(format="gray").mean() == pytest.approx(225, abs=8)


class FlakyCamera(FrameSource):
    """Is pulled out after a few frames, and back after half a second."""

    live = True

    def __init__(self) -> None:
        self.pulled = False
        self._left = 20
        self._frame_id = 0

    @property
    def description(self) -> str:
        return "Flaky camera (320x240)"

    def open(self) -> None:
        if self.pulled:
            self._left = 10**9

    def read(self) -> Frame:
        from fercam.capture.demo import demo_image

        time.sleep(0.02)
        self._left -= 1
        if self._left < 0:
            self.pulled = True
            raise SourceLost("The camera was unplugged.")
        self._frame_id += 1
        now_ns = time.monotonic_ns()
        return Frame(self._frame_id, now_ns, time.time(), now_ns / 1e9, demo_image("", 0))

    def close(self) -> None:
        pass


def test_a_recording_outlives_a_pulled_cable_with_true_times(
    pipeline: LivePipeline,
    listener: Listener,
    sessions: Path,
    tiny_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camera = FlakyCamera()
    monkeypatch.setattr(registry, "open_source", lambda spec, mode="": camera)
    pipeline.start("flaky", WatchOptions(str(tiny_bundle)))
    pipeline.start_recording(RecordOptions())
    until(lambda: State.LOST in listener.states)
    assert listener.recordings[-1].active
    until(lambda: listener.states.count(State.RUNNING) == 2)
    recorded_s = listener.recordings[-1].seconds
    listener.until_recorded(recorded_s + 0.5)
    pipeline.stop_recording()
    until(lambda: listener.saved)
    (folder,) = sessions.iterdir()
    whole(folder)
    table = csv.DictReader((folder / "frames.csv").read_text().splitlines())
    times_s = [float(row["time_s"]) for row in table]
    gaps_s = [later - earlier for earlier, later in pairwise(times_s)]
    assert 0.4 < max(gaps_s) < 5  # it was away for half a second


def test_the_last_seconds_are_saved_on_demand_and_by_rules(
    pipeline: LivePipeline, listener: Listener, sessions: Path
) -> None:
    pipeline.save_replay()
    assert listener.saved == [(NO_REPLAY, True)]
    pipeline.start("demo", WatchOptions())
    pipeline.set_replay(5.0, [], RecordOptions())
    until(pipeline.newest_result.get)
    time.sleep(0.5)
    pipeline.save_replay()
    until(lambda: len(listener.saved) == 2)
    assert not listener.saved[1][1]
    (folder,) = sessions.iterdir()
    assert whole(folder).tags == ("replay",)
    rule = SaveRule("neutral", above=0.5, for_s=0.1)  # as the portrait of the demo looks
    pipeline.set_replay(5.0, [rule], RecordOptions())
    until(lambda: len(listener.saved) == 3)
    assert listener.saved[2][0].startswith("Person 1 looks neutral")
    markers = [marker for each in sessions.iterdir() for marker in whole(each).markers]
    assert sorted(marker.text.split()[0] for marker in markers) == ["Person", "Saved"]


def test_what_a_rule_wanted_is_saved_as_of_the_source_it_was_seen_in(
    pipeline: LivePipeline, listener: Listener, sessions: Path
) -> None:
    pipeline.start("demo", WatchOptions())
    rule = SaveRule("neutral", above=0.5, for_s=0.1)  # as the portrait of the demo looks
    pipeline.set_replay(5.0, [rule], RecordOptions(video=False, clean=False))
    replay = pipeline._recordings._replay
    until(lambda: replay is not None and replay._wanted)
    pipeline.start("demo:none", WatchOptions())
    until(lambda: listener.saved)
    (folder,) = sessions.iterdir()
    assert read_session_json(folder).source["description"] == DemoSource("").description
