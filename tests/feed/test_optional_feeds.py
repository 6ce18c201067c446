"""Feeds whose packages are optional: what they hand over, and what is said without them."""

import math
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from helpers.results import annotated, face

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import FeedError
from fercam.feed.feed import Feed
from fercam.feed.lsl_feed import LslFeed
from fercam.feed.virtual_camera_feed import VirtualCameraFeed
from fercam.overlay.layout import lay_out
from fercam.overlay.raster import letterboxed, paint


def test_the_lab_streaming_layer_gets_a_sample_a_face(pylsl: Any) -> None:
    feed = LslFeed()
    feed.open()
    feed.send(annotated(face(1), face(2, label="sad", confidence=0.5, sure=False)))
    (outlet,) = pylsl.outlets
    (first, _), (second, _) = outlet.pushed
    assert outlet.info.about == ("FerCam", "Expression", 10, 0.0, "float32", "fercam")
    assert outlet.info.labels == ["person", "confidence", "sure", *EMOTIONS]
    assert first[:3] == [1.0, 0.83, 1.0]
    assert second[:3] == [2.0, 0.5, 0.0]
    assert second[3 + EMOTIONS.index("sad")] == 0.5
    feed.close()


def test_samples_carry_the_time_of_capture_on_the_clock_of_the_layer(pylsl: Any) -> None:
    feed = LslFeed()
    feed.open()
    captured_ns = time.monotonic_ns() - 250_000_000
    seen = annotated(face())
    feed.send(replace(seen, frame=replace(seen.frame, t_capture_ns=captured_ns)))
    ((_, stamped_s),) = pylsl.outlets[0].pushed
    assert stamped_s == pytest.approx(captured_ns / 1e9 + 1000, abs=0.005)
    feed.close()


def test_a_frame_without_a_read_face_is_a_sample_of_nobody(pylsl: Any) -> None:
    feed = LslFeed()
    feed.open()
    feed.send(annotated(face(label=None)))
    ((sample, _),) = pylsl.outlets[0].pushed
    assert sample[0] == 0
    assert len(sample) == 10
    assert all(math.isnan(value) for value in sample[1:])
    feed.close()


def test_the_virtual_camera_shows_the_painted_picture(pyvirtualcam: Any) -> None:
    feed = VirtualCameraFeed()
    feed.open()
    seen = annotated(face(), size=(1280, 720))
    feed.send(seen)
    (camera,) = pyvirtualcam.cameras
    assert camera.about == (1280, 720, 30.0, "BGR")
    assert feed.description == 'Virtual camera "Test Camera"'
    (shown,) = camera.sent
    assert np.array_equal(shown, paint(seen.frame.image, lay_out(seen)))
    assert not np.array_equal(shown, seen.frame.image)
    feed.close()
    assert camera.closed


@pytest.mark.parametrize(
    ("size", "bars"), [((640, 480), "sides"), ((480, 640), "sides"), ((2560, 1080), "top")]
)
def test_a_picture_of_another_shape_keeps_it_between_black_bars(
    size: tuple[int, int], bars: str
) -> None:
    width, height = size
    fitted = letterboxed(np.full((height, width, 3), 200, np.uint8), (1280, 720))
    assert fitted.shape == (720, 1280, 3)
    assert fitted.dtype == np.uint8
    lit = fitted[:, :, 0] > 100
    rows, columns = lit.any(axis=1).sum(), lit.any(axis=0).sum()
    assert columns / rows == pytest.approx(width / height, rel=0.01)
    assert (rows == 720) if bars == "sides" else (columns == 1280)
    assert lit[360, 640]
    assert np.argwhere(lit).mean(axis=0) == pytest.approx([359.5, 639.5], abs=1)


@pytest.mark.parametrize("kind", [LslFeed, VirtualCameraFeed])
def test_without_its_package_a_feed_says_what_to_install(
    kind: type[Feed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, kind.package, None)
    sentence = f"Install the Python package {kind.package} to use {kind.title}."
    assert kind.unavailable() == sentence
    with pytest.raises(FeedError) as error:
        kind(0).open()
    assert error.value.user_message == sentence


def failing(_: object = None, *args: object, **options: object) -> None:
    raise RuntimeError("no device\nanywhere")


def test_without_a_virtual_camera_in_the_system_it_says_what_to_do(
    pyvirtualcam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyvirtualcam, "Camera", failing)
    with pytest.raises(FeedError, match="No virtual camera is free: install OBS Studio"):
        VirtualCameraFeed().open()


def test_a_layer_that_refuses_is_one_sentence(pylsl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pylsl, "StreamOutlet", failing)
    with pytest.raises(FeedError) as error:
        LslFeed().open()
    assert error.value.user_message == (
        "The Lab Streaming Layer cannot be used (no device anywhere): install pylsl and liblsl"
        " anew."
    )


def test_who_can_hear_the_layer_is_not_hidden() -> None:
    assert "local network" in LslFeed().description
