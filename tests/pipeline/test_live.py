"""The live pipeline: it runs, recovers, swaps its model, and ends without a trace."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from fercam.capture import registry
from fercam.capture.source import FrameSource
from fercam.core.errors import SourceError, SourceLost
from fercam.core.values import Frame
from fercam.pipeline.events import PipelineStats, State
from fercam.pipeline.live import LivePipeline


class Listener:
    def __init__(self) -> None:
        self.states: list[tuple[State, str]] = []
        self.stats: list[PipelineStats] = []

    def on_state(self, state: State, message: str) -> None:
        self.states.append((state, message))

    def on_stats(self, stats: PipelineStats) -> None:
        self.stats.append(stats)

    def saw(self, state: State) -> bool:
        return state in [seen for seen, _ in self.states]


def until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def pipeline(listener: Listener) -> Iterator[LivePipeline]:
    before = set(threading.enumerate())
    pipeline = LivePipeline(listener)
    yield pipeline
    pipeline.request_stop()
    assert pipeline.join(10)
    assert set(threading.enumerate()) <= before


def test_the_demo_is_labelled_and_the_numbers_come(
    pipeline: LivePipeline, listener: Listener, tiny_bundle: Path
) -> None:
    pipeline.start("demo", str(tiny_bundle))
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
    pipeline.start("demo:two", str(tiny_bundle))
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
    pipeline.start(source, model or str(tiny_bundle))
    until(lambda: listener.saw(State.FAILED))
    assert message in dict(listener.states)[State.FAILED]
    pipeline.start("demo", str(tiny_bundle))  # and it can be tried again
    until(pipeline.newest_result.get)


def test_the_source_can_be_changed_while_running(
    pipeline: LivePipeline, listener: Listener, tiny_bundle: Path
) -> None:
    pipeline.start("demo", str(tiny_bundle))
    until(pipeline.newest_result.get)
    pipeline.start("demo:none", str(tiny_bundle))
    until(lambda: (result := pipeline.newest_result.get()) and not result.faces)
    assert not listener.saw(State.FAILED)


def test_the_model_can_be_changed_while_running_and_a_bad_one_leaves_the_old(
    pipeline: LivePipeline, listener: Listener, tiny_bundle: Path
) -> None:
    pipeline.start("demo", str(tiny_bundle))
    until(pipeline.newest_result.get)
    pipeline.set_model("no such model")
    until(lambda: any("no such model" in message for _, message in listener.states))
    before = pipeline.newest_result.get()
    until(lambda: pipeline.newest_result.get() is not before)
    pipeline.set_model(str(tiny_bundle))
    before = pipeline.newest_result.get()
    until(lambda: pipeline.newest_result.get() is not before)
    assert not listener.saw(State.FAILED)


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
    monkeypatch.setattr(registry, "open_source", lambda spec: camera)
    pipeline.start("0", str(tiny_bundle))
    until(lambda: [s for s, _ in listener.states].count(State.RUNNING) == 2)
    states = [state for state, _ in listener.states]
    assert states == [State.STARTING, State.RUNNING, State.LOST, State.RUNNING]
    assert "unplugged" in dict(listener.states)[State.LOST]
    assert camera.opened == 4
    assert pipeline.mirrored


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
    monkeypatch.setattr(registry, "open_source", lambda spec: camera)
    pipeline.start("0", str(tiny_bundle))
    until(lambda: listener.saw(State.LOST))
    pipeline.request_stop()
    assert pipeline.join(5)
