"""Hidden folders in which something is prepared, and what a killed program left of them."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

PREFIXES = (".export-", ".analysis-", ".import-", ".install-")
STALE_S = 3600.0
"""Whoever still works there writes something within such a time."""


@contextmanager
def workshop(prefix: str, parent: Path) -> Iterator[Path]:
    """Give a folder of one's own in `parent` that is gone afterwards; stale ones are swept first.

    Raises:
        OSError: none can be made.
    """
    sweep(parent)
    try:
        work = TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True)
    except OSError as error:
        error.filename = str(parent)  # nobody knows the name that was tried
        raise
    with work as folder:
        yield Path(folder)


def sweep(parent: Path) -> None:
    """Remove what was left in a folder and was not written to for an hour."""
    with suppress(OSError):
        for prefix in PREFIXES:
            for left in parent.glob(f"{prefix}*"):
                if _idle_s(left) > STALE_S:
                    shutil.rmtree(left, ignore_errors=True)


def sweep_all(sessions_dir: Path) -> None:
    """Sweep a folder of sessions, those in it and those one below, where batches are."""
    sweep(sessions_dir)
    with suppress(OSError):
        for pattern in ("*", "*/*"):
            for folder in sessions_dir.glob(pattern):
                if folder.is_dir() and not folder.name.startswith("."):
                    sweep(folder)


def _idle_s(folder: Path) -> float:
    newest = 0.0
    for path in (folder, *folder.rglob("*")):
        with suppress(OSError):
            newest = max(newest, path.stat().st_mtime)
    return time.time() - newest
