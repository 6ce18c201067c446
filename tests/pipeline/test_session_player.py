"""The player shows the pictures of a session with the faces that belong to them."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.tables import write_session, write_table
from helpers.videos import write_video

from fercam.pipeline.session_player import SessionPlayer
from fercam.recording.session_json import Analysis, Person, write_session_json
from fercam.sessions.session import Session, open_session

HAPPY, SAD = (1, "happy", 0.8, True), (1, "sad", 0.7, True)


class Listener:
    def __init__(self) -> None:
        self.opened: list[Session] = []
        self.places: list[tuple[float, bool]] = []
        self.failures: list[str] = []

    def on_opened(self, session: Session) -> None:
        self.opened.append(session)

    def on_place(self, t_s: float, playing: bool) -> None:
        self.places.append((t_s, playing))

    def on_player_failed(self, message: str) -> None:
        self.failures.append(message)


def until(happened: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def player(listener: Listener) -> Iterator[SessionPlayer]:
    player = SessionPlayer(listener)
    yield player
    player.close()
    assert player.join(10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = write_session(tmp_path / "session", [[HAPPY]] * 30 + [[SAD]] * 30)
    write_video(folder / "clean.mp4", [round(n * 1000 / 30) for n in range(60)], codec="libx264")
    return folder


def shown(player: SessionPlayer) -> tuple[int, str]:
    result = player.newest_result.get()
    assert result is not None and result.faces[0].prediction is not None
    assert player.newest_frame.get() is result.frame
    return result.frame.frame_id, result.faces[0].prediction.label


def open_it(player: SessionPlayer, listener: Listener, folder: Path) -> None:
    before = len(listener.places)
    player.open(folder)
    until(lambda: len(listener.places) > before)


def test_it_opens_at_the_beginning_and_goes_where_it_is_told(
    player: SessionPlayer, listener: Listener, folder: Path
) -> None:
    open_it(player, listener, folder)
    assert listener.opened[0].video_kind == "clean"
    assert shown(player) == (0, "happy")
    player.seek(1.5)
    until(lambda: shown(player) == (45, "sad"))
    player.step(1)
    until(lambda: shown(player) == (46, "sad"))
    player.step(-2)
    until(lambda: shown(player) == (44, "sad"))
    player.seek(99)
    until(lambda: shown(player) == (59, "sad"))
    player.step(1)
    player.seek(0)
    until(lambda: shown(player) == (0, "happy"))
    assert not listener.failures


def test_the_picture_is_the_frames_own(
    player: SessionPlayer, listener: Listener, folder: Path
) -> None:
    from fercam.sessions.pictures import PictureReader

    open_it(player, listener, folder)
    reader = PictureReader(folder / "clean.mp4")
    for frame in (40, 3, 59):
        player.seek(frame / 30 + 1e-4)
        until(lambda wanted=frame: shown(player)[0] == wanted)
        result = player.newest_result.get()
        assert result is not None
        assert (result.frame.image == reader.at(frame / 30)[1]).all()
    reader.close()


def test_it_plays_in_real_time_and_holds_at_the_end(
    player: SessionPlayer, listener: Listener, folder: Path
) -> None:
    open_it(player, listener, folder)
    started_s = time.monotonic()
    player.set_playing(True)
    until(lambda: listener.places[-1] == (pytest.approx(59 / 30, abs=1e-3), False))
    assert 1.8 < time.monotonic() - started_s < 4
    times = [t_s for t_s, _ in listener.places]
    assert times == sorted(times) and len(set(times)) > 10
    player.set_playing(True)
    until(lambda: 0 < listener.places[-1][0] < 1)
    player.set_playing(False)
    until(lambda: not listener.places[-1][1])


def test_speed_and_seeking_while_playing(
    player: SessionPlayer, listener: Listener, folder: Path
) -> None:
    open_it(player, listener, folder)
    player.set_speed(4.0)
    player.seek(1.0)
    started_s = time.monotonic()
    player.set_playing(True)
    until(lambda: listener.places[-1] == (pytest.approx(59 / 30, abs=1e-3), False))
    assert time.monotonic() - started_s < 0.9
    assert min(t_s for t_s, playing in listener.places if playing) >= 1.0


def test_names_and_merged_people_show_at_once(
    player: SessionPlayer, listener: Listener, folder: Path
) -> None:
    open_it(player, listener, folder)
    edited = replace(listener.opened[0].info, people=(Person(1, merged_into=4), Person(4, "Ann")))
    player.set_info(edited)
    until(lambda: (r := player.newest_result.get()) and r.faces[0].name == "Ann")
    result = player.newest_result.get()
    assert result is not None and result.faces[0].detection.track_id == 4


def test_another_models_table_alone_or_beside(
    player: SessionPlayer, listener: Listener, folder: Path
) -> None:
    write_table(folder / "frames.other.csv", [[(1, "fear", 0.9, True)]] * 60)
    info = replace(
        open_session(folder).info, analyses=(Analysis("other", "0", "frames.other.csv"),)
    )
    write_session_json(folder, info)
    open_it(player, listener, folder)
    player.second_table("other")
    until(lambda: (r := player.newest_result.get()) and r.faces[0].second)
    result = player.newest_result.get()
    assert result is not None and result.faces[0].second is not None
    assert (shown(player)[1], result.faces[0].second.label) == ("happy", "fear")
    player.use_table("other")
    until(lambda: shown(player)[1] == "fear")
    player.second_table("tiny")
    until(lambda: player.newest_result.get().faces[0].second.label == "happy")  # type: ignore
    player.use_table("unknown")
    until(lambda: listener.failures)
    assert "unknown has not looked" in listener.failures[0]
    assert shown(player)[1] == "fear"


def test_without_a_video_the_faces_come_on_an_empty_picture(
    player: SessionPlayer, listener: Listener, tmp_path: Path
) -> None:
    open_it(player, listener, write_session(tmp_path / "numbers", [[HAPPY]] * 3))
    assert "no video to show" in listener.opened[0].problems[-1]
    result = player.newest_result.get()
    assert result is not None and result.frame.image.max() < 50
    assert shown(player) == (0, "happy")


def test_a_picture_that_has_its_labels_gets_no_others(
    player: SessionPlayer, listener: Listener, folder: Path
) -> None:
    (folder / "clean.mp4").rename(folder / "video.mp4")
    open_it(player, listener, folder)
    result = player.newest_result.get()
    assert listener.opened[0].video_kind == "annotated"
    assert result is not None and result.faces == () and result.frame.image.max() > 50


def test_where_the_video_was_cut_no_other_picture_is_shown(
    player: SessionPlayer, listener: Listener, tmp_path: Path
) -> None:
    folder = write_session(tmp_path / "cut", [[HAPPY]] * 120)
    write_video(folder / "clean.mp4", [round(n * 1000 / 30) for n in range(30)])
    open_it(player, listener, folder)
    assert "is cut: it shows 1 of 4 s" in listener.opened[0].problems[0]
    player.seek(3.0)
    until(lambda: shown(player)[0] == 90)
    result = player.newest_result.get()
    assert result is not None and np.ptp(result.frame.image) == 0


def test_failures_are_one_sentence_and_another_session_can_be_opened(
    player: SessionPlayer, listener: Listener, folder: Path, tmp_path: Path
) -> None:
    player.open(tmp_path / "nothing")
    until(lambda: listener.failures)
    assert "is no session" in listener.failures[0]
    open_it(player, listener, folder)
    assert shown(player)[0] == 0
    assert sum(thread.name == "fercam-player" for thread in threading.enumerate()) == 1


def test_looking_at_a_session_changes_nothing_in_it(
    player: SessionPlayer, listener: Listener, folder: Path
) -> None:
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    open_it(player, listener, folder)
    player.seek(1)
    until(lambda: shown(player)[0] == 30)
    player.close()
    assert player.join(10)
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.iterdir()} == before
