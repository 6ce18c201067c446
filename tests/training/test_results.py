"""What came of a run is read back, checked against the live runtime, compared with others."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.arrays import damaged_arrays
from helpers.runs import SHOWN, make_run

from fercam import paths
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import ModelError, TrainingError
from fercam.inference.bundle import INT8, change_card, load_bundle, read_card, write_card
from fercam.inference.figures import headline
from fercam.training.results import (
    ANSWERS,
    RESULTS,
    Answers,
    compare,
    read_answers,
    read_results,
    self_check,
    write_csv,
)
from fercam.training.runs import best_epoch, read_history

HAPPY, SAD, FEAR = (EMOTIONS.index(name) for name in ("happy", "sad", "fear"))


@pytest.fixture
def run(tmp_path: Path, tiny_bundle: Path) -> Path:
    return make_run(tmp_path / "runs" / "first", tiny_bundle)


def answering(answers: Answers, emotions: list[str]) -> Answers:
    """The same faces with these answers, of 90 %."""
    given = np.full((len(emotions), 7), 0.1 / 6, np.float32)
    given[np.arange(len(emotions)), [EMOTIONS.index(name) for name in emotions]] = 0.9
    return replace(answers, int8=given)


def test_figures_and_mistakes_are_read_back(run: Path) -> None:
    results = read_results(run)
    assert results is not None
    assert (results.model, results.split, results.figures["faces"]) == ("mine", "test", 20)
    assert results.counts.sum(axis=1).tolist() == [SHOWN.get(name, 0) for name in EMOTIONS]
    first = results.confusions[0]
    assert (first.true, first.said, first.faces) == (FEAR, HAPPY, 2)
    assert [bin_.confidence for bin_ in results.after] == [0.5, 0.9]


def test_the_faces_of_a_mistake_come_surest_first(run: Path) -> None:
    answers = read_answers(run)
    faces = answers.faces_of(FEAR, HAPPY)
    assert len(faces) == 2
    assert faces[0].mean() >= faces[1].mean()
    assert len(answers.faces_of(SAD, HAPPY)) == 0


def test_a_run_without_figures_has_none(run: Path) -> None:
    (run / RESULTS).unlink()
    assert read_results(run) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"split": 1, "reliability": {}}'])
def test_damaged_figures_are_one_sentence(run: Path, text: str) -> None:
    (run / RESULTS).write_text(text)
    with pytest.raises(TrainingError, match="figures of the run first cannot be read"):
        read_results(run)


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04", *damaged_arrays("split")])
def test_damaged_answers_are_one_sentence(run: Path, content: bytes) -> None:
    (run / ANSWERS).write_bytes(content)
    with pytest.raises(TrainingError, match="kept no faces"):
        read_answers(run)


def test_a_model_that_answers_live_as_in_training_passes(run: Path) -> None:
    check = self_check(load_bundle(run / "mine"), read_answers(run))
    assert check.passed
    assert (check.faces, check.same_labels) == (20, 1.0)
    assert check.largest_difference < 1e-4


def test_a_model_that_answers_otherwise_live_does_not_pass(run: Path) -> None:
    answers = read_answers(run)
    other = replace(answers, keras=np.roll(answers.keras, 1, axis=1))
    check = self_check(load_bundle(run / "mine"), other)
    assert not check.passed
    assert "cannot be used" in check.sentence
    slightly = answers.keras.copy()
    slightly[0, :2] += (0.002, -0.002)
    assert not self_check(load_bundle(run / "mine"), replace(answers, keras=slightly)).passed


def test_the_form_that_runs_live_is_looked_at_too(run: Path) -> None:
    bundle = run / "mine"
    shutil.copy(paths.resource_dir("models") / "fercam-nano" / INT8, bundle / INT8)
    write_card(bundle, read_card(bundle))  # the file is whole, but of another network
    check = self_check(load_bundle(bundle), read_answers(run))
    assert check.largest_difference < 1e-4
    assert not check.passed


def test_a_damaged_model_is_found_by_the_check(run: Path) -> None:
    with (run / "mine" / INT8).open("ab") as network:
        network.write(b"x")
    with pytest.raises(ModelError, match="does not match its card"):
        self_check(load_bundle(run / "mine"), read_answers(run))


def test_a_model_is_no_better_than_itself(run: Path) -> None:
    results = read_results(run)
    assert results is not None
    found = compare(results, read_answers(run), load_bundle(run / "mine"))
    assert found.accuracy[0] == found.accuracy[1]
    assert "No clear difference" in found.sentence
    assert not len(found.differing)
    assert (found.held_out, found.caution) == (True, "")
    assert not found.moved(better=True) + found.moved(better=False)


def test_where_a_model_is_better_and_worse_is_said(run: Path, tiny_bundle: Path) -> None:
    results, answers = read_results(run), read_answers(run)
    assert results is not None
    truth = [EMOTIONS[label] for label in answers.labels]
    new = answering(answers, ["happy" if name == "sad" else name for name in truth])
    found = compare(results, new, load_bundle(tiny_bundle))
    assert (found.moved(better=True), found.moved(better=False)) == (["fear"], ["sad"])
    assert found.recall["fear"] == (1.0, 0.0, 2)
    assert found.recall["sad"] == (0.0, 1.0, 6)
    assert len(found.differing) == 8
    assert found.only_new.sum() == 2
    assert not found.clear  # two against six may be chance
    assert "not known whether tiny was trained" in found.caution


def test_faces_that_chose_the_best_epoch_are_called_so(run: Path) -> None:
    results, answers = read_results(run), replace(read_answers(run), split="validation")
    assert results is not None
    found = compare(results, answers, load_bundle(run / "mine"))
    assert "chose the best epoch of mine" in found.caution


def test_a_clear_difference_is_called_one(run: Path, tiny_bundle: Path) -> None:
    results, answers = read_results(run), read_answers(run)
    assert results is not None
    worst = compare(results, answering(answers, ["disgust"] * 20), load_bundle(tiny_bundle))
    assert worst.clear
    assert "mine is worse than tiny" in worst.sentence


@pytest.mark.parametrize(("differing", "clear"), [(5, False), (6, True)])
def test_of_a_few_faces_it_takes_six_to_one_side_to_be_more_than_chance(
    run: Path, tiny_bundle: Path, differing: int, clear: bool
) -> None:
    results, answers = read_results(run), read_answers(run)
    assert results is not None
    old = [EMOTIONS[winner] for winner in answers.int8.argmax(axis=1)]
    new = answering(answers, ["disgust"] * differing + old[differing:])
    assert compare(results, new, load_bundle(tiny_bundle)).clear == clear


def test_a_comparison_can_be_stopped(run: Path) -> None:
    results = read_results(run)
    assert results is not None
    with pytest.raises(TrainingError, match="Stopped"):
        compare(results, read_answers(run), load_bundle(run / "mine"), stop=lambda: True)


def test_figures_go_out_as_a_table(run: Path, tmp_path: Path) -> None:
    results = read_results(run)
    assert results is not None
    write_csv(results, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["emotion"]: row for row in csv.DictReader(file)}
    assert list(rows) == list(EMOTIONS)
    assert rows["fear"]["taken_for_happy"] == "2"
    assert float(rows["happy"]["recall"]) == 1.0


def test_the_headline_leaves_copies_out() -> None:
    test = {"accuracy": 0.7, "without_copies_of_training": {"accuracy": 0.6}}
    assert headline({"test": test}) == {"accuracy": 0.6}
    assert headline({"test": {"accuracy": 0.7}}) == {"accuracy": 0.7}
    assert headline({"validation": {"accuracy": 0.7}}) is None


def test_the_best_epoch_is_also_known_of_old_runs(run: Path) -> None:
    history = read_history(run)
    assert best_epoch(history, "loss") == best_epoch(history, "balanced") == 2
    for row in history:
        del row["val_balanced"]
    assert best_epoch(history, "balanced") == 2
    assert best_epoch([], "loss") == 0


def test_a_card_may_be_described_without_vouching_for_its_files(run: Path) -> None:
    assert change_card(run / "mine", description="for tests").description == "for tests"
    assert load_bundle(run / "mine", verify_all=True).card.description == "for tests"
