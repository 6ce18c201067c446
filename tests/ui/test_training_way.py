"""The whole way through the window: data, a run, its results, its model in Live, and back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from fercam.core.emotions import EMOTIONS
from fercam.training.data_choice import DataChoice
from fercam.training.data_report import DataReport
from fercam.ui.main_window import TRAINING, MainWindow
from fercam.ui.tabs import training
from fercam.ui.tabs.training import DATA, MODELS, RESULTS, TRAIN

SECONDS = 1000


@pytest.fixture
def window(qtbot: QtBot, settings_file: Path) -> Iterator[MainWindow]:
    """The real thing, watching the demo."""
    window = MainWindow(settings_file=settings_file)  # closed below, not by qtbot
    window.closing.ask_training = lambda: False
    window.show()
    window.begin("demo", None)
    yield window
    with qtbot.waitSignal(window.closed, timeout=60 * SECONDS):
        window.close()
    window.deleteLater()


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """A folder per emotion; the brighter, the later in the alphabet."""
    rng = np.random.default_rng(1)
    for split, count in (("train", 8), ("test", 3)):
        for brightness, emotion in enumerate(EMOTIONS):
            folder = tmp_path / "faces" / split / emotion
            folder.mkdir(parents=True)
            for number in range(count):
                noise = rng.integers(0, 40, (48, 48)).astype(np.uint8)
                cv2.imwrite(str(folder / f"{number}.png"), brightness * 30 + noise)
    return tmp_path / "faces"


def live_model(window: MainWindow) -> str:
    result = window.live.video.shown_result
    labelled = result is not None and any(face.prediction for face in result.faces)
    return window.live.model if labelled and window.live.banner.kind != "error" else ""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_from_a_folder_to_a_model_in_live_and_back(
    qtbot: QtBot, window: MainWindow, faces: Path
) -> None:
    window.show_page(TRAINING)
    tab = window.training
    tab.data.choose(faces)
    assert not tab.data.train.isEnabled()
    qtbot.waitUntil(tab.data.train.isEnabled, timeout=60 * SECONDS)
    assert tab.data.report is not None
    assert tab.data.report.faces == 77
    assert window.settings.dataset == str(faces)

    tab.data.train.click()
    assert tab.train.isVisible()
    form = tab.train.form
    qtbot.waitUntil(lambda: form.network.findData("seed") >= 0)
    form.network.setCurrentIndex(form.network.findData("seed"))
    form.network.activated.emit(form.network.currentIndex())
    form.controls["epochs"].setValue(2)
    form.name.setText("from the window")
    with qtbot.waitSignal(tab.train.finished, timeout=300 * SECONDS) as finished:
        form.start.click()
    (run,) = finished.args
    assert not tab.running
    assert window.jobs.under_way == []

    window.jobs.rows[-1].open.click()  # the finished run in the list that every tab shows
    assert tab.results.isVisible()
    qtbot.waitUntil(lambda: tab.results._run is not None and tab.results._run.folder == run)
    before = window.live.model
    tab.results._run.use.click()
    qtbot.waitUntil(lambda: tab.results._verdict is not None, timeout=60 * SECONDS)
    assert tab.results._verdict.use.isEnabled()
    tab.results._verdict.use.click()
    qtbot.waitUntil(lambda: live_model(window) == "from-the-window", timeout=60 * SECONDS)
    assert window.settings.model == "from-the-window"

    tab.results.banner.press()  # back to the one before
    qtbot.waitUntil(lambda: live_model(window) == before, timeout=60 * SECONDS)


def test_the_pages_lead_to_each_other(qtbot: QtBot, open_window: object, tmp_path: Path) -> None:
    window = open_window()  # type: ignore[operator]
    window.show_page(TRAINING)
    tab = window.training
    for button, name in zip(tab.switch.buttons, tab.pages, strict=True):
        button.click()
        assert tab.pages[name].isVisible()
    tab.train.data_asked.emit()
    assert tab.pages[DATA].isVisible()
    tab.results.train_asked.emit()
    assert tab.pages[TRAIN].isVisible()
    tab.show_run(tmp_path)
    assert tab.pages[RESULTS].isVisible()


def looked_at(title: str) -> DataReport:
    """What the Data page knows of a data set once it has been looked at."""
    counts = {"train": dict.fromkeys(EMOTIONS, 5000)}
    choice = DataChoice(Path(title), title)
    return DataReport(choice, counts=counts, used=counts, usable=True, finished=True)


def test_the_train_page_has_what_the_data_page_has(open_window: object) -> None:
    tab = open_window().training  # type: ignore[operator]
    form = tab.train.form
    tab.data.show_report(replace(looked_at("faces"), finished=False, usable=False))
    assert form.data is None
    tab.data.show_report(looked_at("faces"))
    assert (form.data_name.text(), form.name.text()) == ("faces", "faces")
    form.controls["epochs"].setValue(3)
    tab.data.show_report(looked_at("more faces"))
    assert form.data_name.text() == "more faces"
    assert form.controls["epochs"].value() == 3


def test_samples_chosen_to_train_with_stay_chosen(open_window: object) -> None:
    tab = open_window().training  # type: ignore[operator]
    samples = DataChoice(Path("samples"), "My samples")
    tab.data.show_report(looked_at("faces"))
    tab.samples.train_asked.emit(samples)
    tab.data.show_report(looked_at("more faces"))
    assert tab.train.form.data == samples
    tab.data.train.click()
    assert tab.train.form.data_name.text() == "more faces"


def test_a_face_called_by_its_expression_becomes_a_sample_that_can_be_taken_back(
    qtbot: QtBot, open_window: object, tmp_path: Path
) -> None:
    from helpers.results import annotated, face

    window = open_window()  # type: ignore[operator]
    result = annotated(face())
    window.live.sample_given.emit(result, result.faces[0], "sad", "")
    qtbot.waitUntil(lambda: window.banner.text.startswith("Kept as sad"))
    kept = list((tmp_path / "samples" / "sad").glob("*.png"))
    assert len(kept) == 1
    window.banner.press()
    qtbot.waitUntil(lambda: not kept[0].exists())


def test_a_copy_without_the_engine_says_what_is_missing_and_keeps_the_rest(
    open_window: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "engine_available", lambda: False)
    window = open_window()  # type: ignore[operator]
    window.show_page(TRAINING)
    tab = window.training
    assert tab.missing is not None
    assert tab.missing.isVisible()
    tab.show_page(TRAIN)
    assert tab.missing.isVisible()
    tab.show_page(MODELS)
    assert tab.models.isVisible()
