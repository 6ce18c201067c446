"""The list of sessions: found, searched, deleted and brought back, and never harmed."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest
from helpers.tables import write_session, write_table
from helpers.videos import write_video

from fercam.core.errors import SessionError
from fercam.recording.lock import SessionLock
from fercam.recording.session_json import Marker, Person, SessionInfo, read_session_json
from fercam.sessions.cards import SessionCards
from fercam.sessions.library import SessionLibrary
from fercam.sessions.session import Session, open_session
from fercam.sessions.trash import TRASH

HAPPY, SAD = (1, "happy", 0.8, True), (1, "sad", 0.7, True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "sessions"
    write_session(
        home / "first",
        [[SAD]] * 30,
        start_utc="2026-11-20T10:00:00+00:00",
        tags=("pilot",),
        note="Left early.",
    )
    write_session(
        home / "second",
        [[HAPPY]] * 30,
        start_utc="2026-11-22T10:00:00+00:00",
        people=(Person(1, "Änn O'Hara"), Person(2, merged_into=1)),
        markers=(Marker(0.5, "the joke"),),
    )
    write_video(home / "second" / "clean.mp4", [round(n * 1000 / 30) for n in range(30)])
    return home


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def library(home: Path, cache: Path) -> SessionLibrary:
    return SessionLibrary(home, SessionCards(cache))


def names(library: SessionLibrary, text: str = "") -> list[str]:
    return [entry.folder.name for entry in library.entries() if entry.matches(text)]


def test_newest_first_with_what_there_is_to_know(library: SessionLibrary) -> None:
    second, first = library.entries()
    assert (first.dominant, second.dominant) == ("sad", "happy")
    assert (second.people, second.problem, first.thumbnail) == (1, "", None)
    assert first.problem == "There is no video to show, only the numbers."
    assert second.bytes > 5000 and second.title == "by hand"
    assert second.start is not None and second.start.astimezone(UTC).hour == 10
    assert second.thumbnail is not None
    assert cv2.imread(str(second.thumbnail)).shape == (144, 192, 3)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["second", "first"]),
        ("PILOT", ["first"]),
        ("änn", ["second"]),
        ("joke happy", ["second"]),
        ("joke pilot", []),
        ("2026-11-20", ["first"]),
        ("november", ["second", "first"]),
        ("tiny early", ["first"]),
        ("sec", ["second"]),
    ],
)
def test_every_word_must_be_found(library: SessionLibrary, text: str, found: list[str]) -> None:
    assert names(library, text) == found


def test_what_was_found_out_is_kept_outside_the_sessions(
    library: SessionLibrary, home: Path, cache: Path
) -> None:
    before = sorted(home.rglob("*"))
    assert {entry.dominant for entry in library.entries(quick=True)} == {""}
    library.entries()
    assert sorted(home.rglob("*")) == before
    again = SessionLibrary(home, SessionCards(cache)).entries(quick=True)
    assert [entry.dominant for entry in again] == ["happy", "sad"]
    write_table(home / "first" / "frames.csv", [[HAPPY]] * 30)
    assert library.entries(quick=True)[1].dominant == "sad"
    assert library.entries()[1].dominant == "happy"


def test_a_session_that_another_program_takes_away_leaves_the_list_and_comes_back_as_it_was(
    library: SessionLibrary, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_too_late(folder: Path) -> Session:
        if folder.name == "first":
            folder.rename(tmp_path / "first")
        return open_session(folder)

    with monkeypatch.context() as patched:
        patched.setattr("fercam.sessions.session.open_session", open_too_late)
        assert names(library) == ["second"]
    (tmp_path / "first").rename(home / "first")
    assert [entry.dominant for entry in library.entries()] == ["happy", "sad"]


def test_a_cache_that_cannot_be_written_only_costs_time(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    entries = SessionLibrary(home, SessionCards(tmp_path / "file" / "cache")).entries()
    assert [entry.dominant for entry in entries] == ["happy", "sad"]


def test_damaged_sessions_are_listed_with_what_is_wrong(
    library: SessionLibrary, home: Path
) -> None:
    about = json.loads((home / "first" / "session.json").read_text())
    (home / "first" / "session.json").write_text(json.dumps(about | {"version": 99}))
    (home / "second" / "frames.csv").write_text("nothing of ours\n")
    (home / "no session").mkdir()
    (home / "third").mkdir()
    (home / "third" / "session.json").write_text("{")
    problems = {entry.folder.name: entry.problem for entry in library.entries()}
    assert set(problems) == {"first", "second", "third"}
    assert "newer FerCam" in problems["first"]
    assert "no table of a FerCam session" in problems["second"]
    assert "cannot be read" in problems["third"]


def test_what_is_not_known_is_no_hindrance_and_comes_last(
    library: SessionLibrary, home: Path
) -> None:
    write_session(home / "a", [[HAPPY]], start_utc="yesterday", source={})
    (home / "b").mkdir()
    write_table(home / "b" / "frames.csv", [[HAPPY]])
    entries = library.entries()
    assert [entry.folder.name for entry in entries] == ["second", "first", "a", "b"]
    assert [entry.title for entry in entries[2:]] == ["a", "b"]
    assert [entry.start for entry in entries[2:]] == [None, None]
    assert "it has no session.json" in entries[3].problem


def test_looking_into_sessions_can_be_stopped(library: SessionLibrary) -> None:
    looked = iter([False])
    entries = library.entries(stop=lambda: next(looked, True))
    assert sorted(entry.dominant != "" for entry in entries) == [False, True]


def test_the_sessions_of_a_batch_are_listed_too(library: SessionLibrary, home: Path) -> None:
    write_session(home / "batch" / "one", [[HAPPY]], start_utc="2026-11-23T10:00:00+00:00")
    assert names(library) == ["one", "second", "first"]
    deleted = library.delete(home / "batch" / "one")
    assert names(library) == ["second", "first"]
    assert library.restore(deleted) == home / "batch" / "one"


def test_no_folder_is_an_empty_list_and_no_error(tmp_path: Path) -> None:
    library = SessionLibrary(tmp_path / "none", SessionCards(tmp_path / "cache"))
    assert library.entries() == []
    library.empty_trash()
    assert not (tmp_path / "none").exists()


def test_deleting_can_be_undone_until_the_trash_is_emptied(
    library: SessionLibrary, home: Path
) -> None:
    content = (home / "second" / "frames.csv").read_bytes()
    deleted = library.delete(home / "second")
    assert names(library) == ["first"] and not (home / "second").exists()
    assert library.restore(deleted) == home / "second"
    assert names(library) == ["second", "first"]
    assert (home / "second" / "frames.csv").read_bytes() == content
    deleted = library.delete(home / "second")
    library.empty_trash()
    with pytest.raises(SessionError, match="cannot be brought back"):
        library.restore(deleted)
    assert [path.name for path in home.iterdir()] == ["first"]


def test_no_picture_is_kept_of_a_deleted_session(
    library: SessionLibrary, home: Path, cache: Path
) -> None:
    library.entries()
    before = set(cache.iterdir())
    library.delete(home / "second")
    gone = before - set(cache.iterdir())
    assert {path.suffix for path in gone} == {".json", ".jpg"}


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (("people", 0, "id"), float("inf")),
        (("people", 0, "merged_into"), 1e300),
        (("frames", "written"), float("inf")),
        (("frames", "dropped"), -1e300),
        (("duration_s",), float("nan")),
        (("markers", 0, "t_s"), float("-inf")),
        (("source",), {"start_s": "soon"}),
    ],
)
def test_a_number_that_is_none_spoils_one_line_and_not_the_list(
    library: SessionLibrary, home: Path, where: tuple[str | int, ...], what: object
) -> None:
    file = home / "second" / "session.json"
    content = json.loads(file.read_text())
    inner = content
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = what
    file.write_text(json.dumps(content))
    problems = {entry.folder.name: entry.problem for entry in library.entries()}
    assert "damaged" in problems["second"]
    assert problems["first"] == "There is no video to show, only the numbers."


def test_what_another_program_deleted_is_its_own_until_that_ends(
    library: SessionLibrary, home: Path
) -> None:
    deleted = library.delete(home / "first")
    SessionLibrary(home).empty_trash()
    assert deleted.kept_at.is_dir()
    left_by_one_that_died = home / TRASH / "999999" / "third"
    left_by_one_that_died.mkdir(parents=True)
    library.empty_trash()
    assert not (home / TRASH).exists()


def test_a_folder_that_may_not_be_looked_into_hides_no_session(
    library: SessionLibrary, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "lost+found").mkdir()
    looked = Path.iterdir

    def refused(path: Path) -> Iterator[Path]:
        if path.name == "lost+found":
            raise PermissionError(13, "Permission denied")
        return looked(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    assert names(library) == ["second", "first"]


def test_a_name_that_is_taken_gets_a_number(library: SessionLibrary, home: Path) -> None:
    deleted = library.delete(home / "first")
    write_session(home / "first", [[HAPPY]])
    again = library.delete(home / "first")
    assert again.kept_at != deleted.kept_at
    write_session(home / "first", [[HAPPY]])
    assert library.restore(deleted).name == "first_2"


def test_a_session_that_is_being_recorded_is_not_deleted(
    library: SessionLibrary, home: Path
) -> None:
    held, done = threading.Event(), threading.Event()

    def record() -> None:
        with SessionLock(home / "first"):
            held.set()
            done.wait(10)

    recording = threading.Thread(target=record)
    recording.start()
    try:
        assert held.wait(10)
        with pytest.raises(SessionError, match="being written"):
            library.delete(home / "first")
    finally:
        done.set()
        recording.join()
    assert (home / "first").exists()


def test_old_sessions_go_by_their_age(library: SessionLibrary, home: Path) -> None:
    now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert library.expire(10, now) == []
    (gone,) = library.expire(2, now)
    assert gone.folder.name == "first" and names(library) == ["second"]
    write_session(home / "third", [[SAD]], start_utc="2026-11-20T10:00:00+00:00", state="recording")
    write_session(home / "fourth", [[SAD]], start_utc="2026-11-20T10:00:00+00:00")
    with SessionLock(home / "fourth"):
        (gone,) = library.expire(0.5, now)
    assert gone.folder.name == "second"
    assert sorted(names(library)) == ["fourth", "third"]


def test_two_hundred_sessions_are_listed_in_a_moment(tmp_path: Path) -> None:
    home, cards = tmp_path / "many", SessionCards(tmp_path / "cache")
    for number in range(200):
        write_session(home / f"s{number:03}", [[HAPPY]])
    library = SessionLibrary(home, cards)
    library.entries()
    started_s = time.process_time()
    assert len(library.entries()) == 200
    assert time.process_time() - started_s < 1.0


def test_a_session_is_not_moved_from_the_first_look_at_it_to_the_last(
    library: SessionLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = library.entries(quick=True)[0].folder
    reading, moved = threading.Event(), threading.Event()

    def read_slowly(looked_at: Path) -> SessionInfo:
        info = read_session_json(looked_at)
        if looked_at == folder and not reading.is_set():
            reading.set()
            assert not moved.wait(0.3)
        return info

    def delete() -> None:
        assert reading.wait(20)
        library.delete(folder)
        moved.set()

    monkeypatch.setattr("fercam.sessions.library.read_session_json", read_slowly)
    deleting = threading.Thread(target=delete)
    deleting.start()
    library.entries()
    deleting.join(20)
    assert moved.is_set()


def test_nothing_is_kept_of_a_session_that_is_gone(library: SessionLibrary, cache: Path) -> None:
    first = library.entries(quick=True)[0]
    assert first.info is not None
    shutil.rmtree(first.folder)
    SessionCards(cache).card_of(first.folder, first.info)
    assert not list(cache.glob("*"))
