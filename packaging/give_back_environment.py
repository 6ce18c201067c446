"""Runs first in the frozen program: other programs it starts find the system's own libraries.

PyInstaller's starter points LD_LIBRARY_PATH at FerCam's libraries; a file manager or browser opened
from the window would load them and fail. FerCam's own child processes pass the starter again.
"""

import os

for name in ("LD_LIBRARY_PATH", "LIBPATH"):
    before = os.environ.pop(f"{name}_ORIG", None)
    if before is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = before
