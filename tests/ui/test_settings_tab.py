"""The Settings tab shows every choice, applies it at once, and can take everything back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from fercam.settings import Settings, shown_settings
from fercam.ui.tabs.settings import SettingsTab
from fercam.ui.theme import THEMES, Theme

from .conftest import Window

OpenWindow = Callable[..., Window]


@pytest.fixture
def tab(qtbot: QtBot, tmp_path: Path) -> SettingsTab:
    made = SettingsTab(Settings(), tmp_path / "settings.json")
    qtbot.addWidget(made)
    made.show()
    return made


def change(tab: SettingsTab, name: str) -> None:
    """Do to a setting what a person would."""
    control = tab.rows[name].control
    if isinstance(control, QCheckBox):
        control.click()
    elif isinstance(control, QComboBox):
        control.setCurrentIndex((control.currentIndex() + 1) % control.count())
    else:
        control.stepUp()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", shown_settings())
def test_a_change_is_told_at_once_and_can_be_reset(
    qtbot: QtBot, tab: SettingsTab, name: str
) -> None:
    row = tab.rows[name]
    assert row.reset.isHidden()
    with qtbot.waitSignal(tab.changed) as told:
        change(tab, name)
    assert getattr(told.args[0], name) != getattr(Settings(), name)
    assert not row.reset.isHidden()
    assert "Back to: " in row.reset.toolTip()
    with qtbot.waitSignal(tab.changed) as told:
        row.reset.click()
    assert told.args == [Settings()]
    assert row.reset.isHidden()


def test_everything_can_be_reset_and_that_be_undone(qtbot: QtBot, tab: SettingsTab) -> None:
    assert not tab.reset_all.isEnabled()
    for name in ("mirror", "coach", "smoothing_s"):
        change(tab, name)
    mine = tab.settings
    tab.reset_all.click()
    assert tab.settings == Settings()
    assert tab.reset_all.text() == "Undo"
    tab.reset_all.click()
    assert tab.settings == mine
    assert tab.reset_all.text() == "Reset everything"


def test_undoing_a_reset_takes_nothing_back_that_was_chosen_elsewhere(tab: SettingsTab) -> None:
    change(tab, "mirror")
    mine = tab.settings
    tab.reset_all.click()
    tab.show_settings(replace(tab.settings, source="1", model="other"))
    tab.reset_all.click()
    assert tab.settings == replace(mine, source="1", model="other")
    tab.reset_all.click()
    tab.show_settings(replace(tab.settings, coach=True))  # it can be chosen here too
    assert tab.reset_all.text() == "Reset everything"
    tab.reset_all.click()
    assert tab.settings == Settings(source="1", model="other")


@pytest.mark.parametrize(
    ("value", "text"), [(30.0, "30 s"), (100.0, "100 s"), (0.0, "0 s"), (12.5, "12.5 s")]
)
def test_a_number_is_written_without_zeros_that_say_nothing(
    qtbot: QtBot, tab: SettingsTab, value: float, text: str
) -> None:
    tab.show_settings(Settings(replay_s=value))
    control = tab.rows["replay_s"].control
    assert isinstance(control, QDoubleSpinBox)
    assert control.text() == text
    control.selectAll()
    qtbot.keyClicks(control, "7.25")
    qtbot.keyClick(control, Qt.Key.Key_Return)
    assert tab.settings.replay_s == 7.25


def test_a_probability_is_written_as_everywhere(tab: SettingsTab) -> None:
    row = tab.rows["save_above_percent"]
    assert row.control.text() == "80%"  # type: ignore[attr-defined]
    change(tab, "save_above_percent")
    assert row.control.text() == "85%"  # type: ignore[attr-defined]
    assert row.reset.toolTip() == "Back to: 80%"


def test_what_clears_a_search_lies_within_its_field(
    qtbot: QtBot, tab: SettingsTab, wear: Callable[[Theme], None]
) -> None:
    wear(THEMES["dark"])
    qtbot.keyClicks(tab.search, "osc")
    clear = tab.search.findChild(QToolButton)
    assert clear is not None
    assert tab.search.rect().contains(clear.geometry())


def test_what_is_only_remembered_survives_a_reset(tab: SettingsTab) -> None:
    tab.show_settings(Settings(source="2", welcomed=True, coach=True))
    tab.reset_all.click()
    assert tab.settings == Settings(source="2", welcomed=True)


def test_a_search_leaves_what_was_meant(qtbot: QtBot, tab: SettingsTab) -> None:
    qtbot.keyClicks(tab.search, "osc port")
    assert [name for name, row in tab.rows.items() if row.isVisible()] == ["feed_osc_port"]
    tab.search.setText("nothing like it")
    assert not any(row.isVisible() for row in tab.rows.values())
    assert tab._nothing.isVisible()
    tab.search.clear()
    assert all(row.isVisible() for row in tab.rows.values())


def test_changes_here_and_in_the_live_tab_are_the_same(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    change(window.settings_tab, "bars")
    assert window.live.video.bars
    assert window.live.toolbar.views["bars"].isChecked()
    window.live.video.setFocus()
    qtbot.keyClick(window.live.video, Qt.Key.Key_A)
    assert not window.settings_tab.rows["bars"].control.isChecked()  # type: ignore[attr-defined]


def test_smoothing_reaches_the_pipeline_without_a_restart(open_window: OpenWindow) -> None:
    window = open_window()
    window.settings_tab.rows["smoothing_s"].control.setValue(1.0)  # type: ignore[attr-defined]
    assert window.fake.options[-1].smoothing_s == 1.0
    assert len(window.fake.started) == 1
