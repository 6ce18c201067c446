"""What commands say, and on which stream."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fercam.recording.summary import SessionSummary


def say(line: str) -> None:
    """Say one line on the standard output."""
    print(line, flush=True)  # noqa: T201


def complain(line: str) -> None:
    """Say on stderr, in one line, what went wrong."""
    print(f"fercam: {line}", file=sys.stderr, flush=True)  # noqa: T201


def looked(summary: "SessionSummary") -> str:
    """Return what the faces of a session looked like: "happy 62%, neutral 20%, not sure 18%"."""
    if not summary.face_rows:
        return "no face seen"
    shares = sorted(summary.shares.items(), key=lambda item: -item[1])
    parts = [*shares, ("not sure", 1 - summary.sure_share)]
    return ", ".join(f"{name} {share:.0%}" for name, share in parts if share >= 0.005)
