"""A pipeline that does what a test tells it, and windows that watch it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fercam import paths
from fercam.core.emotions import EMOTIONS
from fercam.core.mailbox import Latest
from fercam.core.values import (
    AnnotatedFrame,
    Box,
    Detection,
    Doubt,
    Face,
    FaceCrop,
    Frame,
    Prediction,
)
from fercam.feed.publisher import FeedStatus
from fercam.overlay.layout import OverlayOptions
from fercam.pipeline import choices
from fercam.pipeline.choices import Choice
from fercam.pipeline.events import PipelineListener, RecordOptions, SaveRule, State, WatchOptions
from fercam.pipeline.reader import Explanation
from fercam.ui.main_window import MainWindow
from fercam.ui.session_bridge import SessionBridge
from fercam.ui.theme import Theme, apply_theme

from .session_fakes import FakeDesk, FakePlayer


def make_frame(number: int = 0, size: tuple[int, int] = (320, 240), age_ms: float = 0.0) -> Frame:
    """A picture whose left half is blue and right half red, captured `age_ms` ago."""
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2] = (255, 0, 0)
    image[:, width // 2 :] = (0, 0, 255)
    image.flags.writeable = False
    captured_ns = time.monotonic_ns() - round(age_ms * 1e6)
    return Frame(number, captured_ns, time.time(), number / 30, image)


def make_prediction(
    track_id: int, label: str, confidence: float, doubt: Doubt | None = None
) -> Prediction:
    """A prediction whose other six emotions share what is left."""
    shares = np.full(7, (1 - confidence) / 6, np.float32)
    shares[EMOTIONS.index(label)] = confidence
    return Prediction(track_id, shares, shares, label, doubt)


def make_face(
    track_id: int = 1,
    label: str = "happy",
    confidence: float = 0.83,
    box: tuple[int, int, int, int] = (40, 60, 80, 80),
    doubt: Doubt | None = None,
) -> Face:
    """A face with its prediction."""
    detection = Detection(
        Box(*box), tuple(map(float, box)), 0.9, np.zeros((5, 2), np.float32), track_id
    )
    return Face(detection, make_prediction(track_id, label, confidence, doubt))


class Clock:
    """Stands still until a test moves it."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def wear(qapp: QApplication) -> Iterator[Callable[[Theme], None]]:
    """Gives the program a theme for as long as the test lasts."""
    palette, style = qapp.palette(), qapp.styleSheet()
    yield lambda theme: apply_theme(qapp, theme)
    qapp.setPalette(palette)
    qapp.setStyleSheet(style)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class FakePipeline:
    """Has the live pipeline's public face; tests set its pictures and speak for it."""

    def __init__(self, listener: PipelineListener) -> None:
        self.listener = listener
        self.newest_frame: Latest[Frame] = Latest()
        self.newest_result: Latest[AnnotatedFrame] = Latest()
        self.newest_explanation: Latest[Explanation] = Latest()
        self.mirrored = False
        self.feeds: list[FeedStatus] = []
        self.started: list[tuple[str, WatchOptions]] = []
        self.options: list[WatchOptions] = []
        self.feeds_wanted: list[dict[str, int]] = []
        self.replays: list[tuple[float, tuple[SaveRule, ...], RecordOptions]] = []
        self.calls: list[tuple[object, ...]] = []
        """Whatever else was asked for: the method's name and its arguments."""
        self.stops = 0
        self.ended = True

    def start(self, source_spec: str, options: WatchOptions) -> None:
        self.started.append((source_spec, options))
        self.newest_frame, self.newest_result = Latest(), Latest()

    def request_stop(self) -> None:
        self.stops += 1

    def join(self, timeout_s: float) -> bool:
        return self.ended

    def close(self) -> None:
        self.calls.append(("close",))

    def set_options(self, options: WatchOptions) -> None:
        self.options.append(options)

    def set_feeds(self, wanted: Mapping[str, int]) -> None:
        self.feeds_wanted.append(dict(wanted))

    def set_paused(self, paused: bool) -> None:
        self.calls.append(("set_paused", paused))

    def set_speed(self, speed: float) -> None:
        self.calls.append(("set_speed", speed))

    def seek(self, t_s: float) -> None:
        self.calls.append(("seek", t_s))

    def name_person(self, person_id: int, name: str) -> None:
        self.calls.append(("name_person", person_id, name))

    def learn_neutral(self, person_id: int) -> None:
        self.calls.append(("learn_neutral", person_id))

    def forget_neutral(self, person_id: int) -> None:
        self.calls.append(("forget_neutral", person_id))

    def cancel_neutral(self) -> None:
        self.calls.append(("cancel_neutral",))

    def explain(self, crop: FaceCrop, emotion_index: int) -> None:
        self.calls.append(("explain", crop, emotion_index))

    def save_snapshot(self, annotated: AnnotatedFrame, kind: str, overlay: OverlayOptions) -> None:
        self.calls.append(("save_snapshot", annotated, kind, overlay))

    def start_recording(self, options: RecordOptions) -> None:
        self.calls.append(("start_recording", options))

    def pause_recording(self, paused: bool) -> None:
        self.calls.append(("pause_recording", paused))

    def stop_recording(self) -> None:
        self.calls.append(("stop_recording",))

    def add_marker(self, text: str = "", t_ns: int | None = None) -> None:
        self.calls.append(("add_marker", text, t_ns))

    def save_replay(self) -> None:
        self.calls.append(("save_replay",))

    def set_replay(self, seconds: float, rules: Sequence[SaveRule], options: RecordOptions) -> None:
        self.replays.append((seconds, tuple(rules), options))

    def show(self, *faces: Face, frame: Frame | None = None) -> AnnotatedFrame:
        """Publish a frame, and the result that belongs to it."""
        frame = frame or make_frame()
        result = AnnotatedFrame(frame, faces, time.monotonic_ns())
        self.newest_frame.set(frame)
        self.newest_result.set(result)
        return result

    def run(self) -> None:
        """Say that it runs."""
        self.listener.on_state(State.RUNNING, "")


class Window(MainWindow):
    """The real window on a fake pipeline."""

    fake: FakePipeline
    desk: FakeDesk


@pytest.fixture
def known_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cameras, a demo and two models, whatever this computer has."""
    sources = [Choice("0", "Camera A"), Choice("2", "Camera B"), Choice("demo", "Demo")]
    models = [Choice("fercam", "fercam"), Choice("mine", "mine")]
    monkeypatch.setattr(choices, "source_choices", lambda: list(sources))
    monkeypatch.setattr(choices, "model_choices", lambda: list(models))
    monkeypatch.setattr(choices, "default_choice", lambda: ("0", None))
    modes = {"0": [Choice("640x480@30", "640×480 · 30 fps")]}
    monkeypatch.setattr(choices, "mode_choices", lambda source: modes.get(source, []))


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Runs, samples, models and what is cached go nowhere near the user's own."""
    for name in ("runs", "samples", "models", "cache"):
        folder = tmp_path / name
        monkeypatch.setattr(paths, f"user_{name}_dir", lambda folder=folder: folder)


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """Where this test's window remembers things."""
    return tmp_path / "config" / "settings.json"


@pytest.fixture
def open_window(
    qtbot: QtBot, known_choices: None, settings_file: Path
) -> Iterator[Callable[..., Window]]:
    """Open windows on fake pipelines; they are begun, and closed at the end of the test."""
    opened: list[Window] = []

    def open_one(source: str | None = None, model: str | None = None) -> Window:
        fakes: list[FakePipeline] = []

        def make(listener: PipelineListener) -> FakePipeline:
            fakes.append(FakePipeline(listener))
            return fakes[-1]

        def make_desk(listener: SessionBridge) -> FakeDesk:
            window.desk = FakeDesk(listener)
            return window.desk

        window = Window(make, settings_file, make_player=FakePlayer, make_desk=make_desk)
        opened.append(window)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.live.begin(source, model)
        window.fake = fakes[0]
        return window

    yield open_one
    for window in opened:
        window.fake.ended = True
        if window.isVisible():
            with qtbot.waitSignal(window.closed):
                window.close()
