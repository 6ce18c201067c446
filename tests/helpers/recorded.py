"""Sessions on the disk, and what is in them."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
from helpers.results import annotated, face

from fercam.recording.session import SessionWriter


def session_writer(folder: Path, **options: object) -> SessionWriter:
    """Return a writer with a model and a source made up."""
    about = {"source": {"description": "test"}, "model_name": "m", "model_sha256": "0" * 64}
    return SessionWriter(folder, **{**about, **options})  # type: ignore[arg-type]


def write_frames(session: SessionWriter, times_s: Iterable[float], **about: object) -> None:
    """Give a writer frames with one face, each at its media time."""
    for number, at_s in enumerate(times_s):
        result = annotated(face(), number=number, t_s=at_s, **about)
        session.add(result, result.frame.image)


def times_s(video: Path) -> list[float]:
    """Return the times of the pictures of a video, all of which are decoded."""
    with av.open(str(video)) as container:
        return [float(frame.time or 0) for frame in container.decode(video=0)]


def length_s(video: Path) -> float:
    """Return how long a video says it is."""
    with av.open(str(video)) as container:
        return (container.duration or 0) / av.time_base


def rows(folder: Path) -> list[dict[str, str]]:
    """Return the rows of a session's table."""
    with (folder / "frames.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def about(folder: Path) -> dict[str, Any]:
    """Return what session.json says."""
    content: dict[str, Any] = json.loads((folder / "session.json").read_text())
    return content


def boxes(video: Path) -> list[tuple[str, int]]:
    """Return the name and the end of each of an MP4 file's outermost boxes."""
    content, place, found = video.read_bytes(), 0, []
    while place + 8 <= len(content):
        place, name = (
            place + int.from_bytes(content[place : place + 4]),
            content[place + 4 : place + 8].decode(),
        )
        found.append((name, place))
    return found
