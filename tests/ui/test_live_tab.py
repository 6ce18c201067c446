"""The Live tab does what its buttons say and says what the pipeline does."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from fercam.pipeline import choices
from fercam.pipeline.events import PipelineStats, State
from fercam.ui.widgets.live_toolbar import OPEN_ADDRESS, OPEN_FILE

from .conftest import Window, make_face

OpenWindow = Callable[..., Window]


def pick(picker, text: str) -> None:  # type: ignore[no-untyped-def]
    """Pick an entry as a click would."""
    row = picker.findText(text)
    assert row >= 0
    picker.setCurrentIndex(row)
    picker.activated.emit(row)


def test_it_starts_by_itself_with_the_first_camera_and_model(open_window: OpenWindow) -> None:
    window = open_window()
    assert window.fake.started == [("0", "fercam")]
    assert window.live.state is State.STARTING
    assert window.live.toolbar.start.text() == "Stop"


def test_what_was_asked_for_on_the_command_line_wins(open_window: OpenWindow) -> None:
    window = open_window("holiday.mp4", "/models/other")
    assert window.fake.started == [("holiday.mp4", "/models/other")]
    assert window.live.toolbar.source.currentText() == "holiday.mp4"
    assert window.live.toolbar.model.currentText() == "other"


def test_a_stand_in_source_is_explained(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, known_choices: None
) -> None:
    note = "No camera found: showing the built-in demo."
    monkeypatch.setattr(choices, "default_choice", lambda: ("demo", note))
    window = open_window()
    window.fake.listener.on_state(State.STARTING, "")
    window.fake.run()
    assert (window.live.banner.kind, window.live.banner.text) == ("info", note)
    window.live.banner.press()
    assert window.live.banner.kind == ""


def test_the_button_and_the_space_bar_stop_and_start(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    qtbot.mouseClick(window.live.toolbar.start, Qt.MouseButton.LeftButton)
    assert window.fake.stops == 1
    assert window.live.toolbar.start.text() == "Start"
    assert window.live.video.shown_frame is None
    window.live.video.setFocus()
    qtbot.keyClick(window.live.video, Qt.Key.Key_Space)
    assert len(window.fake.started) == 2
    qtbot.keyClick(window.live.video, Qt.Key.Key_Space)
    assert window.fake.stops == 2


def test_o_hides_and_shows_the_overlay(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.keyClick(window.live.video, Qt.Key.Key_O)
    assert not window.live.video.overlay
    assert not window.live.toolbar.overlay.isChecked()
    qtbot.keyClick(window.live.video, Qt.Key.Key_O)
    assert window.live.video.overlay


def test_picking_a_source_watches_it(open_window: OpenWindow) -> None:
    window = open_window()
    pick(window.live.toolbar.source, "Camera B")
    assert window.fake.started[-1] == ("2", "fercam")
    assert window.live.settings.source == "2"


def test_picking_a_model_swaps_it_without_stopping(open_window: OpenWindow) -> None:
    window = open_window()
    pick(window.live.toolbar.model, "mine")
    assert window.fake.models == ["mine"]
    assert len(window.fake.started) == 1


def test_cameras_are_looked_for_when_the_list_opens(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    found = [choices.Choice("0", "Camera A"), choices.Choice("4", "Just plugged in")]
    monkeypatch.setattr(choices, "source_choices", lambda: found)
    picker = window.live.toolbar.source
    picker.showPopup()
    assert picker.findText("Just plugged in") >= 0
    assert picker.findText("Camera B") < 0
    assert picker.key == "0"
    picker.hidePopup()


def test_a_file_can_be_chosen(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/films/walk.mp4", ""))
    pick(window.live.toolbar.source, OPEN_FILE)
    assert window.fake.started[-1][0] == "/films/walk.mp4"
    assert window.live.toolbar.source.currentText() == "walk.mp4"
    assert window.live.settings.source == ""


def test_an_address_can_be_typed_and_a_cancel_changes_nothing(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("", False))
    pick(window.live.toolbar.source, OPEN_ADDRESS)
    assert len(window.fake.started) == 1
    assert window.live.toolbar.source.currentText() == "Camera A"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: (" rtsp://door/live ", True))
    pick(window.live.toolbar.source, OPEN_ADDRESS)
    assert window.fake.started[-1][0] == "rtsp://door/live"


def test_a_dropped_file_is_watched(open_window: OpenWindow, tmp_path) -> None:  # type: ignore[no-untyped-def]
    window = open_window()
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    nothing = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)
    window.live.dropEvent(QDropEvent(QPointF(), Qt.DropAction.CopyAction, data, *nothing))
    assert window.fake.started[-1][0] == str(file)


def test_a_failure_is_a_banner_with_another_try(open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.listener.on_state(State.FAILED, "There is no file at x.mp4.")
    banner = window.live.banner
    assert (banner.kind, banner.text) == ("error", "There is no file at x.mp4.")
    assert window.live.toolbar.start.text() == "Start"
    banner.press()
    assert len(window.fake.started) == 2
    assert banner.kind == ""


def test_an_unplugged_camera_is_said_until_it_is_back(open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    window.fake.listener.on_state(State.LOST, "The camera is unplugged.")
    banner = window.live.banner
    assert (banner.kind, banner.text) == ("warning", "The camera is unplugged.")
    assert window.live.toolbar.start.text() == "Stop"
    window.fake.run()
    assert banner.kind == ""


def test_the_end_of_a_file_keeps_the_last_picture(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window("film.mp4")
    window.fake.run()
    result = window.fake.show(make_face())
    qtbot.waitUntil(lambda: window.live.video.shown_result is result)
    window.fake.listener.on_state(State.ENDED, "")
    assert window.live.toolbar.start.text() == "Start"
    assert window.live.video.shown_frame is result.frame
    assert "Press Start to see it again" in window.live.status.text()


def test_faces_get_their_cards(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    window.fake.show(make_face(1, "happy", 0.83), make_face(2, "sad", 0.6, (200, 60, 80, 80)))
    qtbot.waitUntil(lambda: list(window.live.people.cards) == [1, 2])
    assert window.live.people.cards[1].words == "happy 83%"


def test_the_status_line_says_how_it_goes(open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    window.fake.listener.on_stats(PipelineStats(29.7, 21.4, 3, 1, "Demo (640x480)"))
    assert window.live.status.text() == "30 fps · label 21 ms old · 3 dropped · Demo (640x480)"
    window.fake.listener.on_stats(PipelineStats(29.7, None, 0, 0, "Demo (640x480)"))
    assert window.live.status.text() == "30 fps · 0 dropped · Demo (640x480)"


def test_the_panel_is_put_away_where_it_is_narrow_until_asked_for(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    window.resize(1000, 700)
    qtbot.waitUntil(window.live.people.isVisible)
    window.resize(700, 500)
    qtbot.waitUntil(lambda: not window.live.people.isVisible())
    window.live.toolbar.people.click()
    assert window.live.people.isVisible()
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: window.width() == 1000)
    window.live.toolbar.people.click()
    assert not window.live.people.isVisible()
    assert not window.live.settings.people


@pytest.mark.parametrize("size", [(640, 420), (900, 600), (1200, 760)])
def test_nothing_is_cut_off(qtbot: QtBot, open_window: OpenWindow, size: tuple[int, int]) -> None:
    window = open_window()
    window.live.banner.show_banner("warning", "A sentence of usual length.", "OK", print)
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    bar = window.live.toolbar
    controls = (bar.source, bar.model, bar.start, bar.overlay, bar.bars, bar.people)
    places = (window.live.banner, window.live.video, window.live.status)
    for part in (*controls, bar.theme_button, *places):
        place = part.rect().translated(part.mapTo(window, part.rect().topLeft()))
        assert window.rect().contains(place), part
        assert part.width() >= part.minimumSizeHint().width(), part
