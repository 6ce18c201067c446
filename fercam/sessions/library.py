"""The folder of all sessions: what is in it, searched, deleted and brought back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fercam.core.errors import SessionError, reason_of
from fercam.recording.csv_sink import CsvSink
from fercam.recording.session_json import (
    FILE_NAME,
    RECORDING,
    SessionInfo,
    read_session_json,
)
from fercam.sessions.cards import SessionCard, SessionCards
from fercam.sessions.table import merged_people
from fercam.sessions.trash import Deleted, Trash


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """One session of the list.

    `info` is None where session.json cannot be understood; `problem` says why, or what else is
    wrong, and is empty otherwise. `bytes` is what it takes on the disk. `people` counts different
    people, `dominant` is the emotion seen longest, empty if none. `thumbnail` is a small JPEG kept
    outside the session.
    """

    folder: Path
    info: SessionInfo | None
    problem: str
    bytes: int
    people: int
    dominant: str
    thumbnail: Path | None

    @property
    def start(self) -> datetime | None:
        """When it began, in local time; None if that is not known."""
        try:
            return datetime.fromisoformat(self.info.start_utc).astimezone() if self.info else None
        except ValueError:
            return None

    @property
    def title(self) -> str:
        """What it was made from, else its folder's name."""
        described = str(self.info.source.get("description", "")) if self.info else ""
        return described or self.folder.name

    def matches(self, text: str) -> bool:
        """Return whether every word is in its name, tags, people, markers, emotion or date."""
        about = [self.folder.name, self.title, self.dominant]
        if self.start is not None:
            about.append(f"{self.start:%Y-%m-%d %H:%M %A %d %B %Y}")
        if self.info is not None:
            about += self.info.tags
            about += (person.name for person in self.info.people)
            about += (f"{marker.text} {marker.emotion}" for marker in self.info.markers)
            about += (self.info.model, self.info.note)
        everything = " ".join(about).casefold()
        return all(word in everything for word in text.casefold().split())


class SessionLibrary:
    """The sessions in one folder (which need not exist). One thread lists them in full, another may
    do the rest meanwhile: it waits with moving a session that is looked at, for that one alone.
    """

    def __init__(self, sessions_dir: Path, cards: SessionCards | None = None) -> None:
        self._dir = sessions_dir
        self._cards = cards or SessionCards()
        self._trash = Trash(sessions_dir)
        self._looked_at: list[Path] = []
        self._look_over = threading.Condition()

    def entries(
        self, quick: bool = False, stop: Callable[[], bool] = lambda: False
    ) -> list[SessionEntry]:
        """Return all sessions, newest first; `quick` leaves out what would have to be found out, as
        does the rest once `stop` says so.

        Raises:
            SessionError: the folder cannot be read.
        """
        try:
            folders = list(_session_folders(self._dir))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SessionError(
                f"The folder of sessions {self._dir} cannot be read ({reason_of(error)})."
            ) from error
        entries = [
            self._entry(folder, quick=True) if quick else self._look(folder, stop)
            for folder in folders
        ]
        there = (entry for entry in entries if entry.folder.is_dir())  # not moved meanwhile
        return sorted(there, key=_newest_first)

    def delete(self, folder: Path) -> Deleted:
        """Move a session out of sight; `restore` brings it back, `empty_trash` ends it.

        Raises:
            SessionError: it is being recorded, or cannot be moved.
        """
        from fercam.recording.lock import held_elsewhere

        if held_elsewhere(folder):
            raise SessionError(f"The session {folder.name} is being written just now.")
        with self._look_over:
            self._look_over.wait_for(lambda: folder not in self._looked_at)
            try:
                deleted = self._trash.put(folder)
            except OSError as error:
                raise SessionError(
                    f"The session {folder.name} cannot be deleted ({reason_of(error)})."
                ) from error
            self._cards.forget(folder)
        return deleted

    def restore(self, deleted: Deleted) -> Path:
        """Bring a session back and return its folder, a new one if the old name is taken.

        Raises:
            SessionError: it is gone for good, or cannot be moved.
        """
        try:
            return self._trash.bring_back(deleted)
        except OSError as error:
            raise SessionError(
                f"The session {deleted.folder.name} cannot be brought back ({reason_of(error)})."
            ) from error

    def empty_trash(self) -> None:
        """Delete for good what `delete` put aside, and what programs that died left there."""
        self._trash.empty()

    def expire(self, days: float, now: datetime | None = None) -> list[Deleted]:
        """Delete the sessions that began more than so many days ago; return them."""
        limit = (now or datetime.now(UTC)) - timedelta(days=days)
        old = [
            entry.folder
            for entry in self.entries()
            if entry.info and entry.info.state != RECORDING and entry.start and entry.start < limit
        ]
        deleted = []
        for folder in old:
            with suppress(SessionError):  # one in use stays until the next start
                deleted.append(self.delete(folder))
        return deleted

    def _entry(self, folder: Path, quick: bool) -> SessionEntry:
        problem, info = "", None
        try:
            info = read_session_json(folder)
        except SessionError as error:
            problem = error.user_message
        card = self._cards.card_of(folder, info, quick) if info else SessionCard()
        return SessionEntry(
            folder=folder,
            info=info,
            problem=problem or card.problem,
            bytes=sum(_size(path) for path in folder.glob("*")),
            people=len({p.id for p in info.people} - merged_people(info).keys()) if info else 0,
            dominant=card.dominant,
            thumbnail=card.thumbnail,
        )

    def _look(self, folder: Path, stop: Callable[[], bool]) -> SessionEntry:
        with self._look_over:
            self._looked_at.append(folder)
        try:
            return self._entry(folder, stop())
        finally:
            with self._look_over:
                self._looked_at.remove(folder)
                self._look_over.notify_all()


def _session_folders(home: Path) -> Iterator[Path]:
    """Yield the sessions in a folder and those one below, where batches are."""
    for path in _folders(home):
        with suppress(OSError):  # one that may not be looked into hides no other
            if _is_session(path):
                yield path
            else:
                yield from [below for below in _folders(path) if _is_session(below)]


def _folders(home: Path) -> list[Path]:
    return [path for path in home.iterdir() if not path.name.startswith(".") and path.is_dir()]


def _is_session(path: Path) -> bool:
    return (path / FILE_NAME).exists() or (path / CsvSink.file_name).exists()


def _newest_first(entry: SessionEntry) -> tuple[float, str]:
    return (-entry.start.timestamp() if entry.start else 0.0, entry.folder.name)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
