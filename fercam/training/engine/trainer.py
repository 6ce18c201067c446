"""Training a network on a data set, with events, curves and the best weights kept."""

import contextlib
import csv
import json
import math
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fercam import __version__
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import TrainingError
from fercam.training.config import TrainingConfig
from fercam.training.engine import builder, dataset

Emit = Callable[..., None]


class Batches(keras.utils.PyDataset):
    """Shuffled batches whose order depends on the seed and the epoch alone, so runs resume alike.

    Yields x (b, 48, 48, 1) float32 of 0..255 and y (b, 7) one-hot.
    """

    def __init__(self, faces: dataset.FaceSet, config: TrainingConfig, epoch: int) -> None:
        super().__init__()
        self._faces = faces
        self._config = config
        self._epoch = epoch
        self._draw()

    def _draw(self) -> None:
        rng = np.random.default_rng((self._config.seed, self._epoch))
        self._order = rng.permutation(len(self._faces))
        self._flip = rng.random(len(self._faces)) < (0.5 if self._config.flip else 0.0)

    def __len__(self) -> int:
        return math.ceil(len(self._faces) / self._config.batch_size)

    def __getitem__(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        size = self._config.batch_size
        rows = self._order[number * size : (number + 1) * size]
        pixels = self._faces.pixels[rows]
        flip = self._flip[rows]
        pixels[flip] = pixels[flip, :, ::-1]
        return dataset.network_input(pixels), one_hot(self._faces.labels[rows])

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._draw()


class _Stopped(Exception):
    """The app asked to stop."""


class Progress(keras.callbacks.Callback):
    """Sends `batch` and `epoch` events and stops at the next batch when asked to."""

    def __init__(self, emit: Emit, stop_asked: Callable[[], bool], batches: int) -> None:
        super().__init__()
        self._emit = emit
        self._stop_asked = stop_asked
        self._batches = batches
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        metrics = {name: round(float(value), 6) for name, value in (logs or {}).items()}
        self._emit(
            "batch", epoch=self._epoch + 1, batch=batch + 1, batches=self._batches, **metrics
        )
        if self._stop_asked():
            raise _Stopped  # Keras would count the epoch begun as a finished one

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        metrics = {name: float(value) for name, value in (logs or {}).items()}
        self._emit("epoch", epoch=epoch + 1, epochs=self.params["epochs"], **metrics)


def one_hot(labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return (n,) class numbers as (n, 7) one-hot rows."""
    return np.eye(len(EMOTIONS), dtype=np.float32)[labels]


def train(
    config: TrainingConfig, faces: dataset.FaceSet, emit: Emit, stop_asked: Callable[[], bool]
) -> keras.Model:
    """Train on the train part of prepared `faces`, choose on its validation part, return the best.

    Writes run.json, history.csv and best_model.keras into the run folder. A resumed run goes on
    after its last finished epoch.

    Raises:
        TrainingError: stopped before one epoch was done, or nothing to resume.
    """
    run_dir = config.run_dir
    keras.utils.set_random_seed(config.seed)
    backup, history, best = run_dir / "backup", run_dir / "history.csv", best_model(run_dir)
    if config.resume and not backup.exists() and not best.exists():
        raise TrainingError(f"There is no unfinished run to resume in {run_dir}.")
    past = read_history(history) if config.resume else []
    train_part, validation = faces.part("train"), faces.part("validation")
    _write_run_json(config, faces)

    batches = Batches(train_part, config, epoch=len(past))
    model = builder.build(
        config.architecture, dropout_scale=config.dropout_scale, initializer=config.initializer
    )
    model.compile(
        optimizer=keras.optimizers.Adam(_learning_rate(config, len(batches))),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    lowest = min((float(row["val_loss"]) for row in past), default=None)
    with contextlib.suppress(_Stopped):
        model.fit(
            batches,
            epochs=config.epochs,
            validation_data=(dataset.network_input(validation.pixels), one_hot(validation.labels)),
            validation_batch_size=256,
            verbose=0,
            callbacks=[
                keras.callbacks.CSVLogger(str(history), append=config.resume),
                keras.callbacks.ModelCheckpoint(
                    str(best), save_best_only=True, initial_value_threshold=lowest
                ),
                keras.callbacks.EarlyStopping(
                    patience=config.patience, restore_best_weights=True, baseline=lowest
                ),
                keras.callbacks.BackupAndRestore(str(backup), delete_checkpoint=False),
                Progress(emit, stop_asked, len(batches)),
            ],
        )
    if not best.exists():
        raise TrainingError("Training stopped before its first epoch was done; nothing was kept.")
    return keras.models.load_model(best)


def best_model(run_dir: Path) -> Path:
    """Return where a run keeps its best epoch."""
    return run_dir / "best_model.keras"


def read_history(history: Path) -> list[dict[str, str]]:
    """Return history.csv row by row, one per finished epoch; nothing if there is none."""
    if not history.exists():
        return []
    with history.open(newline="") as file:
        return list(csv.DictReader(file))


def _learning_rate(
    config: TrainingConfig, batches: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    if config.schedule == "constant":
        return config.learning_rate
    return keras.optimizers.schedules.CosineDecay(config.learning_rate, config.epochs * batches)


def _write_run_json(config: TrainingConfig, faces: dataset.FaceSet) -> None:
    counts = {split: len(faces.part(split)) for split in dataset.SPLITS}
    record: dict[str, Any] = {
        "app": __version__,
        "config": config.to_json(),
        "versions": {"python": platform.python_version(), "keras": keras.__version__},
        "data": {"fingerprint": faces.fingerprint(), "counts": counts},
    }
    (config.run_dir / "run.json").write_text(json.dumps(record, indent=2) + "\n")
