"""Frames as a camera gives them, and what a recording must know of where they come from."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fercam.core.values import AnnotatedFrame, Doubt, Face, Frame
from fercam.recording.options import RecordingStatus, SessionAbout

START_NS = 5_000_000_000_000
"""The moment at which captures of tests begin (monotonic)."""


def about() -> SessionAbout:
    """Say what is watched."""
    return SessionAbout({"description": "Test camera"}, "tiny", "0" * 64)


def captured(t_s: float, *faces: Face, size: tuple[int, int] = (160, 120)) -> AnnotatedFrame:
    """Return a frame captured `t_s` after `START_NS`; its gray tells when."""
    image = np.full((size[1], size[0], 3), 40 + round(t_s * 30) % 180, np.uint8)
    image.setflags(write=False)
    t_ns = START_NS + round(t_s * 1e9)
    return AnnotatedFrame(Frame(round(t_s * 30), t_ns, 1_700_000_000.0 + t_s, t_s, image), faces)


def labelled(face: Face, happy: float, sure: bool = True) -> Face:
    """Return the face with this probability of happy, the rest neutral."""
    assert face.prediction is not None
    shares = np.zeros(7, np.float32)
    shares[3], shares[4] = happy, 1 - happy
    label = "happy" if happy >= 0.5 else "neutral"
    doubt = None if sure else Doubt.LOW_CONFIDENCE
    return replace(
        face,
        prediction=replace(face.prediction, raw=shares, smoothed=shares, label=label, doubt=doubt),
    )


class Ear:
    """Remembers what a recorder told."""

    def __init__(self) -> None:
        self.told: list[RecordingStatus] = []

    def __call__(self, status: RecordingStatus) -> None:
        self.told.append(status)

    @property
    def last(self) -> RecordingStatus:
        return self.told[-1]


def until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    """Wait until something holds."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.005)
