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
soup.BATCH, soup.COPIES = 16, 2
soup.RUNS = (soup.Run(1, 4e-4, 1, 0.5), soup.Run(2, 3e-4, 1, 1))
data, given, folder, teacher = map(soup.Path, sys.argv[2:])
if __name__ == "__main__":
    soup.main(data, given, folder, {teacher: 0.5})
"""

ALIKE = """
import sys
sys.path[:0] = [sys.argv[1]]
import keras, numpy, soup
given, other = (keras.models.load_model(sys.argv[2], compile=False) for _ in range(2))
other.set_weights([numpy.ones_like(part) for part in other.get_weights()])
faces = numpy.random.default_rng(1).integers(0, 256, (9, 48, 48)).astype("uint8")
network = soup.Network(given)
network.give_back(other)
expected = given.predict(faces, verbose=0)
answers = soup.softmax(soup.logits_of(network, faces), axis=2)
print(abs(answers - expected[:, None]).max(), abs(other.predict(faces) - expected).max())
"""


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network as if it had learned: no two of its weights are equal."""
    model, rng = builder.build("fercam-nano"), np.random.default_rng(1)
    model.set_weights([part + rng.uniform(0, 0.2, part.shape) for part in model.get_weights()])
    file = tmp_path / "distilled.keras"
    model.save(file)
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
def test_a_network_answers_in_pytorch_and_back_as_in_keras(network: Path, tmp_path: Path) -> None:
    there, back = run(ALIKE, tmp_path, network).split()[-2:]
    assert float(there) < 1e-4
    assert float(back) < 1e-6


@pytest.mark.slow
def test_the_mean_of_runs_is_a_network_to_train_on_from(network: Path, tmp_path: Path) -> None:
    faces = face_set([emotion for emotion in EMOTIONS for _ in range(16)])
    np.savez(tmp_path / "faces.npz", x=faces.pixels, y=faces.labels, classes=np.array(EMOTIONS))
    arguments = (tmp_path / "faces.npz", network, tmp_path / "out", NANO)
    told = run(TINY, tmp_path, *arguments)
    runs = ["run-1.pt", "run-2.pt"]
    work, _ = sorted((tmp_path / "out").iterdir())
    assert sorted(file.name for file in work.iterdir()) == ["faces-01.npz", "faces-02.npz", *runs]
    assert told.count("1 epochs in") == len(runs)
    averaged = keras.models.load_model(tmp_path / "out" / "fercam.keras", compile=False)
    given = keras.models.load_model(network, compile=False)
    for before, after in zip(given.get_weights(), averaged.get_weights(), strict=True):
        assert not np.array_equal(before, after)
        assert np.isfinite(after).all()

    (work / runs[-1]).unlink()
    assert run(TINY, tmp_path, *arguments).count("1 epochs in") == 1, "the others are kept"
