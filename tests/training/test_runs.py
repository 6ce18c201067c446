"""What the folders of runs tell without loading the engine."""

from pathlib import Path

import pytest
from helpers.runs import make_run

from fercam.core.errors import TrainingError
from fercam.recording.lock import SessionLock
from fercam.training.run_list import list_runs
from fercam.training.runs import any_left_alone, history_file, read_config, read_history, run_file


def test_only_runs_that_somebody_is_at_are_left_alone(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", None)
    assert not any_left_alone(tmp_path)  # it is over, or was killed
    lock = SessionLock(run)
    lock.acquire()
    assert any_left_alone(tmp_path)
    lock.release()
    assert not any_left_alone(tmp_path)


def truncated(file: Path) -> bytes:
    return file.read_bytes()[:-5]


@pytest.mark.parametrize("rubbish", [truncated, b"\x00\xff\x17\n\xfe,", b"[1]", b"a,b\n1,c\n"])
@pytest.mark.parametrize(
    ("file", "read", "way_out"),
    [(run_file, read_config, "train anew"), (history_file, read_history, "delete it")],
)
def test_damaged_files_are_told_with_a_way_out(
    tmp_path: Path, rubbish: bytes, file, read, way_out: str
) -> None:
    run = make_run(tmp_path / "run", None)
    assert read(run)
    damage = rubbish(file(run)) if callable(rubbish) else rubbish
    file(run).write_bytes(damage)
    if file is history_file and rubbish == b"[1]":
        pytest.skip("a heading without rows: no epoch was finished yet")
    with pytest.raises(TrainingError, match=rf"{file(run).name} is damaged.*{way_out}"):
        read(run)
    assert not list_runs(tmp_path)
