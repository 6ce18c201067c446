"""The window remembers, changes its colours and goes without leaving anything behind."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fercam.pipeline.events import WatchOptions
from fercam.settings import Settings, load_settings, save_settings
from fercam.ui import theme as look
from fercam.ui.main_window import MainWindow

from .conftest import FakePipeline, Window

OpenWindow = Callable[..., Window]


def test_choices_are_remembered_from_one_start_to_the_next(
    qtbot: QtBot, open_window: OpenWindow, settings_file: Path
) -> None:
    save_settings(Settings(source="2", model="mine"), settings_file)
    window = open_window()
    assert window.fake.started == [("2", WatchOptions(model="mine"))]
    window.settings_tab.rows["theme"].control.setCurrentIndex(2)
    window.live.toolbar.views["bars"].trigger()
    window.resize(760, 560)
    with qtbot.waitSignal(window.closed):
        window.close()
    remembered, problems = load_settings(settings_file)
    assert problems == []
    assert (remembered.theme, remembered.bars, remembered.source) == ("light", True, "2")
    again = open_window()
    assert again.size().width() == 760
    assert again.live.toolbar.views["bars"].isChecked()


def test_a_remembered_camera_that_is_gone_gives_way_to_the_first(
    open_window: OpenWindow, settings_file: Path
) -> None:
    save_settings(Settings(source="9", model="deleted"), settings_file)
    assert open_window().fake.started == [("0", WatchOptions(model="fercam"))]


def test_closing_hides_at_once_and_waits_behind_for_the_threads(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    closed: list[bool] = []
    window.closed.connect(lambda: closed.append(True))
    window.fake.ended = False
    window.close()
    assert not window.isVisible()
    assert window.fake.stops == 1
    qtbot.wait(100)
    assert closed == []
    window.fake.ended = True
    qtbot.waitUntil(lambda: closed == [True])


def painted() -> str:
    """The colour of the window's background."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app.palette().color(QPalette.ColorRole.Window).name()


@pytest.mark.parametrize("name", look.THEMES)
def test_a_theme_that_is_picked_is_used_at_once(open_window: OpenWindow, name: str) -> None:
    window = open_window()
    theme = window.settings_tab.rows["theme"].control
    theme.setCurrentIndex(theme.findData(name))
    assert painted() == look.THEMES[name].window


@pytest.mark.parametrize("name", look.THEMES)
def test_the_theme_of_the_system_is_followed(
    qtbot: QtBot, known_choices: None, settings_file: Path, name: str
) -> None:
    window = MainWindow(FakePipeline, settings_file, ask_system=lambda: name)
    qtbot.addWidget(window)
    assert painted() == look.THEMES[name].window


def test_f11_fills_the_screen_and_escape_goes_back(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())


def test_the_demo_is_read_from_start_to_finish_and_no_thread_stays(
    qtbot: QtBot, tiny_bundle: Path, settings_file: Path
) -> None:
    before = set(threading.enumerate())
    window = MainWindow(settings_file=settings_file)
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(window.live.video.first_label_painted, timeout=20_000):
        window.live.begin("demo", str(tiny_bundle))
    assert window.live.banner.kind == ""
    card = next(iter(window.live.people.cards.values()))
    assert card.words
    qtbot.waitUntil(lambda: " fps · label " in window.live.status.text(), timeout=10_000)
    with qtbot.waitSignal(window.closed, timeout=15_000):
        window.close()
    qtbot.waitUntil(lambda: set(threading.enumerate()) <= before)
