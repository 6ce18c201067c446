"""Networks trained."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fercam.commands.output import complain, say
from fercam.core.errors import UsageError

if TYPE_CHECKING:
    from fercam.training.config import TrainingConfig

Arguments = argparse.Namespace


def train(options: Arguments) -> int:
    """Train a model in a process of its own."""
    from fercam.training.job import train_job
    from fercam.training.runs import model_name, read_record

    config = _training_config(options)
    record = read_record(config.run_dir) if options.resume else {}
    show: Callable[[dict[str, Any]], None]
    with train_job(config, name=model_name(record, config)) as job:
        progress = _TrainingProgress()
        show = (lambda event: say(json.dumps(event))) if options.json else progress.show
        try:
            while True:
                try:
                    for event in job.events():  # an interrupt ends these, not the child's
                        show(event)
                    return 0
                except KeyboardInterrupt:
                    complain("Stopping after this batch; the best epoch so far is kept.")
                    job.stop()
        finally:
            progress.close()


def _training_config(options: Arguments) -> "TrainingConfig":
    from fercam.training.config import ARCHITECTURE, RECIPES, TrainingConfig, default_recipe
    from fercam.training.runs import new_run_dir, read_config

    architecture = options.arch or ARCHITECTURE
    run_dir = new_run_dir(options.out, architecture, options.resume)
    weights = _weights_file(options.weights)
    asked = {
        "architecture": options.arch,
        "weights": weights,
        "teachers": tuple(options.teacher) or None,
        "seed": options.seed,
        "epochs": options.epochs,
        "batch_size": options.batch,
        "learning_rate": options.learning_rate,
    }
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    settings = dict(options.set)
    if options.resume:
        began_with = replace(
            read_config(run_dir), dataset=options.dataset, run_dir=run_dir, resume=True
        )
        config = replace(began_with, **given).with_settings(settings).absolute()
        config.require_same_run(began_with)
        if options.recipe:
            config.require_recipe(options.recipe, changed={*given, *settings})
        return config
    recipe = RECIPES[options.recipe or default_recipe(architecture, weights)]
    config = TrainingConfig(options.dataset, run_dir, **{**recipe, **given})
    config = config.with_settings(settings).absolute()
    _require_teachers(config)
    return config


def _weights_file(given: Path | None) -> Path | None:
    """Return the file to start from: the given one, or that of the model with this name."""
    from fercam.inference.bundle import KERAS, find_bundle

    if given is not None and not given.is_file():
        return find_bundle(str(given)).verified_file(KERAS)
    return given


def _require_teachers(config: "TrainingConfig") -> None:
    from fercam.training.runs import best_model

    for teacher in config.teachers:
        if not best_model(teacher).is_file():
            raise UsageError(f"{teacher} is no run with a network that could teach.")


class _TrainingProgress:
    """Training events as a progress bar and one line an epoch."""

    def __init__(self) -> None:
        self._bar: Any = None

    def show(self, event: dict[str, Any]) -> None:
        shown = getattr(self, f"_on_{event['event']}", None)
        if shown is not None:
            shown(event)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _on_data(self, event: dict[str, Any]) -> None:
        counts = ", ".join(f"{name} {count:,}" for name, count in event["per_class"].items())
        say(f"{event['faces']:,} faces: {counts}")
        found = {
            "exact copies": event["exact_copies"],
            "near copies": event["near_copies"],
            "groups of copies with different labels": event["conflicts"],
            "faces that taggers call none": event["not_a_face"],
            "unreadable files": event["unreadable"],
            "photos without a face": event["without_face"],
        }
        trouble = ", ".join(f"{what} {count:,}" for what, count in found.items() if count)
        say(f"found: {trouble or 'no copies, nothing unreadable'}")
        say(f"The report on the data: {event['report']}, a sheet of each class beside it")

    def _on_start(self, event: dict[str, Any]) -> None:
        left_out = f", {event['left_out']} left out" * bool(event["left_out"])
        skipped = f", {event['skipped']} skipped" * bool(event["skipped"])
        say(
            f"{event['architecture']}: {event['parameters']:,} parameters; {event['train']} faces "
            f"to train on, {event['validation']} to choose by{left_out}{skipped}"
        )

    def _on_warning(self, event: dict[str, Any]) -> None:
        complain(event["message"])

    def _on_batch(self, event: dict[str, Any]) -> None:
        from tqdm import tqdm

        if self._bar is not None and event["batch"] < self._bar.n:
            self.close()  # an epoch that was not validated
        if self._bar is None:
            self._bar = tqdm(
                total=event["batches"],
                desc=f"epoch {event['epoch']}",
                unit="batch",
                leave=False,
                disable=None,
                file=sys.stderr,
            )
        self._bar.set_postfix(loss=event["loss"], accuracy=event["accuracy"], refresh=False)
        self._bar.update(event["batch"] - self._bar.n)

    def _on_epoch(self, event: dict[str, Any]) -> None:
        self.close()
        say(
            f"epoch {event['epoch']}/{event['epochs']}: loss {event['loss']:.3f}, "
            f"accuracy {event['accuracy']:.3f}; validation loss {event['val_loss']:.3f}, "
            f"accuracy {event['val_accuracy']:.3f}"
        )

    def _on_done(self, event: dict[str, Any]) -> None:
        self.close()
        for split, figures in event["metrics"].items():
            say(f"{split}: accuracy {figures['accuracy']:.3f} on {figures['faces']} faces")
        if event["bundle"] is None:
            say(
                "Trained. Only Keras's TensorFlow backend can write a model for live use: "
                "go on there with --resume."
            )
            return
        say(f"Model: {event['bundle']}")
