"""Why a camera that is plugged in cannot be opened, in words that say what to do."""

import errno
import os
import sys
from importlib import import_module
from pathlib import Path

from fercam.capture.cameras import Camera
from fercam.core.errors import SourceError, SourceLost

PROC = Path("/proc")
NOT_DETERMINED, RESTRICTED, DENIED = 0, 1, 2
"""Apple's AVAuthorizationStatus."""
CONSENT_KEY = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore"


def not_plugged_in(camera: Camera) -> SourceError:
    """Return the error of a camera that is not there."""
    return SourceError(f"{camera.name} is not plugged in; plug it in and try again.")


def why_not_opened(camera: Camera) -> SourceError:
    """Return the error of a camera that OpenCV could not open."""
    causes = {"linux": _on_linux, "darwin": _on_macos, "win32": _on_windows}
    found = causes[sys.platform](camera) if sys.platform in causes else None
    return found or SourceError(
        f"{camera.name} cannot be opened; close other programs that may be using it, or unplug it "
        "and plug it in again."
    )


def _on_linux(camera: Camera) -> SourceError | None:
    try:
        device = os.open(camera.path, os.O_RDWR | os.O_NONBLOCK)
        try:
            _take(device)
        finally:
            os.close(device)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            return SourceError(
                f"Linux does not let you use {camera.name}; ask for membership in the group "
                "'video', then log in again."
            )
        if error.errno == errno.EBUSY:
            return _in_use(camera, _holders(camera.path))
        if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
            return not_plugged_in(camera)
    return None


def _take(device: int) -> None:
    """Take the camera for a moment, as every program must that wants pictures.

    Raises:
        OSError: EBUSY where another one has it.
    """
    from linuxpy.video.device import BufferType, Memory, free_buffers, request_buffers

    request_buffers(device, BufferType.VIDEO_CAPTURE, Memory.MMAP, 1)
    free_buffers(device, BufferType.VIDEO_CAPTURE, Memory.MMAP)


def _in_use(camera: Camera, holders: str) -> SourceError:
    program = f"Another program ({holders})" if holders else "Another program"
    return SourceError(f"{program} is using {camera.name}; close it and try again.")


def _holders(path: str) -> str:
    """Return the names of the other programs that have the file open; empty if nobody may know."""
    names = set()
    for opened in PROC.glob("[0-9]*/fd/*"):
        process = opened.parent.parent
        try:
            if process.name != str(os.getpid()) and str(opened.readlink()) == path:
                names.add((process / "comm").read_text(errors="replace").strip())
        except OSError:  # it ended, or belongs to somebody else
            continue
    return " or ".join(sorted(names))


def _on_macos(camera: Camera) -> SourceError | None:
    try:
        av_foundation = import_module("AVFoundation")
    except ImportError:
        return None
    status = av_foundation.AVCaptureDevice.authorizationStatusForMediaType_(
        av_foundation.AVMediaTypeVideo
    )
    if status in (RESTRICTED, DENIED):
        return SourceError(
            "macOS has not given permission for the camera; allow FerCam in System Settings → "
            "Privacy & Security → Camera, then start it again."
        )
    if status == NOT_DETERMINED:
        return SourceLost("macOS asks whether FerCam may use the camera; say yes to go on.")
    return None


def _on_windows(camera: Camera) -> SourceError | None:
    winreg = import_module("winreg")
    for key in (rf"{CONSENT_KEY}\webcam", rf"{CONSENT_KEY}\webcam\NonPackaged"):
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                answer, _ = winreg.QueryValueEx(opened, "Value")
        except OSError:
            continue
        if answer == "Deny":
            return SourceError(
                "Windows has not given permission for the camera; switch on 'Let desktop apps "
                "access your camera' in Settings → Privacy & security → Camera."
            )
    return None
