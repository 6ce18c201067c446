"""My samples: faces kept by hand and in the mirror game, and what can be done with them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.results import annotated, face
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from fercam.core.emotions import EMOTIONS
from fercam.core.values import FaceCrop
from fercam.settings import Settings
from fercam.training.data_choice import DataChoice
from fercam.training.mirror_game import READY_S
from fercam.training.sample_desk import SampleDesk
from fercam.training.samples import SampleStore
from fercam.ui import theme as look
from fercam.ui.bridge import Bridge
from fercam.ui.training.samples_page import SamplesPage

from .conftest import FakePipeline


@pytest.fixture
def live() -> FakePipeline:
    return FakePipeline(Bridge())


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, live: FakePipeline) -> Iterator[SamplesPage]:
    page = SamplesPage(Settings(), lambda bridge: SampleDesk(bridge, tmp_path / "samples"))
    qtbot.addWidget(page)
    page.resize(816, 520)
    page.show()
    page.begin()
    page.set_live(live)
    yield page
    page.leave()
    qtbot.waitUntil(page.left)


def show_face(qtbot: QtBot, page: SamplesPage, live: FakePipeline, label: str = "happy") -> None:
    seen = face(label=label, confidence=0.95)
    pixels = np.random.default_rng().integers(0, 256, (48, 48), dtype=np.uint8)
    result = annotated(replace(seen, crop=FaceCrop(0, 1, pixels)))
    live.newest_frame.set(result.frame)
    live.newest_result.set(result)
    qtbot.waitUntil(lambda: page.video.shown_result is result)


def samples(tmp_path: Path) -> SampleStore:
    return SampleStore(tmp_path / "samples")


def test_without_a_camera_it_says_so_and_offers_to_start_it(
    qtbot: QtBot, page: SamplesPage
) -> None:
    page.set_live(None)
    assert not page.play.isEnabled()
    with qtbot.waitSignal(page.camera_asked):
        page.start.click()


def test_holding_a_button_keeps_faces_of_one_burst(
    qtbot: QtBot, page: SamplesPage, live: FakePipeline, tmp_path: Path
) -> None:
    show_face(qtbot, page, live)
    page.person.setText("Ann")
    QTest.mousePress(page.holds["sad"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(samples(tmp_path).samples()) >= 3)
    QTest.mouseRelease(page.holds["sad"], Qt.MouseButton.LeftButton)
    kept = samples(tmp_path).samples()
    assert {(s.emotion, s.person) for s in kept} == {("sad", "Ann")}
    assert len({s.burst for s in kept}) == 1
    qtbot.waitUntil(lambda: page.grid.faces.count() >= 3)  # and they are shown
    assert page.grid.emotion.currentData() == "sad"


def test_a_digit_does_what_its_button_does(
    qtbot: QtBot, page: SamplesPage, live: FakePipeline, tmp_path: Path
) -> None:
    show_face(qtbot, page, live)
    key = Qt.Key.Key_1.value + EMOTIONS.index("happy")
    QTest.keyPress(page, Qt.Key(key), Qt.KeyboardModifier.NoModifier)
    qtbot.waitUntil(lambda: bool(samples(tmp_path).samples()))
    QTest.keyRelease(page, Qt.Key(key))
    assert {s.emotion for s in samples(tmp_path).samples()} == {"happy"}


def test_a_key_that_is_held_is_one_go_though_the_system_repeats_its_release(
    qtbot: QtBot, page: SamplesPage, live: FakePipeline, tmp_path: Path
) -> None:
    show_face(qtbot, page, live)
    key = Qt.Key(Qt.Key.Key_1.value + EMOTIONS.index("happy"))
    for _ in range(5):
        QTest.keyPress(page, key)
        qtbot.wait(150)
        QTest.keyRelease(page, key)
    kept = samples(tmp_path).samples
    qtbot.waitUntil(lambda: len(kept()) >= 3)
    assert len({sample.burst for sample in kept()}) == 1
    qtbot.waitUntil(lambda: not page._keeping.isActive())


@pytest.mark.parametrize("away", ["page", "window"])
def test_nothing_is_kept_once_the_page_or_the_window_is_left(
    qtbot: QtBot, page: SamplesPage, live: FakePipeline, tmp_path: Path, away: str
) -> None:
    show_face(qtbot, page, live)
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    QTest.keyPress(page, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: bool(samples(tmp_path).samples()))
    other = QWidget()
    qtbot.addWidget(other)
    if away == "page":
        page.hide()
    else:
        other.show()
        other.activateWindow()
    qtbot.waitUntil(lambda: not page._keeping.isActive())


def test_the_keys_are_for_faces_and_not_for_the_name_when_the_page_is_opened(
    page: SamplesPage,
) -> None:
    assert page.focusWidget() is not page.person


def test_digits_keep_nothing_during_the_game(
    qtbot: QtBot, page: SamplesPage, live: FakePipeline, tmp_path: Path
) -> None:
    show_face(qtbot, page, live, "neutral")
    page.play.click()
    QTest.keyClick(page, Qt.Key.Key_4)
    assert not page._keeping.isActive()


def test_without_a_face_nothing_is_kept_and_that_is_said(page: SamplesPage, tmp_path: Path) -> None:
    page.hold("happy")
    page.let_go()
    assert "no face" in page.banner.text
    assert samples(tmp_path).samples() == []


def test_the_mirror_game_keeps_what_is_near_enough(
    qtbot: QtBot, page: SamplesPage, live: FakePipeline, tmp_path: Path
) -> None:
    now = [100.0]
    page.clock = lambda: now[0]
    page.play.click()
    show_face(qtbot, page, live, "neutral")
    assert page.game.asks.text() == "Look happy"
    now[0] += READY_S + 0.1
    show_face(qtbot, page, live, "happy")
    qtbot.waitUntil(lambda: len(samples(tmp_path).samples()) == 1)
    page.game.end.click()
    assert page.banner.text.startswith("Kept: happy 1.")
    assert not page.game.isVisible()


def test_samples_are_relabelled_deleted_and_brought_back(
    qtbot: QtBot, page: SamplesPage, live: FakePipeline, tmp_path: Path
) -> None:
    show_face(qtbot, page, live)
    result = page.video.shown_result
    assert result is not None
    page.is_expression(result, result.faces[0], "happy")
    qtbot.waitUntil(lambda: page.grid.faces.count() == 1)
    page.grid.faces.selectAll()
    page.grid._relabel("fear")
    qtbot.waitUntil(lambda: page.grid.faces.count() == 0)
    page.grid.choose("fear")
    page.grid.faces.selectAll()
    QTest.keyClick(page, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: page.banner.kind == "info")
    assert samples(tmp_path).samples() == []
    page.banner.press()
    qtbot.waitUntil(lambda: len(samples(tmp_path).samples()) == 1)


def test_a_face_of_a_session_is_cut_out_of_its_picture(
    qtbot: QtBot, page: SamplesPage, tmp_path: Path
) -> None:
    result = annotated(face())
    page.is_expression(result, result.faces[0], "angry", "session")
    qtbot.waitUntil(lambda: len(samples(tmp_path).samples()) == 1)
    (kept,) = samples(tmp_path).samples()
    assert (kept.emotion, kept.burst) == ("angry", "session")


def test_they_go_on_to_training_and_elsewhere(
    qtbot: QtBot, page: SamplesPage, live: FakePipeline, tmp_path: Path
) -> None:
    assert not page.train.isEnabled()
    show_face(qtbot, page, live)
    page.hold("happy")
    page.let_go()
    qtbot.waitUntil(page.train.isEnabled)
    with qtbot.waitSignal(page.train_asked) as asked:
        page.train.click()
    assert asked.args == [DataChoice(tmp_path / "samples", "My samples")]
    page.ask_folder = lambda: tmp_path / "out"
    page.export.click()
    qtbot.waitUntil(lambda: "copied" in page.banner.text)
    assert len(list((tmp_path / "out" / "happy").iterdir())) == 1


@pytest.mark.parametrize("theme", look.THEMES)
def test_it_fits_a_small_window_in_every_theme(page: SamplesPage, theme: str) -> None:
    page.set_theme(look.THEMES[theme])
    assert page.minimumSizeHint().width() <= 816
    page.begin_game()
    assert page.minimumSizeHint().width() <= 816
    page.end_game()
