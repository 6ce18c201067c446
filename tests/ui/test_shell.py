"""Around the tabs: the rail, the keys, the first start, signs, and a place for everybody."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fercam.settings import load_settings
from fercam.ui.main_window import HELP, LIVE, SETTINGS, WELCOME, MainWindow
from fercam.ui.shortcuts import SHORTCUTS

from .conftest import FakePipeline, Window, make_face

OpenWindow = Callable[..., Window]
CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QSlider, QAbstractSpinBox)


def shown_page(window: MainWindow) -> str:
    return next(name for name, page in window.pages.items() if page.isVisible())


def test_the_rail_and_its_keys_lead_to_every_page(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    assert (shown_page(window), window.rail.current) == (LIVE, LIVE)
    for name in (SETTINGS, HELP, LIVE):
        qtbot.mouseClick(window.rail.buttons[name], Qt.MouseButton.LeftButton)
        assert (shown_page(window), window.rail.current) == (name, name)
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert shown_page(window) == SETTINGS
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert shown_page(window) == LIVE
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert shown_page(window) == HELP


def test_the_first_start_says_hello_once_and_waits_with_the_camera(
    qtbot: QtBot, known_choices: None, settings_file: Path
) -> None:
    fakes: list[FakePipeline] = []
    windows: list[MainWindow] = []

    def start(source: str | None = None) -> MainWindow:
        window = MainWindow(lambda listener: fakes.append(FakePipeline(listener)) or fakes[-1],
                            settings_file)  # fmt: skip
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        window.begin(source, None)
        return window

    asked_for = start("film.mp4")
    assert shown_page(asked_for) == LIVE  # who names a source is not held up
    first = start()
    assert shown_page(first) == WELCOME
    assert len(fakes) == 1
    first.welcome.camera.click()
    assert shown_page(first) == LIVE
    assert fakes[1].started[0][0] == "0"
    with qtbot.waitSignal(first.closed):
        first.close()
    assert load_settings(settings_file)[0].welcomed
    again = start()
    assert shown_page(again) == LIVE
    for window in (asked_for, again):
        with qtbot.waitSignal(window.closed):
            window.close()


def test_the_demo_can_be_tried_first(
    qtbot: QtBot, known_choices: None, settings_file: Path
) -> None:
    fakes: list[FakePipeline] = []
    window = MainWindow(
        lambda listener: fakes.append(FakePipeline(listener)) or fakes[-1], settings_file
    )
    qtbot.addWidget(window)
    window.show()
    window.begin(None, None)
    window.welcome.demo.click()
    assert fakes[0].started[0][0] == "demo"
    with qtbot.waitSignal(window.closed):
        window.close()


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


def test_a_sign_on_every_tab_says_who_can_listen(open_window: OpenWindow) -> None:
    window = open_window()
    assert not window.feed_sign.isVisible()
    window.set_feed_sign("WebSocket ws://127.0.0.1:8765")
    for name in (LIVE, SETTINGS, HELP):
        window.show_page(name)
        assert window.feed_sign.isVisible()
        assert "ws://127.0.0.1:8765" in window.feed_sign.text()
    window.set_feed_sign("")
    assert not window.feed_sign.isVisible()


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


def test_the_window_can_stay_on_top(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert window.isVisible()
    window.settings_tab.rows["always_on_top"].reset.click()
    assert not window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint


def test_every_key_is_listed_once_and_does_something(open_window: OpenWindow) -> None:
    window = open_window()
    made = [shortcut.key().toString() for shortcut in window.findChildren(QShortcut)]
    assert len(set(made)) == len(made)
    listed = [key for group in SHORTCUTS.values() for each in group for key in each.keys]
    assert len(set(listed)) == len(listed)
    of_the_slider = {"Left", "Right"}
    assert {QKeySequence(key).toString() for key in listed} - of_the_slider == set(made)
    words = " ".join(label.text() for label in window.help.findChildren(QLabel))
    assert all(key in words for key in listed)


def controls(window: QWidget) -> list[QWidget]:
    """The controls that are on the screen."""
    found = [w for kind in CONTROLS for w in window.findChildren(kind)]
    inner = (QAbstractSpinBox, QComboBox)  # their own fields and buttons are theirs
    return [w for w in found if w.isVisible() and not isinstance(w.parent(), inner)]


@pytest.mark.parametrize("page", [LIVE, SETTINGS, HELP, WELCOME])
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


@pytest.mark.parametrize("size", [(900, 600), (640, 420)])
@pytest.mark.parametrize("page", [LIVE, SETTINGS, HELP, WELCOME])
def test_nothing_is_cut_off_in_a_small_window(
    qtbot: QtBot, open_window: OpenWindow, page: str, size: tuple[int, int]
) -> None:
    window = open_window()
    window.resize(*size)
    window.show_page(page)
    qtbot.waitUntil(window.pages[page].isVisible)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    for control in controls(window.pages[page]):
        assert control.width() >= control.minimumSizeHint().width(), control
        left = control.mapTo(window, control.rect().topLeft()).x()
        assert left >= 0
        assert left + control.width() <= window.width(), control
