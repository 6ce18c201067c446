"""The live pipeline: it runs, recovers, swaps its model, and ends without a trace."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from fercam.capture import registry
from fercam.capture.demo import demo_image
from fercam.capture.source import FrameSource, LiveClock
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import SourceError, SourceLost
from fercam.core.values import Face, Frame
from fercam.overlay.layout import OverlayOptions
from fercam.pipeline.events import (
    NeutralProgress,
    PipelineStats,
    RecordingStatus,
    State,
    WatchOptions,
)
from fercam.pipeline.live import LivePipeline


class Listener:
    def __init__(self) -> None:
        self.states: list[tuple[State, str]] = []
        self.stats: list[PipelineStats] = []
        self.refused: list[tuple[WatchOptions, str]] = []
        self.lessons: list[NeutralProgress] = []
        self.saved: list[tuple[str, bool]] = []
        self.recordings: list[RecordingStatus] = []

    def on_state(self, state: State, message: str) -> None:
        self.states.append((state, message))

    def on_stats(self, stats: PipelineStats) -> None:
        self.stats.append(stats)

    def on_refused(self, in_use: WatchOptions, message: str) -> None:
        self.refused.append((in_use, message))

    def on_neutral(self, progress: NeutralProgress) -> None:
        self.lessons.append(progress)

    def on_saved(self, message: str, failed: bool) -> None:
        self.saved.append((message, failed))

    def on_recording(self, status: RecordingStatus) -> None:
        self.recordings.append(status)

    def saw(self, state: State) -> bool:
        return state in [seen for seen, _ in self.states]


def until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.01)


def newest_faces(
    pipeline: LivePipeline, wanted: Callable[[Sequence[Face]], object] = bool
) -> Sequence[Face]:
    """Return the faces of the next result that has some, all of them known, and is wanted."""

    def found() -> bool:
        result = pipeline.newest_result.get()
        faces = result.faces if result else ()
        return bool(faces and all(face.detection.track_id for face in faces) and wanted(faces))

    until(found)
    result = pipeline.newest_result.get()
    assert result is not None
    return result.faces


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def pipeline(listener: Listener) -> Iterator[LivePipeline]:
    before = set(threading.enumerate())
    pipeline = LivePipeline(listener)
    yield pipeline
    pipeline.close()
    assert pipeline.join(10)
    until(lambda: set(threading.enumerate()) <= before)
    assert set(threading.enumerate()) <= before


def test_the_demo_is_labelled_and_the_numbers_come(
    pipeline: LivePipeline, listener: Listener, tiny_bundle: Path
) -> None:
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    until(lambda: (result := pipeline.newest_result.get()) and result.faces)
    result = pipeline.newest_result.get()
    assert result is not None
    prediction = result.faces[0].prediction
    assert prediction is not None
    assert prediction.track_id == result.faces[0].detection.track_id
    until(lambda: listener.stats and listener.stats[-1].label_age_ms)
    assert listener.stats[-1].faces == 1
    assert "Demo" in listener.stats[-1].source
    assert [state for state, _ in listener.states] == [State.STARTING, State.RUNNING]
    pipeline.request_stop()
    until(lambda: listener.saw(State.STOPPED))


def test_every_face_of_a_frame_gets_a_label_of_its_own(
    pipeline: LivePipeline, tiny_bundle: Path
) -> None:
    pipeline.start("demo:two", WatchOptions(str(tiny_bundle)))
    until(lambda: (result := pipeline.newest_result.get()) and len(result.faces) == 2)
    result = pipeline.newest_result.get()
    assert result is not None
    assert len({face.prediction.track_id for face in result.faces if face.prediction}) == 2


@pytest.mark.parametrize(
    ("source", "model", "message"),
    [
        ("no such thing", None, "no such thing"),
        ("demo", "no such model", "no such model"),
    ],
)
def test_what_cannot_start_says_why_in_one_sentence(
    pipeline: LivePipeline,
    listener: Listener,
    tiny_bundle: Path,
    source: str,
    model: str | None,
    message: str,
) -> None:
    pipeline.start(source, WatchOptions(model or str(tiny_bundle)))
    until(lambda: listener.saw(State.FAILED))
    assert message in dict(listener.states)[State.FAILED]
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))  # and it can be tried again
    until(pipeline.newest_result.get)


def test_the_source_can_be_changed_while_running(
    pipeline: LivePipeline, listener: Listener, tiny_bundle: Path
) -> None:
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    until(pipeline.newest_result.get)
    pipeline.start("demo:none", WatchOptions(str(tiny_bundle)))
    until(lambda: (result := pipeline.newest_result.get()) and not result.faces)
    assert not listener.saw(State.FAILED)


def test_the_model_can_be_changed_while_running_and_a_bad_one_leaves_the_old(
    pipeline: LivePipeline, listener: Listener, tiny_bundle: Path
) -> None:
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    until(pipeline.newest_result.get)
    pipeline.set_options(WatchOptions("no such model"))
    until(lambda: listener.refused)
    in_use, message = listener.refused[0]
    assert in_use == WatchOptions(str(tiny_bundle))
    assert "no such model" in message
    before = pipeline.newest_result.get()
    until(lambda: pipeline.newest_result.get() is not before)
    pipeline.set_options(WatchOptions(str(tiny_bundle)))
    before = pipeline.newest_result.get()
    until(lambda: pipeline.newest_result.get() is not before)
    assert not listener.saw(State.FAILED)


def test_another_model_is_asked_about_a_picture_that_stands_still(
    pipeline: LivePipeline, tiny_bundle: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "face.png"
    cv2.imwrite(str(picture), demo_image("", 0))
    pipeline.start(str(picture), WatchOptions(str(tiny_bundle)))
    alone = newest_faces(pipeline)[0]
    assert alone.second is None
    pipeline.set_options(WatchOptions(str(tiny_bundle), second_model=str(tiny_bundle)))
    both = newest_faces(pipeline, lambda faces: faces[0].second is not None)[0]
    assert both.detection == alone.detection


class FlakyCamera(FrameSource):
    """Gives a few frames, is pulled out, refuses to open twice, then is back."""

    live = True
    mirrored = True

    def __init__(self) -> None:
        self.opened = 0
        self._left = 0
        self._frame_id = 0

    @property
    def description(self) -> str:
        return "Flaky camera (320x240)"

    def open(self) -> None:
        self.opened += 1
        if self.opened in (2, 3):
            raise SourceError("The camera is not there.")
        self._left = 5 if self.opened == 1 else 10**9

    def read(self) -> Frame:
        time.sleep(0.005)
        self._left -= 1
        if self._left < 0:
            raise SourceLost("The camera was unplugged.")
        self._frame_id += 1
        image = np.full((240, 320, 3), 90, np.uint8)
        return Frame(self._frame_id, time.monotonic_ns(), time.time(), self._frame_id / 200, image)

    def close(self) -> None:
        self._left = 0


def test_an_unplugged_camera_is_announced_and_taken_up_again(
    pipeline: LivePipeline,
    listener: Listener,
    tiny_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camera = FlakyCamera()
    monkeypatch.setattr(registry, "open_source", lambda spec, mode="": camera)
    pipeline.start("0", WatchOptions(str(tiny_bundle)))
    until(lambda: [s for s, _ in listener.states].count(State.RUNNING) == 2)
    states = [state for state, _ in listener.states]
    assert states == [State.STARTING, State.RUNNING, State.LOST, State.RUNNING]
    lost = dict(listener.states)[State.LOST]
    assert lost == "The camera was unplugged. FerCam goes on as soon as it can."
    assert camera.opened == 4
    assert pipeline.mirrored


class SizedCamera(FrameSource):
    """Shows the demo in the size that is wished; `taken` is how often it then refuses to open."""

    live = True

    def __init__(self, taken: int) -> None:
        self._width, self._height = 640, 480
        self._taken = taken
        self._clock = LiveClock()

    @property
    def description(self) -> str:
        return f"Sized camera ({self._width}x{self._height})"

    def wish(self, mode: str) -> bool:
        self._width, self._height = (int(side) for side in mode.partition("@")[0].split("x"))
        return True

    def open(self) -> None:
        if self._width != 640 and self._taken:
            self._taken -= 1
            raise SourceError("The camera is in use by another program.")

    def read(self) -> Frame:
        time.sleep(0.02)
        return self._clock.frame(cv2.resize(demo_image("", 0), (self._width, self._height)))

    def close(self) -> None: ...


@pytest.mark.parametrize("taken", [0, 2])
def test_in_another_size_people_keep_number_and_name_and_time_goes_on(
    pipeline: LivePipeline,
    listener: Listener,
    tiny_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
    taken: int,
) -> None:
    monkeypatch.setattr(registry, "open_source", lambda spec, mode="": SizedCamera(taken))
    pipeline.start("0", WatchOptions(str(tiny_bundle)))
    person = newest_faces(pipeline)[0].detection.track_id
    pipeline.name_person(person, "Grace")
    before = pipeline.newest_result.get()
    pipeline.set_options(WatchOptions(str(tiny_bundle), camera_mode="480x360@30"))

    until(lambda: (result := pipeline.newest_result.get()) and result.frame.image.shape[1] == 480)
    face = newest_faces(pipeline)[0]
    assert (face.detection.track_id, face.name) == (person, "Grace")
    after = pipeline.newest_result.get()
    assert before is not None and after is not None
    assert after.frame.t_media_s > before.frame.t_media_s
    lost = [State.LOST] if taken else []
    states = [state for state, _ in listener.states]
    assert states == [State.STARTING, State.RUNNING, *lost, State.RUNNING]
    if taken:
        assert "in use" in dict(listener.states)[State.LOST]


def test_a_camera_that_waits_for_permission_is_waited_for(
    pipeline: LivePipeline,
    listener: Listener,
    tiny_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camera = FlakyCamera()
    opened: list[int] = []

    def open_when_allowed(self: FlakyCamera) -> None:
        opened.append(1)
        if len(opened) < 3:
            raise SourceLost("The system asks whether FerCam may use the camera.")
        self._left = 10**9

    monkeypatch.setattr(FlakyCamera, "open", open_when_allowed)
    monkeypatch.setattr(registry, "open_source", lambda spec, mode="": camera)
    pipeline.start("0", WatchOptions(str(tiny_bundle)))
    until(lambda: listener.saw(State.RUNNING))
    assert [state for state, _ in listener.states] == [State.STARTING, State.LOST, State.RUNNING]


def test_stopping_while_the_camera_is_gone_ends_every_thread(
    pipeline: LivePipeline,
    listener: Listener,
    tiny_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camera = FlakyCamera()
    camera.opened = 1  # every try to open it fails for a while
    monkeypatch.setattr(FlakyCamera, "read", lambda self: (_ for _ in ()).throw(SourceLost("gone")))
    monkeypatch.setattr(FlakyCamera, "open", lambda self: None)
    monkeypatch.setattr(registry, "open_source", lambda spec, mode="": camera)
    pipeline.start("0", WatchOptions(str(tiny_bundle)))
    until(lambda: listener.saw(State.LOST))
    pipeline.request_stop()
    assert pipeline.join(5)


def test_a_second_model_looks_at_the_same_faces_until_it_is_dropped(
    pipeline: LivePipeline, listener: Listener, tiny_bundle: Path
) -> None:
    one = WatchOptions(str(tiny_bundle))
    both = replace(one, second_model=str(tiny_bundle))
    pipeline.start("demo:two", both)
    faces = newest_faces(pipeline, lambda faces: faces[0].second is not None)
    for face in faces:
        assert face.prediction is not None
        assert face.second is not None
        assert face.second.raw == pytest.approx(face.prediction.raw)
    pipeline.set_options(replace(one, second_model="no such model"))
    until(lambda: listener.refused)
    assert listener.refused[0][0] == both
    pipeline.set_options(one)
    newest_faces(pipeline, lambda faces: faces[0].second is None)


def test_a_person_can_be_given_a_name_until_another_source_is_watched(
    pipeline: LivePipeline, tiny_bundle: Path
) -> None:
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    person = newest_faces(pipeline)[0].detection.track_id
    pipeline.name_person(person, " Grace ")
    newest_faces(pipeline, lambda faces: faces[0].name == "Grace")
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    assert newest_faces(pipeline)[0].name == ""


def test_a_resting_face_is_learned_in_ten_seconds_and_reads_neutral_from_then_on(
    pipeline: LivePipeline,
    listener: Listener,
    tiny_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "neutrals.json"
    monkeypatch.setattr("fercam.paths.user_neutrals_file", lambda: file)
    options = WatchOptions(str(tiny_bundle), smoothing_s=0.0)
    pipeline.start("demo", options)
    face = newest_faces(pipeline)[0]
    person = face.detection.track_id
    pipeline.name_person(person, "Grace")
    pipeline.learn_neutral(person)
    until(lambda: listener.lessons and listener.lessons[-1].over)
    assert listener.lessons[-1].learned, listener.lessons[-1].words
    shares = [lesson.share for lesson in listener.lessons]
    assert shares == sorted(shares)
    assert len({lesson.words for lesson in listener.lessons}) >= 4
    after = newest_faces(pipeline, lambda faces: faces[0].prediction.before is not None)
    prediction = after[0].prediction
    assert prediction is not None and prediction.before is not None
    neutral = EMOTIONS.index("neutral")
    assert prediction.smoothed[neutral] > prediction.before[neutral]
    pipeline.set_options(replace(options, neutral=False))
    newest_faces(pipeline, lambda faces: faces[0].prediction.before is None)
    until(file.exists)
    assert "Grace" in file.read_text()
    pipeline.set_options(options)
    newest_faces(pipeline, lambda faces: faces[0].prediction.before is not None)
    pipeline.forget_neutral(person)
    newest_faces(pipeline, lambda faces: faces[0].prediction.before is None)
    until(lambda: "Grace" not in file.read_text())


def test_learning_a_resting_face_can_be_given_up(
    pipeline: LivePipeline, listener: Listener, tiny_bundle: Path
) -> None:
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    pipeline.learn_neutral(newest_faces(pipeline)[0].detection.track_id)
    until(lambda: listener.lessons)
    pipeline.cancel_neutral()
    until(lambda: listener.lessons[-1].over)
    assert not listener.lessons[-1].learned


def test_it_says_which_parts_of_a_face_mattered(pipeline: LivePipeline, tiny_bundle: Path) -> None:
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    face = newest_faces(pipeline)[0]
    assert face.crop is not None
    pipeline.explain(face.crop, 3)
    until(pipeline.newest_explanation.get)
    explanation = pipeline.newest_explanation.get()
    assert explanation is not None
    assert explanation.crop is face.crop.pixels
    assert explanation.importance.shape == (48, 48)


def test_a_snapshot_says_where_it_is_or_why_not(
    pipeline: LivePipeline,
    listener: Listener,
    tiny_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fercam.paths.snapshots_dir", lambda: tmp_path / "pictures")
    pipeline.start("demo", WatchOptions(str(tiny_bundle)))
    newest_faces(pipeline)
    result = pipeline.newest_result.get()
    assert result is not None
    pipeline.save_snapshot(result, "both", OverlayOptions())
    until(lambda: listener.saved)
    assert not listener.saved[0][1]
    assert len(list((tmp_path / "pictures").iterdir())) == 3
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("fercam.paths.snapshots_dir", lambda: tmp_path / "file")
    pipeline.save_snapshot(result, "clean", OverlayOptions())
    until(lambda: len(listener.saved) == 2)
    assert listener.saved[1][1]
    assert "cannot be written" in listener.saved[1][0]


def test_feeds_are_switched_on_and_off_while_watching(
    pipeline: LivePipeline, tiny_bundle: Path
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(20)
        pipeline.set_feeds({"osc": listening.getsockname()[1]})
        pipeline.start("demo", WatchOptions(str(tiny_bundle)))
        assert b"/fercam/" in listening.recv(4096)
        assert [feed.name for feed in pipeline.feeds] == ["osc"]
        pipeline.set_feeds({})
        until(lambda: not pipeline.feeds)
