"""What can be asked of any file."""

import hashlib
import tokenize
import zipfile
import zlib
from pathlib import Path

NO_ARRAYS = (
    OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile, zlib.error,
    tokenize.TokenError,
)  # fmt: skip
"""What NumPy raises on damaged files of arrays, and who looks for arrays that are not in one."""


def sha256_of(file: Path) -> str:
    """Return the hash by which a file is known again.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
