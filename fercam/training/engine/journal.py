"""What happens after each epoch: validate, keep the best and the last network, tell."""

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fercam.training.config import TrainingConfig
from fercam.training.engine.adjust import best_score
from fercam.training.engine.dataset import FaceSet, network_input
from fercam.training.engine.targets import one_hot
from fercam.training.runs import best_model, history_file, last_model, read_history

Emit = Callable[..., None]
Figures = dict[str, Any]


class Journal:
    """The epochs of a run so far, in memory and in its folder.

    With weight averaging it is the averaged network that is validated and kept, while training
    goes on with its own weights. Files are replaced whole, the last network last: after a kill at
    any point the run goes on from the epoch which that network has finished.
    """

    def __init__(
        self, config: TrainingConfig, validation: FaceSet, emit: Emit, epochs_done: int
    ) -> None:
        self._config = config
        self._x = network_input(validation.pixels)
        self._validation = validation
        self._emit = emit
        self._rows: list[Figures] = list(read_history(config.run_dir)[:epochs_done])

    def finish_epoch(self, model: keras.Model, epoch: int, trained: dict[str, float]) -> None:
        """Take up what an epoch, counted from 1, has given."""
        raw = model.get_weights()
        if self._config.averaging:
            model.optimizer.finalize_variable_values(model.trainable_variables)
        row = {"epoch": epoch, **trained, **self._validate(model)}
        better = all(self._score(row) > self._score(past) for past in self._rows)
        if better:
            _save(model, best_model(self._config.run_dir), optimizer=False)
        self._rows.append(row)
        self._write_history()
        model.set_weights(raw)
        _save(model, last_model(self._config.run_dir), optimizer=True)
        self._emit("epoch", epochs=self._config.epochs, best=better, **row)

    def out_of_patience(self) -> bool:
        """Return whether the best epoch lies `patience` epochs back."""
        scores = [self._score(row) for row in self._rows]
        return bool(scores) and len(scores) - 1 - int(np.argmax(scores)) >= self._config.patience

    def _score(self, row: Figures) -> float:
        balanced = self._config.choose_by == "balanced"
        return float(row["val_balanced"] if balanced else -row["val_loss"])

    def _validate(self, model: keras.Model) -> Figures:
        predicted = model.predict(self._x, batch_size=128, verbose=0)
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
        with work.open("w", newline="") as out:
            writer = csv.DictWriter(out, self._rows[0])
            writer.writeheader()
            writer.writerows(self._rows)
        work.replace(file)


def _save(model: keras.Model, file: Path, *, optimizer: bool) -> None:
    work = file.with_name(f".{file.name}")
    model.save(work, include_optimizer=optimizer)
    os.replace(work, file)  # noqa: PTH105
