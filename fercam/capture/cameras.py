"""The cameras of this machine, by number and name, and which one is which after a replug."""

import contextlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import cv2_enumerate_cameras

from fercam.capture.modes import BACKEND
from fercam.core.errors import SourceError

SYSFS = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class Camera:
    """`index` is the number OpenCV opens it by, `path` its device file where there is one.

    `kind` is what cameras of one make share and `plug` where it is plugged in; both stay the same
    when it comes back under another number. Empty where the system does not tell.
    """

    index: int
    name: str
    path: str = ""
    kind: str = ""
    plug: str = ""

    @property
    def make(self) -> str:
        """What tells it from cameras of other makes."""
        return self.kind or self.name

    @property
    def spec(self) -> str:
        """What opens it next time too: its name, which stays when numbers change, where that
        cannot be taken for a file."""
        return str(self.index) if "/" in self.name or "\\" in self.name else self.name

    @property
    def place(self) -> str:
        """What no other camera has at the same time."""
        return self.plug or self.path or str(self.index)


def list_cameras() -> list[Camera]:
    """Return the cameras, by number; none where the system gives no list.

    No two have the same name: the second of a kind is called 'HD Webcam (2)'.
    """
    found: dict[int, Camera] = {}
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        for info in cv2_enumerate_cameras.enumerate_cameras(BACKEND):
            name, path = info.name or f"Camera {info.index}", info.path or ""
            usb = f" {info.vid:04x}:{info.pid:04x}" if info.vid and info.pid else ""
            found.setdefault(info.index, Camera(info.index, name, path, name + usb, _plug(path)))
    return _named_apart([found[index] for index in sorted(found)])


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
    """Return whether the camera is plugged in where it was."""
    if camera.path.startswith("/dev/"):
        return Path(camera.path).exists() and _plug(camera.path) == camera.plug
    # another camera may have moved up to its number
    return any((other.make, other.place) == (camera.make, camera.place) for other in list_cameras())


def find_again(camera: Camera, others: Collection[str] = ()) -> Camera | None:
    """Return a camera as it is known now, perhaps by another number; None if it is not there.

    One of its make in another place is taken for it, unless that place is among `others`, where
    other cameras were while it was last seen.
    """
    of_its_make = [other for other in list_cameras() if other.make == camera.make]
    for other in of_its_make:
        if other.place == camera.place:
            return replace(other, name=camera.name)
    for other in of_its_make:
        if other.place not in others:
            return replace(other, name=camera.name)
    return camera if is_present(camera) else None


def _named_apart(cameras: list[Camera]) -> list[Camera]:
    seen: Counter[str] = Counter()
    named = []
    for camera in cameras:
        seen[camera.name] += 1
        number = seen[camera.name]
        name = camera.name if number == 1 else f"{camera.name} ({number})"
        named.append(replace(camera, name=name))
    return named


def _plug(path: str) -> str:
    """Return where a camera is plugged in: on Linux the port it hangs on and its part there.

    Elsewhere the path says so itself.
    """
    if not path.startswith("/dev/"):
        return path
    node = SYSFS / Path(path).name
    if not (node / "device").exists():  # a camera that is a program has no port
        return ""
    part = ""
    with contextlib.suppress(OSError):
        part = (node / "index").read_text().strip()
    return f"{(node / 'device').resolve()}#{part}"
