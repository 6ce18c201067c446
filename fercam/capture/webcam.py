"""Cameras, through OpenCV."""

import os
import time

from fercam.capture.cameras import BACKEND, Camera, is_present  # before cv2: it sets what cv2 reads

import cv2  # isort: skip
import numpy as np

from fercam.capture.source import FrameSource
from fercam.core.errors import SourceError, SourceLost
from fercam.core.values import Frame, Image

MJPEG_FROM_WIDTH_PX = 1280
"""Raw video of this width and up does not fit through USB 2 at 30 frames per second."""
STILL_CHECK_S = 2.0


class WebcamSource(FrameSource):
    """A camera. Asked for a size it lacks it gives another: `got_px` and the description say so."""

    live = True
    endless = True
    mirrored = True

    def __init__(self, camera: Camera, size_px: tuple[int, int] | None = None) -> None:
        self._camera = camera
        self.asked_px = size_px
        self.got_px: tuple[int, int] | None = None
        self._capture: cv2.VideoCapture | None = None
        self._fps: float | None = None
        self._first_ns: int | None = None
        self._next_id = 0
        self._last: Image | None = None
        self._last_new_s = 0.0

    @property
    def description(self) -> str:
        if self.got_px is None:
            return self._camera.name
        return f"{self._camera.name} ({self.got_px[0]}x{self.got_px[1]})"

    @property
    def fps(self) -> float | None:
        return self._fps

    def open(self) -> None:
        self.close()
        if not is_present(self._camera):
            raise SourceError(f"{self._camera.name} is not plugged in; plug it in and try again.")
        if self._camera.path.startswith("/dev/") and not os.access(
            self._camera.path, os.R_OK | os.W_OK
        ):
            raise SourceError(
                f"You may not use {self._camera.name}; ask for membership in the group 'video'."
            )
        capture = cv2.VideoCapture(self._camera.index, BACKEND)
        if not capture.isOpened():
            capture.release()
            raise SourceError(
                f"{self._camera.name} cannot be opened: another program may be using it, or the "
                "system has not given permission; close that program and try again."
            )
        if self.asked_px is not None:
            width, height = self.asked_px
            if width >= MJPEG_FROM_WIDTH_PX:
                capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self.got_px = (
            int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        )
        self._fps = capture.get(cv2.CAP_PROP_FPS) or None
        self._capture = capture
        self._last = None
        self._last_new_s = time.monotonic_ns() / 1e9

    def read(self) -> Frame:
        if self._capture is None:
            raise SourceLost(f"{self._camera.name} is not open.")
        try:
            ok, read = self._capture.read()
        except cv2.error:
            ok, read = False, None
        now_ns = time.monotonic_ns()
        image: Image | None = np.asarray(read, np.uint8) if ok and read is not None else None
        if image is None or self._stuck_on_a_gone_camera(image, now_ns / 1e9):
            self.close()
            raise SourceLost(
                f"{self._camera.name} was unplugged or stopped; FerCam goes on when it is back."
            )
        image.setflags(write=False)
        self.got_px = (image.shape[1], image.shape[0])
        if self._first_ns is None:
            self._first_ns = now_ns
        media_s = (now_ns - self._first_ns) / 1e9
        frame = Frame(self._next_id, now_ns, time.time(), media_s, image)
        self._next_id += 1
        return frame

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _stuck_on_a_gone_camera(self, image: Image, now_s: float) -> bool:
        """Some systems repeat the last frame for ever; a picture that stands still is legal."""
        same = (
            self._last is not None
            and self._last.shape == image.shape
            and not (self._last[::16, ::16] != image[::16, ::16]).any()
        )
        self._last = image
        if not same:
            self._last_new_s = now_s
            return False
        if now_s - self._last_new_s < STILL_CHECK_S:
            return False
        self._last_new_s = now_s
        return not is_present(self._camera)
