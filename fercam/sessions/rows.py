"""A session's numbers for other programs: CSV for spreadsheets, Parquet for notebooks, JSON."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.recording.session_json import SessionInfo
from fercam.sessions.exporter import Exporter, ExportOptions, ShowProgress, chosen_table
from fercam.sessions.peaks import find_peaks
from fercam.sessions.session import Session
from fercam.sessions.statistics import counted, display_name, statistics
from fercam.sessions.table import FrameTable

SCHEMA, VERSION = "fercam-export", 1
_ROWS_AT_ONCE = 5000


def arrow_table(session: Session, table: FrameTable) -> Any:
    """Return a pyarrow.Table with a row per face and one for every frame without any.

    Its columns are those of frames.csv, and: `name`, what the person is called; `excluded`,
    whether the frame is in a stretch left out of all statistics. What is not known is null.
    """
    import pyarrow as pa

    counts = np.diff(table.first_row)
    per_frame = np.maximum(counts, 1)
    is_face = np.repeat(counts > 0, per_frame)

    def by_frame(values: NDArray[Any]) -> Any:
        return pa.array(np.repeat(values, per_frame))

    def by_face(values: NDArray[Any], known: NDArray[np.bool_] | None = None) -> Any:
        spread = np.zeros(len(is_face), values.dtype)
        spread[is_face] = values
        there = is_face.copy()
        if known is not None:
            there[is_face] = known
        return pa.array(spread, mask=~there)

    def words(index: NDArray[Any], of: Sequence[str], known: NDArray[np.bool_]) -> Any:
        places = by_face(index.astype(np.int32), known)
        return pa.DictionaryArray.from_arrays(places, pa.array(of, pa.string()))

    answered = table.label >= 0
    numbers, name_of = np.unique(table.person, return_inverse=True)
    names = [display_name(session.info, int(number)) if number else "" for number in numbers]
    columns = {
        "frame": by_frame(np.arange(table.frames)),
        "time_s": by_frame(table.time_s),
        "excluded": by_frame(~counted(table, session.info)),
        "face": by_face(table.person),
        "name": words(name_of.reshape(-1), names, table.person > 0),
        **{name: by_face(table.box_px[:, at]) for at, name in enumerate("xywh")},
        "score": by_face(table.score),
        "label": words(np.maximum(table.label, 0), EMOTIONS, answered),
        "confidence": by_face(table.probabilities.max(axis=1, initial=0), answered),
        "sure": by_face(table.sure, answered),
        **{
            emotion: by_face(table.probabilities[:, at], answered)
            for at, emotion in enumerate(EMOTIONS)
        },
    }
    return pa.table(columns)


class CsvExporter(Exporter):
    """A table for spreadsheets, UTF-8: merged people as one, their names, what is excluded."""

    suffix = ".csv"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        arrow = arrow_table(session, chosen_table(session, options))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(arrow.column_names)
            for done, rows in _batches(arrow):
                writer.writerows([_plain(cell) for cell in row] for row in rows)
                progress(done, arrow.num_rows)


class ParquetExporter(Exporter):
    """The same table for notebooks; what session.json says is in the file's metadata, "fercam"."""

    suffix = ".parquet"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        from pyarrow import parquet

        arrow = arrow_table(session, chosen_table(session, options))
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
        arrow = arrow_table(session, table)
        arrow = arrow.filter(arrow.column("face").is_valid())
        columns = [name for name in arrow.column_names if name not in ("face", "name")]
        people = {one.person: asdict(one) for one in sums.people}
        if (table.person == 0).any():
            people = {0: {"person": 0, "name": ""}} | people
        if options.person is not None:
            people = {options.person: people[options.person]}
        with path.open("w", encoding="utf-8") as file:
            file.write(_json(head | {"columns": columns})[:-1] + ', "people": [')
            for at, (number, one) in enumerate(people.items()):
                rows = arrow.filter(_is(arrow, number)).select(columns)
                file.write((",\n" if at else "\n") + _json(one)[:-1] + ', "rows": [')
                _write_rows(file, rows)
                file.write("]}")
                progress(at + 1, len(people))
            file.write("\n]}\n")


def _is(arrow: Any, number: int) -> Any:
    from pyarrow import compute

    return compute.equal(arrow.column("face"), number)


def _write_rows(file: TextIO, arrow: Any) -> None:
    between = "\n"
    for _, rows in _batches(arrow):
        for row in rows:
            cells = [round(cell, 6) if isinstance(cell, float) else cell for cell in row]
            file.write(between + _json(cells))
            between = ",\n"


def _batches(arrow: Any) -> Iterator[tuple[int, Iterator[tuple[Any, ...]]]]:
    """Yield (rows up to here, some rows) until all were given."""
    done = 0
    for batch in arrow.to_batches(max_chunksize=_ROWS_AT_ONCE):
        done += batch.num_rows
        yield done, zip(*(column.to_pylist() for column in batch.columns), strict=True)


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
