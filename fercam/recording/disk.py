"""How much room there is for a recording."""

import shutil
from pathlib import Path

from fercam.core.errors import SessionError, reason_of

WARN_BELOW = 500_000_000
"""Bytes of room below which a recording warns."""

STOP_BELOW = 100_000_000
"""Bytes of room below which a recording stops and saves."""


def room_bytes(folder: Path) -> int:
    """Return the free bytes where `folder` is, or would be if it does not exist yet.

    Raises:
        SessionError: the disk cannot be asked, because it was taken out.
    """
    place = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    try:
        return shutil.disk_usage(place).free
    except OSError as error:
        raise SessionError(f"The disk of {folder} does not answer ({reason_of(error)}).") from error
