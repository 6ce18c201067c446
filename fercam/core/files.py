"""What can be asked of any file."""

import hashlib
from pathlib import Path


def sha256_of(file: Path) -> str:
    """Return the hash by which a file is known again.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
