"""What an epoch leaves behind: its figures, the best network and the last one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from helpers.faces import face_set

from fercam.core.emotions import EMOTIONS
from fercam.training.config import TrainingConfig
from fercam.training.engine.answers import answers_of
from fercam.training.engine.dataset import network_input
from fercam.training.engine.journal import Journal
from fercam.training.engine.pace import Pace
from fercam.training.runs import best_model, last_model, read_history

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")
FACES = face_set(["happy"] * 3 + ["sad"])
FACES.pixels[:] = 0
for number in range(len(FACES)):
    FACES.pixels[number, 0, number] = 1  # so a network can answer each face as it likes
TRAINED = {"loss": 1.0, "accuracy": 0.5}


def network(**training: Any) -> keras.Model:
    face = keras.Input((48, 48, 1))
    emotion = keras.layers.Dense(7, activation="softmax", name="emotion", use_bias=False)
    model = keras.Model(face, emotion(keras.layers.Flatten()(face)))
    model.compile(optimizer=keras.optimizers.SGD(1.0, **training), loss="categorical_crossentropy")
    return model


def answer(model: keras.Model, shares: list[tuple[float, float]]) -> None:
    """Have it give the four faces these probabilities of happy and sad."""
    kernel = np.zeros((48 * 48, 7), np.float32)
    for row, (happy, sad) in zip(kernel, shares, strict=False):
        row[:] = (1 - happy - sad) / 5
        row[[HAPPY, SAD]] = happy, sad
    kernel[:4] = np.log(kernel[:4])
    model.set_weights([kernel])


RIGHT_BUT_DIFFIDENT = [(0.4, 0.1)] * 3 + [(0.1, 0.4)]
SURE_AND_ONCE_WRONG = [(0.98, 0.01)] * 3 + [(0.78, 0.2)]


class Run:
    """A journal, and what it told."""

    def __init__(self, folder: Path, done: int = 0, **settings: Any) -> None:
        config = replace(TrainingConfig(folder, folder, epochs=9), **settings)
        self.told: list[dict[str, Any]] = []
        pace = Pace(len(FACES), config.epochs)
        self.journal = Journal(config, FACES, self.hear, done, pace)

    def hear(self, event: str, **about: Any) -> None:
        self.told.append(about)


@pytest.mark.parametrize(
    ("choose_by", "best"), [("loss", [True, True]), ("balanced", [True, False])]
)
def test_the_best_network_is_kept_by_what_it_is_chosen_by(
    tmp_path: Path, choose_by: str, best: list[bool]
) -> None:
    run, model = Run(tmp_path, choose_by=choose_by), network()
    said = []
    for epoch, shares in enumerate((RIGHT_BUT_DIFFIDENT, SURE_AND_ONCE_WRONG), start=1):
        answer(model, shares)
        run.journal.finish_epoch(model, epoch, TRAINED)
        said.append(answers_of(model, FACES.pixels))
    assert [told["best"] for told in run.told] == best
    losses = [-np.log([0.4] * 4).mean(), -np.log([0.98] * 3 + [0.2]).mean()]
    history = read_history(tmp_path)
    assert [row["val_loss"] for row in history] == pytest.approx(losses, abs=1e-4)
    assert [row["val_accuracy"] for row in history] == [1.0, 0.75]
    kept, last = (keras.models.load_model(file(tmp_path)) for file in (best_model, last_model))
    assert np.array_equal(answers_of(kept, FACES.pixels), said[1 if best[1] else 0])
    assert np.array_equal(answers_of(last, FACES.pixels), said[1])


def test_patience_is_counted_from_the_best_epoch_and_outlives_a_resume(tmp_path: Path) -> None:
    run, model = Run(tmp_path, patience=2), network()
    assert not run.journal.out_of_patience()
    for epoch, shares in ((1, RIGHT_BUT_DIFFIDENT), (2, SURE_AND_ONCE_WRONG)):
        answer(model, shares)
        run.journal.finish_epoch(model, epoch, TRAINED)
    answer(model, RIGHT_BUT_DIFFIDENT)
    run.journal.finish_epoch(model, 3, TRAINED)
    assert not run.journal.out_of_patience()
    run = Run(tmp_path, patience=2, done=3)
    answer(model, SURE_AND_ONCE_WRONG)
    run.journal.finish_epoch(model, 4, TRAINED)  # no better than the second
    assert run.journal.out_of_patience()
    assert [row["epoch"] for row in read_history(tmp_path)] == [1, 2, 3, 4]
    assert not Run(tmp_path, patience=2, done=3).journal.out_of_patience()


def test_the_mean_of_the_weights_is_kept_and_training_goes_on_with_its_own(tmp_path: Path) -> None:
    run = Run(tmp_path, averaging=0.5)
    model = network(use_ema=True, ema_momentum=0.5)
    weights = []
    for emotion in (HAPPY, SAD):
        wanted = np.eye(7, dtype=np.float32)[[emotion] * 4]
        model.train_on_batch(network_input(FACES.pixels), wanted)
        weights.append(model.get_weights()[0])
    run.journal.finish_epoch(model, 2, TRAINED)
    assert np.array_equal(model.get_weights()[0], weights[1])
    kept, last = (keras.models.load_model(file(tmp_path)) for file in (best_model, last_model))
    assert np.array_equal(last.get_weights()[0], weights[1])
    assert kept.get_weights()[0] == pytest.approx(np.mean(weights, axis=0), abs=1e-6)
    (row,) = read_history(tmp_path)
    likelihood = answers_of(kept, FACES.pixels)[np.arange(4), FACES.labels]
    assert row["val_loss"] == pytest.approx(-np.log(likelihood).mean(), abs=1e-5)
