"""The desk: each wish returns at once, its answer comes later, and long work can be given up."""

import os
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.tables import write_session, write_table
from helpers.videos import write_video

from fercam.pipeline import jobs
from fercam.pipeline.jobs import CANCELLED, DONE, FAILED, RUNNING, WAITING, Job
from fercam.pipeline.session_desk import SessionDesk
from fercam.recording.lock import SessionLock
from fercam.recording.session_json import Analysis
from fercam.sessions.edits import rename
from fercam.sessions.leftovers import STALE_S
from fercam.sessions.library import SessionEntry, SessionLibrary
from fercam.sessions.session import Session, open_session
from fercam.sessions.trash import Deleted

HAPPY, SAD = (1, "happy", 0.8, True), (1, "sad", 0.7, True)


class Listener:
    def __init__(self) -> None:
        self.told: dict[str, list[Any]] = {}

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *about: self.told.setdefault(name.removeprefix("on_"), []).append(about)

    def last(self, what: str) -> Any:
        return self.told[what][-1]

    def jobs(self) -> dict[int, Job]:
        return {job.id: job for (job,) in self.told.get("job", [])}


def until(happened: Callable[[], object], timeout_s: float = 30) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("fercam.paths.user_cache_dir", lambda: tmp_path / "cache")
    home = tmp_path / "sessions"
    write_session(home / "first", [[SAD]] * 30, start_utc="2026-11-20T10:00:00+00:00")
    write_session(home / "second", [[HAPPY]] * 30)
    return home


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def desk(home: Path, listener: Listener) -> Iterator[SessionDesk]:
    desk = SessionDesk(listener, home)
    yield desk
    desk.close()
    assert desk.join(20)
    names = {thread.name.rpartition("_")[0] for thread in threading.enumerate()}
    assert not names & {"fercam-desk", "fercam-job"}


def listed(listener: Listener) -> list[str]:
    return [entry.folder.name for entry in listener.last("entries")[0]]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a script in the place of FerCam's own command line."""

    def write(script: str) -> None:
        file = tmp_path / "program.py"
        file.write_text(f"import json, pathlib, sys, time\nargs = sys.argv[1:]\n{script}\n")
        monkeypatch.setattr(jobs, "own_command", lambda: [sys.executable, str(file)])

    return write


def test_sessions_are_listed_at_once_and_again_with_what_is_found_out(
    desk: SessionDesk, listener: Listener
) -> None:
    desk.begin()
    until(lambda: len(listener.told.get("entries", [])) == 3)  # again after looking for lost ones
    quick, _, full = (entries for (entries,) in listener.told["entries"])
    assert [entry.dominant for entry in quick] == ["", ""]
    assert [entry.dominant for entry in full] == ["happy", "sad"]


def test_deleting_and_bringing_back(desk: SessionDesk, listener: Listener, home: Path) -> None:
    desk.delete([home / "first", home / "second"])
    until(lambda: listener.told.get("deleted") and listener.told.get("entries"))
    until(lambda: listed(listener) == [])
    ((deleted,),) = listener.told["deleted"]
    desk.restore(deleted[:1])
    until(lambda: listed(listener) == ["first"])
    desk.close()
    assert desk.join(20)
    assert [path.name for path in home.iterdir()] == ["first"]


def test_a_session_deleted_while_it_was_looked_at_comes_back_as_it_was(
    desk: SessionDesk, listener: Listener, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved, opened = threading.Event(), threading.Event()
    looked_at: list[Path] = []

    def open_slowly(folder: Path) -> Session:
        looked_at.append(folder)
        moved.wait(0.5)  # in vain: it is moved only afterwards
        try:
            return open_session(folder)
        finally:
            opened.set()

    monkeypatch.setattr("fercam.sessions.session.open_session", open_slowly)
    desk.begin()
    until(lambda: looked_at)
    desk.delete(looked_at[:1])
    until(lambda: listener.told.get("deleted"))
    moved.set()
    assert opened.wait(20)
    desk.restore(listener.last("deleted")[0])
    until(lambda: [entry.dominant for entry in listener.last("entries")[0]] == ["happy", "sad"])


def test_a_look_that_began_before_a_session_came_back_is_not_the_last_one(
    desk: SessionDesk, listener: Listener, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, looked = threading.Event(), threading.Event()
    entries, restore = SessionLibrary.entries, SessionLibrary.restore

    def entries_once_asked(
        library: SessionLibrary, quick: bool = False, stop: Callable[[], bool] = lambda: False
    ) -> list[SessionEntry]:
        if quick and listener.told.get("deleted"):
            assert asked.wait(20)
        found = entries(library, quick, stop)
        if not quick and asked.is_set():
            looked.set()
        return found

    def restore_once_looked(library: SessionLibrary, deleted: Deleted) -> Path:
        assert looked.wait(20)
        return restore(library, deleted)

    monkeypatch.setattr(SessionLibrary, "entries", entries_once_asked)
    monkeypatch.setattr(SessionLibrary, "restore", restore_once_looked)
    desk.begin()
    desk.delete([home / "first"])
    until(lambda: listener.told.get("deleted"))
    desk.restore(listener.last("deleted")[0])
    asked.set()
    until(lambda: [entry.dominant for entry in listener.last("entries")[0]] == ["happy", "sad"])


def test_deleting_does_not_wait_for_the_look_at_another_session(
    desk: SessionDesk, listener: Listener, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted = threading.Event()
    looked_at: list[Path] = []

    def open_slowly(folder: Path) -> Session:
        looked_at.append(folder)
        assert deleted.wait(20)
        return open_session(folder)

    monkeypatch.setattr("fercam.sessions.session.open_session", open_slowly)
    desk.begin()
    until(lambda: looked_at)
    (other,) = {home / "first", home / "second"} - set(looked_at)
    desk.delete([other])
    until(lambda: listener.told.get("deleted"))
    deleted.set()
    until(lambda: listed(listener) == [looked_at[0].name])


def test_what_cannot_be_deleted_stays_and_is_no_part_of_what_comes_back(
    desk: SessionDesk, listener: Listener, home: Path
) -> None:
    with SessionLock(home / "first"):
        desk.delete([home / "first", home / "second"])
        until(lambda: listener.told.get("desk_failed") and listener.told.get("entries"))
        until(lambda: listed(listener) == ["first"])
        ((deleted,),) = listener.told["deleted"]
        assert [one.folder.name for one in deleted] == ["second"]
        desk.delete([home / "first"])
        until(lambda: len(listener.told["desk_failed"]) == 2)
    assert len(listener.told["deleted"]) == 1


def test_what_a_killed_export_left_is_swept_at_the_start_and_one_at_work_is_not(
    desk: SessionDesk, listener: Listener, home: Path
) -> None:
    left, at_work = (home / "first" / f".export-{name}" for name in ("left", "at_work"))
    for folder in (left, at_work):
        folder.mkdir()
        (folder / "part.mp4").write_bytes(b"half")
    for path in (left, left / "part.mp4", at_work):
        os.utime(path, (time.time() - STALE_S - 60,) * 2)
    desk.begin()
    until(lambda: not left.exists())
    assert at_work.exists()


def test_old_sessions_are_deleted_at_the_start_if_wished(
    desk: SessionDesk, listener: Listener, home: Path
) -> None:
    write_session(home / "old", [[HAPPY]], start_utc="2001-01-01T00:00:00+00:00")
    desk.begin(keep_days=3650)
    until(lambda: listener.told.get("deleted"))
    ((deleted,),) = listener.told["deleted"]
    assert [one.folder.name for one in deleted] == ["old"]
    until(lambda: listed(listener) == ["second", "first"])


def test_changes_reach_the_disk_and_the_list(
    desk: SessionDesk, listener: Listener, home: Path
) -> None:
    desk.change(home / "first", rename(1, "Ann"))
    until(lambda: listener.told.get("entries"))
    entry = next(one for one in listener.last("entries")[0] if one.folder.name == "first")
    assert entry.info.people[0].name == "Ann"
    desk.statistics(home / "first")
    until(lambda: listener.told.get("statistics"))
    folder, figures = listener.last("statistics")
    assert (folder.name, figures.people[0].name, figures.group.dominant) == ("first", "Ann", "sad")


def test_edits_are_saved_even_when_the_window_closes_at_once(desk: SessionDesk, home: Path) -> None:
    for number in range(20):
        desk.change(home / "second", rename(1, f"Ann {number}"))
    desk.close()
    assert desk.join(20)
    assert open_session(home / "second").names == {1: "Ann 19"}


def test_a_folder_that_cannot_be_read_is_said_once(
    desk: SessionDesk, listener: Listener, home: Path
) -> None:
    for folder in home.iterdir():
        shutil.rmtree(folder)
    home.rmdir()
    home.write_text("no folder")
    desk.refresh()
    until(lambda: len(listener.told.get("desk_failed", [])) == 2)  # the quick list and the whole
    desk.close()
    assert desk.join(20)
    assert len(listener.told["desk_failed"]) == 2


def test_figures_and_comparisons(desk: SessionDesk, listener: Listener, home: Path) -> None:
    desk.compare(home / "first", home / "second")
    until(lambda: listener.told.get("comparison"))
    assert listener.last("comparison")[0].second_statistics.group.dominant == "happy"
    write_table(home / "first" / "frames.x.csv", [[HAPPY]] * 30)
    desk.change(home / "first", _with_analysis)
    desk.differences(home / "first", None, "x")
    until(lambda: listener.told.get("differences"))
    assert listener.last("differences")[1].agreement == 0


def _with_analysis(info: Any) -> Any:
    from fercam.sessions.edits import add_analysis

    return add_analysis(Analysis("x", "0", "frames.x.csv"))(info)


def test_what_cannot_be_done_is_one_sentence(
    desk: SessionDesk, listener: Listener, home: Path
) -> None:
    desk.statistics(home / "nowhere")
    until(lambda: listener.told.get("desk_failed"))
    assert "is no session" in listener.last("desk_failed")[0]
    desk.delete([home / "nowhere"])
    until(lambda: len(listener.told["desk_failed"]) == 2)
    assert "cannot be deleted" in listener.last("desk_failed")[0]


def test_a_video_becomes_a_session_by_the_command_for_it(
    desk: SessionDesk, listener: Listener, home: Path, tmp_path: Path, tiny_bundle: Path
) -> None:
    film = write_video(tmp_path / "my film.mp4", [40 * n for n in range(5)])
    (home / "my film").mkdir()
    desk.import_videos([film], str(tiny_bundle))
    until(lambda: any(job.state in (DONE, FAILED) for job in listener.jobs().values()), 120)
    (job,) = listener.jobs().values()
    assert (job.state, job.message, job.title) == (DONE, "", "Import my film.mp4")
    assert job.result == home / "my film_2"
    assert open_session(job.result).video_kind == "source"
    until(lambda: listener.told.get("entries") and len(listed(listener)) == 3)


def test_jobs_tell_how_far_they_are_and_what_came_of_it(
    desk: SessionDesk,
    listener: Listener,
    home: Path,
    program: Callable[[str], None],
    tmp_path: Path,
) -> None:
    program(
        "print(json.dumps({'event': 'progress', 'share': 0.5}))\n"
        "print('other words')\n"
        "print(json.dumps({'event': 'done', 'path': args[args.index('-o') + 1], 'args': args}))"
    )
    desk.export(home / "first", "csv", tmp_path / "out.csv", person=2, model="other")
    until(lambda: listener.jobs() and listener.jobs()[1].state == DONE)
    told = [job for (job,) in listener.told["job"]]
    assert [job.share for job in told if job.state == RUNNING] == [None, 0.5]
    assert told[-1].result == tmp_path / "out.csv" and told[-1].share == 1
    assert told[-1].facts["args"] == [
        "export", str(home / "first"), "--format", "csv", "-o", str(tmp_path / "out.csv"),
        "--person", "2", "--model", "other", "--force", "--progress",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("print(json.dumps({'event': 'error', 'message': 'No room.'})); sys.exit(1)", "No room."),
        ("sys.exit('fercam: Wrong use.')", "Wrong use."),
        ("import os; os._exit(3)", "Report r.pdf ended unexpectedly."),
    ],
)
def test_a_job_that_fails_says_why_in_one_sentence(
    desk: SessionDesk,
    listener: Listener,
    home: Path,
    program: Callable[[str], None],
    script: str,
    message: str,
) -> None:
    program(script)
    desk.report(home / "first", "pdf", Path("r.pdf"))
    until(lambda: listener.jobs() and listener.jobs()[1].state == FAILED)
    assert listener.jobs()[1].message == message


def test_jobs_can_be_given_up_running_or_waiting(
    desk: SessionDesk,
    listener: Listener,
    home: Path,
    program: Callable[[str], None],
    tmp_path: Path,
) -> None:
    program("time.sleep(60)")
    desk.import_videos([tmp_path / f"{name}.mp4" for name in "abc"])
    until(lambda: Counter(j.state for j in listener.jobs().values()) == {RUNNING: 2, WAITING: 1})
    waiting = next(job.id for job in listener.jobs().values() if job.state == WAITING)
    desk.cancel(waiting)
    assert listener.jobs()[waiting].state == CANCELLED
    desk.cancel(1)
    until(lambda: listener.jobs()[1].state == CANCELLED)
    desk.close()  # gives up the rest
    assert desk.join(20)
    assert {job.state for job in listener.jobs().values()} == {CANCELLED}
    assert sorted(path.name for path in home.iterdir()) == ["first", "second"]


def test_a_session_that_another_model_looks_at_is_deleted_only_when_that_is_over(
    desk: SessionDesk,
    listener: Listener,
    home: Path,
    program: Callable[[str], None],
    tmp_path: Path,
) -> None:
    started, may_end = tmp_path / "started", tmp_path / "may_end"
    program(
        f"pathlib.Path({str(started)!r}).touch()\n"
        f"while not pathlib.Path({str(may_end)!r}).exists():\n"
        "    try:\n        time.sleep(0.02)\n    except KeyboardInterrupt:\n        pass"
    )
    desk.analyse_again(home / "first", "other")
    until(started.exists)
    for refused in (1, 2):  # while it looks, and while it is being ended
        desk.delete([home / "first"])
        until(lambda: len(listener.told.get("desk_failed", [])) == refused)  # noqa: B023
        assert "Another model looks at the session first" in listener.last("desk_failed")[0]
        assert (home / "first").exists()
        desk.cancel(1)
    may_end.touch()
    until(lambda: listener.jobs()[1].state == CANCELLED)
    desk.delete([home / "first"])
    until(lambda: listener.told.get("deleted"))
    assert not (home / "first").exists()


def test_the_finished_sessions_of_a_batch_that_is_given_up_stay(
    desk: SessionDesk,
    listener: Listener,
    home: Path,
    program: Callable[[str], None],
    tmp_path: Path,
) -> None:
    program(
        "out = pathlib.Path(sys.argv[sys.argv.index('-o') + 1]); (out / 'a').mkdir(); "
        "(out / 'a' / 'session.json').touch(); time.sleep(60)"
    )
    desk.import_videos([tmp_path / "films"])
    until((home / "films" / "a" / "session.json").exists)
    desk.cancel(1)
    until(lambda: listener.jobs()[1].state == CANCELLED)
    assert (home / "films" / "a" / "session.json").exists()
    assert [job.state for (job,) in listener.told["job"]].count(CANCELLED) == 1
