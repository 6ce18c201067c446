"""Runs as the run desk tells of them, and a small data set."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import TrainingError
from fercam.training.config import TrainingConfig
from fercam.training.run_list import RunEntry
from fercam.training.run_status import RunStatus

RUN = Path("/runs/one")


def make_faces(root: Path, train: int = 6, test: int = 2) -> Path:
    """Write noise, the brighter the later the emotion, as folders train/ and test/."""
    rng = np.random.default_rng(1)
    for split, count in (("train", train), ("test", test)):
        for brightness, emotion in enumerate(EMOTIONS):
            folder = root / split / emotion
            folder.mkdir(parents=True)
            for number in range(count):
                noise = rng.integers(0, 20, (48, 48))
                cv2.imwrite(str(folder / f"{number}.png"), (brightness * 30 + noise).astype("u1"))
    return root


def start_event(epochs: int = 10, **more: Any) -> dict[str, Any]:
    """What the engine says once the data are read."""
    return {
        "event": "start",
        "architecture": "seed",
        "parameters": 4_232_199,
        "epochs": epochs,
        "skipped": 0,
        "left_out": 0,
        "train": 1000,
        "validation": 100,
        "test": 0,
        "private_test": 0,
        **more,
    }


def epoch_event(epoch: int, loss: float, val_loss: float, epochs: int = 10) -> dict[str, Any]:
    """What the engine says after an epoch."""
    return {
        "event": "epoch",
        "epochs": epochs,
        "best": True,
        "seconds": 10.0,
        "seconds_left": 10.0 * (epochs - epoch),
        "learning_rate": 1e-3,
        "epoch": epoch,
        "loss": loss,
        "accuracy": 1 - loss / 2.5,
        "val_loss": val_loss,
        "val_accuracy": 1 - val_loss / 2.5,
        "val_balanced": 1 - val_loss / 2.5,
    }


def batch_event(epoch: int, batch: int, batches: int = 8) -> dict[str, Any]:
    """What the engine says within an epoch."""
    return {
        "event": "batch",
        "epoch": epoch,
        "batch": batch,
        "batches": batches,
        "loss": 0.9,
        "accuracy": 0.66,
        "faces_per_s": 412.0,
        "seconds_left": 95.0,
    }


def status_after(*events: dict[str, Any], name: str = "mine", folder: Path = RUN) -> RunStatus:
    """The status of a run once all this has happened."""
    status = RunStatus(folder, name, "preparing", epochs=10)
    for event in events:
        status = status.after(event)
    return status


def make_entry(folder: Path, epochs_done: int = 3, **more: Any) -> RunEntry:
    """A run on the disk that was not finished."""
    values: dict[str, Any] = {
        "folder": folder,
        "config": TrainingConfig(Path("faces"), folder, epochs=10),
        "started": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        "history": tuple(epoch_event(epoch, 1.0, 1.1) for epoch in range(1, epochs_done + 1)),
        "bundle": None,
        "metrics": {},
        "resumable": True,
        "seconds": 30.0,
        "notes": "",
        "name": folder.name,
    }
    return RunEntry(**{**values, **more})


class InterruptedJob:
    """A child of which the app hears Ctrl-C first, and then how it ended."""

    def __init__(self, ends: list[dict] | TrainingError) -> None:
        self.ends, self.stopped = ends, False

    def events(self) -> Iterator[dict]:
        if not self.stopped:
            raise KeyboardInterrupt
        if isinstance(self.ends, TrainingError):
            raise self.ends
        yield from self.ends

    def stop(self) -> None:
        self.stopped = True

    def __enter__(self) -> "InterruptedJob":
        return self

    def __exit__(self, *_: object) -> None:
        pass
