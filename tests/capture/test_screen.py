"""A screen, or a part of it, is a source like any other; without one it is said."""

import sys
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import mss
import numpy as np
import pytest

from fercam.capture import screen as screen_module
from fercam.capture.registry import open_source
from fercam.capture.screen import ScreenSource, screen_can_be_seen
from fercam.core.errors import SourceError, SourceLost


class FakeScreen:
    """Two screens of 800x600 side by side; pixels are blue 10, green 20, red 30."""

    def __init__(self) -> None:
        both = {"left": 0, "top": 0, "width": 1600, "height": 600}
        self.monitors = [both, both | {"width": 800}, both | {"left": 800, "width": 800}]
        self.gone = False

    def grab(self, region: dict[str, int]) -> Any:
        if self.gone:
            raise mss.ScreenShotError("no such screen")
        width, height = region["width"], region["height"]
        pixels = np.full((height, width, 4), (10, 20, 30, 0), np.uint8)
        return SimpleNamespace(raw=bytearray(pixels.tobytes()), width=width, height=height)

    def close(self) -> None:
        pass


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> FakeScreen:
    screen = FakeScreen()
    monkeypatch.setattr(mss, "MSS", lambda: screen)
    monkeypatch.setattr(screen_module, "_hindrance", lambda: "")
    return screen


@pytest.fixture
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_module.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("screen")
def test_the_first_screen_is_read_in_colour() -> None:
    source = open_source("screen")
    source.open()
    frame = source.read()
    source.close()
    assert (source.description, source.mirrored, source.live) == ("Screen (800x600)", False, True)
    assert frame is not None
    assert frame.image.shape == (600, 800, 3)
    assert frame.image[0, 0].tolist() == [10, 20, 30]


@pytest.mark.usefixtures("screen")
def test_a_part_is_read_alone_also_of_the_second_screen() -> None:
    source = open_source("screen:1000,50,320x240")
    source.open()
    frame = source.read()
    source.close()
    assert frame is not None
    assert frame.image.shape == (240, 320, 3)


@pytest.mark.usefixtures("screen")
def test_it_is_read_at_its_rate_and_never_tries_to_catch_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s, slept_s = [5.0], list[float]()

    def sleep(seconds: float) -> None:
        slept_s.append(seconds)
        now_s[0] += seconds

    monkeypatch.setattr(screen_module.time, "monotonic", lambda: now_s[0])
    monkeypatch.setattr(screen_module.time, "sleep", sleep)
    source = ScreenSource()
    source.open()
    for _ in range(31):
        source.read()
    assert sum(slept_s) == pytest.approx(1.0)
    now_s[0] += 10
    del slept_s[:]
    for _ in range(3):
        source.read()
    assert sum(slept_s) > 0.03
    source.close()


@pytest.mark.parametrize(
    "spec",
    ["screen:", "screen:1,2", "screen:a,b,cxd", "screen:0,0,0x5", "screen:0,0,5x0", "screen:0,0,5"],
)
def test_a_part_that_is_written_wrongly_says_how_to_write_it(spec: str) -> None:
    with pytest.raises(SourceError, match="LEFT,TOP,WIDTHxHEIGHT"):
        open_source(spec)


@pytest.mark.parametrize(("height", "fits"), [(600, True), (601, False)])
def test_screens_may_lie_left_of_the_first_one_and_above_it(
    screen: FakeScreen, height: int, fits: bool
) -> None:
    screen.monitors[0] = {"left": -800, "top": -600, "width": 1600, "height": 600}
    source = open_source(f"screen:-800,-600,1600x{height}")
    with nullcontext() if fits else pytest.raises(SourceError, match="outside the screen"):
        source.open()
    source.close()


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize("spec", ["screen:1500,0,320x240", "screen:-1,0,9x9", "screen:0,500,9x200"])
def test_a_part_outside_the_screen_is_refused(spec: str) -> None:
    with pytest.raises(SourceError, match="outside the screen, which is 1600x600"):
        open_source(spec).open()


def test_a_screen_that_goes_is_lost_and_can_come_back(screen: FakeScreen) -> None:
    source = ScreenSource()
    source.open()
    first = source.read()
    screen.gone = True
    with pytest.raises(SourceLost, match="cannot be seen any more"):
        source.read()
    with pytest.raises(SourceLost):
        source.read()
    screen.gone = False
    source.open()
    again = source.read()
    source.close()
    assert again.frame_id == first.frame_id + 1
    assert again.t_media_s > first.t_media_s


@pytest.mark.usefixtures("on_linux")
def test_without_a_screen_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="There is no screen here"):
        ScreenSource().open()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with pytest.raises(SourceError, match="Wayland lets no program look"):
        ScreenSource().open()


@pytest.mark.skipif(sys.platform != "linux", reason="asks an X server")
@pytest.mark.usefixtures("on_linux")
def test_a_screen_that_does_not_answer_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    with pytest.raises(SourceError, match="The screen cannot be seen; is there a display"):
        ScreenSource().open()


@pytest.mark.usefixtures("on_linux")
def test_it_is_known_without_trying_whether_there_is_a_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not screen_can_be_seen()
    monkeypatch.setenv("DISPLAY", ":0")
    assert screen_can_be_seen()
    monkeypatch.setattr(screen_module, "find_spec", lambda name: None)
    assert not screen_can_be_seen()
