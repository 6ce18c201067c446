"""The list of sessions: found, opened, deleted and brought back, compared, taken away."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from fercam import paths
from fercam.core.values import Face
from fercam.pipeline import choices
from fercam.pipeline.choices import Choice
from fercam.pipeline.jobs import DONE, FAILED, RUNNING, Job
from fercam.recording.session_json import Analysis, Marker, Person, read_session_json
from fercam.sessions import edits
from fercam.sessions.comparison import compare
from fercam.sessions.library import Deleted
from fercam.sessions.session import open_session
from fercam.settings import Settings
from fercam.ui.shortcuts import SHORTCUTS
from fercam.ui.tabs.sessions import SessionsTab
from fercam.ui.widgets.session_list import SessionsModel, facts

from .session_fakes import FakeDesk, FakePlayer, entry, make_session


class Tab(SessionsTab):
    """The real tab on a fake player and desk."""

    player: FakePlayer
    desk: FakeDesk

    def __init__(self) -> None:
        super().__init__(Settings(delete_after_days=30), self.make_player, self.make_desk)

    def make_player(self, listener: object) -> FakePlayer:
        self.player = FakePlayer(listener)  # type: ignore[arg-type]
        return self.player

    def make_desk(self, listener: object) -> FakeDesk:
        self.desk = FakeDesk(listener)  # type: ignore[arg-type]
        return self.desk


@pytest.fixture
def tab(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tab]:
    models = [Choice("tiny", "tiny"), Choice("other", "other")]
    monkeypatch.setattr(choices, "model_choices", lambda: list(models))
    made = Tab()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.begin()
    yield made
    made.leave()


@pytest.fixture
def three(tab: Tab, tmp_path: Path) -> list[Path]:
    folders = [tmp_path / name for name in ("third", "second", "first")]
    days = {"third": 23, "second": 22, "first": 21}
    tab.show_entries(
        [entry(f, start_utc=f"2026-11-{days[f.name]}T12:00:00+00:00") for f in folders]
    )
    return folders


def shown(tab: Tab) -> list[str]:
    return [one.folder.name for one in tab.shelf.list.sessions.entries]


def actions(menu: QMenu) -> dict[str, Callable[[], None]]:
    return {action.text(): action.trigger for action in menu.actions() if action.text()}


def test_it_begins_once_and_then_only_looks_again(tab: Tab) -> None:
    tab.begin()
    assert tab.desk.calls == [("begin", 30), ("refresh",)]


def test_without_sessions_it_teaches_how_to_make_one(qtbot: QtBot, tab: Tab) -> None:
    tab.show_entries([])
    assert tab.shelf.record.isVisible()
    assert not tab.shelf.list.isVisible()
    with qtbot.waitSignal(tab.record_asked):
        qtbot.mouseClick(tab.shelf.record, Qt.MouseButton.LeftButton)


def test_a_session_says_when_how_long_who_and_what(tab: Tab, tmp_path: Path) -> None:
    people = (Person(1, "Ann"), Person(2))
    tab.show_entries([entry(tmp_path / "one", duration_s=761.0, people=people, tags=("pilot",))])
    model = tab.shelf.list.sessions
    said = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert "22 Nov 2026" in said
    for part in ("12:41", "2 people", "Ann", "12 MB", "mostly happy", "#pilot"):
        assert part in said


def test_who_is_part_of_somebody_else_is_not_listed_as_well(tmp_path: Path) -> None:
    people = (Person(1), Person(2, "Ann", merged_into=1), Person(3, "Bob"))
    assert " · Ann, Bob · " in facts(entry(tmp_path / "one", people=people))


def test_what_is_wrong_with_a_session_is_said_in_words(tmp_path: Path) -> None:
    model = SessionsModel()
    model.show_entries([entry(tmp_path / "new", problem="It is from a newer FerCam.")])
    said = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert said == f"new, {facts(model.entries[0])}, mostly happy, It is from a newer FerCam."


def test_the_search_finds_names_tags_and_markers(qtbot: QtBot, tab: Tab, tmp_path: Path) -> None:
    tab.show_entries(
        [
            entry(tmp_path / "a", people=(Person(1, "Ann"),)),
            entry(tmp_path / "b", tags=("pilot",)),
            entry(tmp_path / "c", markers=(Marker(1.0, "door opens"),)),
        ]
    )
    qtbot.keyClick(tab.shelf.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert tab.shelf.search.hasFocus()
    for typed, found in (("ann", ["a"]), ("pilot", ["b"]), ("door", ["c"]), ("", ["a", "b", "c"])):
        tab.shelf.search.setText(typed)
        assert shown(tab) == found
    tab.shelf.search.setText("nobody")
    assert "“nobody”" in tab.shelf.nothing.text()
    assert tab.shelf.nothing.isVisible()


def test_from_the_search_one_goes_on_with_the_keyboard(
    qtbot: QtBot, tab: Tab, tmp_path: Path
) -> None:
    folders = [make_session(tmp_path / name) for name in ("one", "two")]
    tab.show_entries([entry(folder, tags=(folder.name,)) for folder in folders])
    tab.shelf.search.setFocus()
    qtbot.keyClicks(tab.shelf.search, "two")
    qtbot.keyClick(tab.shelf.search, Qt.Key.Key_Down)
    assert tab.shelf.list.hasFocus()
    assert tab.shelf.list.selected == folders[1:]
    tab.shelf.search.setFocus()
    qtbot.keyClick(tab.shelf.search, Qt.Key.Key_Return)
    assert tab.current == folders[1]


def test_enter_opens_a_session_and_alt_left_goes_back(
    qtbot: QtBot, tab: Tab, tmp_path: Path
) -> None:
    folder = make_session(tmp_path / "one")
    tab.show_entries([entry(folder)])
    qtbot.keyClick(tab.shelf.list, Qt.Key.Key_Return)
    assert tab.current == folder
    assert ("open", folder) in tab.player.calls
    qtbot.keyClick(tab.page.video, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert tab.current is None
    assert tab.shelf.isVisible()
    assert tab.player.calls[-1] == ("close",)


def test_delete_happens_at_once_and_can_be_undone(
    qtbot: QtBot, tab: Tab, three: list[Path]
) -> None:
    qtbot.keyClick(tab.shelf.list, Qt.Key.Key_Delete)
    assert shown(tab) == ["second", "first"]
    assert ("delete", three[0]) in tab.desk.calls
    assert "A session is deleted" in tab.shelf.banner.text
    tab.shelf.banner.press()
    assert tab.desk.calls[-1] == ("restore", three[0])
    assert tab.shelf.banner.kind == ""


def test_deletions_are_undone_one_after_the_other_the_last_first(
    qtbot: QtBot, tab: Tab, three: list[Path]
) -> None:
    tab.delete(three[:2])
    assert "2 sessions are deleted" in tab.shelf.banner.text
    tab.delete(three[2:])
    for back in (three[2:], three[:2]):
        qtbot.keyClick(tab.shelf, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert tab.desk.calls[-1] == ("restore", *back)


def test_what_is_selected_stays_so_when_the_list_is_read_again(tab: Tab, three: list[Path]) -> None:
    tab.shelf.list.choose(1)
    tab.show_entries(tab.shelf.entries)
    assert tab.shelf.list.selected == [three[1]]


def test_a_right_click_offers_what_can_be_done(qtbot: QtBot, tab: Tab, three: list[Path]) -> None:
    tab.shelf.list.choose(0)
    offered = actions(tab.list_menu())
    assert {"Open", "Export", "Report", "Open folder", "Delete"} <= set(offered)
    opened: list[Path] = []
    tab.open_outside = opened.append
    offered["Open folder"]()
    assert opened == [three[0]]
    offered["Delete"]()
    assert shown(tab) == ["second", "first"]
    assert "Bring back what was deleted" in actions(tab.list_menu())


def test_two_sessions_are_compared_side_by_side(qtbot: QtBot, tab: Tab, tmp_path: Path) -> None:
    folders = [make_session(tmp_path / name) for name in ("a", "b")]
    tab.show_entries([entry(folder) for folder in folders])
    tab.shelf.list.selectAll()
    actions(tab.list_menu())["Compare these two"]()
    assert tab.comparison.isVisible()
    left, right = tab.comparison.columns
    assert "Face usable 83%" in left.figures.text()
    assert "4.0 s · 2 people" in right.facts.text()
    qtbot.mouseClick(tab.comparison.back, Qt.MouseButton.LeftButton)
    assert tab.shelf.isVisible()


def test_a_comparison_that_comes_late_does_not_close_what_was_opened_meanwhile(
    tab: Tab, tmp_path: Path
) -> None:
    first, second, third = (make_session(tmp_path / name) for name in ("a", "b", "c"))
    tab.desk.compare = lambda *folders: None  # type: ignore[method-assign]
    tab.compare(first, second)
    assert "compared" in tab.shelf.banner.text
    tab.open_session(third)
    tab._bridge.on_comparison(compare(open_session(first), open_session(second)))
    assert tab.current == third
    tab.show_list()
    assert not tab.shelf.banner.isVisible()


def test_the_other_session_is_chosen_in_the_list(qtbot: QtBot, tab: Tab, tmp_path: Path) -> None:
    folders = [make_session(tmp_path / name) for name in ("a", "b")]
    tab.show_entries([entry(folder) for folder in folders])
    tab.open_session(folders[0])
    tab.page.toolbar.more_asked.emit("compare")
    assert "Choose the session to compare" in tab.shelf.banner.text
    tab.shelf.list.choose(1)
    qtbot.keyClick(tab.shelf.list, Qt.Key.Key_Return)
    assert tab.comparison.isVisible()
    tab.show_list()
    assert tab.shelf.banner.kind == ""
    qtbot.keyClick(tab.shelf.list, Qt.Key.Key_Return)
    assert tab.current == folders[1]


def test_export_and_report_go_where_a_person_wishes(tab: Tab, tmp_path: Path) -> None:
    folder = make_session(tmp_path / "one")
    wishes: list[Path] = []

    def choose(title: str, wish: Path) -> Path | None:
        wishes.append(wish)
        return tmp_path / "out" if len(wishes) < 3 else None

    tab.ask_save = choose
    tab.open_session(folder)
    tab.page.toolbar.export_asked.emit("highlights")
    tab.page.toolbar.report_asked.emit("pdf")
    tab.page.toolbar.export_asked.emit("csv")  # thought better of it
    assert wishes == [folder / "one_highlights.mp4", folder / "report.pdf", folder / "one.csv"]
    assert [call for call in tab.desk.calls if call[0] in ("export", "report")] == [
        ("export", folder, "highlights", tmp_path / "out", None, None),
        ("report", folder, "pdf", tmp_path / "out", None),
    ]


def test_another_model_can_look_but_not_the_same_one_again(tab: Tab, tmp_path: Path) -> None:
    folder = make_session(tmp_path / "one")
    tab.open_session(folder)
    menu = tab.models_menu(folder)
    assert [action.isEnabled() for action in menu.actions()] == [False, True]
    actions(menu)["other"]()
    assert tab.desk.calls[-1] == ("analyse_again", folder, "other")


def drop(tab: Tab, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    tab.dropEvent(
        QDropEvent(
            QPointF(9, 9),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def test_dropped_videos_are_imported_and_dropped_sessions_opened(tab: Tab, tmp_path: Path) -> None:
    video = tmp_path / "film.mp4"
    video.touch()
    drop(tab, video)
    assert tab.desk.calls[-1] == ("import", video)
    folder = make_session(tmp_path / "one")
    drop(tab, folder)
    assert tab.current == folder


def test_videos_are_imported_with_the_button(qtbot: QtBot, tab: Tab, tmp_path: Path) -> None:
    tab.ask_open = lambda: [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    qtbot.mouseClick(tab.shelf.import_video, Qt.MouseButton.LeftButton)
    assert tab.desk.calls[-1] == ("import", tmp_path / "a.mp4", tmp_path / "b.mp4")


def test_a_job_shows_its_progress_can_be_stopped_and_put_away(qtbot: QtBot, tab: Tab) -> None:
    tab.jobs.setParent(tab)
    tab.desk.listener.on_job(Job(7, "Export one.csv", 0.42, "", RUNNING))
    row = tab.jobs.rows[7]
    assert (row.bar.value(), len(tab.jobs.under_way)) == (42, 1)
    assert not row.open.isVisible()
    qtbot.mouseClick(row.close_button, Qt.MouseButton.LeftButton)
    assert tab.desk.calls[-1] == ("cancel", 7)
    tab.desk.listener.on_job(Job(7, "Export one.csv", None, "The disk is full.", FAILED))
    assert row.words.text() == "Export one.csv: The disk is full."
    qtbot.mouseClick(row.close_button, Qt.MouseButton.LeftButton)
    assert tab.jobs.rows == {}
    assert not tab.jobs.isVisible()


def test_what_came_of_a_job_is_opened(qtbot: QtBot, tab: Tab, tmp_path: Path) -> None:
    opened: list[Path] = []
    tab.open_outside = opened.append
    tab.jobs.setParent(tab)
    tab.jobs.opened.connect(tab.open_result)  # as the window does
    folder = make_session(tmp_path / "one")
    for number, result in enumerate((tmp_path / "one.csv", folder)):
        tab.desk.listener.on_job(Job(number, "Job", 1.0, "", DONE, result))
        qtbot.mouseClick(tab.jobs.rows[number].open, Qt.MouseButton.LeftButton)
    assert opened == [tmp_path / "one.csv"]
    assert tab.current == folder


def test_recovered_sessions_are_told_to_the_whole_window(qtbot: QtBot, tab: Tab) -> None:
    with qtbot.waitSignal(tab.recovered) as heard:
        tab.desk.listener.on_recovered("1 unfinished session recovered: 12:41 saved")
    assert heard.args == ["1 unfinished session recovered: 12:41 saved"]


def test_a_failure_of_the_desk_is_one_sentence_and_asks_for_nothing_more(tab: Tab) -> None:
    before = list(tab.desk.calls)
    tab.desk.listener.on_desk_failed("The folder of sessions cannot be read (denied).")
    assert tab.shelf.banner.kind == "error"
    assert tab.desk.calls == before  # asking again would fail again, and so on for ever


def test_an_edit_that_was_not_saved_is_taken_back(tab: Tab, tmp_path: Path) -> None:
    tab.open_session(make_session(tmp_path / "one", tags=("pilot",)))
    tab.page.edit(edits.set_tags(["lost"]))
    assert tab.page.session is not None
    assert tab.page.session.info.tags == ("lost",)
    tab.desk.listener.on_desk_failed("The session one is being recorded or changed just now.")
    assert tab.page.session.info.tags == ("pilot",)
    assert tab.page.tags.text() == "pilot"


def test_a_dropped_web_address_is_no_file(tab: Tab) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/film.mp4")])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    before = list(tab.desk.calls)
    tab.dropEvent(event)
    assert tab.desk.calls == before


def test_it_has_left_when_both_have_ended(tab: Tab) -> None:
    tab.leave()
    assert tab.left()
    tab.desk.ended = False
    assert not tab.left()
    tab.desk.ended, tab.player.ended = True, False
    assert not tab.left()


def faces(tab: SessionsTab) -> tuple[Face, ...]:
    result = tab.page.video.shown_result
    return () if result is None else result.faces


def test_a_session_is_found_opened_marked_and_closed_with_the_real_player_and_desk(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "sessions_dir", lambda: tmp_path / "sessions")
    monkeypatch.setattr(paths, "user_cache_dir", lambda: tmp_path / "cache")
    folder = make_session(tmp_path / "sessions" / "one", people=(Person(1), Person(2)))
    wait = partial(qtbot.waitUntil, timeout=30_000)
    before = set(threading.enumerate())
    tab = SessionsTab(Settings())
    qtbot.addWidget(tab)
    tab.show()
    tab.begin()
    wait(lambda: [e.dominant for e in tab.shelf.entries] == ["happy"])
    tab.open_session(folder)
    wait(lambda: 2 in tab.page.people.cards)
    tab.page.seek(2.0)
    wait(lambda: tab.page.buttons.transport.time_text == "0:02 / 0:04")
    wait(lambda: [face.detection.track_id for face in faces(tab)] == [1])
    tab.page.add_marker()
    wait(lambda: read_session_json(folder).markers == (Marker(2.0),))
    tab.show_list()
    tab.delete([folder])
    wait(lambda: "A session is deleted" in tab.shelf.banner.text)
    assert not folder.exists()
    tab.undo_delete()
    wait(folder.exists)
    tab.leave()
    wait(tab.left)
    wait(lambda: set(threading.enumerate()) <= before)


def test_every_key_is_listed(tab: Tab) -> None:
    made = {shortcut.key().toString() for shortcut in tab.findChildren(QShortcut)}
    listed = {QKeySequence(key).toString() for each in SHORTCUTS["Sessions"] for key in each.keys}
    of_the_widgets = {"Enter", "Del", "F2", "Space"}
    assert listed - of_the_widgets == made


def test_the_tab_loads_nothing_that_would_delay_the_window() -> None:
    heavy = "{'cv2', 'av', 'pyarrow', 'matplotlib', 'pyqtgraph', 'tensorflow'}"
    code = f"import sys, fercam.ui.tabs.sessions; print({heavy} & set(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "set()"


def test_deletions_that_overlap_are_undone_one_by_one_and_one_that_failed_is_none(
    qtbot: QtBot, tab: Tab, three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tab.desk.listener
    monkeypatch.setattr(tab.desk, "delete", lambda folders: None)  # it takes its time
    for one in three:
        tab.delete([one])
    told.on_desk_failed("The session third is being written just now.")
    for one in three[1:]:
        told.on_deleted([Deleted(one, one.with_name("gone"))])
    for back in (three[2:], three[1:2]):
        tab.undo_delete()
        assert tab.desk.calls[-1] == ("restore", *back)
    tab.desk.calls.clear()
    tab.undo_delete()
    assert tab.desk.calls == []


def test_a_listing_from_before_does_not_bring_back_what_is_being_deleted(
    tab: Tab, three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be deleted comes back, and so does one that is restored."""
    told, before = tab.desk.listener, tab.shelf.entries
    monkeypatch.setattr(tab.desk, "delete", lambda folders: None)  # it takes its time
    for happens in (
        lambda: told.on_desk_failed("The session third is being written just now."),
        lambda: told.on_deleted([Deleted(three[0], three[0].with_name("gone"))]),
    ):
        tab.delete(three[:1])
        told.on_entries(before)
        assert shown(tab) == ["second", "first"]
        happens()
        told.on_entries(before)
        assert shown(tab) == ["third", "second", "first"]


def test_how_the_player_shows_things_is_remembered(qtbot: QtBot, tab: Tab, tmp_path: Path) -> None:
    told: list[Settings] = []
    tab.settings_changed.connect(told.append)
    tab.open_session(make_session(tmp_path / "one"))
    tab.page.toolbar.pick_style("bars")
    tab.page.toggle_panel()
    assert (told[-1].player_style, told[-1].player_panel) == ("bars", False)
    again = Tab()
    qtbot.addWidget(again)
    again.apply_settings(told[-1])
    assert again.page.view == ("bars", True, False)
    assert again.page.video.bars
    again.apply_settings(Settings(player_style="of another time"))
    assert again.page.view[0] == "bars"


def test_an_export_of_one_person_says_so_in_its_name(tab: Tab, tmp_path: Path) -> None:
    folder = make_session(tmp_path / "one", people=(Person(1, "Ann & Co"), Person(2)))
    tab.open_session(folder)
    tab.ask_save = lambda title, wish: wish
    next(a for a in tab.page.toolbar.whom.actions() if a.data() == 1).trigger()
    tab.page.toolbar.export_asked.emit("srt")
    out = folder / "one_Ann_Co.srt"
    assert tab.desk.calls[-1] == ("export", folder, "srt", out, 1, None)


def test_what_is_written_out_is_what_the_model_shown_said(tab: Tab, tmp_path: Path) -> None:
    analyses = (Analysis("other", "0" * 64, "frames.other.csv"),)
    folder = make_session(tmp_path / "one", analyses=analyses)
    tab.open_session(folder)
    tab.ask_save = lambda title, wish: wish
    tab.page.toolbar.model.set_key("other")
    tab.page.toolbar.export_asked.emit("csv")
    tab.page.toolbar.report_asked.emit("html")
    assert [call[-1] for call in tab.desk.calls[-2:]] == ["other", "other"]
