"""What the folders of runs tell without loading the engine."""

from pathlib import Path

from fercam.recording.lock import SessionLock
from fercam.training.runs import any_left_alone, now_file


def test_only_runs_that_somebody_is_at_are_left_alone(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    now_file(run).touch()
    assert not any_left_alone(tmp_path)  # it is over, or was killed
    lock = SessionLock(run)
    lock.acquire()
    assert any_left_alone(tmp_path)
    lock.release()
    assert not any_left_alone(tmp_path)
