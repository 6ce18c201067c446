"""What the system tells about the program: its version, and on macOS why it wants the camera."""

from typing import Any

from fercam import __version__

ABOUT = "FerCam: live facial expression recognition"
CAMERA = (
    "FerCam shows live what faces in the camera's picture express. Nothing leaves this computer."
)
MICROPHONE = "FerCam records sound with the picture, when you switch that on."


def for_macos() -> dict[str, Any]:
    """Return what goes into Info.plist besides the version."""
    return {
        "CFBundleDisplayName": "FerCam",
        "CFBundleShortVersionString": __version__,
        "LSApplicationCategoryType": "public.app-category.utilities",
        "LSMinimumSystemVersion": "13.0",
        "NSCameraUsageDescription": CAMERA,
        "NSMicrophoneUsageDescription": MICROPHONE,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "GPL-3.0-or-later",
    }


def for_windows(name: str) -> Any:
    """Return the version resource of the program `name`.exe."""
    from PyInstaller.utils.win32 import versioninfo as win

    numbers = (*(int(part) for part in __version__.split(".")[:3]), 0)
    told = {
        "FileDescription": ABOUT,
        "FileVersion": __version__,
        "InternalName": name,
        "LegalCopyright": "GPL-3.0-or-later",
        "OriginalFilename": f"{name}.exe",
        "ProductName": "FerCam",
        "ProductVersion": __version__,
    }
    table = win.StringTable("040904B0", [win.StringStruct(*pair) for pair in told.items()])
    return win.VSVersionInfo(
        ffi=win.FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[
            win.StringFileInfo([table]),
            win.VarFileInfo([win.VarStruct("Translation", [0x0409, 1200])]),
        ],
    )
