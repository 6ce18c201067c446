"""The first start says hello, once, and opens no camera before it is allowed to."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from fercam import paths
from fercam.pipeline.events import PipelineListener
from fercam.settings import load_settings
from fercam.ui.main_window import HELP, LIVE, SETTINGS, WELCOME, MainWindow

from .conftest import FakePipeline

Start = Callable[..., MainWindow]


@pytest.fixture
def fakes() -> list[FakePipeline]:
    """The pipelines that were made: none until something is to be watched."""
    return []


@pytest.fixture
def start(
    qtbot: QtBot, known_choices: None, settings_file: Path, fakes: list[FakePipeline]
) -> Start:
    """Start the program as `app.run` does."""

    def make(listener: PipelineListener) -> FakePipeline:
        fakes.append(FakePipeline(listener))
        return fakes[-1]

    def start_one(source: str | None = None) -> MainWindow:
        window = MainWindow(make, settings_file)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.begin(source, None)
        return window

    return start_one


def shown_page(window: MainWindow) -> str:
    return next(name for name, page in window.pages.items() if page.isVisible())


def test_it_says_hello_before_the_camera_and_never_again(
    start: Start, fakes: list[FakePipeline], settings_file: Path
) -> None:
    first = start()
    assert (shown_page(first), fakes) == (WELCOME, [])
    first.welcome.camera.click()
    assert shown_page(first) == LIVE
    assert fakes[0].started[0][0] == "0"
    assert load_settings(settings_file)[0].welcomed  # even if it never gets to be closed
    again = start()
    assert shown_page(again) == LIVE
    assert len(fakes[1].started) == 1


def test_the_demo_can_be_tried_first(start: Start, fakes: list[FakePipeline]) -> None:
    start().welcome.demo.click()
    assert fakes[0].started[0][0] == "demo"


def test_who_names_a_source_is_not_held_up(start: Start, fakes: list[FakePipeline]) -> None:
    window = start("film.mp4")
    assert shown_page(window) == LIVE
    window.show_page(WELCOME)
    window.welcome.camera.click()
    assert [source for source, _ in fakes[0].started] == ["film.mp4"]


def test_until_then_live_leads_back_to_it(
    qtbot: QtBot, start: Start, fakes: list[FakePipeline]
) -> None:
    window = start()
    for name in (SETTINGS, HELP):
        window.show_page(name)
        window.rail.buttons[LIVE].click()
        assert shown_page(window) == WELCOME
    qtbot.keyClick(window, Qt.Key.Key_X)
    assert shown_page(window) == WELCOME
    assert window.rail.isVisible()
    assert not window.settings.compact
    assert fakes == []


def test_it_says_what_the_labels_mean_and_where_they_are_forbidden(start: Start) -> None:
    words = " ".join(label.text() for label in start().welcome.findChildren(QLabel))
    for part in ("Nothing leaves this computer", "not what the person feels", "Article 5(1)(f)"):
        assert part in words


def test_in_the_smallest_window_its_button_is_seen(qtbot: QtBot, start: Start) -> None:
    window = start()
    assert window.welcome.camera.hasFocus()
    window.resize(window.minimumSize())
    window.show_page(SETTINGS)
    window.show_page(WELCOME)
    button = window.welcome.camera
    qtbot.waitUntil(lambda: button.visibleRegion().boundingRect() == button.rect())


def test_help_shows_it_again_and_the_folder_of_the_log(
    start: Start, fakes: list[FakePipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    window = start()
    window.welcome.camera.click()
    window.show_page(HELP)
    window.help.log.click()
    assert opened == [paths.log_file().parent.as_posix()]
    window.help.welcome.click()
    assert shown_page(window) == WELCOME
    window.welcome.camera.click()
    assert shown_page(window) == LIVE
    assert len(fakes[0].started) == 1


def test_where_no_folder_can_be_opened_the_log_is_named(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    window = start()
    window.show_page(HELP)
    window.help.log.click()
    assert window.banner.text == f"The log is in {paths.log_file().parent}."
