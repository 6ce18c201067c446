"""Cameras, through OpenCV."""

import time

import cv2
import numpy as np

from fercam.capture.camera_trouble import not_plugged_in, why_not_opened
from fercam.capture.cameras import Camera, find_again, is_present, list_cameras
from fercam.capture.modes import (
    BACKEND,
    CameraMode,
    best_match,
    find_modes,
    known_modes,
    mode_of,
    set_size,
)
from fercam.capture.source import FrameSource, LiveClock
from fercam.core.errors import SourceLost
from fercam.core.values import Frame, Image

STILL_CHECK_S = 1.0


class WebcamSource(FrameSource):
    """A camera. Asked for a mode it lacks it gives another: `got` and the description say so.

    After a loss `open` takes up the same camera again, whatever its number then.
    """

    live = True
    endless = True
    mirrored = True

    def __init__(self, camera: Camera, wished: CameraMode | None = None) -> None:
        self.wished = wished
        self.got: CameraMode | None = None
        self._camera = camera
        self._others: frozenset[str] | None = None
        self._capture: cv2.VideoCapture | None = None
        self._clock = LiveClock()
        self._last: Image | None = None
        self._last_new_s = 0.0

    @property
    def description(self) -> str:
        if self.got is None:
            return self._camera.name
        return f"{self._camera.name} ({self.got.width}x{self.got.height})"

    @property
    def fps(self) -> float | None:
        return (self.got.fps if self.got else 0.0) or None

    def modes(self) -> list[CameraMode]:
        return known_modes(self._camera)

    def wish(self, mode: str) -> bool:
        before, self.wished = self.wished, CameraMode.parse(mode)
        return self.wished != before

    def open(self) -> None:
        self.close()
        camera = self._look_for_it()
        capture = cv2.VideoCapture(camera.index, BACKEND)
        if not capture.isOpened():
            capture.release()
            raise why_not_opened(camera)
        self._set_mode(camera, capture)
        self._camera = camera
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
        image: Image | None = np.asarray(read, np.uint8) if ok and read is not None else None
        if image is None or self._stuck_on_a_gone_camera(image, time.monotonic_ns() / 1e9):
            self.close()
            raise SourceLost(self._how_lost())
        image.setflags(write=False)
        height, width = image.shape[:2]
        self.got = CameraMode(width, height, self.fps or 0.0)
        return self._clock.frame(image)

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _look_for_it(self) -> Camera:
        """Return the camera as it is known now, and remember which others are there."""
        others = self._others if self._others is not None else self._places_of_others(self._camera)
        camera = find_again(self._camera, others)
        if camera is None:
            self._others = others
            raise not_plugged_in(self._camera)
        self._others = self._places_of_others(camera)
        return camera

    def _places_of_others(self, camera: Camera) -> frozenset[str]:
        return frozenset(other.place for other in list_cameras()) - {camera.place}

    def _set_mode(self, camera: Camera, capture: cv2.VideoCapture) -> None:
        known = known_modes(camera)
        own = mode_of(capture)
        if not known:
            known = find_modes(camera, capture)
            set_size(capture, own.width, own.height)
        if self.wished is not None:
            mode = best_match(self.wished, known)
            if mode.fourcc:
                capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*mode.fourcc))
            set_size(capture, mode.width, mode.height)
            if mode.fps:
                capture.set(cv2.CAP_PROP_FPS, mode.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self.got = mode_of(capture)

    def _how_lost(self) -> str:
        if is_present(self._camera):
            return f"{self._camera.name} sends no pictures."
        return f"{self._camera.name} was unplugged."

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
