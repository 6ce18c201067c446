"""The picture with the overlay as a camera that video calls and OBS can choose."""

from typing import Any

import cv2
import numpy as np

from fercam.core.errors import FeedError
from fercam.core.values import AnnotatedFrame, Image
from fercam.feed.feed import Feed
from fercam.overlay.layout import lay_out
from fercam.overlay.raster import paint

WIDTH_PX, HEIGHT_PX = 1280, 720
"""One size for every source: programs that look do not follow a change."""

_FPS = 30.0


class VirtualCameraFeed(Feed):
    """Shows every frame with its overlay, unmirrored, with black bars where the shape differs."""

    title = "Virtual camera"
    package = "pyvirtualcam"

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self._camera: Any = None

    def open(self) -> None:
        """Take the first virtual camera of the system."""
        try:
            import pyvirtualcam

            self._camera = pyvirtualcam.Camera(
                WIDTH_PX, HEIGHT_PX, _FPS, fmt=pyvirtualcam.PixelFormat.BGR
            )
        except ImportError as error:
            reason = self.unavailable() or f"pyvirtualcam does not work ({error})."
            raise FeedError(reason) from error
        except RuntimeError as error:
            raise FeedError(
                "No virtual camera is free: install OBS Studio (Windows, macOS) or load "
                "v4l2loopback (Linux), and close other programs that use it."
            ) from error

    def send(self, annotated: AnnotatedFrame) -> None:
        """Paint and show one frame; takes some milliseconds, and nobody is waited for."""
        if self._camera is not None:
            self._camera.send(letterboxed(paint(annotated.frame.image, lay_out(annotated))))

    def close(self) -> None:
        """Give the virtual camera back."""
        if self._camera is not None:
            self._camera.close()
            self._camera = None

    @property
    def description(self) -> str:
        """The name under which programs find the camera."""
        return self.title if self._camera is None else f'{self.title} "{self._camera.device}"'


def letterboxed(image: Image) -> Image:
    """Return a picture (H, W, 3) scaled to the camera's size, its shape kept, black around it."""
    height, width = image.shape[:2]
    if (width, height) == (WIDTH_PX, HEIGHT_PX):
        return image
    scale = min(WIDTH_PX / width, HEIGHT_PX / height)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    left, top = (WIDTH_PX - w) // 2, (HEIGHT_PX - h) // 2
    fitted[top : top + h, left : left + w] = cv2.resize(image, (w, h), interpolation=way)
    return fitted
