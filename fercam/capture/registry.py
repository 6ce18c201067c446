"""Which source a person means: camera number or name, file, folder, address, screen, or demo."""

from collections.abc import Callable
from pathlib import Path

from fercam.capture.cameras import find_camera, list_cameras
from fercam.capture.demo import DemoSource
from fercam.capture.images import ImageSource
from fercam.capture.modes import CameraMode
from fercam.capture.screen import ScreenSource, parse_region
from fercam.capture.source import FrameSource
from fercam.capture.stream import URL_SCHEMES, NetworkSource
from fercam.capture.suffixes import PICTURE_SUFFIXES, VIDEO_SUFFIXES
from fercam.capture.video_file import VideoFileSource
from fercam.capture.webcam import WebcamSource
from fercam.core.errors import SourceError, reason_of


def _demo(spec: str, paced: bool, wished: CameraMode | None) -> FrameSource | None:
    name, _, variant = spec.partition(":")
    return DemoSource(variant, paced=paced) if name == "demo" else None


def _network(spec: str, paced: bool, wished: CameraMode | None) -> FrameSource | None:
    scheme, found, _ = spec.partition("://")
    if found and scheme.lower() not in URL_SCHEMES:
        raise SourceError(f"FerCam cannot open {scheme}:// addresses; try http or rtsp.")
    return NetworkSource(spec) if found else None


def _camera(spec: str, paced: bool, wished: CameraMode | None) -> FrameSource | None:
    return WebcamSource(find_camera(spec), wished) if spec.isdecimal() else None


def _screen(spec: str, paced: bool, wished: CameraMode | None) -> FrameSource | None:
    name, found, region = spec.partition(":")
    return ScreenSource(parse_region(region) if found else None) if name == "screen" else None


def _pictures(spec: str, paced: bool, wished: CameraMode | None) -> FrameSource | None:
    path = Path(spec)
    is_pictures = path.is_dir() or path.suffix.lower() in PICTURE_SUFFIXES
    return ImageSource(path) if is_pictures else None


def _video(spec: str, paced: bool, wished: CameraMode | None) -> FrameSource | None:
    path = Path(spec)
    known = path.is_file() or path.suffix.lower() in VIDEO_SUFFIXES
    return VideoFileSource(path) if known else None


def _named_camera(spec: str, paced: bool, wished: CameraMode | None) -> FrameSource | None:
    looks_like_a_path = "/" in spec or "\\" in spec
    known = not looks_like_a_path and any(
        spec.lower() in camera.name.lower() for camera in list_cameras()
    )
    return WebcamSource(find_camera(spec), wished) if known else None


SOURCES: dict[str, Callable[[str, bool, CameraMode | None], FrameSource | None]] = {
    "demo": _demo,
    "network": _network,
    "screen": _screen,
    "camera": _camera,
    "pictures": _pictures,
    "video": _video,
    "camera by name": _named_camera,
}
"""The kinds of sources; the first that knows a spec makes the source."""


def open_source(spec: str, *, paced: bool = True, mode: str = "") -> FrameSource:
    """Return the source that `spec` names, not opened yet.

    `paced` lets the demo keep its rate. `mode` is the size and rate wished of a camera, such as
    '1280x720@30'; other sources, and a wish that cannot be read, go without.

    Raises:
        SourceError: nothing of that name is known.
    """
    wished = CameraMode.parse(mode)
    for make in SOURCES.values() if spec else ():
        try:
            source = make(spec, paced, wished)
        except OSError as error:  # such as a name too long for a file
            raise SourceError(f"'{spec}' cannot be opened ({reason_of(error)}).") from error
        if source is not None:
            return source
    raise SourceError(f"There is no file, folder or camera called '{spec}'.")


def default_source_spec() -> tuple[str, str | None]:
    """Return the first camera, or the demo with a sentence that says why."""
    cameras = list_cameras()
    if cameras:
        return cameras[0].spec, None
    return "demo", "No camera found: showing the built-in demo."
