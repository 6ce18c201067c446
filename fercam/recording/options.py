"""What is asked of a recording and of the replay, what is recorded, and how it is doing.

Light to import: the window opens before the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fercam.overlay.layout import OverlayOptions
from fercam.recording.session_json import Marker
from fercam.recording.summary import SessionSummary


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """What to write. Without `video` (the picture with its labels) and `clean` (the picture as it
    came) only the numbers are kept.

    `quality` is a name of `QUALITIES`. `mask_style` hides faces in the files (blur, solid, emoji;
    empty: nobody's), but not those of the people `mask_but`. `overlay` is how labels are drawn.
    `duration_s` ends it by itself. `folder` is the session's own, None for one named after the
    moment among the user's sessions.
    """

    video: bool = True
    clean: bool = True
    quality: str = "good"
    mask_style: str = ""
    mask_but: frozenset[int] = frozenset()
    microphone: bool = False
    overlay: OverlayOptions = field(default_factory=OverlayOptions)
    duration_s: float | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """How a recording is doing.

    `active` from its start until stop is asked for, `finishing` from then until its files are
    complete. `seconds` are those recorded, rests left out; `bytes` what it takes on the disk and
    `room_bytes` what is free there (None: not known yet). `dropped` counts frames there was no time
    to write. `warning` is one sentence, empty while all is well. Once it is over, `summary` are its
    sums (None if nothing was recorded), `note` says what ended it if nobody did (the source went
    away), and `failure` what went wrong.
    """

    active: bool = False
    paused: bool = False
    finishing: bool = False
    seconds: float = 0.0
    bytes: int = 0
    room_bytes: int | None = None
    dropped: int = 0
    folder: Path | None = None
    warning: str = ""
    markers: tuple[Marker, ...] = ()
    summary: SessionSummary | None = None
    note: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class SaveRule:
    """Saves what just happened when a face was surely read as `emotion`, with a probability of
    `above` or more, for `for_s` seconds without a break; once per `at_most_every_s` seconds."""

    emotion: str
    above: float = 0.8
    for_s: float = 0.5
    at_most_every_s: float = 60.0


@dataclass(frozen=True, slots=True)
class SessionAbout:
    """What session.json says of where the frames come from, and which model read the faces."""

    source: Mapping[str, object]
    model_name: str
    model_sha256: str
    settings: Mapping[str, object] = field(default_factory=dict)
    fps: float | None = None
