"""What the player and the desk say on their threads becomes Qt signals."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.pipeline.jobs import Job
    from fercam.sessions.comparison import SessionComparison, TableComparison
    from fercam.sessions.library import SessionEntry
    from fercam.sessions.session import Session
    from fercam.sessions.statistics import SessionStatistics
    from fercam.sessions.table import FrameTable
    from fercam.sessions.trash import Deleted


class SessionBridge(QObject):
    """Listens to both. Qt queues a signal sent from another thread, so whoever is connected hears
    it on the window's own thread. Pictures never come this way: they are pulled."""

    opened = pyqtSignal(object)
    place_changed = pyqtSignal(float, bool)
    player_failed = pyqtSignal(str)
    entries_changed = pyqtSignal(list)
    recovered = pyqtSignal(str)
    deleted = pyqtSignal(list)
    job_changed = pyqtSignal(object)
    statistics_ready = pyqtSignal(Path, object)
    table_ready = pyqtSignal(Path, object, object)
    differences_ready = pyqtSignal(Path, object)
    comparison_ready = pyqtSignal(object)
    desk_failed = pyqtSignal(str)

    def on_opened(self, session: "Session") -> None:
        """Pass on that a session is open."""
        self.opened.emit(session)

    def on_place(self, t_s: float, playing: bool) -> None:
        """Pass on where the player is."""
        self.place_changed.emit(t_s, playing)

    def on_player_failed(self, message: str) -> None:
        """Pass on what could not be played."""
        self.player_failed.emit(message)

    def on_entries(self, entries: "list[SessionEntry]") -> None:
        """Pass on which sessions there are."""
        self.entries_changed.emit(entries)

    def on_recovered(self, words: str) -> None:
        """Pass on what was saved of unfinished sessions."""
        self.recovered.emit(words)

    def on_deleted(self, deleted: "list[Deleted]") -> None:
        """Pass on what was deleted and can come back."""
        self.deleted.emit(deleted)

    def on_job(self, job: "Job") -> None:
        """Pass on how a job goes."""
        self.job_changed.emit(job)

    def on_statistics(self, folder: Path, statistics: "SessionStatistics") -> None:
        """Pass on a session's figures."""
        self.statistics_ready.emit(folder, statistics)

    def on_table(self, folder: Path, model: str | None, table: "FrameTable") -> None:
        """Pass on what a model saw."""
        self.table_ready.emit(folder, model, table)

    def on_differences(self, folder: Path, differences: "TableComparison") -> None:
        """Pass on where two models differ."""
        self.differences_ready.emit(folder, differences)

    def on_comparison(self, comparison: "SessionComparison") -> None:
        """Pass on two sessions' figures."""
        self.comparison_ready.emit(comparison)

    def on_desk_failed(self, message: str) -> None:
        """Pass on what could not be done."""
        self.desk_failed.emit(message)
