"""The self-check in the window's help: lines as they come, and a way to copy them."""

import threading
from collections.abc import Callable

import pytest
from PyQt6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from fercam.pipeline.self_check import CheckDesk, Checked
from fercam.ui.check_bridge import CheckBridge
from fercam.ui.main_window import HELP
from fercam.ui.widgets.self_check import SelfCheckPanel

from .conftest import Window


class FakeCheck:
    """Says what a test tells it to."""

    def __init__(self, bridge: CheckBridge) -> None:
        self.bridge = bridge
        self.calls: list[str] = []
        self.ended = False

    def start(self) -> None:
        self.calls.append("start")

    def close(self) -> None:
        self.calls.append("close")

    def join(self, timeout_s: float) -> bool:
        return self.ended


@pytest.fixture
def fakes() -> list[FakeCheck]:
    return []


@pytest.fixture
def panel(qtbot: QtBot, fakes: list[FakeCheck]) -> SelfCheckPanel:
    def make(bridge: CheckBridge) -> FakeCheck:
        fakes.append(FakeCheck(bridge))
        return fakes[-1]

    made = SelfCheckPanel(make)
    qtbot.addWidget(made)
    return made


def test_lines_are_shown_as_they_come_and_can_be_copied_at_the_end(
    panel: SelfCheckPanel, fakes: list[FakeCheck]
) -> None:
    assert fakes == []  # nothing is made before it is asked for
    panel.start.click()
    (check,) = fakes
    assert check.calls == ["start"]
    assert not panel.start.isEnabled() and not panel.copy.isEnabled()
    check.bridge.on_checked(Checked("Demo", True, "640x480"))
    assert panel.words.text() == "Demo: 640x480"
    check.bridge.on_checked(Checked("Faces", False, "None was found."))
    check.bridge.on_check_done(1)
    assert panel.text.splitlines() == [
        "Demo: 640x480",
        "FAILED Faces: None was found.",
        "1 part is not well.",
    ]
    panel.copy.click()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None and clipboard.text() == panel.text
    panel.start.click()
    assert check.calls == ["start", "start"] and panel.text == ""


def test_leaving_ends_the_check_and_waits_for_its_thread(
    panel: SelfCheckPanel, fakes: list[FakeCheck]
) -> None:
    panel.leave()
    assert panel.left()
    panel.start.click()
    panel.leave()
    assert fakes[0].calls[-1] == "close"
    assert not panel.left()
    fakes[0].ended = True
    assert panel.left()


def test_the_real_check_speaks_on_its_own_thread_and_none_stays(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = iter([Checked("Demo", True, "640x480")])
    monkeypatch.setattr("fercam.pipeline.self_check.self_check", lambda: told)
    before = set(threading.enumerate())
    panel = SelfCheckPanel(CheckDesk)
    qtbot.addWidget(panel)
    panel.start.click()
    qtbot.waitUntil(lambda: panel.text.endswith("All is well."))
    panel.leave()
    qtbot.waitUntil(panel.left)
    qtbot.waitUntil(lambda: set(threading.enumerate()) <= before)


def test_it_is_in_the_help(open_window: Callable[..., Window]) -> None:
    window = open_window()
    window.show_page(HELP)
    assert window.help.check.isVisible()
