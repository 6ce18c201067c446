"""A training run's folder: where it goes and what is in it."""

import contextlib
import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fercam import __version__, paths
from fercam.core.errors import TrainingError, UsageError
from fercam.training.config import Choice, TrainingConfig

FIGURES = {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}
"""Of every epoch that was validated."""


def stamped_name(architecture: str) -> str:
    """Return what the folder of a run that begins now is called."""
    return f"{datetime.now():%Y-%m-%d_%H-%M-%S}-{architecture}"


def new_run_dir(wanted: Path | None, architecture: str, resume: bool) -> Path:
    """Return the folder of a run: the wanted one, or a stamped one among the user's runs.

    Raises:
        TrainingError: a new run would overwrite something, or there is nothing to resume.
        UsageError: it is not said what to resume.
    """
    if resume:
        if wanted is None:
            raise UsageError("--resume needs the folder of an unfinished run: -o DIR.")
        if not wanted.is_dir():
            raise TrainingError(f"There is no unfinished run to resume in {wanted}.")
        return wanted
    if wanted is None:
        return paths.user_runs_dir() / stamped_name(architecture)
    if wanted.exists() and not (wanted.is_dir() and not any(wanted.iterdir())):
        raise TrainingError(f"{wanted} is in use already; choose another folder, or --resume.")
    return wanted


def read_config(run_dir: Path) -> TrainingConfig:
    """Return what a run was asked to do.

    Raises:
        TrainingError: there is no run in this folder.
    """
    record = read_record(run_dir)
    try:
        return TrainingConfig.from_json(record["config"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(run_file(run_dir)) from error


def read_record(run_dir: Path) -> dict[str, Any]:
    """Return what a run has written down about itself.

    Raises:
        TrainingError: there is no run in this folder.
    """
    try:
        text = run_file(run_dir).read_text(encoding="utf-8")
        return dict(json.loads(text))
    except OSError as error:
        raise TrainingError(f"There is no unfinished run to resume in {run_dir}.") from error
    except (ValueError, TypeError) as error:
        raise damaged(run_file(run_dir)) from error


def model_name(record: dict[str, Any], config: TrainingConfig) -> str:
    """Return what a run's model is called, which runs of older versions did not write down."""
    return str(record.get("name") or config.architecture)


def begun_record(config: TrainingConfig, name: str) -> dict[str, Any]:
    """Return what is known of a run as soon as it begins: what it was asked to do, what its model
    will be called, and since when, in local time, which resuming it does not change.
    """
    now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    known = read_record(config.run_dir) if run_file(config.run_dir).exists() else {}
    return {
        "app": __version__,
        "name": name,
        "started": known.get("started", now),
        "config": config.to_json(),
    }


def write_record(run_dir: Path, record: dict[str, Any]) -> None:
    """Write down what is to be known about a run, all of it or nothing."""
    work = run_dir / ".run.part"
    work.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    work.replace(run_file(run_dir))


def damaged(file: Path) -> TrainingError:
    """Return what to say of a run that lacks this file."""
    best = best_model(file.parent)
    way_out = f", for instance from its best network (--weights {best})" * (file != best)
    return TrainingError(f"{file} is damaged, so the run cannot go on; train anew{way_out}.")


def run_file(run_dir: Path) -> Path:
    """Return where a run keeps what it was asked to do; only runs have one."""
    return run_dir / "run.json"


def best_model(run_dir: Path) -> Path:
    """Return where a run keeps the network of its best epoch."""
    return run_dir / "best_model.keras"


def last_model(run_dir: Path) -> Path:
    """Return where a run keeps what it needs to go on: network, optimizer, epoch."""
    return run_dir / "last_model.keras"


def events_file(run_dir: Path) -> Path:
    """Return where a run writes what happens in it, one JSON object a line."""
    return run_dir / "events.jsonl"


def read_events(run_dir: Path) -> list[dict[str, Any]]:
    """Return what happened in a run so far, as far as it can be read."""
    events = []
    with contextlib.suppress(OSError):
        told = events_file(run_dir).read_text(encoding="utf-8", errors="replace")
        for line in told.splitlines():
            with contextlib.suppress(ValueError):  # written just now
                events.append(json.loads(line))
    return [event for event in events if isinstance(event, dict)]


def now_file(run_dir: Path) -> Path:
    """Return where a run under way keeps its newest batch, for who cannot hear it."""
    return run_dir / ".now.json"


def any_left_alone(home: Path) -> bool:
    """Return whether runs in a folder of runs are still under way without a window."""
    from fercam.recording.lock import LOCK_NAME, held_elsewhere

    return any(held_elsewhere(lock.parent) for lock in home.glob(f"*/{LOCK_NAME}"))


def wish_file(run_dir: Path) -> Path:
    """Return where a run that was left alone is told to pause, go or stop."""
    return run_dir / ".wish"


def history_file(run_dir: Path) -> Path:
    """Return where a run keeps the figures of its epochs."""
    return run_dir / "history.csv"


def read_history(run_dir: Path) -> list[dict[str, float]]:
    """Return the figures of each epoch that was validated, counted from 1; nothing if none was.
    Where their file is gone or damaged they are what the run has told of its epochs.

    Raises:
        TrainingError: they cannot be read.
    """
    history = history_file(run_dir)
    if not history.exists():
        return _told_history(run_dir)
    try:
        with history.open(newline="", encoding="utf-8") as file:
            return [_figures(row) for row in csv.DictReader(file)]
    except (csv.Error, ValueError, KeyError, TypeError) as error:
        if told := _told_history(run_dir):
            return told
        raise TrainingError(
            f"{history} is damaged; delete it, and the run can go on without the figures of the "
            "epochs it has had, and keeps the best of those to come."
        ) from error


def _told_history(run_dir: Path) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = []
    for event in read_events(run_dir):
        if event.get("event") == "epoch" and FIGURES.issubset(event):
            row = {name: event[name] for name in event if name in FIGURES | {"val_balanced"}}
            # what was told after a kill takes the place of what was lost by it
            rows = [*(past for past in rows if past["epoch"] < row["epoch"]), row]
    return rows


def _figures(row: dict[str, str]) -> dict[str, float]:
    figures = {name: float(value) for name, value in row.items()}
    return {**figures, "epoch": int(figures["epoch"])}


def epochs_done(history: Sequence[dict[str, float]]) -> int:
    """Return how many epochs a run has behind it; not every one need have been validated."""
    return int(history[-1]["epoch"]) if history else 0


def best_epoch(history: Sequence[dict[str, float]], choose_by: Choice) -> int:
    """Return the epoch, counted from 1, whose network was kept; 0 before there is one."""
    # runs of older versions have no "val_balanced"
    scores = [
        row["val_balanced"]
        if choose_by == "balanced" and "val_balanced" in row
        else -row["val_loss"]
        for row in history
    ]
    return int(history[scores.index(max(scores))]["epoch"]) if scores else 0
