"""The built-in demo: a moving camera over a public-domain portrait, the same on every machine."""

import math
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from fercam.capture.images import read_image
from fercam.capture.source import FrameSource
from fercam.core.errors import SourceError
from fercam.core.values import Frame, Image

WIDTH_PX, HEIGHT_PX, FPS = 640, 480, 30
LOOP_FRAMES = 360
"""After so many frames the camera is where it began."""

VARIANTS = ("", "two", "dark", "small", "none")


class DemoSource(FrameSource):
    """Frames that depend on their number alone. `paced` ones come 30 times a second."""

    endless = True
    round_s = LOOP_FRAMES / FPS

    def __init__(self, variant: str = "", *, paced: bool = True) -> None:
        """Choose a variant of `VARIANTS`.

        Raises:
            SourceError: there is no such variant.
        """
        if variant not in VARIANTS:
            known = ", ".join(f"demo:{name}" if name else "demo" for name in VARIANTS)
            raise SourceError(f"There is no demo '{variant}'; choose one of: {known}.")
        self.live = paced
        self._variant = variant
        self._frame_id = 0
        self._started_s = 0.0

    @property
    def description(self) -> str:
        name = f"Demo: {self._variant}" if self._variant else "Demo"
        return f"{name} ({WIDTH_PX}x{HEIGHT_PX})"

    @property
    def fps(self) -> float:
        return float(FPS)

    def open(self) -> None:
        _scene(self._variant)
        self._frame_id = 0
        self._started_s = time.monotonic()

    def read(self) -> Frame:
        if self.live:
            time.sleep(max(0.0, self._started_s + self._frame_id / FPS - time.monotonic()))
        image = demo_image(self._variant, self._frame_id)
        frame = Frame(self._frame_id, time.monotonic_ns(), time.time(), self._frame_id / FPS, image)
        self._frame_id += 1
        return frame

    def close(self) -> None:
        pass


def demo_image(variant: str, frame_id: int) -> Image:
    """Return frame `frame_id` of a variant, (480, 640, 3) BGR, read-only."""
    scene = _scene(variant)
    angle = 2 * math.pi * frame_id / LOOP_FRAMES
    zoom = 1.0 + 0.08 * math.sin(angle)
    shift_x = 45 * math.sin(angle) if variant != "two" else 12 * math.sin(angle)
    shift_y = 14 * math.sin(2 * angle)
    height, width = scene.shape[:2]
    move = np.array(
        [
            [zoom, 0, WIDTH_PX / 2 + shift_x - zoom * width / 2],
            [0, zoom, HEIGHT_PX / 2 + shift_y - zoom * height / 2],
        ]
    )
    image = cv2.warpAffine(
        scene, move, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    if variant == "dark":
        brighter, darker = _noise(frame_id % 8)
        image = cv2.subtract(cv2.add(image, brighter), darker)
    image.setflags(write=False)
    return np.asarray(image, np.uint8)


@cache
def _scene(variant: str) -> Image:
    """Return what the camera moves over: the wall, and the portraits on it."""
    ramp = np.linspace(150, 95, HEIGHT_PX + 80)[:, None, None]
    scene = np.broadcast_to(ramp, (HEIGHT_PX + 80, WIDTH_PX + 160, 3)).astype(np.uint8).copy()
    middle = scene.shape[1] // 2
    if variant in ("", "dark"):
        _hang(scene, _portrait(430), middle)
    elif variant == "small":
        _hang(scene, _portrait(170), middle)
    elif variant == "two":
        portrait = _portrait(360)
        _hang(scene, portrait, middle - 155)
        _hang(scene, np.ascontiguousarray(portrait[:, ::-1]), middle + 155)
    return (scene * 0.22).astype(np.uint8) if variant == "dark" else scene


def _hang(scene: Image, picture: Image, centre_x: int) -> None:
    height, width = picture.shape[:2]
    top, left = (scene.shape[0] - height) // 2, centre_x - width // 2
    scene[top : top + height, left : left + width] = picture


def _portrait(height_px: int) -> Image:
    """Return Grace Hopper (US Navy, public domain, from matplotlib's sample data)."""
    package = find_spec("matplotlib")
    if package is None or not package.submodule_search_locations:
        raise SourceError("The demo's portrait is missing; install matplotlib.")
    folder = Path(package.submodule_search_locations[0])
    picture = read_image(folder / "mpl-data" / "sample_data" / "grace_hopper.jpg")
    width_px = round(picture.shape[1] * height_px / picture.shape[0])
    return np.asarray(
        cv2.resize(picture, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8
    )


@cache
def _noise(number: int) -> tuple[Image, Image]:
    """Return what to add and what to take away: a dark room's noise, one of a few."""
    noise = np.random.default_rng(number).normal(0, 4, (HEIGHT_PX, WIDTH_PX, 3))
    return np.maximum(noise, 0).astype(np.uint8), np.maximum(-noise, 0).astype(np.uint8)
