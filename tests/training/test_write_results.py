"""What a finished run keeps for the window, without a network, and the page that tells of it."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers.faces import face_set
from helpers.runs import make_run

from fercam.core.errors import TrainingError
from fercam.training.config import TrainingConfig
from fercam.training.engine import results
from fercam.training.engine.metrics import with_temperature
from fercam.training.engine.run_report import write_run_report
from fercam.training.results import RESULTS, read_answers
from fercam.training.run_list import write_notes

HAPPY = 3


def live(faces: np.ndarray) -> np.ndarray:
    """Say happy of every face, the more surely the higher its number."""
    sure = 0.5 + faces[:, 0, 0].astype(np.float32) / 50
    answers = np.repeat((1 - sure)[:, None] / 6, 7, axis=1)
    answers[:, HAPPY] = sure
    return answers


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pictures are drawn elsewhere; what they would be drawn from."""
    drawn: list[Any] = []
    monkeypatch.setattr(results, "write_pictures", lambda *what: drawn.append(what))
    monkeypatch.setattr(results, "classifier_of", lambda bundle, runtime: live)
    monkeypatch.setattr(results, "keras_classifier", lambda file: lambda faces: live(faces) / 2)
    return drawn


def bundle(**metrics: Any) -> Any:
    card = SimpleNamespace(
        name="mine", temperature=2.0, metrics=metrics, data={"fingerprint": "abc"}
    )
    return SimpleNamespace(card=card, verified_file=Path)


def record(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize(("splits", "kept"), [("test", "test"), ("private_test", "validation")])
def test_they_are_of_the_test_part_or_else_of_the_validation_part(
    tmp_path: Path, drawn: list[Any], splits: str, kept: str
) -> None:
    faces = face_set(["happy"] * 3, ["train", "validation", splits])
    faces.pixels[:, 0, 0] = [0, 5, 10]
    results.write_results(TrainingConfig(tmp_path, tmp_path), faces, bundle(**{kept: {"f": 1}}))
    told, (number,) = record(tmp_path), read_answers(tmp_path).pixels[:, 0, 0]
    assert (told["split"], told["f"], number) == (kept, 1, 10 if kept == "test" else 5)
    assert read_answers(tmp_path).split == kept
    assert (told["model"], told["fingerprint"]) == ("mine", "abc")


def test_confidence_is_held_against_most_taggers_where_there_are_any(
    tmp_path: Path, drawn: list[Any]
) -> None:
    votes = [{"happy": 9}, {"sad": 9}, {}]
    faces = face_set(["sad"] * 3, ["test"] * 3, votes)
    faces.pixels[:, 0, 0] = 20
    results.write_results(TrainingConfig(tmp_path, tmp_path), faces, bundle(test={}))
    told = record(tmp_path)["reliability"]
    assert (told["truth"], told["faces"]) == ("what most taggers said", 2)
    raw = float(with_temperature(live(faces.pixels), 1 / 2)[0, HAPPY])
    for when, confidence in (("before", raw), ("after", 0.9)):
        (one,) = told[when]["bins"]
        assert one == {"confidence": pytest.approx(confidence), "right": 0.5, "faces": 2}
        assert told[when]["ece"] == pytest.approx(confidence - 0.5)
    results.write_results(
        TrainingConfig(tmp_path, tmp_path), face_set(["sad"], ["test"]), bundle(test={})
    )
    assert record(tmp_path)["reliability"]["truth"] == "the labels"


def test_of_many_faces_some_are_kept_with_what_is_said_of_each(
    tmp_path: Path, drawn: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "MOST_FACES", 7)
    faces = face_set(["angry", "sad"] * 10, ["test"] * 20)
    faces.pixels[:, 0, 0] = range(20)
    results.write_results(TrainingConfig(tmp_path, tmp_path), faces, bundle(test={}))
    kept = read_answers(tmp_path)
    numbers = kept.pixels[:, 0, 0]
    assert len(set(numbers)) == 7 and list(numbers) == sorted(numbers)
    assert np.array_equal(kept.pixels, faces.pixels[numbers])
    assert np.array_equal(kept.labels, faces.labels[numbers])
    assert np.array_equal(kept.int8, live(kept.pixels))
    assert np.array_equal(kept.keras, live(kept.pixels) / 2)
    ((_, part, raw, calibrated, _, _),) = drawn
    assert len(part) == len(calibrated) == 20
    assert with_temperature(raw, 2.0) == pytest.approx(calibrated, abs=1e-5)


def page_of(run: Path) -> str:
    write_run_report(run, run / "page.html")
    return (run / "page.html").read_text(encoding="utf-8")


def test_the_page_has_the_figures_that_there_are(tmp_path: Path, tiny_bundle: Path) -> None:
    run = make_run(tmp_path / "one", tiny_bundle, architecture="seed-small")
    write_notes(run, "<the first>")
    (run / "loss.png").write_bytes(b"picture")
    page = page_of(run)
    for told in ("&lt;the first&gt;", "seed-small", "20 test faces", "surprise", "cGljdHVyZQ=="):
        assert told in page
    assert page.count("data:image/png") == 1
    assert "<dt>Epochs</dt><dd>3</dd>" in page
    assert "<dt>Fingerprint</dt><dd>abc</dd>" in page
    assert "without copies" not in page
    told = record(run)
    told |= {
        "accuracy": 0.9, "sure_accuracy": None, "without_copies_of_training": {"accuracy": 0.7},
    }  # fmt: skip
    (run / RESULTS).write_text(json.dumps(told))
    page = page_of(run)
    assert "<dt>Accuracy</dt><dd>90.0%</dd>" in page
    assert "<dt>… without copies of training pictures</dt><dd>70.0%</dd>" in page
    assert "Sure answers that are right" not in page


@pytest.mark.parametrize("lacks", ["a model", "figures"])
def test_a_run_that_kept_nothing_has_no_page(tmp_path: Path, tiny_bundle: Path, lacks: str) -> None:
    run = make_run(tmp_path / "one", None if lacks == "a model" else tiny_bundle, results=False)
    with pytest.raises(TrainingError, match="The run one has kept no figures"):
        write_run_report(run, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
