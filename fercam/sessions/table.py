"""frames.csv as columns: an hour of faces is read in a moment and asked for any frame at once."""

import io
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import SessionError, reason_of
from fercam.core.values import (
    AnnotatedFrame,
    Box,
    Detection,
    Doubt,
    Face,
    Frame,
    Image,
    Prediction,
)
from fercam.recording.csv_sink import COLUMNS
from fercam.recording.session_json import SessionInfo

LONGEST_FRAME = 5.0
"""A frame counts for the time until the next one, but for no more than so many usual frames: what
was lost between them (a camera unplugged) belongs to nobody."""

_LINES_AT_ONCE = 1000
"""NumPy lets no other thread work while it reads lines, not even the one that paints."""

_NO_LANDMARKS = np.zeros((5, 2), np.float32)
_NO_LANDMARKS.setflags(write=False)


@dataclass(frozen=True, slots=True, eq=False)
class FrameTable:
    """The frames of a session and the faces in them, in the order of time.

    `time_s` (F,) float64 has each frame's time from the first one's. The faces of frame i are the
    rows `first_row[i]` to `first_row[i + 1]` (F + 1,) int64 of the columns: `person` (R,) int32, 0
    for not known yet; `box_px` (R, 4) int32 x, y, width, height; `score` (R,) float32;
    `probabilities` (R, 7) float32, NaN where the network had not seen the face; `label` (R,) int8,
    a place in EMOTIONS or -1 for none (it may lag behind the strongest probability, as labels do
    not flicker); `sure` (R,) bool.
    """

    time_s: NDArray[np.float64]
    first_row: NDArray[np.int64]
    person: NDArray[np.int32]
    box_px: NDArray[np.int32]
    score: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    label: NDArray[np.int8]
    sure: NDArray[np.bool_]

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return len(self.time_s)

    @property
    def rows(self) -> int:
        """How many faces there are over all frames."""
        return len(self.person)

    @property
    def duration_s(self) -> float:
        """The time from the first frame to the end of the last."""
        return float(self.time_s[-1] + self.frame_s()[-1]) if self.frames else 0.0

    @property
    def people(self) -> list[int]:
        """The numbers of all people, in order; faces not known yet are left out."""
        return [int(number) for number in np.unique(self.person) if number > 0]

    def row_frame(self) -> NDArray[np.int64]:
        """Return the frame of each row (R,)."""
        return np.repeat(np.arange(self.frames), np.diff(self.first_row))

    def row_time_s(self) -> NDArray[np.float64]:
        """Return the time of each row (R,)."""
        return np.repeat(self.time_s, np.diff(self.first_row))

    def frame_s(self) -> NDArray[np.float64]:
        """Return for how long each frame counts (F,), in seconds; see LONGEST_FRAME."""
        if self.frames < 2:
            return np.full(self.frames, 1 / 30)
        gaps = np.diff(self.time_s)
        usual = float(np.median(gaps))
        return np.append(gaps, usual).clip(max=LONGEST_FRAME * usual)

    def frame_at(self, t_s: float) -> int:
        """Return the frame shown at a time: the last one not after it, the first before them."""
        found = int(np.searchsorted(self.time_s, t_s + 1e-6, side="right")) - 1
        return max(0, found)

    def rows_of(self, frame: int) -> range:
        """Return the rows of a frame's faces."""
        return range(int(self.first_row[frame]), int(self.first_row[frame + 1]))

    def annotated(
        self,
        frame: int,
        image: Image,
        names: Mapping[int, str] | None = None,
        second: "FrameTable | None" = None,
    ) -> AnnotatedFrame:
        """Return a frame as it was when it was made, on its picture.

        `names` are the people's by number. `second` is another model's table of the same faces:
        what it says comes along as each face's second answer. The table keeps neither landmarks
        nor the reason of a doubt: the former are zeros, the latter is LOW_CONFIDENCE.
        """
        now_ns, t_s = time.monotonic_ns(), float(self.time_s[frame])
        rows = self.rows_of(frame)
        answers = [second.answer_to(self, row, t_s) if second else None for row in rows]
        faces = tuple(
            Face(
                self._detection(row),
                self._prediction(row),
                second=answer,
                name=(names or {}).get(int(self.person[row]), ""),
            )
            for row, answer in zip(rows, answers, strict=True)
        )
        return AnnotatedFrame(Frame(frame, now_ns, time.time(), t_s, image), faces, now_ns)

    def answer_to(self, other: "FrameTable", row: int, t_s: float) -> Prediction | None:
        """Return what this table says of the face in a row of another one's frame at a time."""
        if not self.frames:
            return None
        for mine in self.rows_of(self.frame_at(t_s)):
            if (self.box_px[mine] == other.box_px[row]).all():
                answer = self._prediction(mine)
                return answer and replace(answer, track_id=int(other.person[row]))
        return None

    def with_people(self, info: SessionInfo) -> "FrameTable":
        """Return the table with everyone under the number they were merged into."""
        moved = merged_people(info)
        if not moved:
            return self
        person = self.person.copy()
        for number, target in moved.items():
            person[self.person == number] = target
        return replace(self, person=person)

    def _detection(self, row: int) -> Detection:
        x, y, width, height = (int(value) for value in self.box_px[row])
        raw = (float(x), float(y), float(width), float(height))
        score, person = float(self.score[row]), int(self.person[row])
        return Detection(Box(x, y, width, height), raw, score, _NO_LANDMARKS, person)

    def _prediction(self, row: int) -> Prediction | None:
        shares = self.probabilities[row]
        if np.isnan(shares[0]):
            return None
        doubt = None if self.sure[row] else Doubt.LOW_CONFIDENCE
        label = EMOTIONS[int(self.label[row])]
        return Prediction(int(self.person[row]), shares, shares, label, doubt)


def merged_people(info: SessionInfo) -> dict[int, int]:
    """Return everyone who was merged, with the number of the person they are in the end."""
    into = {p.id: p.merged_into for p in info.people if p.merged_into is not None}
    moved = {}
    for number, next_one in into.items():
        seen, target = {number}, next_one
        while target in into and target not in seen:
            seen.add(target)
            target = into[target]
        if target not in seen:  # a circle in the file is passed over
            moved[number] = target
    return moved


def people_names(info: SessionInfo) -> dict[int, str]:
    """Return the names by number, of those who have one: their own, or that of somebody who was
    merged into them."""
    typed = {person.id: person.name for person in info.people if person.name}
    names = dict(typed)
    for number, target in merged_people(info).items():
        if number in typed:
            names.setdefault(target, typed[number])
    return names


def read_table(path: Path) -> FrameTable:
    """Return the table of a session; a last line that was cut off is left out.

    Raises:
        SessionError: there is no such table, or it is damaged.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise SessionError(f"The session has no table: {path} is missing.") from error
    except (OSError, ValueError) as error:
        raise SessionError(f"The table {path} cannot be read ({reason_of(error)}).") from error
    whole = content[: content.rfind(b"\n") + 1]
    if whole.partition(b"\n")[0].strip() != ",".join(COLUMNS).encode():
        raise SessionError(f"{path} is no table of a FerCam session.")
    try:
        return _from_columns(_parse(whole))
    except ValueError as error:
        raise SessionError(f"The table {path} is damaged.") from error


def _parse(content: bytes) -> dict[str, NDArray[np.float64]]:
    """Return the columns, what is not known as NaN; labels become their places in EMOTIONS."""
    # the small package lacks Arrow, which is five times as quick
    return _by_arrow(content) if find_spec("pyarrow") else _by_numpy(content)


def _by_arrow(content: bytes) -> dict[str, NDArray[np.float64]]:
    import pyarrow as pa  # here, since it would delay the window
    from pyarrow import compute, csv

    numbers = [name for name in COLUMNS if name not in ("label", "confidence")]
    arrow = csv.read_csv(
        io.BytesIO(content),
        convert_options=csv.ConvertOptions(
            column_types={name: pa.float64() for name in numbers} | {"label": pa.string()},
            include_columns=[*numbers, "label"],
            null_values=[""],
        ),
    )
    place = compute.index_in(arrow.column("label"), value_set=pa.array(["", *EMOTIONS]))
    if place.null_count:
        raise ValueError("a label that is no emotion")
    columns = {name: arrow.column(name).to_numpy() for name in numbers}
    return {**columns, "label": place.to_numpy() - 1}


def _by_numpy(content: bytes) -> dict[str, NDArray[np.float64]]:
    lines = content.splitlines()[1:]
    parts = [np.empty((0, len(COLUMNS)))]
    parts += [
        _cells(lines[start : start + _LINES_AT_ONCE])
        for start in range(0, len(lines), _LINES_AT_ONCE)
    ]
    columns = dict(zip(COLUMNS, np.concatenate(parts).T, strict=True))
    return {**columns, "label": np.nan_to_num(columns["label"], nan=-1)}


def _cells(lines: list[bytes]) -> NDArray[np.float64]:
    text = b"\n".join(lines) + b"\n"
    for place, emotion in enumerate(EMOTIONS):
        text = text.replace(f",{emotion},".encode(), f",{place},".encode())
    for _ in range(2):  # of three commas in a row, one pass fills the first gap only
        text = text.replace(b",,", b",nan,")
    rows = text.replace(b",\n", b",nan\n").splitlines()
    return np.loadtxt(rows, delimiter=",", comments=None, ndmin=2)


def _from_columns(columns: Mapping[str, NDArray[np.float64]]) -> FrameTable:
    number, times_s = columns["frame"], columns["time_s"]
    if not (np.isfinite(number).all() and np.isfinite(times_s).all()):
        raise ValueError("a row without frame or time")
    if (np.diff(number) < 0).any() or (np.diff(times_s) < 0).any():
        raise ValueError("rows out of order")
    starts = np.flatnonzero(np.diff(number, prepend=-1.0))
    is_face = np.isfinite(columns["face"])
    faces = {name: column[is_face] for name, column in columns.items()}
    box = np.stack([faces[name] for name in ("x", "y", "w", "h")], axis=1)
    if not (np.isfinite(box).all() and np.isfinite(faces["score"]).all()):
        raise ValueError("a face without its box")
    probabilities = np.stack([faces[name] for name in EMOTIONS], axis=1)
    known = np.isfinite(probabilities).all(axis=1) & (faces["label"] >= 0)
    probabilities[~known] = np.nan
    ends = np.append(starts[1:], len(number)) if len(starts) else starts
    return FrameTable(
        time_s=times_s[starts],
        first_row=np.append(0, np.cumsum(is_face)[ends - 1]).astype(np.int64),
        person=faces["face"].astype(np.int32),
        box_px=box.astype(np.int32),
        score=faces["score"].astype(np.float32),
        probabilities=probabilities.astype(np.float32),
        label=np.where(known, faces["label"], -1).astype(np.int8),
        sure=(faces["sure"] == 1) & known,
    )
