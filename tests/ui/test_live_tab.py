"""The Live tab does what its buttons say and says what the pipeline does."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from fercam.feed.publisher import FeedStatus
from fercam.overlay.layout import OverlayOptions
from fercam.pipeline import choices
from fercam.pipeline.events import (
    NeutralProgress,
    PipelineStats,
    RecordingStatus,
    State,
    WatchOptions,
)
from fercam.ui.main_window import LIVE, SETTINGS
from fercam.ui.widgets.live_toolbar import COMPARE, OPEN_ADDRESS, OPEN_FILE, VIEWS

from .conftest import Window, make_face, make_frame, make_prediction

OpenWindow = Callable[..., Window]


def stats(
    dropped: int = 0, position_s: float | None = None, duration_s: float | None = None
) -> PipelineStats:
    """What the pipeline tells twice a second."""
    return PipelineStats(29.7, 21.4, dropped, 1, "Demo (640x480)", 30.0, position_s, duration_s)


def pick(picker, text: str) -> None:  # type: ignore[no-untyped-def]
    """Pick an entry as a click would."""
    row = picker.findText(text)
    assert row >= 0
    picker.setCurrentIndex(row)
    picker.activated.emit(row)


def press(window: Window, key: str) -> None:
    """Press a key while the picture has the keyboard."""
    QTest.keyClicks(window.live.video, key)


def test_it_starts_by_itself_with_the_first_camera_and_model(open_window: OpenWindow) -> None:
    window = open_window()
    assert window.fake.started == [("0", WatchOptions(model="fercam"))]
    assert window.live.state is State.STARTING
    assert window.live.toolbar.start.text() == "Stop"


def test_what_was_asked_for_on_the_command_line_wins(open_window: OpenWindow) -> None:
    window = open_window("holiday.mp4", "/models/other")
    assert window.fake.started == [("holiday.mp4", WatchOptions(model="/models/other"))]
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


def test_the_button_stops_and_starts(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    qtbot.mouseClick(window.live.toolbar.start, Qt.MouseButton.LeftButton)
    assert window.fake.stops == 1
    assert window.live.toolbar.start.text() == "Start"
    assert window.live.video.shown_frame is None
    qtbot.mouseClick(window.live.toolbar.start, Qt.MouseButton.LeftButton)
    assert len(window.fake.started) == 2


def test_space_freezes_a_camera_and_goes_on(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    window.live.video.setFocus()
    qtbot.keyClick(window.live.video, Qt.Key.Key_Space)
    assert window.live.video.frozen
    assert window.live.toolbar.freeze.isChecked()
    qtbot.keyClick(window.live.video, Qt.Key.Key_Space)
    assert not window.live.video.frozen


def test_space_holds_a_file_itself_and_the_slider_looks_through_it(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window("film.mp4")
    window.fake.run()
    assert not window.live.transport.isVisible()
    window.fake.listener.on_stats(stats(position_s=7.2, duration_s=19.6))
    assert window.live.transport.isVisible()
    assert window.live.transport.time_text == "0:07 / 0:19"
    window.live.video.setFocus()
    qtbot.keyClick(window.live.video, Qt.Key.Key_Space)
    window.live.transport.slider.setValue(1234)
    window.live.transport.speed.activated.emit(4)
    assert window.fake.calls[-3:] == [("set_paused", True), ("seek", 12.34), ("set_speed", 2.0)]


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_has_a_key_and_is_remembered(
    qtbot: QtBot, open_window: OpenWindow, name: str
) -> None:
    window = open_window()
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: window.width() == 1000)
    before = getattr(window.live.settings, name)
    window.live.video.setFocus()
    qtbot.keyClick(window.live.video, VIEWS[name][1])
    assert getattr(window.live.settings, name) is not before
    assert window.live.toolbar.views[name].isChecked() is not before


def test_o_hides_and_shows_the_overlay(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.keyClick(window.live.video, Qt.Key.Key_O)
    assert not window.live.video.overlay
    qtbot.keyClick(window.live.video, Qt.Key.Key_O)
    assert window.live.video.overlay


def test_s_keeps_the_picture_as_the_settings_say(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    qtbot.keyClick(window.live.video, Qt.Key.Key_S)
    assert window.fake.calls == []  # there is no picture yet
    result = window.fake.show(make_face())
    qtbot.waitUntil(lambda: window.live.video.shown_result is result)
    qtbot.keyClick(window.live.video, Qt.Key.Key_S)
    assert window.fake.calls == [("save_snapshot", result, "annotated", OverlayOptions())]
    window.fake.listener.on_saved("Saved as a.png", False)
    assert (window.live.banner.kind, window.live.banner.text) == ("info", "Saved as a.png")
    window.fake.listener.on_saved("The snapshot cannot be written.", True)
    assert window.live.banner.kind == "error"


def test_the_camera_s_own_sizes_can_be_picked(open_window: OpenWindow) -> None:
    window = open_window()
    assert not window.live.toolbar.mode.isVisible()
    window.fake.run()
    assert window.live.toolbar.mode.isVisible()
    pick(window.live.toolbar.mode, "640×480 · 30 fps")
    assert window.fake.options[-1].camera_mode == "640x480@30"
    assert window.live.settings.camera_mode == "640x480@30"
    pick(window.live.toolbar.source, "Demo")
    window.fake.run()
    assert not window.live.toolbar.mode.isVisible()
    assert window.live.settings.camera_mode == ""


def test_two_models_can_look_at_the_same_faces(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    second = window.live.toolbar.second_model
    assert not second.isVisible()
    pick(window.live.toolbar.model, COMPARE)
    second.hidePopup()
    assert second.isVisible()
    pick(second, "mine")
    assert window.fake.options[-1] == WatchOptions(model="fercam", second_model="mine")
    one, other = make_prediction(1, "happy", 0.8), make_prediction(1, "sad", 0.8)
    window.fake.show(replace(make_face(1), second=one), replace(make_face(2), second=other))
    qtbot.waitUntil(lambda: window.live.video.shown_result is not None)
    window.fake.listener.on_stats(stats())
    assert "models agree on 50%" in window.live.status.text()
    pick(second, "No second model")
    assert window.fake.options[-1].second_model is None
    assert not second.isVisible()


def test_a_model_that_is_refused_leaves_the_old_one_picked(open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    pick(window.live.toolbar.model, "mine")
    window.fake.listener.on_refused(WatchOptions(model="fercam"), "The model 'mine' is damaged.")
    assert window.live.toolbar.model.key == "fercam"
    assert window.live.settings.model == "fercam"
    assert (window.live.banner.kind, window.live.banner.text) == (
        "error",
        "The model 'mine' is damaged.",
    )


def test_a_name_goes_to_the_pipeline(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    window.fake.show(make_face(2))
    qtbot.waitUntil(lambda: 2 in window.live.people.cards)
    field = window.live.people.cards[2].name
    field.setFocus()
    qtbot.keyClicks(field, "Bo S")  # s and space are letters here, not shortcuts
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.fake.calls == [("name_person", 2, "Bo S")]


def test_a_resting_face_is_learned_with_guidance(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    window.fake.show(make_face(1))
    qtbot.waitUntil(lambda: 1 in window.live.people.cards)
    window.live.video.setFocus()
    qtbot.keyClick(window.live.video, Qt.Key.Key_N)
    assert window.fake.calls == [("learn_neutral", 1)]
    guide = window.live.neutral_guide
    window.fake.listener.on_neutral(NeutralProgress(1, 0.4, "Now look to your left."))
    assert guide.words == "Person 1: Now look to your left."
    assert guide.progress.value() == 40
    qtbot.mouseClick(guide.cancel, Qt.MouseButton.LeftButton)
    assert window.fake.calls[-1] == ("cancel_neutral",)
    window.fake.listener.on_neutral(NeutralProgress(1, 1.0, "Learned.", over=True, learned=True))
    assert guide.words == ""
    assert (window.live.banner.kind, window.live.banner.text) == ("info", "Person 1: Learned.")


def test_a_resting_face_that_is_used_can_be_learned_again_or_forgotten(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    window.fake.run()
    plain = make_face(1)
    assert plain.prediction is not None
    used = replace(plain.prediction, before=plain.prediction.raw)
    window.fake.show(replace(plain, prediction=used))
    qtbot.waitUntil(lambda: 1 in window.live.people.cards)
    card = window.live.people.cards[1]
    assert card.neutral.isChecked()
    card.neutral.click()
    assert window.fake.calls == []  # the menu asks which
    again, forget = card.neutral_menu.actions()
    card.neutral_menu.hide()
    forget.trigger()
    again.trigger()
    assert window.fake.calls == [("forget_neutral", 1), ("learn_neutral", 1)]


def test_a_right_click_offers_what_the_toolbar_does(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    window.fake.show(make_face(1))
    qtbot.waitUntil(lambda: window.live.video.shown_result is not None)
    actions = {action.text(): action for action in window.live.context_menu().actions()}
    actions["Freeze"].trigger()
    assert window.live.video.frozen
    actions["Snapshot"].trigger()
    assert window.fake.calls[-1][0] == "save_snapshot"
    assert "Go on" in [action.text() for action in window.live.context_menu().actions()]
    assert set(window.live.toolbar.views.values()) <= set(actions.values())


def test_a_camera_that_fails_gives_way_to_the_one_before(open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    pick(window.live.toolbar.source, "Camera B")
    window.fake.listener.on_state(State.FAILED, "Camera B is in use.")
    assert window.fake.started[-1][0] == "0"
    window.fake.run()
    banner = window.live.banner
    assert (banner.kind, banner.text) == ("error", "Camera B is in use. Back to Camera A.")
    banner.press()
    assert window.fake.started[-1][0] == "2"


def test_feeds_follow_the_settings_and_say_when_they_are_on(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    assert window.fake.feeds_wanted == [{}]
    window.live.stop()  # a port may be open while nothing is watched
    window.live.apply_settings(replace(window.live.settings, feed_osc=True, feed_osc_port=9001))
    assert window.fake.feeds_wanted[-1] == {"osc": 9001}
    window.fake.feeds = [
        FeedStatus("osc", "OSC to 127.0.0.1:9001"),
        FeedStatus("websocket", "WebSocket", failure="Another program is using port 8765."),
    ]
    qtbot.waitUntil(window.feed_sign.isVisible)
    assert "OSC to 127.0.0.1:9001" in window.feed_sign.text()
    assert "8765" not in window.feed_sign.text()
    banner = window.live.banner
    assert (banner.kind, banner.text) == ("error", "Another program is using port 8765.")
    banner.press()
    window.fake.feeds = []
    qtbot.waitUntil(lambda: not window.feed_sign.isVisible())
    assert banner.kind == ""


def test_picking_a_source_watches_it(open_window: OpenWindow) -> None:
    window = open_window()
    pick(window.live.toolbar.source, "Camera B")
    assert window.fake.started[-1] == ("2", WatchOptions(model="fercam"))
    assert window.live.settings.source == "2"


def test_picking_a_model_swaps_it_without_stopping(open_window: OpenWindow) -> None:
    window = open_window()
    pick(window.live.toolbar.model, "mine")
    assert window.fake.options[-1] == WatchOptions(model="mine")
    assert window.live.settings.model == "mine"
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
    window.fake.listener.on_saved("Saved as a.png", False)
    assert banner.kind == "warning"
    assert banner.text == "Saved as a.png The camera is unplugged."
    window.fake.run()
    assert banner.kind == ""
    window.fake.listener.on_saved("Saved as b.png", False)
    assert (banner.kind, banner.text) == ("info", "Saved as b.png")


def test_a_banner_shows_names_as_they_are_and_takes_no_second_half_of_a_double_click(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    pressed: list[int] = []
    banner = window.live.banner
    banner.show_banner("info", "<b>a</b>.png", "OK", lambda: pressed.append(1))
    assert banner._words.textFormat() is Qt.TextFormat.PlainText
    QTest.mouseDClick(banner._button, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(banner._button, Qt.MouseButton.LeftButton)
    assert not pressed
    qtbot.mouseClick(banner._button, Qt.MouseButton.LeftButton)
    assert pressed


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


def test_the_status_line_says_how_it_goes(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.fake.run()
    window.fake.listener.on_stats(stats(dropped=3))
    assert window.live.status.text() == "30 fps · 3 dropped · Demo (640x480)"
    for number in range(3):
        result = window.fake.show(make_face(), frame=make_frame(number))
        qtbot.waitUntil(lambda result=result: window.live.video.shown_result is result)
        window.live.video.grab()
    window.fake.listener.on_stats(stats(dropped=3))
    words = window.live.status.text()
    assert re.fullmatch(
        r"30 fps · label \d+ ms old \(95% under \d+\) · 3 dropped · Demo \(640x480\)", words
    )


@pytest.mark.parametrize(
    ("leave", "come_back"),
    [
        (lambda window: window.show_page(SETTINGS), lambda window: window.show_page(LIVE)),
        (Window.showMinimized, Window.showNormal),
        (lambda window: press(window, "X"), lambda window: press(window, "X")),
    ],
    ids=["another tab", "minimised", "the picture alone"],
)
def test_the_timeline_knows_what_happened_while_it_was_not_shown(
    qtbot: QtBot,
    open_window: OpenWindow,
    leave: Callable[[Window], None],
    come_back: Callable[[Window], None],
) -> None:
    window = open_window()
    window.fake.run()
    qtbot.waitUntil(lambda: window.live.instruments.timeline is not None)
    timeline = window.live.instruments.timeline
    assert timeline is not None
    leave(window)
    result = window.fake.show(make_face(label="happy", confidence=0.83))
    qtbot.waitUntil(lambda: window.live.video.shown_result is result)
    come_back(window)
    timeline.read_at(0)
    assert timeline.reading == "0 s ago: Person 1 happy 83%"


def test_the_panel_is_put_away_where_it_is_narrow_until_asked_for(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    window.resize(1000, 700)
    qtbot.waitUntil(window.live.people.isVisible)
    window.resize(700, 500)
    qtbot.waitUntil(lambda: not window.live.people.isVisible())
    window.live.toolbar.views["people"].trigger()
    assert window.live.people.isVisible()
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: window.width() == 1000)
    window.live.toolbar.views["people"].trigger()
    assert not window.live.people.isVisible()
    assert not window.live.settings.people


@pytest.mark.parametrize("size", [(640, 420), (640, 480), (900, 600)])
def test_no_part_covers_another_and_the_timeline_leaves_where_there_is_no_room(
    qtbot: QtBot, open_window: OpenWindow, size: tuple[int, int]
) -> None:
    window = open_window()
    live = window.live
    window.resize(*size)
    window.fake.run()
    qtbot.waitUntil(lambda: live.instruments.timeline is not None)
    qtbot.waitUntil(live.instruments.bottom.isVisible)
    live.banner.show_banner("warning", "A sentence of usual length.", "OK", live.banner.hide)
    window.fake.listener.on_stats(stats(position_s=7.2, duration_s=19.6))
    window.fake.listener.on_recording(RecordingStatus(active=True))
    parts = (live.toolbar, live.banner, live.video, live.record_strip, live.transport)
    column = (*parts, live.instruments.bottom, live.status)

    def stand_below_each_other() -> bool:
        shown = [part for part in column if part.isVisible()]
        places = [part.rect().translated(part.mapTo(live, part.rect().topLeft())) for part in shown]
        return all(above.bottom() < below.top() for above, below in pairwise(places))

    qtbot.waitUntil(stand_below_each_other)
    assert all(part.isVisible() for part in parts)
    assert live.instruments.bottom.isVisible() == (size == (900, 600))
    live.banner.hide()
    window.fake.listener.on_recording(RecordingStatus())
    live.transport.reset()
    qtbot.waitUntil(live.instruments.bottom.isVisible)


@pytest.mark.parametrize("size", [(640, 420), (900, 600), (1200, 760)])
def test_nothing_is_cut_off(qtbot: QtBot, open_window: OpenWindow, size: tuple[int, int]) -> None:
    window = open_window()
    window.live.banner.show_banner("warning", "A sentence of usual length.", "OK", print)
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    bar = window.live.toolbar
    controls = (bar.source, bar.model, bar.start, bar.freeze, bar.snapshot, bar.view)
    places = (window.live.banner, window.live.video, window.live.status)
    for part in (*controls, *places):
        place = part.rect().translated(part.mapTo(window, part.rect().topLeft()))
        assert window.rect().contains(place), part
        assert part.width() >= part.minimumSizeHint().width(), part
