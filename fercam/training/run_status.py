"""How a training run goes, from what its child process says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from fercam.training.config import Choice
from fercam.training.runs import best_epoch, epochs_done

State = Literal[
    "queued", "preparing", "running", "paused", "finishing", "finished", "stopped", "failed"
]
UNDER_WAY: tuple[State, ...] = ("queued", "preparing", "running", "paused", "finishing")

LEARNS_BY_HEART = 2
"""Epochs in a row that must be better in training and worse in validation before it is said."""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """One run at one moment.

    `epoch` is the one under way, counted from 1, `batch` how many of its `batches` are done;
    `loss` and `accuracy` (0..1) are its means in training so far. `history` holds the figures of
    the finished epochs, of which `best_epoch` is kept (0: none yet). `seconds_left` is for all the
    epochs wanted, though the run may end sooner. `message` is one sentence once it failed or was
    stopped. `bundle` is the model, as soon as it can be used.
    """

    folder: Path
    name: str
    state: State = "queued"
    architecture: str = ""
    epoch: int = 0
    epochs: int = 0
    batch: int = 0
    batches: int = 0
    loss: float | None = None
    accuracy: float | None = None
    history: tuple[dict[str, float], ...] = ()
    best_epoch: int = 0
    choose_by: Choice = "loss"
    faces: int = 0
    faces_per_s: float | None = None
    seconds_left: float | None = None
    advice: str = ""
    warnings: tuple[str, ...] = ()
    message: str = ""
    bundle: Path | None = None

    @property
    def share(self) -> float | None:
        """How much of the epochs wanted is done, 0..1; None before that is known."""
        if not self.epochs or self.state == "preparing":
            return None
        within = self.batch / self.batches if self.batches else 0.0
        return min(1.0, (max(self.epoch - 1, 0) + within) / self.epochs)

    def after(self, event: dict[str, Any]) -> "RunStatus":
        """Return the status once `event` has happened; what is not known changes nothing."""
        step = _STEPS.get(event.get("event", ""))
        return step(self, event) if step is not None else self


def _start(status: RunStatus, event: dict[str, Any]) -> RunStatus:
    # a run that is resumed says it again; what went wrong before is past
    return replace(
        status, state="running", message="", epochs=event["epochs"], faces=event["train"],
        architecture=event["architecture"],
    )  # fmt: skip


def _warning(status: RunStatus, event: dict[str, Any]) -> RunStatus:
    return replace(status, warnings=(*status.warnings, event["message"]))


def _batch(status: RunStatus, event: dict[str, Any]) -> RunStatus:
    if event["epoch"] <= epochs_done(status.history):
        return status
    return replace(
        status, state="running" if status.state == "preparing" else status.state,
        epoch=event["epoch"], batch=event["batch"], batches=event["batches"],
        loss=event["loss"], accuracy=event["accuracy"],
        faces_per_s=event.get("faces_per_s"), seconds_left=event.get("seconds_left"),
    )  # fmt: skip


def _epoch(status: RunStatus, event: dict[str, Any]) -> RunStatus:
    row = {name: event[name] for name in event if name not in ("event", "epochs", "best")}
    history = (*(past for past in status.history if past["epoch"] < row["epoch"]), row)
    return replace(
        status, epoch=row["epoch"], epochs=event["epochs"], batch=status.batches,
        loss=row["loss"], accuracy=row["accuracy"], history=history,
        best_epoch=best_epoch(history, status.choose_by),
        seconds_left=event.get("seconds_left"), advice=advice(history),
    )  # fmt: skip


def _paused(status: RunStatus, event: dict[str, Any]) -> RunStatus:
    return replace(status, state="paused" if event["paused"] else "running")


def _finishing(status: RunStatus, event: dict[str, Any]) -> RunStatus:
    return replace(status, state="finishing", seconds_left=None)


def _usable(status: RunStatus, event: dict[str, Any]) -> RunStatus:
    return replace(status, bundle=Path(event["bundle"]))


def _done(status: RunStatus, event: dict[str, Any]) -> RunStatus:
    bundle = Path(event["bundle"]) if event["bundle"] else None
    return replace(status, state="finished", bundle=bundle, seconds_left=None)


def _error(status: RunStatus, event: dict[str, Any]) -> RunStatus:
    return replace(status, state="failed", message=event["message"], seconds_left=None)


_STEPS = {
    "warning": _warning,
    "start": _start,
    "batch": _batch,
    "epoch": _epoch,
    "paused": _paused,
    "finishing": _finishing,
    "usable": _usable,
    "done": _done,
    "error": _error,
}


def advice(history: Sequence[dict[str, float]]) -> str:
    """Return one sentence on how training goes, empty while there is nothing to say.

    It learns by heart when the loss in training has fallen since the epoch with the lowest loss in
    validation, while that in validation has only been higher.
    """
    if not history:
        return ""
    lowest = min(range(len(history)), key=lambda at: history[at]["val_loss"])
    since = history[lowest:]
    if len(since) > LEARNS_BY_HEART and since[-1]["loss"] < since[0]["loss"]:
        return (
            "Training gets better, validation does not: it begins to learn by heart "
            f"(since epoch {int(since[0]['epoch']) + 1})."
        )
    return ""
