"""The Results page: what a person sees of runs, and how a model comes into Live."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.results import annotated, face
from helpers.runs import make_run
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from fercam.core.emotions import EMOTIONS
from fercam.core.values import FaceCrop
from fercam.inference.bundle import load_bundle
from fercam.pipeline import choices
from fercam.settings import Settings
from fercam.training.result_desk import Tried, Verdict
from fercam.training.results import SelfCheck, compare, read_answers, read_results, self_check
from fercam.training.run_list import list_runs
from fercam.ui import theme as look
from fercam.ui.training.results_page import ResultsPage
from fercam.ui.training.run_table import NOTES, run_titles
from fercam.ui.training.run_view import CONFIDENCE, CURVES, MISTAKES, TRY

from .conftest import FakePipeline
from .training_fakes import FakeResultDesk, gray_faces

FEAR, HAPPY = EMOTIONS.index("fear"), EMOTIONS.index("happy")


@pytest.fixture
def runs(tmp_path: Path, tiny_bundle: Path) -> Path:
    home = tmp_path / "runs"
    make_run(home / "first", tiny_bundle)
    make_run(home / "second", tiny_bundle, learning_rate=0.01)
    return home


@pytest.fixture
def page(qtbot: QtBot, runs: Path, known_choices: None) -> Iterator[ResultsPage]:
    page = ResultsPage(Settings(model="fercam"), lambda bridge: FakeResultDesk(bridge, runs))
    qtbot.addWidget(page)
    page.resize(828, 520)
    page.show()
    page.begin()
    yield page
    page.leave()
    assert page.left()


def desk_of(page: ResultsPage) -> FakeResultDesk:
    desk = page._desk
    assert isinstance(desk, FakeResultDesk)
    return desk


def show(page: ResultsPage, run: Path) -> None:
    page.show_run(run)
    assert page._run is not None
    assert page.current is page._run


def cells(page: ResultsPage, row: int) -> list[str]:
    model = page.table.model()
    assert model is not None
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def test_without_a_run_the_page_says_what_one_is(
    qtbot: QtBot, tmp_path: Path, known_choices: None
) -> None:
    page = ResultsPage(Settings(), lambda bridge: FakeResultDesk(bridge, tmp_path / "none"))
    qtbot.addWidget(page)
    page.begin()
    assert page.current is page._empty
    with qtbot.waitSignal(page.train_asked):
        page.train.click()


def test_runs_stand_in_a_table_with_their_figures(page: ResultsPage) -> None:
    assert {cells(page, row)[0] for row in (0, 1)} == {"first", "second"}
    row = cells(page, 0)
    assert row[1:3] == ["faces", "seed"]
    assert row[4] == "90.0%"
    assert row[6] == "3"


def test_a_run_is_called_as_somebody_named_it_else_as_its_folder(
    page: ResultsPage, runs: Path, tiny_bundle: Path
) -> None:
    name = "Anna and Ben, with and without glasses"
    named = make_run(runs / "2026-11-28_10-15-00-seed", tiny_bundle, called=name)
    make_run(runs / "third", None, called="seed")  # the command line calls it as its network
    page.begin()
    there = enumerate(page.table.entries)
    titles = {entry.folder.name: cells(page, row)[0] for row, entry in there}
    assert titles == {
        "first": "first",
        "second": "second",
        "third": "third (unfinished)",
        named.name: name,
    }
    row = list(titles).index(named.name)
    model = page.table.model()
    assert model is not None
    tip = model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.splitlines() == [name, str(named)]
    show(page, named)
    assert page._run is not None
    assert page._run.title.text() == name


def test_runs_of_one_name_are_told_apart_by_their_folders(
    page: ResultsPage, runs: Path, tiny_bundle: Path
) -> None:
    for folder in ("morning", "evening"):
        make_run(runs / folder, tiny_bundle, called="Anna")
    make_run(runs / "noon", tiny_bundle, called="Ben")
    runs_there = {entry.folder.name: entry for entry in list_runs(runs)}
    compared = [runs_there[name] for name in ("morning", "noon", "evening")]
    assert run_titles(compared) == ["morning", "Ben", "evening"]


def test_a_click_on_a_title_sorts(page: ResultsPage) -> None:
    page.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [entry.folder.name for entry in page.table.entries] == ["first", "second"]
    page.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert [entry.folder.name for entry in page.table.entries] == ["second", "first"]


def write_note(page: ResultsPage, text: str) -> None:
    model = page.table.model()
    assert model is not None
    model.setData(model.index(0, NOTES), text)


def test_notes_are_written_in_the_table(page: ResultsPage) -> None:
    write_note(page, " with glasses ")
    assert cells(page, 0)[-1] == "with glasses"
    folder = page.table.entries[0].folder
    assert desk_of(page).calls == [("set_notes", folder, "with glasses")]
    write_note(page, "with glasses")
    assert len(desk_of(page).calls) == 1


def test_enter_opens_the_selected_run(page: ResultsPage) -> None:
    assert not page.open_run.isEnabled()
    page.table.select([1])
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page._run is not None
    assert page._run.folder == page.table.entries[1].folder


def test_a_run_shows_its_mistakes_with_their_faces(page: ResultsPage, runs: Path) -> None:
    show(page, runs / "first")
    view = page._run
    assert view is not None
    assert "90.0% of 20 test faces right" in view.facts.text()
    item = view.pairs.item(0)
    assert item is not None
    assert item.text() == "fear taken for happy: 2"
    assert (view.map.cell, view.faces.count) == ((FEAR, HAPPY), 2)
    cell = view.map.cell_rect(HAPPY, HAPPY).center().toPoint()
    QTest.mouseClick(view.map, Qt.MouseButton.LeftButton, pos=cell)
    assert view.faces.count == 8
    assert "8 of 8 happy faces were found (100%)" in view.said.text()
    QTest.keyClick(view.map, Qt.Key.Key_Right)
    assert view.map.cell == (HAPPY, HAPPY + 1)
    assert view.faces.count == 0


def test_mistakes_are_shown_as_shares_or_counts(page: ResultsPage, runs: Path) -> None:
    show(page, runs / "first")
    view = page._run
    assert view is not None
    shares = view.map.grab().toImage()
    view.shares.choose(1)
    assert view.map.grab().toImage() != shares


def test_every_section_can_be_shown(page: ResultsPage, runs: Path) -> None:
    show(page, runs / "first")
    view = page._run
    assert view is not None
    for number in range(TRY + 1):
        view.sections.choose(number)
        assert view.stack.currentWidget() is view._sections[number]
    assert view.table.rowCount() == 7
    assert "eight times of ten" in view.honesty.text()


def test_a_run_without_figures_offers_to_work_them_out(
    page: ResultsPage, runs: Path, tiny_bundle: Path
) -> None:
    make_run(runs / "old", tiny_bundle, results=False)
    show(page, runs / "old")
    view = page._run
    assert view is not None
    assert view.stack.currentWidget() is view._none
    view.work_out.click()
    assert desk_of(page).calls[-1] == ("make_results", runs / "old")
    assert view.use.isHidden()


def test_an_unfinished_run_shows_its_curves_only(page: ResultsPage, runs: Path) -> None:
    make_run(runs / "third", None)
    show(page, runs / "third")
    view = page._run
    assert view is not None
    assert view.sections.chosen == CURVES
    assert "70.0% of the validation faces right, at best" in view.facts.text()
    assert view.use.isHidden()
    enabled = [view.sections.buttons[at].isEnabled() for at in (MISTAKES, CONFIDENCE, TRY)]
    assert enabled == [False, False, False]


def test_selected_runs_are_compared(page: ResultsPage) -> None:
    page.table.select([0])
    assert not page.compare.isEnabled()
    page.table.select([0, 1])
    page.compare.click()
    view = page._compared
    assert view is not None
    assert page.current is view
    rows = {}
    for row in range(view.table.rowCount()):
        texts = [view.table.item(row, column) for column in range(3)]
        rows[texts[0].text() if texts[0] else ""] = {item.text() for item in texts[1:] if item}
    assert rows["test"] == {"90.0%"}
    assert rows["learning rate"] == {"0.001", "0.01"}
    assert "batch size" not in rows
    assert view.caution.isHidden()
    view.back.click()
    assert page.current is page._list


def test_a_picture_is_tried_on_both_models(
    page: ResultsPage, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [choices.Choice(name, name) for name in ("fercam", "other")]
    monkeypatch.setattr(choices, "model_choices", lambda: known)
    show(page, runs / "first")
    view = page._run
    assert view is not None
    view.sections.choose(TRY)
    page.ask_picture = lambda: Path("face.png")
    view.trial.picture.click()
    assert desk_of(page).calls[-1] == ("try_picture", runs / "first", "fercam", Path("face.png"))
    answers = np.full((5, 7), 0.1, np.float32)
    answers[:, HAPPY] = 0.4
    tried = Tried(runs / "first", "fercam", gray_faces(*range(5)), answers, answers, (0.3, 0.9))
    page._bridge.on_tried(tried)
    assert "the 4 largest" in view.trial.said.text()
    assert all(row.isVisible() for row in view.trial.rows)
    page.set_model_in_use("other")
    assert view.trial.names[1].text() == "other (in Live)"
    page._bridge.on_tried(tried)  # asked before that
    assert not any(row.isVisible() for row in view.trial.rows)


def test_a_dropped_picture_is_tried(page: ResultsPage, runs: Path, tmp_path: Path) -> None:
    show(page, runs / "first")
    view = page._run
    assert view is not None
    view.sections.choose(TRY)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "face.png"))])
    view.trial.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )  # fmt: skip
    assert desk_of(page).calls[-1][-1] == tmp_path / "face.png"


def test_the_cameras_largest_face_is_tried_once_a_frame(page: ResultsPage, runs: Path) -> None:
    show(page, runs / "first")
    view = page._run
    assert view is not None
    view.sections.choose(TRY)
    assert not view.trial.camera.isEnabled()
    live = FakePipeline(None)  # type: ignore[arg-type]
    small, large = face(1, (0, 0, 20, 20)), face(2, (50, 50, 90, 90))
    faces = [
        replace(one, crop=FaceCrop(7, number, gray_faces(number)[0]))
        for number, one in enumerate((small, large))
    ]
    live.newest_result.set(annotated(*faces, number=7))
    page.set_live(live)
    view.trial.camera.setChecked(True)
    view.trial.look()
    view.trial.look()
    asked = [call for call in desk_of(page).calls if call[0] == "try_faces"]
    assert len(asked) == 1
    assert asked[0][3].mean() == 1.0
    page.back()
    assert not view.trial.camera.isChecked()
    page.set_live(None)
    assert not view.trial.camera.isEnabled()


def considered(page: ResultsPage, runs: Path, tiny_bundle: Path) -> None:
    """Show the verdict on the first run's model."""
    run = runs / "first"
    show(page, run)
    assert page._run is not None
    page._run.use.click()
    assert desk_of(page).calls[-1] == ("consider", run, "fercam")
    results, answers = read_results(run), read_answers(run)
    assert results is not None
    check = self_check(load_bundle(run / "mine"), answers)
    comparison = compare(results, answers, load_bundle(tiny_bundle))
    page._bridge.on_verdict(Verdict(run, check, comparison, "mine-2"))
    assert page.current is page._verdict


def test_a_model_comes_into_live_after_it_was_compared_and_goes_back(
    page: ResultsPage, runs: Path, tiny_bundle: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [choices.Choice(name, name) for name in ("fercam", "mine")]
    monkeypatch.setattr(choices, "model_choices", lambda: known)
    considered(page, runs, tiny_bundle)
    view = page._verdict
    assert view is not None
    assert "No clear difference between mine and tiny" in view.title.text()
    assert "not known whether tiny was trained" in view.caution.text()
    assert "Live it answers as it did in training" in view.check.text()
    view.name.setText("mine")
    view.use.click()
    assert desk_of(page).calls[-1] == ("install", runs / "first", "mine")
    with qtbot.waitSignal(page.use_asked) as asked:
        page._bridge.on_installed(runs / "first", "mine")
    assert asked.args == ["mine"]
    assert (page.present, page.banner.text) == ("mine", "mine is used in Live now.")
    with qtbot.waitSignal(page.use_asked) as asked:
        page.banner.press()
    assert asked.args == ["fercam"]
    assert page.present == "fercam"


def test_a_model_needs_a_name(page: ResultsPage, runs: Path, tiny_bundle: Path) -> None:
    considered(page, runs, tiny_bundle)
    assert page._verdict is not None
    page._verdict.name.setText("  ")
    assert not page._verdict.use.isEnabled()


def test_a_model_that_fails_its_check_cannot_be_used(page: ResultsPage, runs: Path) -> None:
    show(page, runs / "first")
    check = SelfCheck(20, 0.4, 0.5, passed=False)
    page._bridge.on_verdict(Verdict(runs / "first", check, None, "mine"))
    view = page._verdict
    assert view is not None
    assert view.use.isHidden()
    assert "cannot be used" in view.title.text()
    view.back.click()
    assert page.current is page._run


def test_what_a_run_shows_can_be_saved(page: ResultsPage, runs: Path, tmp_path: Path) -> None:
    show(page, runs / "first")
    wishes: list[Path] = []

    def ask(title: str, wish: Path) -> Path:
        wishes.append(wish)
        return tmp_path / wish.name

    page.ask_save = ask
    assert page._run is not None
    for action in page._run._save_menu.actions():
        action.trigger()
    assert [wish.suffix for wish in wishes] == [".html", ".csv", *[".png"] * 5]
    assert desk_of(page).calls[0] == (
        "save", runs / "first", "html", tmp_path / "first_html.html",
    )  # fmt: skip
    opened: list[Path] = []
    page.open_outside = opened.append
    page._bridge.on_saved(tmp_path / "a.html")
    page.banner.press()
    assert opened == [tmp_path / "a.html"]


def test_what_takes_long_can_be_stopped(page: ResultsPage) -> None:
    page._bridge.on_busy("Comparing")
    assert page.busy.doing == "Comparing…"
    page.busy.stop.click()
    assert desk_of(page).calls[-1] == ("cancel",)
    page._bridge.on_busy("")
    assert page.busy.doing == ""


def test_failures_are_told_on_the_page(page: ResultsPage) -> None:
    page._bridge.on_result_failed("The disk is full.")
    assert (page.banner.kind, page.banner.text) == ("error", "The disk is full.")


def test_everything_is_named_and_fits_in_every_theme(
    page: ResultsPage, runs: Path, tiny_bundle: Path
) -> None:
    considered(page, runs, tiny_bundle)
    for theme in look.THEMES.values():
        page.set_theme(theme)
        assert not page.grab().isNull()
    assert page.minimumSizeHint().width() <= 828
    assert page.minimumSizeHint().height() <= 520
    for widget in page.findChildren(QWidget):
        if isinstance(widget, QAbstractButton) and widget.isVisible():
            assert widget.text() or widget.accessibleName()
