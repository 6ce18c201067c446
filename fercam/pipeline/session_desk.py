"""The slow work on sessions for the window: each wish returns at once, its answer comes later."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fercam import paths
from fercam.core.errors import FerCamError, SessionError, reason_of
from fercam.logs import logger
from fercam.pipeline.jobs import Job, Jobs

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.sessions.comparison import SessionComparison, TableComparison
    from fercam.sessions.edits import Edit
    from fercam.sessions.library import SessionEntry, SessionLibrary
    from fercam.sessions.session import Session
    from fercam.sessions.statistics import SessionStatistics
    from fercam.sessions.table import FrameTable
    from fercam.sessions.trash import Deleted

_OPEN_AT_ONCE = 2


class SessionDeskListener(Protocol):
    """Is called from the desk's threads; must return at once."""

    def on_entries(self, entries: "list[SessionEntry]") -> None:
        """These sessions there are, newest first."""

    def on_recovered(self, words: str) -> None:
        """Unfinished sessions were found and finished; one sentence."""

    def on_deleted(self, deleted: "list[Deleted]") -> None:
        """These were deleted with one wish and may be restored."""

    def on_job(self, job: Job) -> None:
        """A job begins, goes on or is over."""

    def on_statistics(self, folder: Path, statistics: "SessionStatistics") -> None:
        """What a session comes to."""

    def on_table(self, folder: Path, model: str | None, table: "FrameTable") -> None:
        """What a model saw in a session."""

    def on_differences(self, folder: Path, differences: "TableComparison") -> None:
        """Where two models differ about a session."""

    def on_comparison(self, comparison: "SessionComparison") -> None:
        """Two sessions side by side."""

    def on_desk_failed(self, message: str) -> None:
        """What was asked could not be done; one plain sentence."""


class SessionDesk:
    """Lists, changes, deletes, measures and converts sessions on threads of its own."""

    def __init__(self, listener: SessionDeskListener, sessions_dir: Path | None = None) -> None:
        self._listener = listener
        self._dir = sessions_dir or paths.sessions_dir()
        self._made: SessionLibrary | None = None
        self._making = threading.Lock()
        self._open: dict[Path, tuple[object, Session]] = {}
        self._chores = ThreadPoolExecutor(1, thread_name_prefix="fercam-desk")
        self._finding = ThreadPoolExecutor(1, thread_name_prefix="fercam-desk-cards")
        self._wished = self._found = 0
        self._jobs = Jobs(listener.on_job)
        self._last: list[Future[None]] | None = None

    def begin(self, keep_days: int = 0) -> None:
        """List the sessions, finish those that a crash left unfinished, and delete those older
        than so many days (0: none).
        """
        self._do(self._list)
        self._do(self._recover)
        if keep_days > 0:
            self._do(self._expire, keep_days)
        self.refresh()

    def refresh(self) -> None:
        """List the sessions: at once what is known, then with what has to be found out."""
        self._do(self._list)
        self._do(self._look_anew)

    def delete(self, folders: Sequence[Path]) -> None:
        """Delete sessions, none that another model looks at; they can be restored until the desk
        closes.
        """
        self._do_even_when_closing(self._delete, list(folders))
        self.refresh()

    def restore(self, deleted: "Sequence[Deleted]") -> None:
        """Bring sessions back."""
        for one in deleted:
            self._do_even_when_closing(self._restore, one)
        self.refresh()

    def change(self, folder: Path, edit: "Edit") -> None:
        """Change a session's description; the sessions are listed again."""
        self._do_even_when_closing(self._change, folder, edit)
        self.refresh()

    def statistics(
        self,
        folder: Path,
        from_s: float | None = None,
        to_s: float | None = None,
        model: str | None = None,
    ) -> None:
        """Ask for a session's statistics, or for those of a part of it, as a model saw it (None:
        the one it was made with).
        """
        self._do(self._statistics, folder, from_s, to_s, model)

    def table(self, folder: Path, model: str | None) -> None:
        """Ask for the table that a model made (None: the one the session was made with)."""
        self._do(self._table, folder, model)

    def differences(self, folder: Path, first: str | None, second: str | None) -> None:
        """Ask where two models differ about a session; None is the one it was made with."""
        self._do(self._differences, folder, first, second)

    def compare(self, first: Path, second: Path) -> None:
        """Ask for two sessions side by side."""
        self._do(self._compare, first, second)

    def export(
        self,
        folder: Path,
        form: str,
        out: Path,
        person: int | None = None,
        model: str | None = None,
    ) -> None:
        """Write a session to a file in another form, with `model` as that one saw it; an older
        file there is replaced."""
        whom = [] if person is None else ["--person", str(person)]
        line = ["export", str(folder), "--format", form, "-o", str(out), *whom, *_seen_by(model)]
        self._start(f"Export {out.name}", [*line, "--force", "--progress"])

    def report(self, folder: Path, form: str, out: Path, model: str | None = None) -> None:
        """Write the report of a session ("html" or "pdf"), with `model` as that one saw it; an
        older file there is replaced."""
        as_pdf = ["--pdf"] if form == "pdf" else []
        line = ["report", str(folder), "-o", str(out), *as_pdf, *_seen_by(model)]
        self._start(f"Report {out.name}", [*line, "--force", "--progress"])

    def analyse_again(self, folder: Path, model: str) -> None:
        """Let another model look at the faces of a session."""
        line = ["analyze", str(folder), "--model", model, "--progress"]
        self._start(f"{folder.name} with {model}", line, changes=folder)

    def import_videos(self, videos: Sequence[Path], model: str | None = None) -> None:
        """Make a session of each video file."""
        for video in videos:
            self._do(self._import, video, model)

    def cancel(self, job_id: int) -> None:
        """Give a job up."""
        self._jobs.cancel(job_id)

    def close(self) -> None:
        """Give up what is not done, and delete for good what was deleted."""
        self._jobs.close()
        if self._last is None:
            self._last = [self._chores.submit(self._end), self._finding.submit(lambda: None)]
            for threads in (self._chores, self._finding):
                threads.shutdown(wait=False)

    def join(self, timeout_s: float) -> bool:
        """Wait until all threads have ended after `close`; return whether they have."""
        return self._last is None or not wait(self._last, timeout_s).not_done

    # On the desk's thread

    def _do(self, chore: Callable[..., object], *about: object) -> None:
        if self._last is None:
            self._chores.submit(self._guarded, partial(chore, *about))

    def _do_even_when_closing(self, chore: Callable[..., None], *about: object) -> None:
        """Do what must not be lost; the sessions are listed again if it fails."""
        if self._last is None:
            self._chores.submit(self._attempt, partial(chore, *about), self.refresh)

    def _guarded(self, chore: Callable[[], object]) -> None:
        if self._last is None:  # else it is closing
            self._attempt(chore)

    def _attempt(
        self, chore: Callable[[], object], if_failed: Callable[[], None] = lambda: None
    ) -> None:
        try:
            chore()
        except FerCamError as failure:
            self._listener.on_desk_failed(failure.user_message)
            if_failed()
        except Exception as failure:  # noqa: BLE001  (the one place where it surfaces)
            logger.error("the desk failed", exc_info=failure)
            self._listener.on_desk_failed("That did not work; the log says more.")
            if_failed()

    @property
    def _library(self) -> "SessionLibrary":
        from fercam.sessions.library import SessionLibrary

        with self._making:
            if self._made is None:
                self._made = SessionLibrary(self._dir)
            return self._made

    def _list(self) -> None:
        self._listener.on_entries(self._library.entries(quick=True))

    def _look_anew(self) -> None:
        # counted only now, when all is done that was asked for before: who looks already may not
        # have seen it
        self._wished += 1
        self._finding.submit(self._guarded, self._find_out)

    def _find_out(self) -> None:
        """List the sessions with what takes long to find out: once for all who wished it by now,
        and not if somebody did meanwhile."""
        wish = self._wished
        if wish == self._found:
            return
        entries = self._library.entries(stop=lambda: self._last is not None or wish != self._wished)
        if wish == self._wished and self._last is None:
            self._found = wish
            self._listener.on_entries(entries)

    def _recover(self) -> None:
        from fercam.sessions.leftovers import sweep_all
        from fercam.sessions.recovery import recover_all, words

        sweep_all(self._dir)
        recovered = recover_all(self._dir)
        if recovered:
            self._listener.on_recovered(words(recovered))

    def _expire(self, days: int) -> None:
        deleted = self._library.expire(days)
        if deleted:
            self._listener.on_deleted(deleted)

    def _delete(self, folders: Sequence[Path]) -> None:
        deleted: list[Deleted] = []
        failed: SessionError | None = None
        for folder in folders:
            try:
                if self._jobs.any_changes(folder):
                    raise SessionError(
                        f"Another model looks at the session {folder.name} just now; cancel that "
                        "first, or wait for it."
                    )
                deleted.append(self._library.delete(folder))
            except SessionError as error:
                failed = failed or error
        if deleted:
            self._listener.on_deleted(deleted)
        if failed is not None:
            raise failed

    def _restore(self, deleted: "Deleted") -> None:
        self._library.restore(deleted)

    def _change(self, folder: Path, edit: "Edit") -> None:
        from fercam.sessions.edits import change

        change(folder, edit)

    def _session(self, folder: Path) -> "Session":
        """Return a session, opened anew only if its files have changed."""
        from fercam.sessions.session import open_session

        state = [
            (path.name, path.stat().st_mtime_ns)
            for path in sorted(folder.glob("*"))
            if path.suffix in (".json", ".csv", ".mp4")
        ]
        known = self._open.get(folder)
        if known is None or known[0] != state:
            self._open.pop(folder, None)
            while len(self._open) >= _OPEN_AT_ONCE:
                self._open.pop(next(iter(self._open)))
            known = self._open[folder] = (state, open_session(folder))
        return known[1]

    def _table(self, folder: Path, model: str | None) -> None:
        self._listener.on_table(folder, model, self._session(folder).table_of(model))

    def _statistics(
        self, folder: Path, from_s: float | None, to_s: float | None, model: str | None
    ) -> None:
        from fercam.sessions.statistics import statistics

        session = self._session(folder)
        found = statistics(session.table_of(model), session.info, from_s, to_s)
        self._listener.on_statistics(folder, found)

    def _differences(self, folder: Path, first: str | None, second: str | None) -> None:
        from fercam.sessions.comparison import differences

        found = differences(self._session(folder), first, second)
        self._listener.on_differences(folder, found)

    def _compare(self, first: Path, second: Path) -> None:
        from fercam.sessions.comparison import compare

        self._listener.on_comparison(compare(self._session(first), self._session(second)))

    def _import(self, video: Path, model: str | None) -> None:
        folder = self._new_folder(video.stem or "video")
        line = ["analyze", str(video), "-o", str(folder), "--no-video", "--progress"]
        self._start(f"Import {video.name}", [*line, *(["--model", model] if model else [])], folder)

    def _new_folder(self, name: str) -> Path:
        """Make a folder of this name, or with a number behind it, among the sessions."""
        folder, count = self._dir / name, 1
        try:
            self._dir.mkdir(parents=True, exist_ok=True)
            while folder.exists():
                count += 1
                folder = self._dir / f"{name}_{count}"
            folder.mkdir()
        except OSError as error:
            raise SessionError(
                f"The folder {folder} cannot be created ({reason_of(error)})."
            ) from error
        return folder

    def _start(
        self,
        title: str,
        line: Sequence[str],
        out: Path | None = None,
        changes: Path | None = None,
    ) -> None:
        self._jobs.start(title, line, out, self._after, changes)

    def _after(self, job: Job) -> None:
        self.refresh()

    def _end(self) -> None:
        self._jobs.join()
        self._library.empty_trash()


def _seen_by(model: str | None) -> list[str]:
    return ["--model", model] if model else []
