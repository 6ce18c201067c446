"""The Models page: cards, names, in and out, delete and undo."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.bundles import make_tiny_bundle
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fercam.core.emotions import EMOTIONS, FER2013_CSV_ORDER
from fercam.sessions.trash import Deleted
from fercam.settings import Settings
from fercam.training.job import EXPORT_FORMATS, IMPORT_SCALES
from fercam.training.model_desk import ImportedModel
from fercam.training.own_models import ModelEntry
from fercam.ui import theme as look
from fercam.ui.training.import_dialog import ORDERS, OWN_ORDER, ImportDialog
from fercam.ui.training.models_page import ModelsPage

from .training_fakes import FakeDesk, model_entry


@pytest.fixture
def entries(tmp_path: Path) -> list[ModelEntry]:
    shipped = make_tiny_bundle(tmp_path / "app" / "fercam", limits="Knows only brightness.")
    mine = make_tiny_bundle(tmp_path / "own" / "mine", description="with glasses")
    return [model_entry(shipped, own=False), model_entry(mine, own=True)]


@pytest.fixture
def page(qtbot: QtBot, entries: list[ModelEntry]) -> Iterator[ModelsPage]:
    page = ModelsPage(Settings(), FakeDesk)
    qtbot.addWidget(page)
    page.resize(828, 520)
    page.show()
    page.begin()
    page._bridge.on_models(entries)
    yield page
    page.leave()
    assert page.left()


def calls(page: ModelsPage) -> list[tuple[object, ...]]:
    desk = page._desk
    assert isinstance(desk, FakeDesk)
    return desk.calls[1:]  # the first is `refresh`


def listed(page: ModelsPage) -> list[str]:
    items = [page.list.item(row) for row in range(page.list.count())]
    return [item.text() for item in items if item is not None]


def test_every_model_shows_what_its_card_says(page: ModelsPage) -> None:
    assert listed(page) == ["fercam (in Live)", "mine"]
    assert page.card.name.text() == "fercam"
    assert page.card.limits.text() == "Knows only brightness."
    assert "100.0% of the test faces right" in page.card.figures.text()
    page.choose("mine")
    assert page.card.description.text() == "with glasses"
    assert "yours" in page.card.facts.text()


def test_a_shipped_model_stays_as_it_is(page: ModelsPage) -> None:
    assert page.card.name.isReadOnly()
    assert page.card.description.isHidden()
    assert not page.card.delete.isEnabled()
    page.delete_shown()
    assert not calls(page)


def test_a_model_is_renamed_and_described_by_typing(page: ModelsPage, qtbot: QtBot) -> None:
    page.choose("mine")
    page.card.description.setText("for the lab")
    QTest.keyClick(page.card.description, Qt.Key.Key_Return)
    page.card.name.setText("glasses")
    QTest.keyClick(page.card.name, Qt.Key.Key_Return)
    assert calls(page) == [("describe", "mine", "for the lab"), ("rename", "mine", "glasses")]
    page.set_model_in_use("mine")
    with qtbot.waitSignal(page.renamed) as told:
        page._bridge.on_renamed("mine", "glasses")
    assert told.args == ["mine", "glasses"]


def test_an_import_that_ends_leaves_what_is_typed_for_another_model(
    page: ModelsPage, entries: list[ModelEntry], qtbot: QtBot, tmp_path: Path
) -> None:
    page.choose("mine")
    page.activateWindow()
    page.card.description.setFocus()
    qtbot.waitUntil(page.card.description.hasFocus)
    page.card.description.selectAll()
    QTest.keyClicks(page.card.description, "for")
    new = model_entry(make_tiny_bundle(tmp_path / "own" / "new"), own=True)
    page._bridge.on_imported(ImportedModel("new", (), 10, 10, 0.0))
    page._bridge.on_models([*entries, new])
    assert "new" in listed(page)
    QTest.keyClicks(page.card.description, " Ann")
    QTest.keyClick(page.card.description, Qt.Key.Key_Return)
    assert calls(page) == [("describe", "mine", "for Ann")]
    page._bridge.on_models([*entries, new])
    assert page.card.description.text() == "with glasses"  # as the desk says, until it has done so


def test_a_name_left_empty_is_put_back(page: ModelsPage) -> None:
    page.choose("mine")
    page.card.name.setText(" ")
    page.card.name.editingFinished.emit()
    assert page.card.name.text() == "mine"
    assert not calls(page)


def test_a_deleted_model_comes_back_with_undo(page: ModelsPage, entries: list[ModelEntry]) -> None:
    page.choose("mine")
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    assert calls(page) == [("delete", "mine")]
    deleted = Deleted(entries[1].folder, entries[1].folder.with_name(".gone"))
    page._bridge.on_model_deleted(deleted)
    page._bridge.on_models(entries[:1])
    assert listed(page) == ["fercam (in Live)"]
    page.banner.press()
    assert calls(page)[-1] == ("restore", deleted)


def test_the_model_that_runs_live_is_not_deleted(page: ModelsPage) -> None:
    page.set_model_in_use("mine")
    page.choose("mine")
    page.card.delete.click()
    assert "runs in Live" in page.banner.text
    assert not calls(page)


def test_one_click_uses_a_model_and_one_goes_back(page: ModelsPage, qtbot: QtBot) -> None:
    assert not page.card.use.isEnabled()
    page.choose("mine")
    with qtbot.waitSignal(page.use_asked) as asked:
        page.card.use.click()
    assert asked.args == ["mine"]
    assert listed(page) == ["fercam", "mine (in Live)"]
    with qtbot.waitSignal(page.use_asked) as asked:
        page.banner.press()
    assert asked.args == ["fercam"]


def test_every_format_can_be_exported(page: ModelsPage, tmp_path: Path) -> None:
    page.ask_folder = lambda: tmp_path
    menu = page.card.export.menu()
    assert menu is not None
    for action in menu.actions():
        action.trigger()
    assert calls(page) == [("export", "fercam", form, tmp_path) for form in EXPORT_FORMATS]
    page._bridge.on_exported([tmp_path / "a.json", tmp_path / "a.h5"])
    assert "a.json and a.h5" in page.banner.text


def test_an_import_asks_what_the_file_does_not_say(page: ModelsPage) -> None:
    files = [Path("net.keras")]
    page.take_in(files)
    (dialog,) = page.findChildren(ImportDialog)
    dialog.accept()
    assert calls(page)[-1] == ("import_files", files, None, None)
    page._bridge.on_imported(ImportedModel("net", ("It takes 0..1.",), 9, 0.0, 9))
    assert "Assumed: It takes 0..1." in page.banner.text


def test_the_import_dialog_takes_scales_and_orders(qtbot: QtBot) -> None:
    dialog = ImportDialog([Path("net.json"), Path("net.h5")])
    qtbot.addWidget(dialog)
    assert (dialog.chosen_scale, dialog.classes) == (None, None)
    dialog.scale.setCurrentIndex(1)
    assert dialog.chosen_scale == IMPORT_SCALES[0]
    dialog.order.setCurrentIndex(list(ORDERS).index("As in fer2013.csv"))
    assert dialog.classes == FER2013_CSV_ORDER
    dialog.order.setCurrentText(OWN_ORDER)
    assert dialog.classes == EMOTIONS
    dialog.outputs[0].setCurrentIndex(1)
    assert not dialog.ok.isEnabled()
    assert "angry is missing" in dialog.wrong.text()
    dialog.outputs[1].setCurrentIndex(0)
    assert dialog.ok.isEnabled()
    assert dialog.classes == ("disgust", "angry", *EMOTIONS[2:])


def test_a_damaged_model_says_what_is_wrong(
    page: ModelsPage, entries: list[ModelEntry], tmp_path: Path
) -> None:
    broken = ModelEntry(tmp_path / "own" / "odd", True, None, "The model 'odd' is damaged.", 5)
    page._bridge.on_models([*entries, broken])
    page.choose("odd")
    assert page.card.facts.text() == "The model 'odd' is damaged."
    buttons = (page.card.use, page.card.export, page.card.delete)
    assert [button.isEnabled() for button in buttons] == [False, False, True]


def test_it_fits_in_every_theme(page: ModelsPage) -> None:
    for theme in look.THEMES.values():
        page.set_theme(theme)
        assert not page.grab().isNull()
    assert page.minimumSizeHint().width() <= 828
    assert page.minimumSizeHint().height() <= 520
