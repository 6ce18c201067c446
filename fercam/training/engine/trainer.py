"""Training a network on a data set, with events, curves and the best weights kept."""

import contextlib
import gc
import math
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fercam.core.errors import TrainingError
from fercam.training.config import TrainingConfig
from fercam.training.engine import builder, dataset
from fercam.training.engine.batches import Batches
from fercam.training.engine.control import Control
from fercam.training.engine.foreign import LOADING_FAILS
from fercam.training.engine.journal import Emit, Journal
from fercam.training.engine.pace import Pace
from fercam.training.runs import (
    begun_record,
    best_model,
    damaged,
    epochs_done,
    last_model,
    read_history,
    read_record,
    run_file,
    write_record,
)


def train(
    model: keras.Model,
    config: TrainingConfig,
    faces: dataset.FaceSet,
    emit: Emit,
    control: Control,
    name: str,
    begun: Callable[[int], None],
) -> keras.Model:
    """Train what `network` returned on the train part of prepared `faces`, choose on its validation
    part, return the best. `begun` is told how many parameters the network has.

    Writes run.json, history.csv, best_model.keras and last_model.keras into the run folder. A
    resumed run goes on after the last epoch that was validated, or begins anew where none was, as
    if it had never stopped.

    Raises:
        TrainingError: stopped before one epoch was validated, or nothing more can be learned.
    """
    run_dir = config.run_dir
    _write_run_json(config, faces, name)
    begun(model.count_params())
    if _finished(config):
        return model
    with Batches(faces.part("train"), config) as batches:
        done = int(model.optimizer.iterations) // len(batches)
        pace = Pace(batches.faces, config.epochs - done)
        journal = Journal(config, faces.part("validation"), emit, done, pace)
        with contextlib.suppress(_Stopped):
            while done < config.epochs and not journal.out_of_patience():
                _reseed(model, config.seed, done)
                trained = _train_epoch(model, batches, config, done, emit, control, pace)
                done += 1
                if done % config.validate_every == 0 or done == config.epochs:
                    journal.finish_epoch(model, done, trained)
    if not best_model(run_dir).exists():
        first = f"{config.validate_every} epochs were" if config.validate_every > 1 else "epoch was"
        raise TrainingError(f"Training stopped before its first {first} done; nothing was kept.")
    return keras.models.load_model(best_model(run_dir), compile=False)


def network(config: TrainingConfig) -> keras.Model:
    """Return the network that a run begins or goes on with; of one that has had all of its epochs,
    the best.

    Raises:
        TrainingError: a file of the run, or the weights to start from, cannot be used.
        UsageError: there is no such network.
    """
    if _finished(config):
        return _kept(best_model(config.run_dir))
    if config.resume and last_model(config.run_dir).exists():
        return _resumed(config)
    return _fresh(config)


def _finished(config: TrainingConfig) -> bool:
    """Return whether a run has had all of its epochs, so that only its model is wanted."""
    done = config.resume and epochs_done(read_history(config.run_dir)) >= config.epochs
    return done and best_model(config.run_dir).exists()


def _kept(file: Path) -> keras.Model:
    try:
        return keras.models.load_model(file)
    except LOADING_FAILS as error:
        raise damaged(file) from error


class _Stopped(Exception):
    """The app asked to stop."""


def _train_epoch(
    model: keras.Model,
    batches: Batches,
    config: TrainingConfig,
    epoch: int,
    emit: Emit,
    control: Control,
    pace: Pace,
) -> dict[str, float]:
    # batch by batch: Keras's own loop leaves the batch size open, for which TensorFlow finds
    # slower convolutions (nearly twice the time a step)
    seen, totals = 0, {"loss": 0.0, "accuracy": 0.0}
    for number, (x, y, weights) in enumerate(batches.epoch(epoch)):
        step, steps = epoch * len(batches) + number, config.epochs * len(batches)
        model.optimizer.learning_rate = learning_rate(config, step, steps)
        logs = model.train_on_batch(x, y, sample_weight=weights, return_dict=True)
        count = batches.count(number)
        pace.batch(count)
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        seen += count
        totals = {name: totals[name] + float(logs[name]) * count for name in totals}
        if not math.isfinite(totals["loss"]):
            raise TrainingError(
                "Learning went astray: the loss is no number any more. Try a lower learning rate."
            )
        means = {name: round(total / seen, 6) for name, total in totals.items()}
        if pace.due() or number + 1 == len(batches):
            speed = {"faces_per_s": pace.faces_per_s, "seconds_left": pace.seconds_left}
            emit("batch", epoch=epoch + 1, batch=number + 1, batches=len(batches), **means, **speed)
        began = time.monotonic()
        control.wait_while_paused()
        pace.paused(began)
        if control.stop_asked():
            raise _Stopped
    return {name: total / seen for name, total in totals.items()}


def _fresh(config: TrainingConfig) -> keras.Model:
    keras.utils.set_random_seed(config.seed)
    keras.config.set_dtype_policy(_precision(config))
    model = builder.for_training(config)
    keras.config.set_dtype_policy("float32")  # what is built later, for export, is exact
    _compile(model, _optimizer(config))
    return model


def _resumed(config: TrainingConfig) -> keras.Model:
    model = _kept(last_model(config.run_dir))
    # made anew, since Keras does not store what is excluded from weight decay
    optimizer = _optimizer(config)
    optimizer.build(model.trainable_variables)
    for variable, stored in zip(optimizer.variables, model.optimizer.variables, strict=True):
        variable.assign(stored)
    _compile(model, optimizer)
    return model


def _compile(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    model.compile(
        optimizer=optimizer, loss="categorical_crossentropy", weighted_metrics=["accuracy"]
    )
    # all variables are made now: TensorFlow builds a step twice if it finds new ones in it
    optimizer.build(model.trainable_variables)
    one = np.eye(1, builder.CLASSES, dtype=np.float32)
    model.compute_metrics(None, one, one, np.ones(1, np.float32))
    model.reset_metrics()


def _reseed(model: keras.Model, seed: int, epoch: int) -> None:
    """Start dropout anew for an epoch: Keras does not store how far its random numbers were."""
    rng = np.random.default_rng((seed, epoch))
    for variable in model.variables:
        if variable.path.endswith("seed_generator_state"):
            variable.assign(rng.integers(2**31, size=2).astype(np.uint32))


def _optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    averaging: dict[str, Any] = (
        {"use_ema": True, "ema_momentum": config.averaging} if config.averaging else {}
    )
    if config.optimizer == "adam":
        return keras.optimizers.Adam(config.learning_rate, **averaging)
    optimizer = keras.optimizers.AdamW(
        config.learning_rate, weight_decay=config.weight_decay, **averaging
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def learning_rate(config: TrainingConfig, step: int, steps: int) -> float:
    """Return the learning rate of a step, counted from 0, of all `steps` of a run."""
    if config.schedule == "constant":
        return config.learning_rate
    warmup = round(config.warmup_epochs * steps / config.epochs)
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    return config.learning_rate * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


def _precision(config: TrainingConfig) -> str:
    """Return the number type to compute in: bfloat16 pays where the processor multiplies it."""
    if config.precision != "auto":
        return config.precision
    cpu = Path("/proc/cpuinfo")
    amx = cpu.exists() and "amx_bf16" in cpu.read_text(encoding="utf-8")
    return "mixed_bfloat16" if amx else "float32"


def require_same_data(config: TrainingConfig, faces: dataset.FaceSet) -> None:
    """Make sure that there is a run to go on with, and that it began with these `faces`.

    Raises:
        TrainingError: there is none, or it did not.
    """
    record = read_record(config.run_dir)
    if "data" not in record:
        return  # killed before it had read any
    try:
        before = record["data"]["fingerprint"]
    except (KeyError, TypeError) as error:
        raise damaged(run_file(config.run_dir)) from error
    if before != faces.fingerprint():
        raise TrainingError("The data set is not the one this run began with.")


def _write_run_json(config: TrainingConfig, faces: dataset.FaceSet, name: str) -> None:
    counts = {split: len(faces.part(split)) for split in dataset.SPLITS}
    record = {
        **begun_record(config, name),
        "versions": {
            "python": platform.python_version(),
            "keras": keras.__version__,
            "backend": f"{keras.backend.backend()}",
        },
        "data": {"fingerprint": faces.fingerprint(), "counts": counts},
    }
    write_record(config.run_dir, record)
