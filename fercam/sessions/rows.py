"""A session's numbers for other programs: CSV for spreadsheets, Parquet for notebooks, JSON."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import SessionError
from fercam.recording.session_json import SessionInfo
from fercam.sessions.exporter import Exporter, ExportOptions, ShowProgress, chosen_table
from fercam.sessions.peaks import find_peaks
from fercam.sessions.session import Session
from fercam.sessions.statistics import counted, display_name, statistics
from fercam.sessions.table import FrameTable

SCHEMA, VERSION = "fercam-export", 1
_ROWS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """(N,) `values`, of which those are null that are not `known`; places in `words` if given."""

    values: NDArray[Any]
    known: NDArray[np.bool_]
    words: Sequence[str] | None = None

    def cells(self, rows: NDArray[np.int64]) -> list[Any]:
        values, known = self.values[rows].tolist(), self.known[rows].tolist()
        if self.words is not None:
            values = [self.words[value] for value in values]
        return [value if there else None for value, there in zip(values, known, strict=True)]

    def arrow(self) -> Any:
        """Return a pyarrow.Array."""
        import pyarrow as pa

        values = pa.array(self.values, mask=~self.known)
        if self.words is None:
            return values
        return pa.DictionaryArray.from_arrays(values, pa.array(self.words, pa.string()))


def _columns(session: Session, table: FrameTable) -> dict[str, _Column]:
    """Return a row per face and one for every frame without any, column by column.

    The columns are those of frames.csv, and: `name`, what the person is called; `excluded`,
    whether the frame is in a stretch left out of all statistics. What is not known is null.
    """
    counts = np.diff(table.first_row)
    per_frame = np.maximum(counts, 1)
    is_face = np.repeat(counts > 0, per_frame)

    def by_frame(values: NDArray[Any]) -> _Column:
        return _Column(np.repeat(values, per_frame), np.ones(len(is_face), np.bool_))

    def by_face(
        values: NDArray[Any],
        known: NDArray[np.bool_] | None = None,
        words: Sequence[str] | None = None,
    ) -> _Column:
        spread = np.zeros(len(is_face), values.dtype)
        spread[is_face] = values
        there = is_face.copy()
        if known is not None:
            there[is_face] = known
        return _Column(spread, there, words)

    answered = table.label >= 0
    numbers, name_of = np.unique(table.person, return_inverse=True)
    names = [display_name(session.info, int(number)) if number else "" for number in numbers]
    return {
        "frame": by_frame(np.arange(table.frames)),
        "time_s": by_frame(table.time_s),
        "excluded": by_frame(~counted(table, session.info)),
        "face": by_face(table.person),
        "name": by_face(name_of.reshape(-1).astype(np.int32), table.person > 0, names or [""]),
        **{name: by_face(table.box_px[:, at]) for at, name in enumerate("xywh")},
        "score": by_face(table.score),
        "label": by_face(np.maximum(table.label, 0).astype(np.int32), answered, EMOTIONS),
        "confidence": by_face(table.probabilities.max(axis=1, initial=0), answered),
        "sure": by_face(table.sure, answered),
        **{
            emotion: by_face(table.probabilities[:, at], answered)
            for at, emotion in enumerate(EMOTIONS)
        },
    }


class CsvExporter(Exporter):
    """A table for spreadsheets, UTF-8: merged people as one, their names, what is excluded."""

    suffix = ".csv"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        columns = _columns(session, chosen_table(session, options))
        every = np.arange(len(columns["frame"].values))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            for done, rows in _batches(list(columns.values()), every):
                writer.writerows([_plain(cell) for cell in row] for row in rows)
                progress(done, len(every))


class ParquetExporter(Exporter):
    """The same table for notebooks; what session.json says is in the file's metadata, "fercam"."""

    suffix = ".parquet"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError as error:  # the small package does without: it would be a fifth larger
            raise SessionError(
                "Parquet is not part of this copy of FerCam; export as CSV, or install the package "
                "with training."
            ) from error
        columns = _columns(session, chosen_table(session, options))
        arrow = pa.table({name: column.arrow() for name, column in columns.items()})
        about = json.dumps(_about(session.info)).encode()
        parquet.write_table(arrow.replace_schema_metadata({"fercam": about}), path)
        progress(1, 1)


class JsonExporter(Exporter):
    """All there is: the description, the statistics, the peaks, and every person's rows.

    `people` come in the order of their numbers; the rows of faces whose number is not known yet
    are those of person 0. A row is a list, in the order of `columns`.
    """

    suffix = ".json"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        table, info = chosen_table(session, options), session.info
        sums = statistics(table, info)
        head = {
            "schema": SCHEMA,
            "version": VERSION,
            "session": session.folder.resolve().name,
            "about": _about(info),
            "counted_s": sums.counted_s,
            "peaks": [asdict(peak) for peak in find_peaks(table, info)],
        }
        if options.person is None:
            head["everybody"] = asdict(sums.group)
        columns = _columns(session, table)
        face = columns.pop("face")
        del columns["name"]
        people = {one.person: asdict(one) for one in sums.people}
        if (table.person == 0).any():
            people = {0: {"person": 0, "name": ""}} | people
        if options.person is not None:
            people = {options.person: people[options.person]}
        # a file's name need not be text; in JSON, what is no letter is written so, too
        with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(_json(head | {"columns": list(columns)})[:-1] + ', "people": [')
            for at, (number, one) in enumerate(people.items()):
                rows = np.flatnonzero(face.known & (face.values == number))
                file.write((",\n" if at else "\n") + _json(one)[:-1] + ', "rows": [')
                _write_rows(file, list(columns.values()), rows)
                file.write("]}")
                progress(at + 1, len(people))
            file.write("\n]}\n")


def _write_rows(file: TextIO, columns: Sequence[_Column], rows: NDArray[np.int64]) -> None:
    between = "\n"
    for _, batch in _batches(columns, rows):
        for row in batch:
            cells = [round(cell, 6) if isinstance(cell, float) else cell for cell in row]
            file.write(between + _json(cells))
            between = ",\n"


def _batches(
    columns: Sequence[_Column], rows: NDArray[np.int64]
) -> Iterator[tuple[int, Iterator[tuple[Any, ...]]]]:
    """Yield (rows up to here, some rows) until all were given."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        yield start + len(some), zip(*(column.cells(some) for column in columns), strict=True)


def _plain(cell: object) -> object:
    """Return a cell as frames.csv has it."""
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, float):
        return f"{cell:.6f}"
    return "" if cell is None else cell


def _about(info: SessionInfo) -> dict[str, object]:
    """Return the description; of the file it was made from the name, not the place."""
    about = asdict(info)
    if about["source"].get("path"):
        about["source"] = {**about["source"], "path": Path(str(about["source"]["path"])).name}
    return about


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
