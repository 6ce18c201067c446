"""Recording from the Live tab: its button, its strip, its markers and its keys."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from fercam.pipeline.events import RecordingStatus, RecordOptions, SaveRule, State
from fercam.recording.session_json import Marker
from fercam.settings import Settings
from fercam.ui.main_window import LIVE, SESSIONS

from .conftest import Window, make_face

OpenWindow = Callable[..., Window]
FOLDER = Path("sessions") / "2026-11-22_14-03-07"


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    """A window whose camera runs and shows person 1."""
    opened = open_window()
    opened.fake.run()
    return opened


def asked(window: Window, what: str) -> list[tuple[Any, ...]]:
    """What the pipeline was asked for under this name, without the name."""
    return [call[1:] for call in window.fake.calls if call[0] == what]


def record(window: Window, **status: Any) -> RecordingStatus:
    """Say as the pipeline would that a recording runs."""
    told = RecordingStatus(active=True, folder=FOLDER, **status)
    window.fake.listener.on_recording(told)
    return told


def change(window: Window, **changes: Any) -> None:
    window.live.apply_settings(replace(window.live.settings, **changes))


def test_the_button_records_and_stops(window: Window, qtbot: QtBot) -> None:
    button = window.live.toolbar.record
    assert button.accessibleName() == "Record"
    button.click()
    assert asked(window, "start_recording") == [(RecordOptions(),)]
    assert not button.isChecked()  # not before the pipeline says so
    record(window)
    assert button.isChecked()
    assert button.accessibleName() == "Stop recording"
    qtbot.keyClick(window.live.video, Qt.Key.Key_R)
    assert asked(window, "stop_recording") == [()]
    window.fake.listener.on_recording(RecordingStatus(finishing=True))
    assert not button.isChecked()
    button.click()
    assert len(asked(window, "start_recording")) == 1  # its files are not complete yet


def test_nothing_is_recorded_while_nothing_is_watched(window: Window, qtbot: QtBot) -> None:
    window.live.stop()
    assert not window.live.toolbar.record.isEnabled()
    assert not window.live.toolbar.replay.isEnabled()
    for key in (Qt.Key.Key_R, Qt.Key.Key_B, Qt.Key.Key_M):
        qtbot.keyClick(window.live.video, key)
    assert not asked(window, "start_recording") + asked(window, "save_replay")
    assert not asked(window, "add_marker")


def test_the_settings_say_what_is_recorded(window: Window) -> None:
    change(
        window, record_video=False, record_clean=True, record_quality="best", record_mask="emoji",
        record_microphone=True, bars=True,
    )  # fmt: skip
    window.live.toolbar.record.click()
    ((options,),) = asked(window, "start_recording")
    assert (options.video, options.clean, options.quality) == (False, True, "best")
    assert (options.mask_style, options.microphone, options.overlay.bars) == ("emoji", True, True)


def test_the_strip_says_how_long_how_large_and_how_much_room_is_left(window: Window) -> None:
    strip = window.live.record_strip
    assert not strip.isVisible()
    record(
        window, seconds=761.4, bytes=12_400_000, room_bytes=38_000_000_000, dropped=3,
        markers=(Marker(3.0),),
    )  # fmt: skip
    assert strip.isVisible()
    said = strip.words
    for part in ("Recording 12:41", "12 MB", "38.0 GB left", "1 marker", "3 dropped"):
        assert part in said
    record(window, seconds=761.4, paused=True, warning="Only 400 MB are left on the disk.")
    assert "Paused 12:41" in strip.words
    assert "Only 400 MB are left" in strip.words
    window.fake.listener.on_recording(RecordingStatus())
    assert not strip.isVisible()


def test_a_recording_rests_and_goes_on(window: Window) -> None:
    record(window)
    window.live.record_strip.pause.click()
    record(window, paused=True)
    window.live.record_strip.pause.click()
    assert asked(window, "pause_recording") == [(True,), (False,)]


def test_a_marker_is_set_at_the_press_and_its_text_typed_after(
    window: Window, qtbot: QtBot
) -> None:
    record(window)
    before_ns = time.monotonic_ns()
    qtbot.keyClick(window.live.video, Qt.Key.Key_M)
    pressed_ns = time.monotonic_ns()
    text = window.live.record_strip.marker_text
    assert text.hasFocus()
    asks = text.fontMetrics().horizontalAdvance(text.placeholderText())
    assert asks < text.width() - 16  # what it asks is not cut off
    qtbot.keyClicks(text, "Rabbits laugh")  # letters that are shortcuts elsewhere too
    qtbot.keyClick(text, Qt.Key.Key_Return)
    ((words, t_ns),) = asked(window, "add_marker")
    assert words == "Rabbits laugh"
    assert before_ns <= t_ns <= pressed_ns
    assert not text.isVisible()
    assert window.live.video.hasFocus()  # so that Space freezes and presses no button


def test_a_marker_needs_no_text_and_can_be_dropped(window: Window, qtbot: QtBot) -> None:
    record(window)
    text = window.live.record_strip.marker_text
    window.live.record_strip.marker.click()
    window.live.record_strip.marker.click()  # the first one is kept as it is
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert [words for words, _ in asked(window, "add_marker")] == ["", ""]
    window.live.record_strip.marker.click()
    qtbot.keyClick(text, Qt.Key.Key_Escape)
    window.live.video.setFocus()
    assert len(asked(window, "add_marker")) == 2
    window.live.record_strip.marker.click()
    window.live.toolbar.record.click()  # stopping keeps what is being written
    assert [call[0] for call in window.fake.calls][-2:] == ["add_marker", "stop_recording"]


def test_one_key_saves_the_last_seconds(window: Window, qtbot: QtBot) -> None:
    assert window.fake.replays[-1] == (30.0, (), RecordOptions())
    assert "last 30 s" in window.live.toolbar.replay.toolTip()
    qtbot.keyClick(window.live.video, Qt.Key.Key_B)
    assert asked(window, "save_replay") == [()]
    change(window, replay_s=0.0)
    window.live.toolbar.replay.click()
    assert len(asked(window, "save_replay")) == 1
    assert "not kept" in window.live.banner.text


def test_rules_save_by_themselves(window: Window) -> None:
    change(window, save_when="surprise", save_above_percent=70, save_for_s=1.0, save_every_s=90.0)
    _, rules, _ = window.fake.replays[-1]
    assert rules == (SaveRule("surprise", 0.7, 1.0, 90.0),)


def test_who_may_be_seen_is_chosen_where_faces_are_hidden(window: Window, qtbot: QtBot) -> None:
    window.fake.show(make_face(1), make_face(2, box=(200, 60, 80, 80)))
    qtbot.waitUntil(lambda: len(window.live.people.cards) == 2)
    card = window.live.people.cards[2]
    assert card.uncover.isHidden()
    change(window, record_mask="blur")
    assert not card.uncover.isHidden()
    card.uncover.click()
    window.live.toolbar.record.click()
    ((options,),) = asked(window, "start_recording")
    assert options.mask_but == frozenset({2})
    assert window.fake.replays[-1][2].mask_but == frozenset({2})
    window.live.start()  # the next person 2 is somebody else
    assert window.fake.replays[-1][2].mask_but == frozenset()


def test_the_picture_says_that_it_is_recorded_even_alone(window: Window, qtbot: QtBot) -> None:
    window.fake.show(make_face(1))
    qtbot.waitUntil(lambda: window.live.video.shown_frame is not None)
    change(window, compact=True)
    video = window.live.video
    qtbot.waitUntil(lambda: video.pos().isNull())

    def corner() -> QColor:
        image = video.grab().toImage()  # lays it out first
        place = video.picture_area(320, 240).topLeft().toPoint() + QPoint(21, 20)
        return image.pixelColor(place)

    before = corner()
    record(window, seconds=5.0)
    assert corner().red() > 200 > before.red()
    window.fake.listener.on_recording(RecordingStatus())
    assert corner() == before


def test_sessions_lead_to_a_recording(window: Window) -> None:
    window.show_page(SESSIONS)
    window.sessions.record_asked.emit()
    assert window.pages[LIVE].isVisible()
    assert asked(window, "start_recording") == [(RecordOptions(),)]
    record(window)
    window.sessions.record_asked.emit()  # one is enough
    assert len(asked(window, "start_recording")) == 1


def test_what_was_recorded_is_listed_at_once(window: Window) -> None:
    window.show_page(SESSIONS)
    before = len(window.desk.calls)
    window.fake.listener.on_saved("Recorded 0:08 in 2026-11-22_14-03-07.", False)
    assert window.desk.calls[before:] == [("refresh",)]


def test_a_right_click_offers_it_too(window: Window) -> None:
    def titles() -> list[str]:
        return [action.text() for action in window.live.context_menu().actions()]

    assert "Record" in titles()
    assert "Save the last seconds" in titles()
    record(window)
    assert "Stop recording" in titles()
    assert "Set a marker" in titles()
    window.fake.listener.on_state(State.STOPPED, "")
    assert "Stop recording" in titles()


def test_defaults_write_both_pictures_and_hide_nobody() -> None:
    chosen = Settings()
    assert chosen.record_video
    assert chosen.record_clean
    assert chosen.record_mask == ""
    assert not chosen.record_microphone
