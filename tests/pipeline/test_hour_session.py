"""A session of an hour opens in a second and shows any place at once, in little memory."""

import gc
import itertools
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from helpers.tables import write_session

from fercam.capture.demo import demo_image
from fercam.pipeline.session_player import SessionPlayer
from fercam.sessions.session import Session

FRAMES = 108_000
HAPPY = (1, "happy", 0.8, True)


class Listener:
    def __init__(self) -> None:
        self.shown = threading.Event()
        self.failures: list[str] = []

    def on_opened(self, session: Session) -> None:
        assert session.problems == ()

    def on_place(self, t_s: float, playing: bool) -> None:
        self.shown.set()

    def on_player_failed(self, message: str) -> None:
        self.failures.append(message)


@pytest.fixture
def hour(tmp_path: Path) -> Path:
    """An hour of the demo, 320x180 at 30 fps, a key frame every second as recordings have."""
    folder = write_session(tmp_path / "hour", [[HAPPY]] * FRAMES)
    pictures = [np.ascontiguousarray(demo_image("", n)[60:420:2, ::2]) for n in range(30)]
    options = {"movflags": "frag_keyframe+empty_moov"}
    with av.open(str(folder / "clean.mp4"), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height = 320, 180
        stream.codec_context.time_base = Fraction(1, 60000)
        stream.codec_context.gop_size = 30
        stream.codec_context.options = {"preset": "ultrafast", "tune": "zerolatency"}
        frames = [av.VideoFrame.from_ndarray(picture, format="bgr24") for picture in pictures]
        frames = [frame.reformat(format="yuv420p") for frame in frames]
        for number, frame in zip(range(FRAMES), itertools.cycle(frames), strict=False):
            frame.pts, frame.time_base = number * 2000, Fraction(1, 60000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_hour_opens_and_seeks_at_once(hour: Path) -> None:
    listener = Listener()
    player = SessionPlayer(listener)
    gc.collect()
    before = psutil.Process().memory_info().rss

    def seconds(wish: object, *about: object) -> float:
        listener.shown.clear()
        started_s = time.perf_counter()
        wish(*about)  # type: ignore[operator]
        assert listener.shown.wait(30)
        return time.perf_counter() - started_s

    try:
        opened_s = seconds(player.open, hour)
        places = np.random.default_rng(5).uniform(0, 3599, 200).tolist()
        seeks_s = sorted(seconds(player.seek, place) for place in places)
        steps_s = sorted(seconds(player.step, -1) for _ in range(100))
        grown = (psutil.Process().memory_info().rss - before) / 1e6
    finally:
        player.close()
        assert player.join(10)
    print(  # noqa: T201
        f"first picture {opened_s:.2f} s, seek median {seeks_s[100] * 1e3:.0f} ms, "
        f"slowest {seeks_s[-1] * 1e3:.0f} ms, step back {steps_s[-1] * 1e3:.0f} ms, "
        f"memory {grown:.0f} MB more, {psutil.Process().memory_info().rss / 1e6:.0f} MB in all"
    )
    assert not listener.failures
    assert opened_s <= 1.0
    assert seeks_s[-5] <= 0.15 and steps_s[-5] <= 0.15
    assert grown <= 300
