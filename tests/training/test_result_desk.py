"""The desks of the Results and the Models page: they answer at once and tell the rest."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.bundles import make_tiny_bundle
from helpers.runs import make_run

from fercam import paths
from fercam.core.errors import TrainingError
from fercam.inference.bundle import list_bundles
from fercam.training import job
from fercam.training.model_desk import ModelDesk
from fercam.training.result_desk import ResultDesk
from fercam.training.results import ANSWERS, RESULTS, read_answers
from fercam.training.run_list import read_run

PATIENCE_S = 20.0


class Listener:
    """Remembers what it hears: (method, arguments)."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *about: self.heard.append((name, about))

    def wait_for(self, name: str) -> tuple[Any, ...]:
        """Return what was told by this method, the last time; waits for it."""
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            told = [about for method, about in self.heard if method == name]
            if told:
                return told[-1]
            time.sleep(0.005)
        raise AssertionError(f"{name} was not told; heard {self.heard}")

    def forget(self) -> None:
        self.heard.clear()


class Engine:
    """Stands in for the engine's process: does nothing until it is killed or let go."""

    def __init__(self, last: dict[str, Any] | None = None) -> None:
        self.last = last
        self.going, self.ended = threading.Event(), threading.Event()
        self.killed = False

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def events(self) -> Iterator[dict[str, Any]]:
        self.going.set()
        if self.last is None:
            assert self.ended.wait(PATIENCE_S)
            raise TrainingError("The training process ended unexpectedly (status -9).")
        yield self.last

    def kill(self) -> None:
        self.killed = True
        self.ended.set()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_tiny_bundle(tmp_path / "app" / "shipped")
    monkeypatch.setattr(paths, "resource_dir", lambda name: tmp_path / "app")
    monkeypatch.setattr(paths, "user_models_dir", lambda: tmp_path / "data" / "models")
    return tmp_path / "data" / "models"


@pytest.fixture
def run(tmp_path: Path, tiny_bundle: Path) -> Path:
    return make_run(tmp_path / "runs" / "first", tiny_bundle)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def desk(tmp_path: Path, listener: Listener) -> Iterator[ResultDesk]:
    desk = ResultDesk(listener, tmp_path / "runs")
    yield desk
    desk.close()
    assert desk.join(PATIENCE_S)


@pytest.fixture
def models(listener: Listener) -> Iterator[ModelDesk]:
    desk = ModelDesk(listener)
    yield desk
    desk.close()
    assert desk.join(PATIENCE_S)


def test_runs_are_listed_and_opened(
    desk: ResultDesk, listener: Listener, run: Path, tmp_path: Path
) -> None:
    make_run(tmp_path / "runs" / "second", None)
    desk.refresh()
    (runs,) = listener.wait_for("on_runs")
    assert {entry.folder.name for entry in runs} == {"first", "second"}
    desk.open(run)
    (opened,) = listener.wait_for("on_opened")
    assert (opened.results.model, len(opened.answers.labels)) == ("mine", 20)


def test_a_run_without_figures_or_faces_can_still_be_opened(
    desk: ResultDesk, listener: Listener, run: Path
) -> None:
    (run / ANSWERS).unlink()
    desk.open(run)
    (opened,) = listener.wait_for("on_opened")
    assert (opened.results is None, opened.answers) == (False, None)
    (run / RESULTS).unlink()
    listener.forget()
    desk.open(run)
    (opened,) = listener.wait_for("on_opened")
    assert (opened.results, opened.answers) == (None, None)
    desk.open(run.with_name("gone"))
    assert "not there any more" in listener.wait_for("on_result_failed")[0]


def test_a_model_is_used_after_its_check(
    desk: ResultDesk, listener: Listener, run: Path, home: Path
) -> None:
    desk.install(run, "mine")
    assert "self-check" in listener.wait_for("on_result_failed")[0]
    assert not home.exists()
    desk.consider(run, "shipped")
    (verdict,) = listener.wait_for("on_verdict")
    assert verdict.check.passed
    assert (verdict.comparison.old, verdict.name) == ("shipped", "mine")
    desk.install(run, verdict.name)
    assert listener.wait_for("on_installed") == (run, "mine")
    assert (home / "mine" / "card.json").is_file()


def test_a_model_that_fails_its_check_is_not_used(
    desk: ResultDesk, listener: Listener, run: Path
) -> None:
    answers = read_answers(run)
    np.savez(
        run / ANSWERS,
        pixels=answers.pixels,
        labels=answers.labels,
        keras=np.roll(answers.keras, 1, axis=1),
        int8=answers.int8,
        split=np.array("test"),
    )
    desk.consider(run, "")
    (verdict,) = listener.wait_for("on_verdict")
    assert (verdict.check.passed, verdict.comparison) == (False, None)
    desk.install(run, "mine")
    assert "self-check" in listener.wait_for("on_result_failed")[0]


def test_two_models_are_tried_on_faces(desk: ResultDesk, listener: Listener, run: Path) -> None:
    faces = np.stack([np.full((48, 48), gray, np.uint8) for gray in (250, 10)])
    desk.try_faces(run, "shipped", faces)
    (tried,) = listener.wait_for("on_tried")
    assert tried.new.argmax(axis=1).tolist() == tried.old.argmax(axis=1).tolist() == [3, 5]
    assert tried.sure_from == (0.5, 0.5)


def test_a_picture_without_a_face_is_said_to_have_none(
    desk: ResultDesk, listener: Listener, run: Path, tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((120, 160, 3), 90, np.uint8))
    desk.try_picture(run, "", tmp_path / "wall.png")
    assert "no face to be seen in wall.png" in listener.wait_for("on_result_failed")[0]
    (tmp_path / "text.png").write_text("no picture")
    listener.forget()
    desk.try_picture(run, "", tmp_path / "text.png")
    assert "text.png" in listener.wait_for("on_result_failed")[0]


def test_figures_and_pictures_are_saved(
    desk: ResultDesk, listener: Listener, run: Path, tmp_path: Path
) -> None:
    desk.save(run, "csv", tmp_path / "figures.csv")
    assert listener.wait_for("on_saved") == (tmp_path / "figures.csv",)
    desk.save(run, "loss", tmp_path / "loss.png")
    assert "kept no such picture" in listener.wait_for("on_result_failed")[0]
    (run / "loss.png").write_bytes(b"picture")
    listener.forget()
    desk.save(run, "loss", tmp_path / "loss.png")
    assert listener.wait_for("on_saved") == (tmp_path / "loss.png",)
    listener.forget()
    desk.save(run, "csv", tmp_path / "nowhere" / "figures.csv")
    assert "cannot be written" in listener.wait_for("on_result_failed")[0]


def test_notes_are_kept_beside_the_run(desk: ResultDesk, listener: Listener, run: Path) -> None:
    desk.set_notes(run, "the one with glasses")
    desk.refresh()
    listener.wait_for("on_runs")
    entry = read_run(run)
    assert entry is not None
    assert entry.notes == "the one with glasses"


def test_working_out_figures_can_be_stopped_without_a_complaint(
    desk: ResultDesk, listener: Listener, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine()
    monkeypatch.setattr(job, "results_job", lambda run, bundle: engine)
    desk.make_results(run)
    assert engine.going.wait(PATIENCE_S)
    assert listener.wait_for("on_busy") == ("Working out the figures",)
    desk.open(run)  # meanwhile other runs can be looked at
    listener.wait_for("on_opened")
    desk.cancel()
    while listener.wait_for("on_busy") != ("",):
        time.sleep(0.005)
    assert engine.killed
    assert not [about for name, about in listener.heard if name == "on_result_failed"]


def test_closing_ends_the_engine(
    listener: Listener, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine()
    monkeypatch.setattr(job, "results_job", lambda run, bundle: engine)
    desk = ResultDesk(listener, run.parent)
    desk.make_results(run)
    assert engine.going.wait(PATIENCE_S)
    desk.close()
    assert desk.join(PATIENCE_S)
    assert engine.killed


def test_models_are_listed_renamed_described_deleted_and_brought_back(
    models: ModelDesk, listener: Listener, home: Path
) -> None:
    make_tiny_bundle(home / "mine")
    models.rename("mine", "glasses")
    assert listener.wait_for("on_renamed") == ("mine", "glasses")
    models.describe("glasses", "with glasses")
    models.delete("glasses")
    (deleted,) = listener.wait_for("on_model_deleted")
    assert [folder.name for folder in list_bundles()] == ["shipped"]
    listener.forget()
    models.restore(deleted)
    (entries,) = listener.wait_for("on_models")
    assert [entry.name for entry in entries] == ["shipped", "glasses"]
    assert entries[-1].card.description == "with glasses"
    listener.forget()
    models.delete("shipped")
    assert "came with FerCam" in listener.wait_for("on_model_failed")[0]


def test_what_was_deleted_is_gone_with_the_desk(listener: Listener, home: Path) -> None:
    make_tiny_bundle(home / "mine")
    desk = ModelDesk(listener)
    desk.delete("mine")
    listener.wait_for("on_model_deleted")
    desk.close()
    assert desk.join(PATIENCE_S)
    assert not list(home.iterdir())


def test_models_go_in_and_out_through_the_engine(
    models: ModelDesk, listener: Listener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[object, ...]] = []
    imported = {
        "bundle": "/models/net", "assumptions": ["It takes 0..1."], "faces": 9,
        "largest_difference": 0.0, "same_labels": 9,
    }  # fmt: skip

    def import_job(*about: object) -> Engine:
        asked.append(about)
        return Engine(imported)

    monkeypatch.setattr(job, "import_job", import_job)
    monkeypatch.setattr(job, "export_job", lambda *about: Engine({"files": ["/out/net.onnx"]}))
    models.import_files([tmp_path / "shipped.keras"], "0..1", None)
    (told,) = listener.wait_for("on_imported")
    assert (told.name, told.assumptions) == ("net", ("It takes 0..1.",))
    assert asked == [([tmp_path / "shipped.keras"], "shipped-2", "0..1", None)]
    models.export("shipped", "onnx", tmp_path)
    assert listener.wait_for("on_exported") == ([Path("/out/net.onnx")],)
