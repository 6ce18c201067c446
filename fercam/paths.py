"""Where FerCam's own files are, in a checkout, a wheel or a frozen program, and the user's."""

import sys
from pathlib import Path

import platformdirs


def resource_dir(name: str) -> Path:
    """Return the folder `models` or `assets` that came with the program."""
    package = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    places = [Path(frozen) / name] if frozen else [package.parent / name, package / name]
    return next((place for place in places if place.is_dir()), places[-1])


def user_models_dir() -> Path:
    """Return where the user's own model bundles are kept (it may not exist yet)."""
    return Path(platformdirs.user_data_dir("FerCam", appauthor=False)) / "models"


def user_runs_dir() -> Path:
    """Return where training runs go unless told otherwise."""
    return Path(platformdirs.user_data_dir("FerCam", appauthor=False)) / "runs"


def user_samples_dir() -> Path:
    """Return where the faces are kept that people collected to train with."""
    return Path(platformdirs.user_data_dir("FerCam", appauthor=False)) / "samples"


def user_neutrals_file() -> Path:
    """Return the file that keeps people's resting faces."""
    return Path(platformdirs.user_data_dir("FerCam", appauthor=False)) / "neutrals.json"


def sessions_dir() -> Path:
    """Return where sessions go unless told otherwise."""
    return Path(platformdirs.user_videos_dir()) / "FerCam"


def snapshots_dir() -> Path:
    """Return where snapshots go unless told otherwise."""
    return Path(platformdirs.user_pictures_dir()) / "FerCam"


def user_cache_dir() -> Path:
    """Return where that is kept which can be made anew at any time."""
    return Path(platformdirs.user_cache_dir("FerCam", appauthor=False))


def settings_file() -> Path:
    """Return the file that remembers what the user chose."""
    return Path(platformdirs.user_config_dir("FerCam", appauthor=False)) / "settings.json"


def log_file() -> Path:
    """Return the log of the last runs."""
    return Path(platformdirs.user_log_dir("FerCam", appauthor=False)) / "fercam.log"


def crash_file() -> Path:
    """Return the file in which a program that dies leaves its last words."""
    return log_file().with_name("crash.txt")


def unwritable() -> dict[str, Path]:
    """Return the folders in which nothing can be written, by what FerCam keeps there.

    Tried with a file that has no name and is gone at once; no folder is made.
    """
    kept = {
        "settings": settings_file().parent,
        "log": log_file().parent,
        "models": user_models_dir(),
        "sessions": sessions_dir(),
        "snapshots": snapshots_dir(),
        "cache": user_cache_dir(),
    }
    return {what: folder for what, folder in kept.items() if not _can_write(folder)}


def _can_write(folder: Path) -> bool:
    import tempfile

    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"FerCam")
    except OSError:
        return False
    return True
