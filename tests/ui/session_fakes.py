"""A player and a desk that do what a test tells them, and sessions to show."""

from collections.abc import Sequence
from pathlib import Path

from helpers.tables import Face, info, write_session

from fercam.core.mailbox import Latest
from fercam.core.values import AnnotatedFrame, Frame
from fercam.recording.session_json import SessionInfo
from fercam.sessions.edits import Edit
from fercam.sessions.library import SessionEntry
from fercam.sessions.session import open_session
from fercam.sessions.statistics import statistics
from fercam.sessions.trash import Deleted
from fercam.ui.session_bridge import SessionBridge

HAPPY_THEN_SAD: list[Sequence[Face]] = [
    *([(1, "happy", 0.9, True), (2, "neutral", 0.8, True)] for _ in range(60)),
    *([(1, "sad", 0.7, True)] for _ in range(40)),
    *([(1, "fear", 0.4, False)] for _ in range(20)),
]
"""Four seconds: person 1 is there throughout, person 2 for the first two."""


def make_session(folder: Path, **about: object) -> Path:
    """Write a session of four seconds without a video."""
    return write_session(folder, HAPPY_THEN_SAD, **about)


def entry(
    folder: Path, problem: str = "", dominant: str = "happy", **about: object
) -> SessionEntry:
    """A line of the list."""
    described = None if problem else info(**about)
    return SessionEntry(folder, described, problem, 12_000_000, 2, dominant, None)


class FakePlayer:
    """Opens sessions at once, and remembers what it was asked for."""

    mirrored = False

    def __init__(self, listener: SessionBridge) -> None:
        self.listener = listener
        self.newest_frame: Latest[Frame] = Latest()
        self.newest_result: Latest[AnnotatedFrame] = Latest()
        self.calls: list[tuple[object, ...]] = []
        self.ended = True

    def open(self, folder: Path) -> None:
        self.calls.append(("open", folder))
        self.listener.on_opened(open_session(folder))

    def set_playing(self, playing: bool) -> None:
        self.calls.append(("set_playing", playing))

    def set_speed(self, speed: float) -> None:
        self.calls.append(("set_speed", speed))

    def seek(self, t_s: float) -> None:
        self.calls.append(("seek", round(t_s, 3)))
        self.listener.on_place(t_s, False)

    def step(self, frames: int) -> None:
        self.calls.append(("step", frames))

    def use_table(self, model: str | None) -> None:
        self.calls.append(("use_table", model))

    def second_table(self, model: str | None) -> None:
        self.calls.append(("second_table", model))

    def set_info(self, description: SessionInfo) -> None:
        self.calls.append(("set_info", description))

    def close(self) -> None:
        self.calls.append(("close",))

    def join(self, timeout_s: float) -> bool:
        return self.ended


class FakeDesk:
    """Counts statistics at once, changes descriptions in memory, and remembers the rest."""

    def __init__(self, listener: SessionBridge) -> None:
        self.listener = listener
        self.calls: list[tuple[object, ...]] = []
        self.infos: dict[Path, SessionInfo] = {}
        self.ended = True

    def begin(self, keep_days: int) -> None:
        self.calls.append(("begin", keep_days))

    def refresh(self) -> None:
        self.calls.append(("refresh",))

    def delete(self, folders: Sequence[Path]) -> None:
        self.calls.append(("delete", *folders))
        self.listener.on_deleted([Deleted(one, one.with_name("gone")) for one in folders])

    def restore(self, deleted: Sequence[Deleted]) -> None:
        self.calls.append(("restore", *(one.folder for one in deleted)))

    def change(self, folder: Path, edit: Edit) -> None:
        self.infos[folder] = edit(self.infos.get(folder) or open_session(folder).info)

    def statistics(
        self,
        folder: Path,
        from_s: float | None = None,
        to_s: float | None = None,
        model: str | None = None,
    ) -> None:
        self.calls.append(("statistics", from_s, to_s, model))
        session = open_session(folder)
        about = self.infos.get(folder) or session.info
        self.listener.on_statistics(folder, statistics(session.table, about, from_s, to_s))

    def table(self, folder: Path, model: str | None) -> None:
        self.listener.on_table(folder, model, open_session(folder).table_of(model))

    def differences(self, folder: Path, first: str | None, second: str | None) -> None:
        from fercam.sessions.comparison import differences

        self.listener.on_differences(folder, differences(open_session(folder), first, second))

    def compare(self, first: Path, second: Path) -> None:
        from fercam.sessions.comparison import compare

        self.listener.on_comparison(compare(open_session(first), open_session(second)))

    def export(
        self,
        folder: Path,
        form: str,
        out: Path,
        person: int | None = None,
        model: str | None = None,
    ) -> None:
        self.calls.append(("export", folder, form, out, person, model))

    def report(self, folder: Path, form: str, out: Path, model: str | None = None) -> None:
        self.calls.append(("report", folder, form, out, model))

    def analyse_again(self, folder: Path, model: str) -> None:
        self.calls.append(("analyse_again", folder, model))

    def import_videos(self, videos: Sequence[Path], model: str | None) -> None:
        self.calls.append(("import", *videos))

    def cancel(self, job_id: int) -> None:
        self.calls.append(("cancel", job_id))

    def close(self) -> None:
        self.calls.append(("close",))

    def join(self, timeout_s: float) -> bool:
        return self.ended
