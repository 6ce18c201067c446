"""What every registered runtime keeps to, and what LiteRT does beyond."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import ModelError
from fercam.inference.bundle import FLOAT, INT8, ModelBundle, load_bundle
from fercam.inference.classifier import EmotionClassifier
from fercam.inference.litert import LiteRtClassifier, tempered
from fercam.inference.registry import RUNTIMES

HAPPY, SAD, NEUTRAL = (EMOTIONS.index(name) for name in ("happy", "sad", "neutral"))


def with_temperature(folder: Path, temperature: float) -> ModelBundle:
    bundle = load_bundle(folder)
    return replace(bundle, card=replace(bundle.card, temperature=temperature))


@pytest.fixture(params=sorted(RUNTIMES))
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def classifier(runtime: str, tiny_bundle: Path) -> Iterator[EmotionClassifier]:
    made = RUNTIMES[runtime](load_bundle(tiny_bundle))
    yield made
    made.close()


def test_pixels_of_0_to_255_go_in_and_probabilities_in_our_order_come_out(
    classifier: EmotionClassifier,
) -> None:
    faces = np.stack([np.full((48, 48), value, np.uint8) for value in (255, 0, 128)])
    answers = classifier.classify(faces)
    assert answers.shape == (3, 7)
    assert answers.dtype == np.float32
    assert answers.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert answers.argmax(axis=1).tolist() == [HAPPY, SAD, NEUTRAL]
    assert answers[0, HAPPY] == pytest.approx(0.937, abs=0.02)


def test_a_batch_gives_what_single_faces_give_whatever_came_before(
    classifier: EmotionClassifier,
) -> None:
    faces = np.random.default_rng(1).integers(0, 256, (5, 48, 48), np.uint8)
    together = classifier.classify(faces)
    single = np.concatenate([classifier.classify(faces[n : n + 1]) for n in range(5)])
    np.testing.assert_allclose(together, single, atol=1e-6)
    np.testing.assert_array_equal(classifier.classify(faces), together)


def test_answers_stay_as_they_were_when_the_next_batch_is_run(
    classifier: EmotionClassifier,
) -> None:
    first = classifier.classify(np.full((1, 48, 48), 255, np.uint8))
    kept = first.copy()
    classifier.classify(np.zeros((1, 48, 48), np.uint8))
    np.testing.assert_array_equal(first, kept)


def test_no_faces_give_no_answers(classifier: EmotionClassifier) -> None:
    assert classifier.classify(np.zeros((0, 48, 48), np.uint8)).shape == (0, 7)


def test_closing_twice_is_harmless(classifier: EmotionClassifier) -> None:
    classifier.close()
    classifier.close()


def test_the_temperature_of_the_card_is_applied(runtime: str, tiny_bundle: Path) -> None:
    white = np.full((1, 48, 48), 255, np.uint8)
    plain, soft = (
        RUNTIMES[runtime](with_temperature(tiny_bundle, temperature)).classify(white)
        for temperature in (1.0, 2.0)
    )
    roots = np.sqrt(plain)
    np.testing.assert_allclose(soft, roots / roots.sum(), rtol=1e-4)


def test_a_damaged_network_is_never_run(runtime: str, tiny_bundle: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "seed"))
    bundle = load_bundle(folder)
    for name in (INT8, FLOAT):
        (folder / name).write_bytes(b"?")
    with pytest.raises(ModelError, match="is damaged"):
        RUNTIMES[runtime](bundle)


def test_the_runtimes_agree(tiny_bundle: Path) -> None:
    faces = np.random.default_rng(2).integers(0, 256, (8, 48, 48), np.uint8)
    answers = [make(load_bundle(tiny_bundle)).classify(faces) for make in RUNTIMES.values()]
    for other in answers[1:]:
        np.testing.assert_allclose(answers[0], other, atol=0.02)


def test_tempering_survives_zeros_and_keeps_the_order() -> None:
    hard = np.array([[1, 0, 0, 0, 0, 0, 0], [0.1, 0.2, 0.3, 0.2, 0.1, 0.05, 0.05]], np.float32)
    for temperature in (0.3, 1.0, 4.0):
        answers = tempered(hard, temperature)
        assert np.isfinite(answers).all()
        assert answers.sum(axis=1) == pytest.approx(1, abs=1e-5)
        assert answers.argmax(axis=1).tolist() == [0, 2]
    assert tempered(hard, 4.0)[1].max() < hard[1].max() < tempered(hard, 0.3)[1].max()


@pytest.mark.parametrize("content", [b"", b"not a model", bytes(5000)])
def test_a_file_that_is_no_model_is_said_plainly(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.tflite"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"^model\.tflite is not a model that LiteRT can run"):
        LiteRtClassifier(file)
    with pytest.raises(ModelError, match="cannot be read"):
        LiteRtClassifier(tmp_path / "nothing.tflite")


def test_a_model_with_another_number_of_answers_is_refused(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fercam.inference.litert.EMOTIONS", (*EMOTIONS, "contempt"))
    with pytest.raises(ModelError, match="into 8 probabilities"):
        LiteRtClassifier(tiny_bundle / INT8)


def test_nothing_is_written_to_stderr(tiny_bundle: Path) -> None:
    code = (
        "import sys, numpy as np; from pathlib import Path;"
        "from fercam.inference.litert import LiteRtClassifier;"
        "LiteRtClassifier(Path(sys.argv[1])).classify(np.zeros((2, 48, 48), np.uint8));"
        "print('still open', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny_bundle / INT8)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "still open\n"
