"""A session is opened as far as it is whole, says what is wrong, and is edited in one step."""

import hashlib
import json
import shutil
import threading
from pathlib import Path

import pytest
from helpers.tables import info, write_session, write_table
from helpers.videos import write_video

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import SessionError
from fercam.pipeline.sessions import AnalyzeOptions, analyze
from fercam.recording.lock import SessionLock
from fercam.recording.session_json import (
    Analysis,
    Marker,
    Person,
    SessionInfo,
    Span,
    read_session_json,
)
from fercam.sessions import edits
from fercam.sessions.session import open_session
from fercam.sessions.statistics import display_name
from fercam.sessions.table import people_names

HAPPY = (1, "happy", 0.8, True)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_video(tmp_path / "film.mp4", [round(n * 1000 / 30) for n in range(30)])


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_session_as_analysis_writes_it(tmp_path: Path, tiny_bundle: Path) -> None:
    options = AnalyzeOptions(model=str(tiny_bundle), duration_s=0.5, clean=True)
    analyze("demo", tmp_path / "made", options, lambda done, total: None)
    session = open_session(tmp_path / "made")
    assert session.problems == ()
    assert (session.video_kind, session.table.frames, session.info.written) == ("clean", 15, 15)


def test_the_clean_video_before_the_source_before_the_annotated_one(
    tmp_path: Path, film: Path
) -> None:
    source = {"path": str(film), "sha256": sha256(film), "start_s": 0.2}
    folder = write_session(tmp_path / "made", [[HAPPY]] * 20, source=source)
    assert open_session(folder).video_kind == "source"
    assert open_session(folder).video_start_s == 0.2
    (folder / "video.mp4").write_bytes(film.read_bytes())
    assert open_session(folder).video == film
    (folder / "clean.mp4").write_bytes(film.read_bytes())
    assert open_session(folder).video == folder / "clean.mp4"
    assert open_session(folder).problems == ()


def test_a_source_that_is_gone_or_another_one_is_not_shown(tmp_path: Path, film: Path) -> None:
    source = {"path": str(film), "sha256": sha256(film)}
    folder = write_session(tmp_path / "made", [[HAPPY]] * 30, source=source)
    (folder / "video.mp4").write_bytes(film.read_bytes())
    film.write_bytes(film.read_bytes() + b"more")
    assert "another one by now" in open_session(folder).problems[0]
    film.unlink()
    session = open_session(folder)
    assert "is gone" in session.problems[0] and session.video_kind == "annotated"


@pytest.mark.parametrize("why", [{"settings": {"mask": "blur"}}, {"pauses": (Span(0.5, 9.0),)}])
def test_hidden_faces_stay_hidden_and_rests_are_not_played(
    tmp_path: Path, film: Path, why: dict
) -> None:
    source = {"path": str(film), "sha256": sha256(film)}
    folder = write_session(tmp_path / "made", [[HAPPY]] * 30, source=source, **why)
    assert open_session(folder).video is None


def test_what_is_missing_or_cut_is_said_in_one_line_each(tmp_path: Path, film: Path) -> None:
    folder = write_session(
        tmp_path / "made",
        [[HAPPY]] * 90,
        written=100,
        analyses=(Analysis("other", "0", "frames.other.csv"),),
    )
    (folder / "clean.mp4").write_bytes(film.read_bytes()[:200])
    (folder / "video.mp4").write_bytes(film.read_bytes())
    assert open_session(folder).problems == (
        "The table is cut: it has 90 of 100 frames.",
        "The table of the model other is missing.",
        "The video clean.mp4 cannot be read.",
        "The video video.mp4 is cut: it shows 1 of 3 s.",
    )


def test_it_can_be_had_as_another_model_saw_it(tmp_path: Path) -> None:
    analyses = (Analysis("other", "1" * 64, "frames.other.csv"),)
    folder = write_session(tmp_path / "made", [[HAPPY]], analyses=analyses)
    write_table(folder / "frames.other.csv", [[(1, "sad", 0.7, True)]])
    made = open_session(folder)
    assert made.seen_by(None) is made and made.seen_by(made.info.model) is made
    other = made.seen_by("other")
    assert (other.info.model, other.info.model_sha256) == ("other", "1" * 64)
    assert [EMOTIONS[label] for label in other.table.label] == ["sad"]
    with pytest.raises(SessionError, match="has not looked at"):
        made.seen_by("nobody")


def test_without_description_or_table_it_is_no_session(tmp_path: Path) -> None:
    folder = write_session(tmp_path / "made", [[HAPPY]])
    (folder / "frames.csv").unlink()
    with pytest.raises(SessionError, match="has no table"):
        open_session(folder)
    (folder / "session.json").unlink()
    with pytest.raises(SessionError, match="is no session"):
        open_session(folder)
    with pytest.raises(SessionError, match="is no session"):
        open_session(tmp_path / "nowhere")
    (tmp_path / "film.mp4").touch()
    with pytest.raises(SessionError, match=r"film\.mp4 is no session"):
        open_session(tmp_path / "film.mp4")


def test_an_unfinished_session_says_so(tmp_path: Path) -> None:
    folder = write_session(tmp_path / "made", [[HAPPY]], state="recording", written=0)
    assert "not finished" in open_session(folder).problems[0]


# Edits


def test_people_are_renamed_merged_and_parted() -> None:
    made = info(people=(Person(1), Person(2, "Ann"), Person(3)))
    assert edits.rename(1, "  Zoë \n 🙂 ")(made).people[0].name == "Zoë 🙂"
    merged = edits.merge(2, 1)(made)
    assert people_names(merged)[1] == display_name(merged, 1) == "Ann"
    assert edits.unmerge(2)(merged).people == made.people  # Ann is 2 again, and 1 nobody
    assert display_name(edits.rename(1, "")(merged), 1) == "Person 1"
    assert display_name(edits.rename(1, "Eve")(merged), 1) == "Eve"
    chain = edits.merge(1, 3)(merged)
    assert [one.merged_into for one in chain.people] == [3, 1, None]
    assert display_name(chain, 3) == "Ann"
    assert edits.merge(2, 3)(merged) == chain  # Ann is 1 by now
    with pytest.raises(SessionError, match="same person"):
        edits.merge(3, 2)(chain)
    named = edits.rename(1, "Bob")(made)
    assert display_name(edits.merge(2, 1)(named), 1) == "Bob"
    assert edits.merge(9, 1)(made).people == (*made.people, Person(9, merged_into=1))


def test_markers_come_and_go_in_the_order_of_time() -> None:
    late, early = Marker(5.0, "late"), Marker(1.0, "early")
    made = edits.add_marker(early)(edits.add_marker(late)(info()))
    assert made.markers == (early, late)
    moved = edits.change_marker(early, Marker(9.0, "later"))(made)
    assert [one.text for one in moved.markers] == ["late", "later"]
    assert edits.remove_marker(early)(moved).markers == moved.markers
    assert edits.remove_marker(late)(moved).markers == (Marker(9.0, "later"),)
    twice = edits.add_marker(late)(edits.add_marker(late)(info()))
    assert edits.remove_marker(late)(twice).markers == (late,)


def test_stretches_are_excluded_and_included_again() -> None:
    made = edits.exclude(4, 2)(edits.exclude(6, 8)(info()))
    assert made.excluded == (Span(2, 4), Span(6, 8))
    assert edits.exclude(4, 6)(made).excluded == (Span(2, 8),)
    assert edits.exclude(3, 3)(made).excluded == made.excluded
    assert edits.include(3, 7)(made).excluded == (Span(2, 3), Span(7, 8))
    assert edits.include(0, 99)(made).excluded == ()
    assert edits.include(2, 4)(made).excluded == (Span(6, 8),)
    assert edits.include(4.5, 5.5)(made).excluded == made.excluded
    assert edits.exclude(2.5, 3)(made).excluded == made.excluded
    assert edits.exclude(-1, 1)(info()).excluded == (Span(0, 1),)


def test_tags_are_plain_and_each_there_once() -> None:
    assert edits.set_tags([" a  b", "c", "", "a b"])(info()).tags == ("a b", "c")


def test_a_change_reaches_the_disk_whole(tmp_path: Path) -> None:
    folder = write_session(tmp_path / "made", [[HAPPY]])
    changed = edits.change(folder, edits.rename(1, "Ann"))
    assert read_session_json(folder) == changed
    assert json.loads((folder / "session.json").read_text())["people"][0]["name"] == "Ann"


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_an_edit_of_a_session_that_is_gone_is_one_sentence_and_leaves_no_folder(
    tmp_path: Path, when: str
) -> None:
    folder = write_session(tmp_path / "made", [[HAPPY]])
    if when == "before":
        shutil.rmtree(folder)

    def edit(made: SessionInfo) -> SessionInfo:
        shutil.rmtree(folder)
        return edits.rename(1, "Ann")(made)

    with pytest.raises(SessionError, match=r"is gone; it was moved|No such file"):
        edits.change(folder, edit)
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_another_program_writes_is_not_changed(tmp_path: Path) -> None:
    folder = write_session(tmp_path / "made", [[HAPPY]])
    before = (folder / "session.json").read_bytes()
    held, done = threading.Event(), threading.Event()

    def record() -> None:
        with SessionLock(folder):
            held.set()
            done.wait(10)

    recording = threading.Thread(target=record)
    recording.start()
    try:
        assert held.wait(10)
        with pytest.raises(SessionError):
            edits.change(folder, edits.rename(1, "Ann"))
    finally:
        done.set()
        recording.join()
    assert (folder / "session.json").read_bytes() == before
