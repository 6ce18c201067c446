"""The screen, or a part of it: to watch a video call or a player."""

import os
import re
import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from fercam.capture.source import FrameSource, LiveClock
from fercam.core.errors import SourceError, SourceLost
from fercam.core.values import Frame

if TYPE_CHECKING:
    from mss import MSS

FPS = 30
Region = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""


def screen_can_be_seen() -> bool:
    """Return whether this machine has a screen that programs may look at."""
    return find_spec("mss") is not None and not _hindrance()


def parse_region(text: str) -> Region:
    """Return the region written as 'LEFT,TOP,WIDTHxHEIGHT'.

    Raises:
        SourceError: it is written otherwise, or empty.
    """
    parts = re.fullmatch(r"(-?\d{1,6}),(-?\d{1,6}),(\d{1,6})x(\d{1,6})", text)
    if parts is None or not int(parts[3]) or not int(parts[4]):
        raise SourceError(
            f"'{text}' is no part of a screen; write screen:LEFT,TOP,WIDTHxHEIGHT in "
            "pixels, such as screen:100,200,1280x720."
        )
    return int(parts[1]), int(parts[2]), int(parts[3]), int(parts[4])


class ScreenSource(FrameSource):
    """What is on the first screen, or in a region of all of them, up to 30 times a second."""

    live = True
    endless = True

    def __init__(self, region: Region | None = None) -> None:
        self._region = region
        self._size = ""
        self._screens: MSS | None = None
        self._box: dict[str, int] = {}
        self._due_s = 0.0
        self._clock = LiveClock()

    @property
    def description(self) -> str:
        return f"Screen{self._size}"

    @property
    def fps(self) -> float:
        return float(FPS)

    def open(self) -> None:
        from mss import MSS, ScreenShotError

        self.close()
        if hindrance := _hindrance():
            raise SourceError(hindrance)
        try:
            self._screens = MSS()
            whole, first = self._screens.monitors[:2]
        except (ScreenShotError, OSError, ValueError) as error:
            self.close()
            raise SourceError("The screen cannot be seen; is there a display?") from error
        names = ("left", "top", "width", "height")
        self._box = dict(zip(names, self._region, strict=True)) if self._region else first
        if not _inside(self._box, whole):
            self.close()
            raise SourceError(
                f"That part lies outside the screen, which is {whole['width']}x{whole['height']}."
            )
        self._size = f" ({self._box['width']}x{self._box['height']})"
        self._due_s = time.monotonic()

    def read(self) -> Frame:
        from mss import ScreenShotError

        if self._screens is None:
            raise SourceLost("The screen is not being watched.")
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        self._due_s = max(self._due_s + 1 / FPS, time.monotonic())
        try:
            shot = self._screens.grab(self._box)
        except (ScreenShotError, OSError) as error:
            self.close()
            raise SourceLost("The screen cannot be seen any more.") from error
        pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        image = np.ascontiguousarray(pixels[..., :3])
        image.setflags(write=False)
        return self._clock.frame(image)

    def close(self) -> None:
        if self._screens is not None:
            self._screens.close()
            self._screens = None


def _hindrance() -> str:
    """Return why no program may look at the screen; empty if one may."""
    if sys.platform in ("win32", "darwin"):
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return "Wayland lets no program look at the screen; log in with 'X11' or 'Xorg' chosen."
    return "" if os.environ.get("DISPLAY") else "There is no screen here to look at."


def _inside(box: dict[str, int], whole: dict[str, int]) -> bool:
    right, bottom = box["left"] + box["width"], box["top"] + box["height"]
    return (
        whole["left"] <= box["left"]
        and whole["top"] <= box["top"]
        and right <= whole["left"] + whole["width"]
        and bottom <= whole["top"] + whole["height"]
    )
