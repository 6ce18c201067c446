"""Recording costs little: 1280x720 at 30 fps with one face. The figures are printed with `-s`.

FERCAM_LOAD_S says for how many seconds (default 30; the figures published took 300). The computer
must have nothing else to do.
"""

import os
import time
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from helpers.capture import until

from fercam.capture import registry
from fercam.capture.demo import demo_image
from fercam.capture.source import FrameSource
from fercam.core.values import AnnotatedFrame, Frame
from fercam.pipeline.events import (
    NeutralProgress,
    PipelineStats,
    RecordingStatus,
    RecordOptions,
    State,
    WatchOptions,
)
from fercam.pipeline.live import LivePipeline
from fercam.pipeline.run import Run

SECONDS = float(os.environ.get("FERCAM_LOAD_S", "30"))
FPS = 30
LOOP = 60


class Camera(FrameSource):
    """A camera that shows the demo at 1280x720 and misses a frame when nobody reads in time."""

    live = True

    def __init__(self) -> None:
        self._images = [self._picture(number * 4) for number in range(LOOP)]
        self._start_s = 0.0
        self._next = 0

    @property
    def description(self) -> str:
        return "Camera (1280x720)"

    def open(self) -> None:
        self._start_s = time.monotonic()

    def read(self) -> Frame:
        self._next = max(self._next + 1, int((time.monotonic() - self._start_s) * FPS))
        due_s = self._start_s + self._next / FPS
        time.sleep(max(0.0, due_s - time.monotonic()))
        there_and_back = self._next % (2 * LOOP)
        image = self._images[min(there_and_back, 2 * LOOP - 1 - there_and_back)]
        return Frame(self._next, time.monotonic_ns(), time.time(), self._next / FPS, image)

    def close(self) -> None:
        pass

    @staticmethod
    def _picture(number: int) -> np.ndarray:
        image = cv2.copyMakeBorder(
            cv2.resize(demo_image("", number), (960, 720)), 0, 0, 160, 160, cv2.BORDER_REPLICATE
        )
        image.setflags(write=False)
        return np.asarray(image, np.uint8)


class Counting(LivePipeline):
    """Counts the labelled frames, and hears how the recording goes."""

    def __init__(self) -> None:
        self.labelled = 0
        self.status = RecordingStatus()
        super().__init__(self)

    def publish(self, run: Run, result: AnnotatedFrame) -> None:
        super().publish(run, result)
        self.labelled += 1

    def on_recording(self, status: RecordingStatus) -> None:
        self.status = status

    def on_state(self, state: State, message: str) -> None: ...
    def on_stats(self, stats: PipelineStats) -> None: ...
    def on_refused(self, in_use: WatchOptions, message: str) -> None: ...
    def on_neutral(self, progress: NeutralProgress) -> None: ...
    def on_saved(self, message: str, failed: bool) -> None: ...

    def rate(self, seconds: float) -> float:
        """Return how many frames are labelled a second."""
        before, start_s = self.labelled, time.monotonic()
        time.sleep(seconds)
        return (self.labelled - before) / (time.monotonic() - start_s)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 2 + 120)
def test_recording_drops_nothing_and_hardly_slows_the_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    camera = Camera()
    monkeypatch.setattr(registry, "open_source", lambda spec, mode="": camera)
    process = psutil.Process()
    pipeline = Counting()
    pipeline.start("camera", WatchOptions())
    until(pipeline.newest_result.get)
    pipeline.rate(2)
    without = pipeline.rate(min(SECONDS, 30))
    pipeline.start_recording(RecordOptions(folder=tmp_path / "s"))
    pipeline.rate(SECONDS * 0.1)
    memory = [process.memory_info().rss / 1e6]
    rates = []
    for _ in range(10):
        rates.append(pipeline.rate(SECONDS * 0.09))
        memory.append(process.memory_info().rss / 1e6)
    recording = sum(rates) / len(rates)
    pipeline.request_stop()
    pipeline.close()
    assert pipeline.join(60)
    summary = pipeline.status.summary
    assert summary is not None
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{SECONDS:.0f} s of 1280x720: labels {without:.1f} a second without recording and "
            f"{recording:.1f} while recording, {summary.dropped} of {summary.frames} frames "
            f"dropped, memory {memory[0]:.0f} to {memory[-1]:.0f} MB (most {max(memory):.0f})"
        )
    assert summary.dropped == 0
    assert recording >= 0.9 * without
    assert memory[-1] - memory[0] < 30
