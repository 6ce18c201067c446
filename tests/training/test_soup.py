"""The shipped network's last step, on a processor with PyTorch."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from helpers.faces import face_set

from fercam.core.emotions import EMOTIONS
from fercam.training.engine import builder

pytest.importorskip("torch")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NANO = Path(__file__).parents[2] / "models" / "fercam-nano" / "model.tflite"

TINY = """
import sys
sys.path[:0] = [sys.argv[1]]
import soup
soup.BATCH, soup.COPIES, soup.EPOCHS = 16, 2, 1
data, given, folder, teacher = map(soup.Path, sys.argv[2:])
if __name__ == "__main__":
    soup.main(data, given, folder, {teacher: 0.5})
"""

ALIKE = """
import sys
sys.path[:0] = [sys.argv[1]]
import keras, numpy, soup
model = keras.models.load_model(sys.argv[2], compile=False)
faces = numpy.random.default_rng(1).integers(0, 256, (9, 48, 48)).astype("uint8")
logits = soup.logits_of(soup.Network(model), faces)
print(numpy.abs(soup.softmax(logits, axis=2) - model.predict(faces)[:, None]).max())
"""


@pytest.fixture
def network(tmp_path: Path) -> Path:
    keras.utils.set_random_seed(1)
    file = tmp_path / "distilled.keras"
    builder.build("fercam-nano").save(file)
    return file


def run(code: str, folder: Path, *arguments: Path) -> str:
    script = folder / "script.py"
    script.write_text(code)
    return subprocess.run(
        [sys.executable, script, BENCHMARKS, *arguments],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.slow
def test_each_head_answers_as_the_given_network(network: Path, tmp_path: Path) -> None:
    assert float(run(ALIKE, tmp_path, network).split()[-1]) < 1e-5


@pytest.mark.slow
def test_the_mean_of_runs_is_a_network_to_train_on_from(network: Path, tmp_path: Path) -> None:
    faces = face_set([emotion for emotion in EMOTIONS for _ in range(16)])
    np.savez(tmp_path / "faces.npz", x=faces.pixels, y=faces.labels, classes=np.array(EMOTIONS))
    arguments = (tmp_path / "faces.npz", network, tmp_path / "out", NANO)
    told = run(TINY, tmp_path, *arguments)
    runs = [f"run-{turn}-{run}.pt" for turn in (1, 2) for run in (1, 2)]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "faces-01.npz",
        "faces-02.npz",
        "fercam.keras",
        *runs,
    ]
    assert told.count("1 epochs in") == len(runs)
    averaged = keras.models.load_model(tmp_path / "out" / "fercam.keras", compile=False)
    given = keras.models.load_model(network, compile=False)
    for before, after in zip(given.get_weights(), averaged.get_weights(), strict=True):
        assert not np.array_equal(before, after)
        assert np.isfinite(after).all()

    (tmp_path / "out" / runs[-1]).unlink()
    assert run(TINY, tmp_path, *arguments).count("1 epochs in") == 1, "the others are kept"
