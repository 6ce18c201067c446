"""The Train page on a desk that does what a test tells it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.training import RUN, batch_event, epoch_event, make_entry, start_event, status_after
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QPushButton,
    QSpinBox,
)
from pytestqt.qtbot import QtBot

from fercam.pipeline.jobs import CANCELLED, DONE, FAILED, RUNNING, WAITING, Job
from fercam.settings import Settings
from fercam.training.config import SETTINGS, TrainingConfig
from fercam.training.data_choice import DataChoice
from fercam.training.networks import NETWORKS
from fercam.training.run_desk import Base
from fercam.training.run_status import RunStatus
from fercam.ui import theme as look
from fercam.ui.training.train_bridge import TrainBridge
from fercam.ui.training.train_form import SCRATCH
from fercam.ui.training.train_page import TrainPage, folder_name

DATA = DataChoice(Path("/faces/mine"), "My faces")
BASE = Base("fercam", "fercam", Path("/models/fercam/model.keras"))


class FakeDesk:
    """Notes what it is asked; speaks when a test says so."""

    def __init__(self, bridge: TrainBridge) -> None:
        self.bridge = bridge
        self.calls: list[tuple[object, ...]] = []
        self.started: list[tuple[TrainingConfig, str]] = []
        self.ended = False

    def __getattr__(self, name: str) -> object:
        return lambda *about: self.calls.append((name, *about))

    def start(self, config: TrainingConfig, name: str) -> Path:
        self.started.append((config, name))
        return RUN

    def join(self, timeout_s: float) -> bool:
        return self.ended


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[TrainPage]:
    desks: list[FakeDesk] = []

    def make(bridge: TrainBridge) -> FakeDesk:
        desks.append(FakeDesk(bridge))
        return desks[-1]

    page = TrainPage(Settings(model="fercam"), make)
    qtbot.addWidget(page)
    page.resize(820, 560)
    page.show()
    page.begin()
    page.desk = desks[0]  # type: ignore[attr-defined]
    page.desk.bridge.on_networks(NETWORKS)
    yield page


def desk_of(page: TrainPage) -> FakeDesk:
    return page.desk  # type: ignore[attr-defined, no-any-return]


def choose(combo: QComboBox, data: str) -> None:
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def running(*more: dict[str, object]) -> RunStatus:
    return status_after(start_event(), epoch_event(1, 1.5, 1.4), batch_event(2, 4), *more)


def test_without_data_it_teaches_and_points_to_where_data_are_chosen(
    page: TrainPage, qtbot: QtBot
) -> None:
    assert page.view.empty.isVisible()
    assert not page.form.start.isEnabled()
    with qtbot.waitSignal(page.data_asked):
        page.form.choose_data.click()


def test_begin_makes_the_desk_once_and_asks_for_the_model_in_use(page: TrainPage) -> None:
    page.begin()
    names = [call[0] for call in desk_of(page).calls]
    assert names == ["begin", "look_at_model", "refresh"]
    page.set_model_in_use("mine")
    assert desk_of(page).calls[-1] == ("look_at_model", "mine")


def test_the_plain_form_starts_a_run_with_the_notebooks_settings(page: TrainPage) -> None:
    page.set_data(DATA)
    choose(page.form.network, "seed")
    page.form.start.click()
    config, name = desk_of(page).started[0]
    assert name == "My faces"
    assert config == TrainingConfig(DATA.path, Path(), "seed")


def test_every_setting_can_be_changed_and_is_passed_on(page: TrainPage) -> None:
    page.set_data(DATA)
    choose(page.form.network, "seed")
    assert set(page.form.controls) == set(SETTINGS) - {"architecture"}
    epochs, optimizer = page.form.controls["epochs"], page.form.controls["optimizer"]
    assert isinstance(epochs, QSpinBox) and isinstance(optimizer, QComboBox)
    assert not optimizer.isVisible()
    page.form.advanced.click()
    assert optimizer.isVisible()
    epochs.setValue(3)
    choose(optimizer, "adamw")
    page.form.start.click()
    config, _ = desk_of(page).started[0]
    assert (config.epochs, config.optimizer) == (3, "adamw")


@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_no_number_can_be_chosen_that_a_run_would_refuse(page: TrainPage, end: str) -> None:
    page.set_data(DATA)
    for control in page.form.controls.values():
        if isinstance(control, QSpinBox | QDoubleSpinBox):
            control.setValue(getattr(control, end)())
    page.form.config().require_sensible()


def test_the_model_in_use_is_fine_tuned_where_the_network_is_the_same(page: TrainPage) -> None:
    page.set_data(DATA)
    desk_of(page).bridge.on_base(BASE)
    assert page.form.architecture == "fercam"
    assert page.form.begins.currentText() == "Fine-tune fercam"
    page.form.start.click()
    config, _ = desk_of(page).started[0]
    assert (config.weights, config.epochs, config.optimizer) == (BASE.weights, 8, "adamw")
    choose(page.form.network, "seed")
    assert [page.form.begins.itemText(at) for at in range(page.form.begins.count())] == [
        "From scratch"
    ]
    page.form.start.click()
    assert desk_of(page).started[1][0].weights is None


def test_what_was_chosen_stays_when_the_model_in_use_is_told_again(page: TrainPage) -> None:
    page.set_data(DATA)
    bridge, form = desk_of(page).bridge, page.form
    bridge.on_base(BASE)
    choose(form.begins, SCRATCH)
    epochs = form.controls["epochs"]
    assert isinstance(epochs, QSpinBox)
    epochs.setValue(3)
    for base in (BASE, replace(BASE, name="another")):
        bridge.on_base(base)
        assert (form.begins.currentData(), epochs.value()) == (SCRATCH, 3)
    choose(form.network, "seed")
    epochs.setValue(5)
    for base in (BASE, replace(BASE, name="another"), None):
        bridge.on_base(base)
        assert (form.architecture, epochs.value()) == ("seed", 5)
    choose(form.recipe, "strong")
    page.set_data(replace(DATA, faces=10))
    assert form.recipe.currentData() == "strong"


def test_a_network_is_described_and_its_speed_can_be_measured(page: TrainPage) -> None:
    choose(page.form.network, "seed")
    assert page.form.network.currentText() == "seed · 4.2 M"
    assert page.form.about.text() == "The notebook's network: 4.2 M weights, 4.3 MB"
    page.form.measure.click()
    assert desk_of(page).calls[-1] == ("measure",)
    known = [replace(network, ms_per_face=1.25, trains_per_s=300.0) for network in NETWORKS]
    desk_of(page).bridge.on_networks(known)
    assert "1.2 ms a face here, learned 300 faces/s last time" in page.form.about.text()
    assert not page.form.measure.isVisible()


def test_a_run_is_shown_as_it_goes(page: TrainPage) -> None:
    desk_of(page).bridge.on_run(running())
    view = page.view
    assert view.title.text() == "mine: in training"
    assert (
        view.words.text() == "Epoch 2 of 10 · best 1 (44% right) · 412 faces/s · 1:35 left at most"
    )
    assert view.bar.value() == 150
    assert view.curves is not None
    assert "training 66%, validation 44%" in view.curves.accessibleDescription()
    assert page.running


def test_it_can_pause_go_on_and_stop(page: TrainPage) -> None:
    desk_of(page).bridge.on_run(running())
    page.view.pause.click()
    desk_of(page).bridge.on_run(running({"event": "paused", "paused": True}))
    assert page.view.pause.text() == "Go on"
    page.view.pause.click()
    page.view.stop.click()
    assert desk_of(page).calls[-3:] == [("pause", True), ("pause", False), ("stop",)]
    assert not page.view.stop.isEnabled()


def test_learning_by_heart_is_said_in_words(page: TrainPage) -> None:
    losses = ((1.5, 1.4), (1.2, 1.2), (0.9, 1.3), (0.6, 1.5))
    events = [epoch_event(at, *both) for at, both in enumerate(losses, 1)]
    desk_of(page).bridge.on_run(status_after(start_event(), *events))
    assert "begins to learn by heart (since epoch 3)" in page.view.advice.text


def test_a_finished_run_is_told_once_and_leads_to_its_results(
    page: TrainPage, qtbot: QtBot
) -> None:
    done = running({"event": "done", "bundle": "/runs/one/mine", "metrics": {}})
    told: list[Path] = []
    page.finished.connect(told.append)
    desk_of(page).bridge.on_run(done)
    desk_of(page).bridge.on_run(done)
    assert told == [RUN]
    assert not page.running
    with qtbot.waitSignal(page.results_asked) as asked:
        page.view.results.click()
    assert asked.args == [RUN]


def test_a_failure_is_one_sentence_and_the_page_goes_on(page: TrainPage) -> None:
    desk_of(page).bridge.on_run(running({"event": "error", "message": "The disk is full."}))
    assert page.view.advice.text == "The disk is full."
    page.set_data(DATA)
    assert page.form.start.isEnabled()
    desk_of(page).bridge.on_run_failed("That did not work.")
    assert (page.banner.kind, page.banner.text) == ("error", "That did not work.")


def test_runs_that_wait_are_listed_and_can_be_taken_back(page: TrainPage) -> None:
    desk_of(page).bridge.on_run(running())
    waiting = RunStatus(Path("/runs/two"), "second", architecture="seed", epochs=1)
    desk_of(page).bridge.on_run(waiting)
    assert page.view.title.text() == "mine: in training"
    assert page.form.start.text() == "Add to the queue"
    assert [row.words.text() for row in page.queue.rows] == ["second · seed, 1 epoch"]
    page.queue.rows[0].buttons["Remove"].click()
    assert desk_of(page).calls[-1] == ("unqueue", waiting.folder)
    desk_of(page).bridge.on_run(replace(waiting, state="stopped", message="It was not begun."))
    assert page.view.title.text() == "mine: in training"
    assert not page.queue.isVisible()


def test_unfinished_runs_can_go_on_or_be_deleted_after_a_question(page: TrainPage) -> None:
    entries = [
        make_entry(Path("/runs/left")),
        make_entry(Path("/runs/ready"), bundle=Path("/runs/ready/mine")),
        make_entry(Path("/runs/at work"), running=True),
    ]
    desk_of(page).bridge.on_runs(entries)
    (row,) = page.unfinished.rows
    assert row.words.text().startswith("left · 3 of 10 epochs · 23 Nov 2026")
    row.buttons["Resume"].click()
    assert desk_of(page).calls[-1] == ("resume", Path("/runs/left"))
    row.buttons["Discard"].click()
    assert desk_of(page).calls[-1][0] == "resume"
    page.banner.press()
    assert desk_of(page).calls[-1] == ("discard", Path("/runs/left"))


def test_the_list_of_jobs_hears_of_every_run(page: TrainPage) -> None:
    jobs: list[Job] = []
    page.job_changed.connect(jobs.append)
    desk_of(page).bridge.on_run(running())
    desk_of(page).bridge.on_run(RunStatus(Path("/runs/two"), "second"))
    desk_of(page).bridge.on_run(running({"event": "error", "message": "The disk is full."}))
    assert [(job.id, job.state) for job in jobs] == [(-1, RUNNING), (-2, WAITING), (-1, FAILED)]
    assert jobs[0].share == pytest.approx(0.15)
    assert jobs[2].message == "The disk is full."
    desk_of(page).bridge.on_run(running({"event": "done", "bundle": None, "metrics": {}}))
    assert (jobs[-1].state, jobs[-1].result) == (DONE, RUN)
    page.cancel(-2)
    assert desk_of(page).calls[-1] == ("unqueue", Path("/runs/two"))
    desk_of(page).bridge.on_run(replace(running(), state="stopped"))
    assert jobs[-1].state == CANCELLED
    desk_of(page).bridge.on_run(running())
    page.cancel(-1)
    assert desk_of(page).calls[-1] == ("stop",)


def test_leaving_tells_the_desk_whether_to_go_on_and_hears_no_more(page: TrainPage) -> None:
    page.leave(keep_going=True)
    assert desk_of(page).calls[-1] == ("close", True)
    desk_of(page).bridge.on_run(running())
    assert not page.running
    assert not page.left()
    desk_of(page).ended = True
    assert page.left()


def test_everything_has_a_name_and_can_be_reached_by_keyboard(page: TrainPage) -> None:
    page.set_data(DATA)
    page.form.advanced.click()
    desk_of(page).bridge.on_run(running())
    for kind in (QPushButton, QComboBox, QSpinBox, QLineEdit):
        for control in page.findChildren(kind):
            inner = control.objectName() == "qt_spinbox_lineedit"
            if control.isVisible() and not inner:
                assert control.accessibleName() or control.text(), control
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control


@pytest.mark.parametrize("theme", list(look.THEMES))
def test_it_fits_the_smallest_window_in_every_theme(page: TrainPage, theme: str) -> None:
    page.set_theme(look.THEMES[theme])
    desk_of(page).bridge.on_run(running())
    assert page.minimumSizeHint().width() <= 820


def test_nothing_of_the_form_is_cut_off_beside_its_scroll_bar(
    qtbot: QtBot, page: TrainPage, qapp: QApplication
) -> None:
    look.apply_theme(qapp, look.THEMES["dark"])
    page.form.advanced.click()
    bar, inside, room = page.form.verticalScrollBar(), page.form.widget(), page.form.viewport()
    assert bar is not None and inside is not None and room is not None
    qtbot.waitUntil(bar.isVisible)
    assert inside.minimumSizeHint().width() <= room.width()


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Ada: 1/2", "Ada 1 2"), ("", "my model"), ("..", "my model"), ("Samples", "my model")],
)
def test_a_models_name_fits_a_folder(typed: str, name: str) -> None:
    assert folder_name(typed) == name
