"""session.json: what a session is, written in one step so that it is never half there."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from fercam.core.errors import SessionError

FILE_NAME = "session.json"
SCHEMA = "fercam-session"
VERSION = 1


def write_session_json(folder: Path, content: Mapping[str, object]) -> None:
    """Write `content` with the schema's name and version as the folder's session.json.

    Raises:
        SessionError: the file cannot be written; an older one is as it was.
    """
    path = folder / FILE_NAME
    part = path.with_suffix(".json.part")
    text = json.dumps({"schema": SCHEMA, "version": VERSION, **content}, indent=2)
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        reason = error.strerror or "unknown reason"
        raise SessionError(f"The session file {path} cannot be written ({reason}).") from error
