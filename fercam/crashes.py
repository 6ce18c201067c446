"""What stopped the program, kept until its next start.

`faulthandler` writes to a file in the log folder when a library brings the program down, and so do
we when an exception was not expected. Whoever ends as he should empties the file; what stands in it
at the start is therefore what stopped FerCam last time. Several windows share the file: each only
adds to it.
"""

import contextlib
import faulthandler
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from fercam import paths
from fercam.logs import logger, start_logging

MOST_KEPT = 100_000
"""Of what stands in the file, so many bytes are read, the last ones."""

_open: list[BinaryIO] = []  # faulthandler needs the file open as long as the program runs


def catch() -> None:
    """Let nobody read a traceback: an exception that was not expected is logged, and said in one
    line on stderr."""
    sys.excepthook = _unexpected
    threading.excepthook = _unexpected_in_thread


def watch() -> str:
    """Keep from now on what goes wrong; return what stopped the program last time, or nothing."""
    start_logging()
    catch()
    try:
        paths.crash_file().parent.mkdir(parents=True, exist_ok=True)
        left = _take(paths.crash_file())
        file = paths.crash_file().open("ab", buffering=0)
    except OSError as error:
        logger.warning("crashes cannot be kept: %s", error)
        return ""
    _open.append(file)
    faulthandler.enable(file)
    return left


def end_well() -> None:
    """Say that the program ends as it should."""
    if _open:
        faulthandler.disable()
        with contextlib.suppress(OSError):
            _open[0].truncate(0)
        _open.pop().close()


def _keep(error: BaseException) -> None:
    start_logging()
    logger.error("something unexpected", exc_info=error)
    for file in _open:
        with contextlib.suppress(OSError):
            file.write("".join(traceback.format_exception(error)).encode("utf-8", "replace"))
    if sys.stderr is not None:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        where = f"the log says more: {paths.log_file()}"
        if isinstance(error, ImportError):
            sys.stderr.write(f"fercam: A part of FerCam is missing ({what}); install it again.\n")
        else:
            sys.stderr.write(f"fercam: Something went wrong inside FerCam ({what}); {where}\n")


def _take(file: Path) -> str:
    """Return what a file holds and empty it."""
    if not file.exists():
        return ""
    with file.open("r+b") as content:
        kept = content.read()[-MOST_KEPT:]
        content.truncate(0)
    return kept.decode("utf-8", "replace").strip()


def _unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Keep what nobody caught. In the window it ends what was being done, not the rest."""
    if not issubclass(kind, KeyboardInterrupt):
        _keep(error)


def _unexpected_in_thread(about: threading.ExceptHookArgs) -> None:
    if about.exc_value is not None:
        _keep(about.exc_value)
