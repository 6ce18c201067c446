"""What the folders of runs tell without loading the engine."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.runs import make_run
from helpers.training import epoch_event, start_event

from fercam.core.errors import TrainingError
from fercam.inference.bundle import CARD
from fercam.recording.lock import SessionLock
from fercam.training.run_list import list_runs, read_run
from fercam.training.runs import (
    FIGURES,
    any_left_alone,
    events_file,
    history_file,
    read_config,
    read_history,
    run_file,
)


def test_only_runs_that_somebody_is_at_are_left_alone(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", None)
    assert not any_left_alone(tmp_path)  # it is over, or was killed
    lock = SessionLock(run)
    lock.acquire()
    assert any_left_alone(tmp_path)
    lock.release()
    assert not any_left_alone(tmp_path)


def test_half_a_model_that_a_kill_left_is_not_the_runs_model(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", None)
    half = run / ".bundle-x"
    half.mkdir()
    (half / CARD).write_text("{}", encoding="utf-8")
    entry = read_run(run)
    assert entry is not None
    assert (entry.bundle, entry.resumable) == (None, True)


@pytest.mark.parametrize("content", [None, "epoch,loss\n1\n"])
def test_figures_that_are_lost_are_taken_from_what_the_run_told(
    tmp_path: Path, content: str | None
) -> None:
    """So a run that goes on knows its best epoch; what a kill undid was told twice."""
    run = make_run(tmp_path / "run", None)
    told = [(1, 1.4), (2, 1.1), (3, 1.3), (2, 1.2)]
    events = [start_event(), *(epoch_event(epoch, 1.0, loss) for epoch, loss in told)]
    lines = "".join(json.dumps(event) + "\n" for event in events)
    events_file(run).write_bytes(lines.encode() + b"\xff no line of ours\n")
    assert len(read_history(run)) == 3
    history_file(run).unlink()
    if content is not None:
        history_file(run).write_text(content, encoding="utf-8")
    rows = read_history(run)
    assert [(row["epoch"], row["val_loss"]) for row in rows] == [(1, 1.4), (2, 1.2)]
    assert set(rows[0]) == FIGURES | {"val_balanced"}


NOISE = b"\x00\xff\x17\n\xfe,"


@pytest.mark.parametrize(
    ("file", "read", "way_out", "content"),
    [
        *[(run_file, read_config, "train anew", content) for content in (NOISE, b"[1]", b'{"con')],
        *[
            (history_file, read_history, "delete it", content)
            for content in (NOISE, b"epoch,val_loss\n1,0.9\n2", b"a,b\n1,2\n", b"epoch\nten\n")
        ],
    ],
)
def test_damaged_files_are_told_with_a_way_out(
    tmp_path: Path, file: Callable, read: Callable, way_out: str, content: bytes
) -> None:
    run = make_run(tmp_path / "run", None)
    assert read(run)
    file(run).write_bytes(content)
    with pytest.raises(TrainingError, match=rf"{file(run).name} is damaged.*{way_out}"):
        read(run)
    assert not list_runs(tmp_path)
