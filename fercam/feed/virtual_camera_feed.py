"""The picture with the overlay as a camera that video calls and OBS can choose."""

from typing import Any

from fercam.core.errors import FeedError
from fercam.core.values import AnnotatedFrame
from fercam.feed.feed import Feed
from fercam.overlay.layout import lay_out
from fercam.overlay.raster import letterboxed, paint

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
            painted = paint(annotated.frame.image, lay_out(annotated))
            self._camera.send(letterboxed(painted, (WIDTH_PX, HEIGHT_PX)))

    def close(self) -> None:
        """Give the virtual camera back."""
        if self._camera is not None:
            self._camera.close()
            self._camera = None

    @property
    def description(self) -> str:
        """The name under which programs find the camera."""
        return self.title if self._camera is None else f'{self.title} "{self._camera.device}"'
