"""What a network is taught to answer for each face, and how much each face counts."""

import contextlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import TrainingError
from fercam.core.files import sha256_of
from fercam.training.config import TrainingConfig
from fercam.training.engine.answers import answers_of
from fercam.training.engine.dataset import FaceSet
from fercam.training.runs import best_model

Probabilities = NDArray[np.float32]


def one_hot(labels: NDArray[np.int64]) -> Probabilities:
    """Return (n,) class numbers as (n, 7) one-hot rows."""
    return np.eye(len(EMOTIONS), dtype=np.float32)[labels]


def blended(faces: FaceSet, votes_share: float, smoothing: float) -> Probabilities:
    """Return (n, 7) targets: the label, blended with the share of votes for each emotion.

    Faces that nobody gave one of the seven emotions keep their label alone.
    """
    votes = faces.emotion_votes()
    total = votes.sum(axis=1, keepdims=True)
    label = one_hot(faces.labels)
    share = np.where(total > 0, votes_share, 0.0)
    targets = (1 - share) * label + share * votes / np.maximum(total, 1)
    return np.asarray(targets * (1 - smoothing) + smoothing / len(EMOTIONS), np.float32)


def class_balance(targets: Probabilities, balance: float) -> NDArray[np.float32]:
    """Return (7,) weights, each class's share of the targets to the power of -`balance`, scaled
    so that the mean weight of a face is 1; 0 for a class that no target has.
    """
    share = targets.mean(axis=0)
    weights = np.where(share > 0, np.maximum(share, 1e-6) ** -balance, 0)
    return np.asarray(weights / (weights @ share), np.float32)


def teachers_answer(run_dirs: Sequence[Path], faces: FaceSet) -> Probabilities:
    """Return (n, 7) the mean answer of trained networks to each face and its mirror image.

    Raises:
        TrainingError: a run folder has no network.
    """
    answers = [_answer(run_dir, faces) for run_dir in run_dirs]
    return np.asarray(np.mean(answers, axis=0), np.float32)


def _answer(run_dir: Path, faces: FaceSet) -> Probabilities:
    """Return what a run's network answers; kept in its folder, since it teaches more than once."""
    network = sha256_of(_network_file(run_dir))
    kept = run_dir / f"answers-{network[:12]}-{faces.fingerprint()[:12]}.npy"
    if kept.exists():
        return np.asarray(np.load(kept), np.float32)
    teacher = _network(run_dir)
    both = [answers_of(teacher, pixels) for pixels in (faces.pixels, faces.pixels[:, :, ::-1])]
    answer = np.asarray(np.mean(both, axis=0), np.float32)
    with contextlib.suppress(OSError):  # somebody else's folder
        work = kept.with_suffix(f".{os.getpid()}.npy")
        np.save(work, answer)
        work.replace(kept)
    return answer


class Teachers:
    """The teachers of a run that answer every time; without such, targets stay as they are.

    Raises:
        TrainingError: a run folder has no network.
    """

    def __init__(self, config: TrainingConfig) -> None:
        asked = config.teachers if config.teachers_see == "changed" else ()
        self._teachers = [(_network(run_dir), count) for run_dir, count in Counter(asked).items()]
        self._share = config.teacher_share

    def blended(self, targets: Probabilities, shown: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the targets (n, 7) with the teachers' share for pictures (n, 48, 48, 1)."""
        if not self._teachers:
            return targets
        answers = [count * teacher.predict_on_batch(shown) for teacher, count in self._teachers]
        mean = np.sum(answers, axis=0) / sum(count for _, count in self._teachers)
        return np.asarray((1 - self._share) * targets + self._share * mean, np.float32)


def _network(run_dir: Path) -> keras.Model:
    return keras.models.load_model(_network_file(run_dir), compile=False)


def _network_file(run_dir: Path) -> Path:
    file = best_model(run_dir)
    if not file.exists():
        raise TrainingError(f"There is no trained network in {run_dir}.")
    return file


def targets_of(config: TrainingConfig, faces: FaceSet) -> Probabilities:
    """Return (n, 7) what the run `config` teaches for each face, however it is changed."""
    targets = blended(faces, config.votes_share, config.smoothing)
    if not config.teachers or config.teachers_see == "changed":
        return targets
    share = config.teacher_share
    answers = teachers_answer(config.teachers, faces)
    return np.asarray((1 - share) * targets + share * answers, np.float32)
