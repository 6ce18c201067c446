"""session.json: what a session is, written in one step so that it is never half there."""

import json
import math
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fercam.core.errors import SessionError, reason_of

FILE_NAME = "session.json"
SCHEMA = "fercam-session"
VERSION = 1
_LARGEST = 2**31 - 1
RECORDING, FINISHED, RECOVERED = STATES = ("recording", "finished", "recovered")
_PATIENCE_S = (0.05, 0.1, 0.2)
"""The waits between tries: on Windows a virus scanner or an indexer holds files for a moment."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a session. `name` is empty until typed; `merged_into` is the person of whom this
    number turned out to be another, None if it stands for itself."""

    id: int
    name: str = ""
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment worth finding again, `t_s` seconds after the first frame.

    `emotion` is empty where a person set it, and names the emotion whose peak it is where FerCam
    suggests it.
    """

    t_s: float
    text: str = ""
    emotion: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time from `start_s` to `end_s`, seconds after the first frame."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """What another model said of the same pictures, in a table of its own beside frames.csv."""

    model: str
    sha256: str
    table: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """All that session.json says.

    `source` has a description and, for a file, its `path`, `sha256` and `start_s`, the file's time
    of the session's first frame. `offered` frames are those `written` and `dropped`. `duration_s`
    counts what was recorded; `pauses` are where recording rested: `start_s` is a time of the
    session, the length that of the rest. `settings` are those it was made with.
    """

    state: str
    source: Mapping[str, Any]
    model: str
    model_sha256: str
    start_utc: str
    app_version: str
    duration_s: float = 0.0
    written: int = 0
    dropped: int = 0
    people: tuple[Person, ...] = ()
    markers: tuple[Marker, ...] = ()
    excluded: tuple[Span, ...] = ()
    pauses: tuple[Span, ...] = ()
    tags: tuple[str, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def offered(self) -> int:
        """How many frames there were for it."""
        return self.written + self.dropped

    def with_markers(self, *markers: Marker) -> "SessionInfo":
        """Return it with more markers, in the order of time."""
        return replace(self, markers=tuple(sorted((*self.markers, *markers), key=lambda m: m.t_s)))


def write_session_json(folder: Path, info: SessionInfo) -> None:
    """Write the folder's session.json, whole or not at all, and onto the disk itself.

    Raises:
        SessionError: the file cannot be written; an older one is as it was.
    """
    path = folder / FILE_NAME
    part = path.with_suffix(f".json.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(json.dumps(_to_json(info), indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise SessionError(
            f"The session file {path} cannot be written ({reason_of(error)})."
        ) from error


def _put_in_place(part: Path, path: Path) -> None:
    for wait_s in _PATIENCE_S:
        try:
            part.replace(path)
        except PermissionError:
            time.sleep(wait_s)
        else:
            return
    part.replace(path)


def read_session_json(folder: Path) -> SessionInfo:
    """Return what the folder's session.json says.

    Raises:
        SessionError: there is none, it cannot be understood, or a newer FerCam wrote it.
    """
    path = folder / FILE_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SessionError(f"{folder} is no session: it has no {FILE_NAME}.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise SessionError(f"The session file {path} cannot be read.") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise SessionError(f"{path} does not describe a FerCam session.")
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        raise SessionError(f"The session {folder.name} is from a newer FerCam; update to open it.")
    try:
        return _from_json(content)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise SessionError(f"The session file {path} is damaged.") from error


def _to_json(info: SessionInfo) -> dict[str, object]:
    content: dict[str, object] = {
        "schema": SCHEMA,
        "version": VERSION,
        "state": info.state,
        "app_version": info.app_version,
        "source": dict(info.source),
        "model": {"name": info.model, "sha256": info.model_sha256},
        "start_utc": info.start_utc,
        "duration_s": round(info.duration_s, 6),
        "frames": {"offered": info.offered, "written": info.written, "dropped": info.dropped},
        "people": [
            {"id": person.id, "name": person.name or None, "merged_into": person.merged_into}
            for person in info.people
        ],
        "markers": [
            {"t_s": round(marker.t_s, 6), "text": marker.text, "emotion": marker.emotion or None}
            for marker in info.markers
        ],
        "excluded": [_span_to_json(span) for span in info.excluded],
        "pauses": [_span_to_json(span) for span in info.pauses],
        "tags": list(info.tags),
        "analyses": [
            {"model": other.model, "sha256": other.sha256, "table": other.table}
            for other in info.analyses
        ],
        "settings": dict(info.settings),
    }
    return content | ({"note": info.note} if info.note else {})


def _from_json(content: dict[str, Any]) -> SessionInfo:
    model, frames = content["model"], content["frames"]
    if content["state"] not in STATES:
        raise ValueError(content["state"])
    _number(content["source"].get("start_s", 0.0))
    return SessionInfo(
        state=content["state"],
        source=dict(content["source"]),
        model=str(model["name"]),
        model_sha256=str(model["sha256"]),
        start_utc=str(content["start_utc"]),
        app_version=str(content["app_version"]),
        duration_s=_number(content["duration_s"]),
        written=_whole(frames["written"]),
        dropped=_whole(frames["dropped"]),
        people=tuple(
            Person(
                _whole(person["id"]),
                str(person.get("name") or ""),
                None if person.get("merged_into") is None else _whole(person["merged_into"]),
            )
            for person in content["people"]
        ),
        markers=tuple(
            Marker(_number(one["t_s"]), str(one.get("text") or ""), str(one.get("emotion") or ""))
            for one in content["markers"]
        ),
        excluded=_spans(content.get("excluded", ())),
        pauses=_spans(content.get("pauses", ())),
        tags=tuple(map(str, content.get("tags", ()))),
        analyses=tuple(
            Analysis(str(one["model"]), str(one["sha256"]), str(one["table"]))
            for one in content.get("analyses", ())
        ),
        settings=dict(content.get("settings", {})),
        note=str(content.get("note", "")),
    )


def _span_to_json(span: Span) -> dict[str, float]:
    return {"start_s": round(span.start_s, 6), "end_s": round(span.end_s, 6)}


def _spans(stored: Any) -> tuple[Span, ...]:
    return tuple(Span(_number(one["start_s"]), _number(one["end_s"])) for one in stored)


def _whole(stored: Any) -> int:
    """Return a whole number that tables have room for.

    Raises:
        ValueError: it is none.
    """
    number = int(stored)
    if abs(number) > _LARGEST:
        raise ValueError(number)
    return number


def _number(stored: Any) -> float:
    """Return a number that can be reckoned with.

    Raises:
        ValueError: it is none.
    """
    number = float(stored)
    if not math.isfinite(number):
        raise ValueError(number)
    return number
