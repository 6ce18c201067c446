"""Resting faces kept by name, in one small file in the user's data folder."""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fercam import paths
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import DataError
from fercam.logs import logger
from fercam.people.neutral import MAX_OFFSET, Offsets

SCHEMA = 1


def load_neutrals(file: Path | None = None) -> dict[str, Offsets]:
    """Return the offsets (7,) of everybody who is kept, by name.

    Entries that cannot be understood are logged and left out; a file that cannot is set aside as
    `neutrals.json.bad`.
    """
    file = file or paths.user_neutrals_file()
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(stored, dict) or not isinstance(stored.get("people"), dict):
            raise ValueError("there are no people in it")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        logger.warning("the resting faces cannot be read: %s", error)
        with contextlib.suppress(OSError):
            file.replace(file.with_name(file.name + ".bad"))
        return {}
    found = {}
    for number, (name, entry) in enumerate(stored["people"].items(), start=1):
        try:
            found[name] = _offsets(entry)
        except (KeyError, TypeError, ValueError) as error:
            logger.warning("resting face %d of %s is left out: %s", number, file, error)
    return found


def save_neutral(name: str, offsets: Offsets, file: Path | None = None) -> None:
    """Keep a person's offsets (7,) under a name, in place of what was there.

    Raises:
        DataError: the name is empty or the file cannot be written.
    """
    if not name.strip():
        raise DataError("A resting face is kept under a name; type one first.")
    _write({**load_neutrals(file), name.strip(): offsets}, file)


def delete_neutral(name: str, file: Path | None = None) -> None:
    """Forget a person's resting face; nothing happens where there is none.

    Raises:
        DataError: the file cannot be written.
    """
    kept = load_neutrals(file)
    if kept.pop(name.strip(), None) is not None:
        _write(kept, file)


def _offsets(entry: object) -> Offsets:
    if not isinstance(entry, dict):
        raise ValueError("it is no table of offsets")
    offsets: Offsets = np.array([float(entry[name]) for name in EMOTIONS], np.float32)
    if not ((offsets >= 0) & (offsets <= MAX_OFFSET)).all():
        raise ValueError(f"offsets lie between 0 and {MAX_OFFSET}")
    offsets.flags.writeable = False
    return offsets


def _write(people: Mapping[str, Offsets], file: Path | None) -> None:
    """Write the file whole or not at all."""
    file = file or paths.user_neutrals_file()
    tables = {
        name: dict(zip(EMOTIONS, [round(float(value), 4) for value in offsets], strict=True))
        for name, offsets in people.items()
    }
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {"schema": SCHEMA, "people": tables}
        fresh.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise DataError(f"The resting face cannot be kept in {file}; is the disk full?") from error
