"""The cameras of this machine, by number and name."""

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

# OpenCV reads these when it is loaded or first opens a camera: a camera that sends nothing must
# not block for 10 s, and hardware transforms let some Windows cameras take half a minute to open.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

import cv2
import cv2_enumerate_cameras

from fercam.core.errors import SourceError

BACKEND = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_MSMF, "darwin": cv2.CAP_AVFOUNDATION}.get(
    sys.platform, cv2.CAP_ANY
)
COMMON_SIZES_PX = ((640, 480), (1280, 720), (1920, 1080))


@dataclass(frozen=True, slots=True)
class Camera:
    """`index` is the number OpenCV opens it by, `path` its device file where there is one."""

    index: int
    name: str
    path: str = ""


def list_cameras() -> list[Camera]:
    """Return the cameras, by number; none where the system gives no list."""
    found: dict[int, Camera] = {}
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        for info in cv2_enumerate_cameras.enumerate_cameras(BACKEND):
            name = info.name or f"Camera {info.index}"
            found.setdefault(info.index, Camera(info.index, name, info.path or ""))
    return [found[index] for index in sorted(found)]


def find_camera(index_or_name: str) -> Camera:
    """Return a camera by its number, or by its name or a part of it in any letter case.

    Raises:
        SourceError: there is no such camera.
    """
    cameras = list_cameras()
    for camera in cameras:
        if index_or_name in (str(camera.index), camera.name):
            return camera
    for camera in cameras:
        if not index_or_name.isdecimal() and index_or_name.lower() in camera.name.lower():
            return camera
    if not cameras:
        raise SourceError("No camera found. Plug one in, or try the demo.")
    raise SourceError(f"There is no camera {index_or_name}; `fercam devices` lists the cameras.")


def is_present(camera: Camera) -> bool:
    """Return whether the camera is plugged in."""
    if camera.path.startswith("/dev/"):
        return Path(camera.path).exists()
    # another camera may have moved up to its number
    return any((other.name, other.path) == (camera.name, camera.path) for other in list_cameras())


def probe(camera: Camera) -> list[tuple[int, int]]:
    """Return which of the common sizes the camera really gives; none if it cannot be opened."""
    got: list[tuple[int, int]] = []
    capture = cv2.VideoCapture(camera.index, BACKEND)
    try:
        if not capture.isOpened():
            return []
        for width, height in COMMON_SIZES_PX:
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            size = (
                int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
                int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            )
            if size not in got:
                got.append(size)
    finally:
        capture.release()
    return got
