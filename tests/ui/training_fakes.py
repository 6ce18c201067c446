"""Desks of the Training tab that remember what they were asked for."""

from pathlib import Path
from typing import Any

import numpy as np

from fercam.inference.bundle import read_card
from fercam.training.own_models import ModelEntry
from fercam.training.result_desk import OpenRun
from fercam.training.results import read_answers, read_results
from fercam.training.run_list import list_runs, read_run


class FakeDesk:
    """Every public method is remembered with its arguments, and does nothing."""

    def __init__(self, listener: Any) -> None:
        self.listener = listener
        self.calls: list[tuple[Any, ...]] = []
        self.ended = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *about: self.calls.append((name, *about))

    def join(self, timeout_s: float) -> bool:
        return self.ended


class FakeResultDesk(FakeDesk):
    """Lists and opens runs at once."""

    def __init__(self, listener: Any, runs_dir: Path) -> None:
        super().__init__(listener)
        self._runs_dir = runs_dir

    def refresh(self) -> None:
        self.listener.on_runs(list_runs(self._runs_dir))

    def open(self, run: Path) -> None:
        self.listener.on_opened(opened(run))


def opened(run: Path) -> OpenRun:
    """Return a run as the desk opens it."""
    entry, results = read_run(run), read_results(run)
    assert entry is not None
    return OpenRun(entry, results, read_answers(run) if results else None)


def model_entry(folder: Path, own: bool) -> ModelEntry:
    """Return a line of the list of models."""
    return ModelEntry(folder, own, read_card(folder), "", 1_000_000)


def gray_faces(*grays: int) -> np.ndarray:
    """Return a face of one gray for each."""
    return np.stack([np.full((48, 48), gray, np.uint8) for gray in grays])
