"""What commands say, and on which stream."""

import sys


def say(line: str) -> None:
    """Say one line on the standard output."""
    print(line, flush=True)  # noqa: T201


def complain(line: str) -> None:
    """Say on stderr, in one line, what went wrong."""
    print(f"fercam: {line}", file=sys.stderr, flush=True)  # noqa: T201
