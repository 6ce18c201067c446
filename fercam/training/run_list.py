"""All training runs there are, as their folders tell."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fercam.core.errors import TrainingError
from fercam.inference.bundle import CARD
from fercam.recording.lock import held_elsewhere
from fercam.training.config import TrainingConfig
from fercam.training.runs import (
    last_model,
    model_name,
    read_config,
    read_events,
    read_history,
    read_record,
    run_file,
)

NOTES = "notes.txt"


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A run on the disk. `history` are the figures of its epochs; `metrics` those of the finished
    model per split, as on its card; `bundle` is that model, None as long as the run is unfinished
    (`resumable` says whether it can go on). `started` is local time, `seconds` how long it was at
    work, pauses left out. `name` is what its model is called, `running` whether a process is at it.
    """

    folder: Path
    config: TrainingConfig
    started: datetime
    history: tuple[dict[str, float], ...]
    bundle: Path | None
    metrics: dict[str, dict[str, Any]]
    resumable: bool
    seconds: float
    notes: str
    name: str = ""
    running: bool = False


def list_runs(home: Path) -> list[RunEntry]:
    """Return the runs in a folder of runs, newest first; what is no run is passed over."""
    found = [
        entry
        for folder in (home.iterdir() if home.is_dir() else ())
        if (entry := read_run(folder)) is not None
    ]
    return sorted(found, key=lambda entry: entry.started, reverse=True)


def read_run(folder: Path) -> RunEntry | None:
    """Return the run in a folder, None if there is none."""
    try:
        config, record = read_config(folder), read_record(folder)
        started = _began(record, folder)
        history = tuple(read_history(folder))
    except (TrainingError, OSError, ValueError, TypeError):
        return None
    # "[!.]": half a model, which a kill may leave, is hidden
    bundle = next((card.parent for card in sorted(folder.glob(f"[!.]*/{CARD}"))), None)
    return RunEntry(
        folder,
        config,
        started,
        history,
        bundle,
        _metrics(bundle),
        last_model(folder).exists(),
        _seconds(folder),
        _notes(folder),
        model_name(record, config),
        held_elsewhere(folder),
    )


def write_notes(folder: Path, notes: str) -> None:
    """Keep what a person wrote about a run."""
    (folder / NOTES).write_text(notes, encoding="utf-8")


def _began(record: dict[str, Any], folder: Path) -> datetime:
    told = record.get("started")
    if told:
        return datetime.fromisoformat(told)
    return datetime.fromtimestamp(run_file(folder).stat().st_ctime, UTC).astimezone()


def _seconds(folder: Path) -> float:
    events = read_events(folder)
    return sum(float(event.get("seconds", 0)) for event in events)


def _notes(folder: Path) -> str:
    file = folder / NOTES
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _metrics(bundle: Path | None) -> dict[str, dict[str, Any]]:
    if bundle is None:
        return {}
    try:
        return dict(json.loads((bundle / CARD).read_text(encoding="utf-8"))["metrics"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
