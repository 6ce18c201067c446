"""What happens after an epoch: validate, keep the best and the last network, tell."""

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fercam.training.config import TrainingConfig
from fercam.training.engine.adjust import best_score
from fercam.training.engine.answers import answers_of
from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.pace import Pace
from fercam.training.engine.targets import one_hot
from fercam.training.runs import best_model, epochs_done, history_file, last_model, read_history

Emit = Callable[..., None]
Figures = dict[str, Any]


class Journal:
    """The epochs of a run so far, in memory and in its folder.

    With weight averaging it is the averaged network that is validated and kept, while training
    goes on with its own weights. Files are replaced whole, the last network last: after a kill at
    any point the run goes on from the epoch which that network has finished.
    """

    def __init__(
        self,
        config: TrainingConfig,
        validation: FaceSet,
        emit: Emit,
        done: int,
        pace: Pace,
    ) -> None:
        self._config = config
        self._validation = validation
        self._emit = emit
        self._pace = pace
        rows = read_history(config.run_dir)
        self._rows: list[Figures] = [row for row in rows if row["epoch"] <= done]

    def finish_epoch(self, model: keras.Model, epoch: int, trained: dict[str, float]) -> None:
        """Take up what an epoch, counted from 1, has given."""
        raw = _copied(model)
        if self._config.averaging:
            model.optimizer.finalize_variable_values(model.trainable_variables)
            model.set_weights(_copied(model))
        row = {"epoch": epoch, **trained, **self._validate(model)}
        better = all(self._score(row) > self._score(past) for past in self._rows)
        if better:
            _save(_without_optimizer(model), best_model(self._config.run_dir))
        epochs = epoch - epochs_done(self._rows)
        self._rows.append(row)
        self._write_history()
        model.set_weights(raw)
        _save(model, last_model(self._config.run_dir))
        self._emit(
            "epoch",
            epochs=self._config.epochs,
            best=better,
            learning_rate=float(model.optimizer.learning_rate),
            seconds=round(self._pace.epoch(epochs), 2),
            seconds_left=self._pace.seconds_left,
            **row,
        )

    def out_of_patience(self) -> bool:
        """Return whether the best epoch lies `patience` epochs back."""
        if not self._rows:
            return False
        best = max(self._rows, key=self._score)
        return bool(epochs_done(self._rows) - best["epoch"] >= self._config.patience)

    def _score(self, row: Figures) -> float:
        balanced = self._config.choose_by == "balanced"
        return float(row["val_balanced"] if balanced else -row["val_loss"])

    def _validate(self, model: keras.Model) -> Figures:
        predicted = answers_of(model, self._validation.pixels)
        chosen = predicted.argmax(axis=1)
        likelihood = (predicted * one_hot(self._validation.labels)).sum(axis=1)
        return {
            "val_loss": float(-np.log(np.maximum(likelihood, 1e-7)).mean()),
            "val_accuracy": float((chosen == self._validation.labels).mean()),
            "val_balanced": best_score(predicted, self._validation),
        }

    def _write_history(self) -> None:
        file = history_file(self._config.run_dir)
        work = file.with_suffix(".part")
        with work.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, self._rows[0])
            writer.writeheader()
            writer.writerows(self._rows)
        work.replace(file)


def _copied(model: keras.Model) -> list[NDArray[np.float32]]:
    # copies, since JAX writes new values over those that it has been given
    return [np.array(value) for value in model.get_weights()]


def _without_optimizer(model: keras.Model) -> keras.Model:
    # a third or a quarter of the size; `include_optimizer` of save is for HDF5 alone
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    return bare


def _save(model: keras.Model, file: Path) -> None:
    work = file.with_name(f".{file.name}")
    model.save(work)
    os.replace(work, file)  # noqa: PTH105
