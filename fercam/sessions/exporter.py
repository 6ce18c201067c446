"""What every way to bring a session out of FerCam can do: one file, whole or not there at all."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from fercam.core.errors import SessionError, UsageError, reason_of
from fercam.recording.csv_sink import CsvSink
from fercam.recording.session_json import FILE_NAME, SessionInfo
from fercam.recording.sound import SOUND_FILE
from fercam.recording.video_sink import CleanVideoSink, VideoSink
from fercam.sessions.leftovers import workshop
from fercam.sessions.session import Session
from fercam.sessions.statistics import display_name
from fercam.sessions.table import FrameTable, merged_people

ShowProgress = Callable[[float, float | None], None]
"""Is told how much is done, and of how much (None: not known)."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to write. With `person` only that one's answers (None: everybody's).

    For videos: `style` is a key of render.STYLES. `mask` is a key of masking.MASKS, for everybody's
    face but that of `person`; empty for nobody's.
    """

    person: int | None = None
    style: str = "labels"
    mask: str = ""


class Exporter(ABC):
    """Writes a session to one file. `ending` tells its file from others of the same suffix."""

    suffix: ClassVar[str]
    ending: ClassVar[str] = ""

    def __init__(self, options: ExportOptions | None = None) -> None:
        self.options = options or ExportOptions()

    def file_for(self, session: Session, out: Path | None = None) -> Path:
        """Return the file that `out` means: itself, one in the folder `out`, or (None) one in the
        session's own folder."""
        if out is not None and not out.is_dir():
            return out
        folder = session.folder.resolve()
        return (out or session.folder) / f"{folder.name}{self.ending}{self.suffix}"

    def export(
        self,
        session: Session,
        out: Path,
        progress: ShowProgress = lambda done, total: None,
        *,
        force: bool = False,
    ) -> None:
        """Write the file; with `force` it may take an older one's place, in one step.

        Raises:
            UsageError: there is a file already, or it is one that the session needs.
            SessionError: the session has not what this needs, or the file cannot be written.
        """
        self._check_place(session, out, force)
        chosen = _with_known_person(session.info, session.table, self.options)
        try:
            with workshop(".export-", out.absolute().parent) as work:
                part = work / f"part{self.suffix}"
                self._write(session, chosen, part, progress)
                with part.open("r+b") as written:
                    os.fsync(written.fileno())
                if not force:
                    _refuse_existing(out)
                part.replace(out)
        except OSError as error:
            raise SessionError(f"The file {out} cannot be written ({reason_of(error)}).") from error

    @abstractmethod
    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        """Write the session to `path`, in a folder for this alone; `options` name a person as the
        one they were merged into.

        Raises:
            SessionError: the session has not what this needs.
            OSError: the file cannot be written.
        """

    @staticmethod
    def _check_place(session: Session, out: Path, force: bool) -> None:
        if out.is_dir():
            raise UsageError(f"{out} is a folder; name a file in it.")
        if not out.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {out.absolute().parent}; make it first.")
        if out.resolve() in _own_files(session):
            raise UsageError(f"{out} is a part of the session itself; choose another name.")
        if not force:
            _refuse_existing(out)


def _refuse_existing(out: Path) -> None:
    if out.exists():
        raise UsageError(f"There is a file {out} already; choose another name, or add --force.")


def _own_files(session: Session) -> set[Path]:
    """Return what an export must never replace."""
    kinds = (CsvSink, VideoSink, CleanVideoSink)
    names = [FILE_NAME, SOUND_FILE, *(kind.file_name for kind in kinds)]
    names += [Path(other.table).name for other in session.info.analyses]
    files = {(session.folder / name).resolve() for name in names}
    source = session.info.source.get("path")
    return files | ({Path(str(source)).resolve()} if source else set())


def _with_known_person(
    info: SessionInfo, table: FrameTable, options: ExportOptions
) -> ExportOptions:
    """Return the options with the person as the one they were merged into.

    Raises:
        UsageError: there is no such person.
    """
    if options.person is None:
        return options
    moved = merged_people(info)
    known = sorted(({one.id for one in info.people} | set(table.people)) - moved.keys())
    number = moved.get(options.person, options.person)
    if number not in known:
        names = {one: display_name(info, one) for one in known}
        there = ", ".join(
            str(one) if name == f"Person {one}" else f"{one} ({name})"
            for one, name in names.items()
        )
        raise UsageError(f"There is no person {options.person}; there are: {there or 'none'}.")
    return replace(options, person=number)


def chosen_table(session: Session, options: ExportOptions) -> FrameTable:
    """Return the session's table with everyone under the number they were merged into, and only
    the chosen person's rows if one was chosen; every frame stays in it."""
    merged = session.table.with_people(session.info)
    if options.person is None:
        return merged
    theirs = merged.person == options.person
    kept = np.append(0, np.cumsum(theirs))
    return FrameTable(
        merged.time_s,
        kept[merged.first_row].astype(np.int64),
        merged.person[theirs],
        merged.box_px[theirs],
        merged.score[theirs],
        merged.probabilities[theirs],
        merged.label[theirs],
        merged.sure[theirs],
    )
