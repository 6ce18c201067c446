"""What the window remembers from one start to the next."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from fercam import paths
from fercam.logs import logger


@dataclass(frozen=True, slots=True)
class Settings:
    """`source` and `model` are what the user chose, empty for the first one found; `theme` is
    "system", "dark" or "light"; `geometry` is the window's place as Qt writes it, in base64."""

    source: str = ""
    camera_mode: str = ""
    model: str = ""
    second_model: str = ""
    theme: str = "system"
    mirror: str = "cameras"
    overlay: bool = True
    bars: bool = False
    ids: bool = True
    people: bool = True
    timeline: bool = True
    coach: bool = False
    circumplex: bool = False
    details: bool = False
    smoothing_s: float = 0.35
    neutral: bool = True
    snapshot: str = "annotated"
    always_on_top: bool = False
    compact: bool = False
    feed_websocket: bool = False
    feed_websocket_port: int = 8765
    feed_osc: bool = False
    feed_osc_port: int = 9000
    feed_lsl: bool = False
    feed_virtual_camera: bool = False
    welcomed: bool = False
    geometry: str = ""


def load_settings(file: Path | None = None) -> Settings:
    """Return the remembered settings, or the defaults where there are none.

    A file that cannot be understood is set aside as `settings.json.bad`, never an error.
    """
    file = file or paths.settings_file()
    try:
        return _parse(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        logger.warning("the settings cannot be read, defaults are used: %s", error)
        with contextlib.suppress(OSError):
            file.replace(file.with_name(file.name + ".bad"))
        return Settings()


def save_settings(settings: Settings, file: Path | None = None) -> None:
    """Write the settings whole or not at all; a disk that refuses is only logged."""
    file = file or paths.settings_file()
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(asdict(settings), indent=2) + "\n", encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        logger.warning("the settings cannot be written: %s", error)
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _parse(text: str) -> Settings:
    stored = json.loads(text)
    if not isinstance(stored, dict):
        raise ValueError("not a JSON object")
    known = {field.name: stored[field.name] for field in fields(Settings) if field.name in stored}
    for name, value in known.items():
        if type(value) is not type(getattr(Settings(), name)):
            raise ValueError(f"{name} has the wrong type")
    return Settings(**known)
