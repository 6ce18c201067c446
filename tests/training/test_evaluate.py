"""Figures that can be worked out by hand."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from helpers.faces import face_set
from helpers.training import make_faces

from fercam.core.errors import DataError, UsageError
from fercam.inference.bundle import change_card, load_bundle
from fercam.training.engine import __main__ as engine
from fercam.training.engine import dataset, readers
from fercam.training.engine import evaluate as evaluate_module
from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.evaluate import classifier_of, evaluate, evaluate_bundle
from fercam.training.engine.metrics import (
    calibration_error,
    calibration_p,
    confidence_bins,
    fit_sure_threshold,
    fit_temperature,
    measure,
    measure_majority,
    side_by_side,
    two_yardsticks,
    with_temperature,
)
from fercam.training.engine.robustness import DEGRADATIONS, robustness
from fercam.training.tables import evaluation_lines


def answers(*pairs: tuple[int, float]) -> np.ndarray:
    """Return rows that give one class a probability and share the rest among the others."""
    rows = np.empty((len(pairs), 7), np.float32)
    for row, (winner, confidence) in zip(rows, pairs, strict=True):
        row[:] = (1 - confidence) / 6
        row[winner] = confidence
    return rows


def test_accuracy_balance_and_confusion() -> None:
    given = answers((3, 0.9), (3, 0.8), (3, 0.6), (5, 0.7))
    figures = measure(given, np.array([3, 3, 5, 5]), sure_threshold=0.75)
    assert figures["accuracy"] == 0.75
    assert figures["balanced_accuracy"] == 0.75
    assert (figures["sure_share"], figures["sure_accuracy"]) == (0.5, 1.0)
    matrix = np.array(figures["confusion_matrix"])
    assert (matrix[5, 3], matrix[5, 5], matrix[3, 3], matrix.sum()) == (1, 1, 2, 4)
    sad = {"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "faces": 2}
    assert figures["per_class"]["sad"] == pytest.approx(sad)


def test_a_model_that_is_right_as_often_as_it_says_has_no_calibration_error() -> None:
    given = answers(*[(3, 0.8)] * 10)
    labels = np.array([3] * 8 + [5] * 2)
    assert calibration_error(given, labels) == pytest.approx(0, abs=1e-6)
    assert calibration_error(given, np.full(10, 5)) == pytest.approx(0.8, abs=1e-6)


def test_too_sure_and_too_modest_do_not_make_up_for_each_other() -> None:
    given = answers(*[(3, 0.62)] * 10, *[(3, 0.78)] * 10)
    labels = np.array([3] * 14 + [5] * 6)
    assert calibration_error(given, labels) == pytest.approx(0.38, abs=1e-6)
    assert confidence_bins(np.array([0.0, 0.62, 0.78, 1.0])).tolist() == [0, 9, 11, 14]


@pytest.mark.parametrize("same", [True, False])
def test_the_validation_part_is_the_one_the_model_was_chosen_on(
    tiny_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    same: bool,
) -> None:
    """Other faces are measured after a warning."""
    data, model = make_faces(tmp_path / "faces"), tmp_path / "model"
    shutil.copytree(tiny_bundle, model)
    own = dataset.prepare(readers.load(data), 0.4, 7)
    fingerprint = own.fingerprint() if same else "another"
    recipe = {"validation_share": 0.4, "seed": 7}
    change_card(model, data={"recipe": recipe, "fingerprint": fingerprint})
    measured: list[str] = []

    def measure(bundle: object, faces: FaceSet, *_: object) -> dict[str, object]:
        measured.append(faces.fingerprint())
        return {}

    monkeypatch.setattr("fercam.training.engine.evaluate.evaluate_bundle", measure)
    request = {"command": "evaluate", "model": str(model), "dataset": str(data), "detect": False}
    request |= {"split": "validation", "runtime": "int8", "robustness": False}
    assert engine.main([json.dumps(request)]) == 0
    assert measured == [own.fingerprint()]
    assert ("was not trained on just these faces" in capsys.readouterr().out) != same


def test_the_fitted_temperature_cools_an_overconfident_model() -> None:
    given = answers(*[(3, 0.99)] * 100)
    labels = np.array([3] * 70 + [5] * 30)
    temperature = fit_temperature(given, labels)
    assert temperature > 1.5
    after = with_temperature(given, temperature)
    assert calibration_error(after, labels) < 0.01 < calibration_error(given, labels)
    assert np.allclose(after.sum(axis=1), 1)


def test_and_warms_one_that_is_too_modest() -> None:
    given = answers(*[(3, 0.4)] * 100)
    labels = np.array([3] * 90 + [5] * 10)
    after = with_temperature(given, fit_temperature(given, labels))
    assert calibration_error(after, labels) < 0.01 < calibration_error(given, labels)


def test_confidence_that_holds_stays_however_odd_the_truth_is_where_answers_are_wrong() -> None:
    rng = np.random.default_rng(7)
    confidence = rng.uniform(0.4, 1.0, 3000)
    given = answers(*[(3, float(value)) for value in confidence])
    given[:, 5] *= 0.01  # what is never said, and yet the truth wherever the answer is wrong
    given[:, 2] += 1 - given.sum(axis=1)
    labels = np.where(rng.random(3000) < confidence, 3, 5)
    assert fit_temperature(given, labels) == pytest.approx(1, abs=0.1)


def test_sure_is_where_nine_of_ten_are_right() -> None:
    given = answers(*[(3, 0.95)] * 2, *[(3, 0.9)] * 8, *[(3, 0.8)] * 5, *[(3, 0.5)] * 5)
    labels = np.array([3] * 9 + [5] + [3] * 4 + [5] * 6)  # 9 of 10, 13 of 15
    threshold = fit_sure_threshold(given, labels)
    assert threshold == pytest.approx(0.9, abs=1e-3)
    figures = measure(given, labels, threshold)
    assert (figures["sure_share"], figures["sure_accuracy"]) == (0.5, 0.9)
    assert measure(given, labels, 1.0)["sure_accuracy"] is None
    assert fit_sure_threshold(given, np.full(20, 5)) == 1.0


def say_happy(batch: np.ndarray) -> np.ndarray:
    return answers(*[(3, 0.9)] * len(batch))


def test_macro_f1_is_the_mean_over_the_classes_there_are() -> None:
    given = answers((3, 0.9), (3, 0.8), (3, 0.6), (5, 0.7))
    figures = measure(given, np.array([3, 3, 5, 5]), sure_threshold=0.75)
    assert figures["macro_f1"] == pytest.approx((2 * 2 / 5 + 2 * 1 / 3) / 2)


def test_the_calibration_error_is_given_before_and_after_temperature() -> None:
    raw = answers(*[(3, 0.99)] * 10, *[(5, 0.6)] * 5)
    labels = np.array([3] * 8 + [5] * 7)
    figures = measure(with_temperature(raw, 2.0), labels, 0.5, temperature=2.0)
    assert figures["ece"] == calibration_error(with_temperature(raw, 2.0), labels)
    assert figures["ece_before_temperature"] == pytest.approx(
        calibration_error(raw, labels), abs=1e-5
    )
    assert figures["ece"] != pytest.approx(figures["ece_before_temperature"], abs=0.01)
    agreed = measure_majority(with_temperature(raw, 2.0), labels, temperature=2.0)
    assert agreed is not None
    for name in ("ece", "ece_before_temperature"):
        assert agreed[name] == figures[name]


def test_a_calibrated_model_passes_for_one_and_an_overconfident_one_does_not() -> None:
    rng = np.random.default_rng(7)
    confidence = rng.uniform(0.4, 1.0, 2000)
    given = answers(*[(3, float(value)) for value in confidence])
    honest = np.where(rng.random(2000) < confidence, 3, 5)
    boasting = np.where(rng.random(2000) < confidence - 0.1, 3, 5)
    assert calibration_p(given, honest) > 0.05
    assert calibration_p(given, boasting) == 0.0
    assert calibration_p(given, honest) == calibration_p(given, honest)


def test_certainty_that_is_always_right_cannot_be_told_from_calibration() -> None:
    assert calibration_p(answers(*[(3, 1.0)] * 5), np.full(5, 3)) == 1.0


def test_agreement_with_taggers_counts_the_faces_they_agree_on() -> None:
    given, most = answers((3, 0.9), (3, 0.8), (5, 0.7), (5, 0.7), (5, 0.7)), [3, 5, 5, 5]
    figures = measure_majority(given, np.array([*most, -1]))
    assert figures is not None
    assert (figures["faces"], figures["accuracy"]) == (4, 0.75)
    assert figures["balanced_accuracy"] == pytest.approx((1 + 2 / 3) / 2)
    assert figures["calibration_p"] == calibration_p(given[:4], np.array(most)) < 1
    assert measure_majority(given, np.full(5, -1)) is None
    angry = measure_majority(answers((0, 0.9)), np.array([0]))
    assert angry is not None and angry["accuracy"] == 1


def test_labels_and_what_taggers_agree_on_are_two_yardsticks_of_one_weight() -> None:
    predicted, labels, most = np.array([[3, 3, 5, 5, 3], [3] * 5, [3, 3, 5, 3, -1]])
    both = (3 / 5 + (2 / 3 + 1) / 2) / 2
    assert two_yardsticks(predicted, labels, most) == pytest.approx(both)
    assert two_yardsticks(predicted, labels, np.full(5, -1)) == pytest.approx(3 / 5)


def test_runtimes_are_compared_with_keras_face_by_face() -> None:
    labels = np.array([3, 3, 5, 5])
    keras = answers((3, 0.9), (3, 0.5), (5, 0.8), (5, 0.7))
    int8 = answers((3, 0.9), (5, 0.4), (5, 0.8), (5, 0.7))
    table = side_by_side({"int8": int8, "keras": keras}, labels)
    assert (table["int8"]["accuracy"], table["keras"]["accuracy"]) == (0.75, 1.0)
    assert table["int8"]["balanced_accuracy"] == 0.75
    assert table["int8"]["ece"] == calibration_error(int8, labels)
    assert table["int8"]["agreement_with_keras"] == 0.75
    assert table["int8"]["largest_difference"] == pytest.approx(0.5 - 0.1)
    assert table["keras"]["largest_difference"] == 0


def test_test_figures_are_also_given_without_copies_of_training_faces() -> None:
    votes = [{}, {}, {"happy": 9}, {"sad": 6}]
    faces = face_set(["happy", "happy", "happy", "sad"], ["train", "train", "test", "test"], votes)
    faces.pixels[2] = faces.pixels[0]
    figures = evaluate(faces, "test", say_happy, 0.5)
    assert (figures["faces"], figures["accuracy"]) == (2, 0.5)
    assert figures["majority"]["accuracy"] == 0.5
    fresh = figures["without_copies_of_training"]
    assert (fresh["faces"], fresh["accuracy"]) == (1, 0.0)
    assert (fresh["majority"]["faces"], fresh["majority"]["accuracy"]) == (1, 0.0)
    with pytest.raises(DataError, match="no private_test part"):
        evaluate(faces, "private_test", say_happy, 0.5)


def test_figures_are_also_given_as_they_were_before_the_temperature() -> None:
    faces = face_set(["happy"] * 4, ["validation"] * 4, [{"happy": 9}] * 4)
    figures = evaluate(faces, "validation", say_happy, 0.5, temperature=2.0)
    before = calibration_error(with_temperature(say_happy(faces.pixels), 1 / 2), faces.labels)
    for given in (figures, figures["majority"]):
        assert given["ece_before_temperature"] == pytest.approx(before)
        assert given["ece"] == pytest.approx(0.1)
    assert "copies_of_training" not in figures


def test_near_copies_of_training_faces_are_counted_beside_exact_ones() -> None:
    faces = face_set(["happy"] * 6, ["train"] * 3 + ["private_test"] * 3)
    smooth = np.stack([cv2.GaussianBlur(face, (0, 0), 3) for face in faces.pixels])
    smooth[3] = smooth[0]
    smooth[4] = cv2.convertScaleAbs(smooth[1], alpha=0.7, beta=40)
    figures = evaluate(replace(faces, pixels=smooth), "private_test", say_happy, 0.5)
    assert (figures["copies_of_training"], figures["near_copies_of_training"]) == (1, 1)
    assert figures["majority"] is None


def test_a_test_part_of_nothing_but_copies_is_measured_with_them_only() -> None:
    faces = face_set(["happy", "happy"], ["train", "test"])
    faces.pixels[1] = faces.pixels[0]
    figures = evaluate(faces, "test", say_happy, 0.5)
    assert figures["accuracy"] == 1
    assert "without_copies_of_training" not in figures


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_a_degradation_is_the_same_every_time(name: str) -> None:
    face = cv2.GaussianBlur(face_set(["sad"]).pixels[0], (0, 0), 2)
    before = face.copy()
    changed = DEGRADATIONS[name](face)
    assert (changed.shape, changed.dtype) == ((48, 48), np.uint8)
    assert np.array_equal(changed, DEGRADATIONS[name](face))
    assert np.array_equal(face, before)
    assert np.array_equal(changed, face) == (name == "as it is")


def spread(face: np.ndarray) -> tuple[float, float, float]:
    """Return where the bright of a face is, from its middle: right, down, and how far spread."""
    share = face / face.sum()
    down, right = np.mgrid[:48, :48] - 23.5
    x, y = float((share * right).sum()), float((share * down).sum())
    return x, y, float(np.sqrt((share * (right - x) ** 2).sum()))


def test_a_degradation_is_as_strong_as_it_says() -> None:
    dot = np.zeros((48, 48), np.uint8)
    dot[3:5, 23:25] = 250  # above the middle
    assert DEGRADATIONS["darkened to 0.4"](dot).max() == 100
    for name, degrees in (("turned 15° left", 15), ("turned 15° right", -15)):
        right, down, _ = spread(DEGRADATIONS[name](dot))
        assert np.degrees(np.arctan2(-right, -down)) == pytest.approx(degrees, abs=0.5)
        assert np.hypot(right, down) == pytest.approx(20, abs=0.2)
    _, _, before = spread(dot)
    _, _, after = spread(DEGRADATIONS["blurred, sigma 1.2 px"](dot))
    assert np.sqrt(after**2 - before**2) == pytest.approx(1.2, abs=0.05)
    for width, is_seen in ((1, False), (2, True)):
        stripes = np.repeat(np.resize(np.uint8([0, 200]), 48 // width), width) * np.ones((48, 1))
        assert (DEGRADATIONS["half size"](stripes.astype(np.uint8)).std() > 10) == is_seen


def test_what_hangs_on_brightness_suffers_in_the_dark() -> None:
    faces = face_set(["happy", "happy", "sad"])
    faces.pixels[:2], faces.pixels[2] = 200, 20

    def by_brightness(batch: np.ndarray) -> np.ndarray:
        return answers(*[(3 if face.mean() > 128 else 5, 0.9) for face in batch])

    table = robustness(faces, by_brightness)
    assert set(table) == set(DEGRADATIONS)
    assert table["as it is"] == {"accuracy": 1.0, "balanced_accuracy": 1.0}
    assert table["half size"]["accuracy"] == 1.0
    assert table["darkened to 0.4"] == {"accuracy": 1 / 3, "balanced_accuracy": 0.5}


def test_of_all_runtimes_it_is_the_live_one_that_is_looked_at_closely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []

    def live(batch: np.ndarray) -> np.ndarray:
        seen.append(len(batch))
        return say_happy(batch)

    def say_sad(batch: np.ndarray) -> np.ndarray:
        return answers(*[(5, 0.9)] * len(batch))

    forms = {"int8": live, "float": say_sad, "keras": say_sad}
    monkeypatch.setattr(evaluate_module, "classifier_of", lambda bundle, runtime: forms[runtime])
    bundle = SimpleNamespace(card=SimpleNamespace(sure_threshold=0.95, temperature=2.0))
    faces = face_set(["happy"] * 3, ["train", "test", "test"])
    faces.pixels[1] = faces.pixels[0]
    result = evaluate_bundle(bundle, faces, "test", "all", with_robustness=True)  # type: ignore[arg-type]
    assert (result["accuracy"], result["sure_share"]) == (1.0, 0.0)
    assert result["ece_before_temperature"] < result["ece"]
    assert {row["accuracy"] for row in result["robustness"].values()} == {1.0}
    assert seen == [2] + [1] * len(DEGRADATIONS), "a copy of a training picture proves nothing"


def test_a_bundle_is_measured_in_all_runtimes_and_printed(tiny_bundle: Path) -> None:
    votes = [{}] + [{"happy": 8}, {"sad": 8}] * 3
    faces = face_set(["happy", *["happy", "sad"] * 3], ["train"] + ["test"] * 6, votes)
    bright = np.array([130, 250, 10, 240, 20, 230, 30], np.uint8)[:, None, None]
    faces = replace(faces, pixels=np.broadcast_to(bright, faces.pixels.shape).copy())
    bundle = load_bundle(tiny_bundle)
    bundle = replace(bundle, card=replace(bundle.card, temperature=2.0))
    result = evaluate_bundle(bundle, faces, "test", "all", with_robustness=True)
    assert result["accuracy"] == 1.0
    assert list(result["runtimes"]) == ["int8", "float", "keras"]
    assert result["runtimes"]["float"]["largest_difference"] < 1e-4
    assert result["robustness"]["darkened to 0.4"]["accuracy"] < 1
    text = "\n".join(evaluation_lines(result))
    assert "0 exact and 0 near copies" in text
    for row in ("FER+ majority, without exact copies", "float", "JPEG quality 30", "surprise"):
        assert row in text
    alone = evaluate_bundle(bundle, faces, "test", "float", with_robustness=False)
    assert not {"runtimes", "robustness"} & set(alone)
    with pytest.raises(UsageError, match="no runtime 'abacus'"):
        classifier_of(bundle, "abacus")
