"""Takes out of a frozen program's libraries what only debuggers read."""

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

LOAD = 1
"""The kind of an ELF segment that is mapped into memory."""


def strip(folder: Path) -> int:
    """Strip all ELF libraries in a folder and return how many bytes that saved.

    Libraries that were mended with patchelf, as those of many wheels were, may not survive it:
    `strip` then moves a segment to where the loader refuses it. Those stay as they are.
    """
    saved = 0
    with tempfile.TemporaryDirectory() as scratch:
        for file in sorted(folder.rglob("*")):
            if file.is_symlink() or not file.is_file() or not _is_library(file):
                continue
            slim = Path(scratch) / "slim"
            shutil.copy2(file, slim)
            done = subprocess.run(["strip", "--strip-unneeded", slim], check=False)
            won = file.stat().st_size - slim.stat().st_size
            if done.returncode == 0 and won > 0 and all(_loadable(slim)):
                shutil.copy2(slim, file)
                saved += won
    return saved


def _is_library(file: Path) -> bool:
    with file.open("rb") as content:
        return ".so" in file.name and content.read(4) == b"\x7fELF"


def _loadable(file: Path) -> Iterator[bool]:
    """Yield for each segment of a 64-bit ELF file whether the loader would take it."""
    with file.open("rb") as content:
        header = content.read(64)
        (table,) = struct.unpack_from("<Q", header, 32)
        size, count = struct.unpack_from("<HH", header, 54)
        content.seek(table)
        for _ in range(count):
            kind, _, offset, address, _, _, _, align = struct.unpack(
                "<IIQQQQQQ", content.read(size)
            )
            yield kind != LOAD or align < 2 or (address - offset) % align == 0
