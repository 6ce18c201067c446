"""Around the tabs: the rail, the keys, signs, and a place for everybody."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fercam.pipeline.jobs import RUNNING, Job
from fercam.settings import load_settings
from fercam.ui import main_window
from fercam.ui.main_window import (
    HELP,
    LIVE,
    SESSIONS,
    SETTINGS,
    SMALLEST_SIZE,
    TRAINING,
    WELCOME,
    MainWindow,
)
from fercam.ui.shortcuts import SHORTCUTS
from fercam.ui.tabs.training import DATA, MODELS, RESULTS, SAMPLES, TRAIN, TrainingTab
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.elided_label import ElidedLabel

from .conftest import Window, make_face

OpenWindow = Callable[..., Window]
CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QSlider, QAbstractSpinBox)


def shown_page(window: MainWindow) -> str:
    return next(name for name, page in window.pages.items() if page.isVisible())


def test_the_rail_and_its_keys_lead_to_every_page(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    assert (shown_page(window), window.rail.current) == (LIVE, LIVE)
    for name in (SESSIONS, TRAINING, SETTINGS, HELP, LIVE):
        qtbot.mouseClick(window.rail.buttons[name], Qt.MouseButton.LeftButton)
        assert (shown_page(window), window.rail.current) == (name, name)
    for key, name in zip("2341", (SESSIONS, TRAINING, SETTINGS, LIVE), strict=True):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert shown_page(window) == name
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert shown_page(window) == HELP


def test_a_broken_setting_is_said_once_and_goes(
    qtbot: QtBot, open_window: OpenWindow, settings_file: Path
) -> None:
    settings_file.parent.mkdir(parents=True)
    settings_file.write_text('{"theme": "plaid", "coach": true}')
    window = open_window()
    assert "'theme' was none of its choices" in window.banner.text
    assert window.live.settings.coach
    window.banner.press()
    assert not window.banner.isVisible()


@pytest.mark.parametrize(
    "content",
    ['{"geometry": "\\ud800"}', '{"geometry": "AAAA"}', '{"source": "\\u0000"}', "[" * 100_000],
    ids=["surrogate", "no place", "zero", "deep"],
)
def test_no_settings_file_keeps_the_window_from_opening(
    open_window: OpenWindow, settings_file: Path, content: str
) -> None:
    settings_file.parent.mkdir(parents=True)
    settings_file.write_text(content)
    assert open_window().fake.started


def test_of_many_broken_settings_three_are_said(
    open_window: OpenWindow, settings_file: Path
) -> None:
    settings_file.parent.mkdir(parents=True)
    settings_file.write_text(json.dumps({f"old{number}": 1 for number in range(200)}))
    words = open_window().banner.text
    assert "'old2'" in words
    assert words.endswith(" 197 more are in the log.")


def test_a_sign_on_every_tab_says_who_can_listen(open_window: OpenWindow) -> None:
    window = open_window()
    assert not window.feed_sign.isVisible()
    window.set_feed_sign("WebSocket ws://127.0.0.1:8765")
    for name in (LIVE, SESSIONS, TRAINING, SETTINGS, HELP):
        window.show_page(name)
        assert window.feed_sign.isVisible()
        assert "ws://127.0.0.1:8765" in window.feed_sign.text()
    window.set_feed_sign("")
    assert not window.feed_sign.isVisible()


def test_work_and_what_was_recovered_are_seen_on_every_tab(open_window: OpenWindow) -> None:
    window = open_window()
    window.sessions.recovered.emit("1 unfinished session recovered: 12:41 saved.")
    window.jobs.show_job(Job(1, "Export a.csv", share=0.4, state=RUNNING))
    for name in (LIVE, SESSIONS, TRAINING, SETTINGS, HELP):
        window.show_page(name)
        assert "12:41 saved" in window.banner.text
        assert window.banner.isVisible()
        assert window.jobs.isVisible()
    asked: list[str] = []
    window.closing.ask_close = lambda question: bool(asked.append(question))
    window.close()
    assert window.isVisible()  # what is under way is not given up unasked
    assert asked == ["An export or import is still under way. Stop and close?"]
    window.closing.ask_close = lambda question: True


def test_what_was_recovered_is_said_once(open_window: OpenWindow) -> None:
    window = open_window()
    window.show_page(SESSIONS)
    window.desk.listener.on_recovered("1 unfinished session recovered: 12:41 saved.")
    said = [banner.text for banner in window.findChildren(Banner) if banner.isVisible()]
    assert said == ["1 unfinished session recovered: 12:41 saved."]


def test_what_was_recovered_replaces_no_warning_about_settings(
    open_window: OpenWindow, settings_file: Path
) -> None:
    settings_file.parent.mkdir(parents=True)
    settings_file.write_text('{"theme": "pink"}')
    window = open_window()
    window.sessions.recovered.emit("1 unfinished session recovered: 12:41 saved.")
    assert window.banner.kind == "warning"
    assert "'theme' was none of its choices" in window.banner.text
    assert window.banner.text.endswith(" 1 unfinished session recovered: 12:41 saved.")
    window.banner.press()
    window.sessions.recovered.emit("1 unfinished session recovered: 0:03 saved.")
    assert window.banner.kind == "info"
    assert window.banner.text == "1 unfinished session recovered: 0:03 saved."


def test_sessions_are_looked_for_soon_after_the_start_and_on_every_visit(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_window, "SESSIONS_MS", 10)
    window = open_window()
    window.begin("demo", None)
    qtbot.waitUntil(lambda: hasattr(window, "desk"))
    assert window.desk.calls == [("begin", 0)]
    window.show_page(SESSIONS)
    assert window.desk.calls[-1] == ("refresh",)


def test_closing_waits_for_what_is_being_saved(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_page(SESSIONS)
    window.desk.ended = False
    window.close()
    assert not window.isVisible()
    with pytest.raises(qtbot.TimeoutError), qtbot.waitSignal(window.closed, timeout=100):
        pass
    with qtbot.waitSignal(window.closed):
        window.desk.ended = True


def test_compact_shows_the_picture_alone_and_escape_goes_back(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_X)
    parts = (window.rail, window.live.toolbar, window.live.status, window.live.side)
    assert not any(part.isVisible() for part in parts)
    assert window.live.video.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.rail.isVisible()
    assert window.live.toolbar.isVisible()


@pytest.mark.parametrize("page", [SETTINGS, HELP, WELCOME])
def test_compact_is_about_the_picture_wherever_it_is_asked_for(
    qtbot: QtBot, open_window: OpenWindow, page: str
) -> None:
    window = open_window()
    window.show_page(page)
    qtbot.keyClick(window, Qt.Key.Key_X)
    assert shown_page(window) == LIVE
    assert not window.rail.isVisible()


def test_what_is_changed_is_on_disk_at_once(open_window: OpenWindow, settings_file: Path) -> None:
    window = open_window()
    window.settings_tab.rows["coach"].control.click()  # type: ignore[attr-defined]
    assert load_settings(settings_file)[0].coach


def test_the_window_can_stay_on_top(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert window.isVisible()
    window.settings_tab.rows["always_on_top"].reset.click()
    assert not window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint


def test_every_key_is_listed_once_and_does_something(open_window: OpenWindow) -> None:
    window = open_window()
    for name in window.rail.buttons:
        window.show_page(name)
    made = [shortcut.key().toString() for shortcut in window.findChildren(QShortcut)]
    listed = [key for group in SHORTCUTS.values() for each in group for key in each.keys]
    for page in SHORTCUTS:  # other pages may use the same keys, the window's own are everywhere
        keys = [key for each in (*SHORTCUTS[page], *SHORTCUTS["Window"]) for key in each.keys]
        assert page == "Window" or len(set(keys)) == len(keys)
    of_lists_and_sliders = {"Left", "Right", "Enter", "Del", "F2", *"1234567"}
    assert {QKeySequence(key).toString() for key in listed} - of_lists_and_sliders <= set(made)
    assert set(made) <= {QKeySequence(key).toString() for key in listed}
    words = " ".join(label.text() for label in window.help.findChildren(QLabel))
    assert all(key in words for key in listed)


def controls(window: QWidget) -> list[QWidget]:
    """The controls that are on the screen."""
    found = [w for kind in CONTROLS for w in window.findChildren(kind)]
    inner = (QAbstractSpinBox, QComboBox)  # their own fields and buttons are theirs
    return [w for w in found if w.isVisible() and not isinstance(w.parent(), inner)]


@pytest.mark.parametrize("page", [LIVE, SESSIONS, SETTINGS, HELP, WELCOME])
def test_every_control_has_a_name_and_is_reached_with_the_keyboard(
    qtbot: QtBot, open_window: OpenWindow, page: str
) -> None:
    window = open_window()
    window.resize(1200, 760)
    window.fake.run()
    window.fake.show(make_face(1))
    qtbot.waitUntil(lambda: 1 in window.live.people.cards)
    window.show_page(page)
    found = controls(window)
    assert found
    for control in found:
        name = control.accessibleName() or getattr(control, "text", str)()
        assert name, control
        inside_a_field = isinstance(control.parent(), QLineEdit)
        if control.isEnabled() and not inside_a_field:
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, name


@pytest.mark.parametrize("page", [LIVE, SESSIONS, SETTINGS, HELP, WELCOME])
def test_tab_visits_every_control(qtbot: QtBot, open_window: OpenWindow, page: str) -> None:
    window = open_window()
    window.resize(1200, 760)
    window.fake.run()
    window.show_page(page)
    wanted = {w for w in controls(window.pages[page]) if w.isEnabled()}
    wanted = {w for w in wanted if not isinstance(w.parent(), QLineEdit)}
    visited = set()
    for _ in range(4 * len(wanted) + 40):
        window.focusNextChild()
        visited.add(window.focusWidget())
    assert [w.accessibleName() for w in wanted - visited] == []
    assert window.rail.buttons[window.rail.current] in visited


def cut_off(window: MainWindow) -> list[str]:
    """The words that do not fit where they stand."""
    cut = []
    for part in (w for kind in (QLabel, QAbstractButton) for w in window.findChildren(kind)):
        words = part.text()
        if not part.isVisible() or not words or isinstance(part, ElidedLabel):
            continue
        wraps = isinstance(part, QLabel) and part.wordWrap()
        high = part.heightForWidth(part.width()) if wraps else part.sizeHint().height()
        wide = 0 if wraps else part.sizeHint().width()
        left = part.mapTo(window, part.rect().topLeft()).x()
        beside = left < 0 or left + part.width() > window.width()
        if wide > part.width() or high > part.height() or beside:
            cut.append(words)
    return cut


@pytest.mark.parametrize("size", [(900, 600), SMALLEST_SIZE], ids=str)
@pytest.mark.parametrize("page", [LIVE, SESSIONS, SETTINGS, HELP, WELCOME])
def test_nothing_is_cut_off_in_a_small_window(
    qtbot: QtBot, open_window: OpenWindow, page: str, size: tuple[int, int]
) -> None:
    window = open_window()
    assert window.devicePixelRatioF() == float(os.environ.get("QT_SCALE_FACTOR", "1"))
    window.resize(*size)
    window.show_page(page)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    qtbot.waitUntil(lambda: cut_off(window) == [])
    for control in controls(window.pages[page]):
        assert control.width() >= control.minimumSizeHint().width(), control
        left = control.mapTo(window, control.rect().topLeft()).x()
        assert left >= 0
        assert left + control.width() <= window.width(), control


@pytest.mark.parametrize("page", [DATA, SAMPLES, TRAIN, RESULTS, MODELS])
def test_nothing_is_cut_off_on_a_training_page(
    qtbot: QtBot, open_window: OpenWindow, page: str
) -> None:
    window = open_window()
    window.resize(900, 600)
    window.show_page(TRAINING)
    tab = window.pages[TRAINING]
    assert isinstance(tab, TrainingTab)
    tab.show_page(page)
    qtbot.waitUntil(lambda: cut_off(window) == [])
    for control in controls(tab):
        assert control.width() >= control.minimumSizeHint().width(), control


@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_nor_is_it_at_other_scales_of_the_screen(scale: str) -> None:
    again = subprocess.run(
        [sys.executable, "-m", "pytest", __file__, "-q", "-k", "small_window"],
        env={**os.environ, "QT_SCALE_FACTOR": scale, "PYTEST_ADDOPTS": "-p no:cacheprovider"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stdout
    assert "10 passed" in again.stdout


def test_space_freezes_from_the_start_and_after_a_visit_to_another_page(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window("demo")
    window.begin("demo", None)
    window.fake.run()
    for _ in range(2):
        focused = window.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Space)
        assert window.live.video.frozen
        qtbot.keyClick(focused, Qt.Key.Key_Space)
        assert not window.live.video.frozen
        qtbot.mouseClick(window.rail.buttons[SETTINGS], Qt.MouseButton.LeftButton)
        window.settings_tab.search.setFocus()
        qtbot.mouseClick(window.rail.buttons[LIVE], Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_presses_the_button_that_has_the_keyboard(
    qtbot: QtBot, open_window: OpenWindow, key: Qt.Key
) -> None:
    window = open_window()
    window.fake.run()
    for button, pressed in (
        (window.live.toolbar.start, lambda: window.fake.stops == 1),
        (window.rail.buttons[SETTINGS], lambda: shown_page(window) == SETTINGS),
    ):
        button.setFocus()
        qtbot.keyClick(button, key)
        assert pressed()


def test_enter_held_is_one_go_and_with_another_key_none(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    window.fake.run()
    freeze = window.live.toolbar.freeze
    freeze.setFocus()
    for repeated in (False, True, True):
        none = Qt.KeyboardModifier.NoModifier
        held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, none, "\r", repeated)
        QApplication.sendEvent(freeze, held)
    assert freeze.isChecked()
    qtbot.keyClick(freeze, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert freeze.isChecked()


def test_enter_in_a_field_presses_no_button(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.show_page(SETTINGS)
    search = window.settings_tab.search
    search.returnPressed.connect(window.rail.buttons[HELP].setFocus)
    search.setFocus()
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert window.focusWidget() is window.rail.buttons[HELP]
    assert shown_page(window) == SETTINGS
