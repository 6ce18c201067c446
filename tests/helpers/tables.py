"""Session folders written by hand: a table in words, a description, no pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fercam.core.emotions import EMOTIONS
from fercam.recording.csv_sink import COLUMNS
from fercam.recording.session_json import FINISHED, Person, SessionInfo, write_session_json

Face = tuple[int, str, float, bool]
"""Person, label, confidence, sure."""


def row(frame: int, t_s: float, face: Face | None) -> str:
    """Return one line of a table; None is a frame without a face."""
    start = f"{frame},{t_s:.6f}"
    if face is None:
        return start + "," * (len(COLUMNS) - 2)
    person, label, confidence, sure = face
    shares = [(1 - confidence) / 6] * 7
    shares[EMOTIONS.index(label)] = confidence
    x = 40 + 100 * ((person - 1) % 3)
    cells = [start, str(person), str(x), "60", "80", "90", "0.9000", label, f"{confidence:.6f}"]
    return ",".join([*cells, str(int(sure)), *(f"{share:.6f}" for share in shares)])


def write_table(
    path: Path, frames: Iterable[Sequence[Face]], times_s: Sequence[float] | None = None
) -> Path:
    """Write frames, each with its faces, at 30 a second or at `times_s`."""
    lines = [",".join(COLUMNS)]
    for number, faces in enumerate(frames):
        t_s = number / 30 if times_s is None else times_s[number]
        lines += [row(number, t_s, face) for face in (faces or [None])]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def info(**about: Any) -> SessionInfo:
    """Return the description of a finished session."""
    plain = SessionInfo(
        state=FINISHED,
        source={"description": "by hand"},
        model="tiny",
        model_sha256="0" * 64,
        start_utc="2026-11-22T14:03:07+00:00",
        app_version="1",
        people=(Person(1),),
    )
    return replace(plain, **about)


def write_session(folder: Path, frames: Sequence[Sequence[Face]], **about: Any) -> Path:
    """Write a session folder without a video."""
    folder.mkdir(parents=True)
    write_table(folder / "frames.csv", frames)
    write_session_json(
        folder, info(**({"written": len(frames), "duration_s": len(frames) / 30} | about))
    )
    return folder
