"""The sizes and rates a camera really has."""

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Self

import cv2

if TYPE_CHECKING:
    from fercam.capture.cameras import Camera

BACKEND = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_MSMF, "darwin": cv2.CAP_AVFOUNDATION}.get(
    sys.platform, cv2.CAP_ANY
)
"""What opens cameras on this system."""
COMMON_SIZES_PX = ((640, 480), (1280, 720), (1920, 1080))
MJPEG_FROM_WIDTH_PX = 1280
"""Raw video of this width and up does not fit through USB 2 at 30 frames per second."""
RAW_FOURCCS = ("YUYV", "UYVY", "NV12", "YU12", "YV12", "BGR3", "RGB3")
MJPEG_FOURCCS = ("MJPG", "JPEG")
"""What OpenCV can turn into a picture, the first ones at the least cost."""


@dataclass(frozen=True, slots=True)
class CameraMode:
    """A size in pixels and a rate in frames per second, 0 where that is not known.

    `fourcc` says how the pictures come over the wire; empty leaves that to the camera.
    """

    width: int
    height: int
    fps: float = 0.0
    fourcc: str = ""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the mode written as '1280x720@30' or '1280x720'; None if it is neither."""
        parts = re.fullmatch(r"(\d{2,5})x(\d{2,5})(?:@(\d{1,4}(?:\.\d+)?))?", text.strip().lower())
        return cls(int(parts[1]), int(parts[2]), float(parts[3] or 0)) if parts else None

    @property
    def key(self) -> str:
        """How it is written: '1280x720@30'."""
        return f"{self.width}x{self.height}@{self.rate}"

    @property
    def rate(self) -> str:
        """The rate as people read it: 29.97 is '30'."""
        whole = round(self.fps)
        return str(whole) if abs(self.fps - whole) < 0.1 else f"{self.fps:.1f}"


def known_modes(camera: "Camera") -> list[CameraMode]:
    """Return what can be said at once, without opening the camera: largest and fastest first.

    On Linux the driver tells, also while the camera is in use; elsewhere a camera's modes are known
    once it was open.
    """
    told = _driver_modes(camera.path) if camera.path.startswith("/dev/") else []
    return _best_of_each(told) or _found.get(camera.place, [])


def camera_modes(camera: "Camera") -> list[CameraMode]:
    """Return the modes, opening the camera for some seconds if need be; none if that fails."""
    known = known_modes(camera)
    if known:
        return known
    capture = cv2.VideoCapture(camera.index, BACKEND)
    try:
        return find_modes(camera, capture) if capture.isOpened() else []
    finally:
        capture.release()


def find_modes(camera: "Camera", capture: cv2.VideoCapture) -> list[CameraMode]:
    """Try the common sizes on an open camera that is not read yet, and remember what it gave."""
    found = []
    for width, height in COMMON_SIZES_PX:
        set_size(capture, width, height)
        found.append(mode_of(capture))
    _found[camera.place] = _best_of_each(found)
    return _found[camera.place]


def set_size(capture: cv2.VideoCapture, width: int, height: int) -> None:
    """Ask an open camera for a size; what it makes of it, `mode_of` says."""
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)


def mode_of(capture: cv2.VideoCapture) -> CameraMode:
    """Return the mode an open camera is in."""
    return CameraMode(
        int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        max(0.0, capture.get(cv2.CAP_PROP_FPS)),
    )


def best_match(wish: CameraMode, modes: list[CameraMode]) -> CameraMode:
    """Return the wish with the way over the wire that reaches it, if one of `modes` is meant."""
    of_its_size = [mode for mode in modes if (mode.width, mode.height) == (wish.width, wish.height)]
    for mode in of_its_size:
        if not wish.fps or mode.rate == wish.rate:
            return mode
    if wish.width < MJPEG_FROM_WIDTH_PX or (modes and not of_its_size):
        return wish
    return CameraMode(wish.width, wish.height, wish.fps, MJPEG_FOURCCS[0])


_found: dict[str, list[CameraMode]] = {}


def _driver_modes(path: str) -> list[CameraMode]:
    from linuxpy.video.device import PixelFormat, iter_read_pixel_formats_frame_intervals

    names = {
        PixelFormat(int.from_bytes(name.encode(), "little")): name
        for name in (*RAW_FOURCCS, *MJPEG_FOURCCS)
    }
    modes: list[CameraMode] = []
    with contextlib.suppress(OSError):
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        try:
            for kind in iter_read_pixel_formats_frame_intervals(device, list(names)):
                fps = float(max(kind.min_fps, kind.max_fps))
                modes.append(CameraMode(kind.width, kind.height, fps, names[kind.pixel_format]))
        finally:
            os.close(device)
    return modes


def _best_of_each(modes: list[CameraMode]) -> list[CameraMode]:
    """Return one mode of each size and rate, by the best way over the wire."""

    def size_and_rate(mode: CameraMode) -> tuple[int, int, float]:
        return mode.width * mode.height, mode.width, float(mode.rate)

    ordered = sorted(modes, key=size_and_rate, reverse=True)
    return [min(same, key=_wire_cost) for _, same in groupby(ordered, key=size_and_rate)]


def _wire_cost(mode: CameraMode) -> int:
    raw_first = mode.width < MJPEG_FROM_WIDTH_PX
    order = (*RAW_FOURCCS, *MJPEG_FOURCCS) if raw_first else (*MJPEG_FOURCCS, *RAW_FOURCCS)
    return order.index(mode.fourcc) if mode.fourcc in order else len(order)
