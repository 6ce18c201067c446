"""The Data page: what a person sees of a data set, and what goes on to training."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QPixmap
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from fercam.core.emotions import EMOTIONS
from fercam.settings import Settings
from fercam.training.data_choice import DataChoice
from fercam.training.data_report import DataReport, Trouble
from fercam.ui import theme as look
from fercam.ui.training.data_page import DataPage

from .training_fakes import FakeDesk


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[DataPage]:
    page = DataPage(Settings(), FakeDesk)
    qtbot.addWidget(page)
    page.resize(816, 520)
    page.show()
    page.begin()
    yield page
    page.leave()
    assert page.left()


@pytest.fixture
def report(tmp_path: Path, qtbot: QtBot) -> DataReport:
    sheet = tmp_path / "sheet.png"
    picture = QPixmap(400, 300)
    picture.fill(Qt.GlobalColor.white)
    picture.save(str(sheet))
    counts = dict.fromkeys(EMOTIONS, 10)
    return DataReport(
        DataChoice(tmp_path / "set", "set", {"glad": "happy"}),
        counts={"train": counts},
        used={"train": dict.fromkeys(EMOTIONS, 8), "validation": dict.fromkeys(EMOTIONS, 2)},
        trouble=(
            Trouble("2 files that cannot be read", "Left out.", ("a.png: empty", "b.png: empty")),
            Trouble("1 exact copy", "Stays.", (), sheet),
        ),
        unknown={"contempt": 4},
        sheets={"happy": sheet},
        usable=True,
        finished=True,
    )


def calls(page: DataPage) -> list[tuple[object, ...]]:
    desk = page._desk
    assert isinstance(desk, FakeDesk)
    return desk.calls


def button(page: DataPage, name: str) -> QPushButton:
    return next(
        found
        for found in page.findChildren(QPushButton)
        if found.isVisibleTo(page) and name in (found.text(), found.accessibleName())
    )


def test_at_first_it_teaches_and_offers_three_ways(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    page.ask_folder = lambda: tmp_path
    page.ask_file = lambda: None
    button(page, "Choose fer2013.csv").click()
    assert calls(page) == []
    with qtbot.waitSignal(page.settings_changed) as told:
        button(page, "Choose a folder").click()
    assert told.args == [{"dataset": str(tmp_path)}]
    assert calls(page) == [("look_at", DataChoice(tmp_path, tmp_path.name))]
    with qtbot.waitSignal(page.samples_asked):
        button(page, "Collect my own").click()


def test_the_data_set_of_last_time_is_looked_at_again(qtbot: QtBot, tmp_path: Path) -> None:
    page = DataPage(Settings(dataset=str(tmp_path)), FakeDesk)
    qtbot.addWidget(page)
    page.begin()
    page.begin()
    assert calls(page) == [("look_at", DataChoice(tmp_path, tmp_path.name))]
    page.leave()


def test_what_comes_in_is_shown_with_a_number_and_can_be_stopped(page: DataPage) -> None:
    choice = DataChoice(Path("/x"), "faces")
    page.show_report(
        DataReport(choice, "Reading the pictures", 300, 1000, {"": dict.fromkeys(EMOTIONS, 7)})
    )
    assert "Reading the pictures… 300 of 1,000" in page._stage.text()
    assert "49 faces so far" in page._facts.text()
    assert not page.train.isEnabled()
    button(page, "Stop").click()
    assert ("cancel",) in calls(page)
    assert button(page, "Choose a folder").isVisible()


def test_troubles_show_their_files_or_faces(
    qtbot: QtBot, page: DataPage, report: DataReport
) -> None:
    page.show_report(report)
    shown = page.troubles.findChildren(QPushButton)
    qtbot.waitUntil(lambda: all(found.isVisible() for found in shown))
    button(page, "Show: 2 files that cannot be read").click()
    assert "b.png: empty" in page.sheet.lines.toPlainText()
    QTest.keyClick(page, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert not page.sheet.isVisible()
    button(page, "Show: 1 exact copy").click()
    assert "1 exact copy" in page.sheet.title
    button(page, "Back").click()
    assert page.bars.isVisible()


def test_the_faces_of_an_emotion_can_be_seen_by_mouse_and_keys(
    page: DataPage, report: DataReport
) -> None:
    page.show_report(report)
    page.bars.setFocus()
    for _ in range(EMOTIONS.index("happy")):
        QTest.keyClick(page.bars, Qt.Key.Key_Down)
    QTest.keyClick(page.bars, Qt.Key.Key_Return)
    assert page.sheet.isVisible()
    assert "happy" in page.sheet.title
    page.back()
    page.show_faces("angry")  # no sheet was drawn of it
    assert not page.sheet.isVisible()


def test_unknown_names_are_mapped_by_hand(page: DataPage, report: DataReport) -> None:
    page.show_report(report)
    page.names.choices["contempt"].setCurrentText("disgust")
    button(page, "Look again").click()
    expected = replace(report.choice, class_names={"glad": "happy", "contempt": "disgust"})
    assert calls(page)[-1] == ("look_at", expected)


def test_a_meaning_that_was_given_can_be_changed(page: DataPage, report: DataReport) -> None:
    given = replace(report.choice, class_names={"<b>glad": "happy"})
    page.show_report(replace(report, choice=given, unknown={}))
    assert page.names.isVisible()
    (meaning,) = page.names.choices.values()
    assert meaning.currentText() == "happy"
    assert any(label.text() == "<b>glad" and label.textFormat() == Qt.TextFormat.PlainText
               for label in page.names.findChildren(QLabel))  # fmt: skip
    meaning.setCurrentText("surprise")
    button(page, "Look again").click()
    assert calls(page)[-1] == ("look_at", replace(given, class_names={"<b>glad": "surprise"}))


def test_what_is_still_on_its_way_from_a_look_that_was_given_up_is_not_shown(
    page: DataPage,
) -> None:
    first, second = DataChoice(Path("/a"), "first"), DataChoice(Path("/b"), "second")
    page.look_at(first)
    page._bridge.on_report(DataReport(first, "Reading the pictures", 1, 9))
    page.look_at(second)
    page._bridge.on_report(DataReport(first, finished=True))
    assert page.train.isVisible()
    assert page.report is not None
    assert not page.report.finished
    page._bridge.on_report(DataReport(second, "Reading the pictures", 1, 9))
    assert page.title.text() == "second"
    page.stop.click()
    page._bridge.on_report(DataReport(second, "Reading the pictures", 2, 9))
    assert button(page, "Choose a folder").isVisible()


def test_a_data_set_of_last_time_that_is_gone_is_one_sentence(qtbot: QtBot) -> None:
    gone = "/nowhere/" + "x" * 300  # too long a name for the file system to be asked about
    page = DataPage(Settings(dataset=gone), FakeDesk)
    qtbot.addWidget(page)
    page.begin()
    assert calls(page) == [("look_at", DataChoice(Path(gone), Path(gone).name))]
    page.leave()


def test_the_choice_goes_on_to_training_with_unknown_names_left_out(
    qtbot: QtBot, page: DataPage, report: DataReport
) -> None:
    page.show_report(report)
    with qtbot.waitSignal(page.train_asked) as asked:
        button(page, "Train with this").click()
    assert asked.args == [replace(report.choice, class_names={"glad": "happy", "contempt": ""})]


def test_what_cannot_be_used_says_why_and_cannot_go_on(page: DataPage, report: DataReport) -> None:
    page.show_report(replace(report, used={}, usable=False, problem="All show one emotion."))
    assert (page.banner.kind, page.banner.text) == ("error", "All show one emotion.")
    assert not page.train.isEnabled()
    page.show_report(replace(report, problem="12 pictures are few."))
    assert page.banner.kind == "warning"
    assert page.train.isEnabled()


def test_a_failure_is_one_sentence_and_one_can_choose_anew(page: DataPage) -> None:
    page._bridge.on_data_failed("There is no data set at /x.")
    assert page.banner.text == "There is no data set at /x."
    assert button(page, "Choose a folder").isVisible()


def test_small_pictures_are_searched_on_wish(page: DataPage, report: DataReport) -> None:
    page.show_report(report)
    page.detect.click()
    assert calls(page)[-1] == ("look_at", replace(report.choice, detect=True))


def test_a_folder_can_be_dropped(page: DataPage, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    page.dropEvent(
        QDropEvent(
            QPointF(9, 9),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert calls(page)[-1] == ("look_at", DataChoice(tmp_path, tmp_path.name))


@pytest.mark.parametrize("theme", look.THEMES)
def test_it_fits_a_small_window_in_every_theme(
    page: DataPage, report: DataReport, theme: str
) -> None:
    page.set_theme(look.THEMES[theme])
    page.show_report(report)
    assert page.minimumSizeHint().width() <= 816
    assert page.grab().size() == page.size() * page.devicePixelRatioF()
