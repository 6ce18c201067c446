"""Child processes of FerCam's own."""

import subprocess
import sys
from typing import Any


def own_command() -> list[str]:
    """Return what starts FerCam's own command line."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "fercam.cli"]


def apart() -> dict[str, Any]:
    """Return how to start a child that neither our Ctrl-C nor our end reaches and that opens no
    window."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}
