"""Runs are trained one after the other, can be paused, stopped, left alone and found again."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.training import epoch_event, make_faces, start_event

from fercam import paths
from fercam.core.errors import TrainingError
from fercam.recording.lock import SessionLock, held_elsewhere
from fercam.training.config import TrainingConfig
from fercam.training.job import KILLED, train_job
from fercam.training.networks import Network
from fercam.training.run_desk import REFUSED, STOPPED_EARLY, Base, RunDesk
from fercam.training.run_list import RunEntry, list_runs
from fercam.training.run_status import RunStatus
from fercam.training.runs import (
    any_left_alone,
    begun_record,
    read_events,
    wish_file,
    write_record,
)


class Ear:
    """Keeps what a desk says."""

    def __init__(self) -> None:
        self.said: list[RunStatus] = []
        self.runs: list[RunEntry] = []
        self.networks: list[Network] = []
        self.bases: list[Base | None] = []
        self.failures: list[str] = []
        self._changed = threading.Condition()

    def on_run(self, status: RunStatus) -> None:
        with self._changed:
            self.said.append(status)
            self._changed.notify_all()

    def on_runs(self, runs: Sequence[RunEntry]) -> None:
        with self._changed:
            self.runs = list(runs)
            self._changed.notify_all()

    def on_networks(self, known: Sequence[Network]) -> None:
        self.networks = list(known)

    def on_base(self, base: Base | None) -> None:
        with self._changed:
            self.bases.append(base)
            self._changed.notify_all()

    def on_run_failed(self, message: str) -> None:
        with self._changed:
            self.failures.append(message)
            self._changed.notify_all()

    def wait(self, what: Callable[[], object], timeout_s: float = 120.0) -> None:
        with self._changed:
            assert self._changed.wait_for(what, timeout_s), (self.said[-3:], self.failures)

    def newest(self, folder: Path) -> RunStatus:
        return next(status for status in reversed(self.said) if status.folder == folder)

    def wait_state(self, folder: Path, *states: str) -> RunStatus:
        def there() -> bool:
            return any(s.folder == folder and s.state in states for s in self.said)

        self.wait(there)
        return self.newest(folder)


class FakeJob:
    """A child whose events a test gives."""

    def __init__(self, config: TrainingConfig, name: str) -> None:
        self.config, self.name = config, name
        self.calls: list[object] = []
        self._events: list[dict | Exception] = []
        self._changed = threading.Condition()

    def give(self, *events: dict | Exception) -> None:
        with self._changed:
            self._events += events
            self._changed.notify_all()

    def events(self) -> Iterator[dict]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._events)
                event = self._events.pop(0)
            if isinstance(event, Exception):
                raise event
            if event["event"] == "alone":
                return
            yield event
            if event["event"] == "done":
                return

    def pause(self, paused: bool) -> None:
        self.calls.append(("pause", paused))

    def finish(self) -> None:
        self.calls.append("finish")

    def kill(self) -> None:
        self.calls.append("kill")
        self.give(TrainingError(KILLED))

    def leave_alone(self, stop: bool) -> None:
        self.calls.append(("leave_alone", stop))
        self.give({"event": "alone"})

    def __enter__(self) -> "FakeJob":
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def jobs() -> list[FakeJob]:
    return []


@pytest.fixture
def desk(ear: Ear, jobs: list[FakeJob], tmp_path: Path) -> Iterator[RunDesk]:
    def start(config: TrainingConfig, name: str) -> FakeJob:
        jobs.append(FakeJob(config, name))
        return jobs[-1]

    desk = RunDesk(ear, tmp_path / "runs", start)  # type: ignore[arg-type]
    yield desk
    desk.close()
    assert desk.join(30.0)


CONFIG = TrainingConfig(Path("faces"), Path(), "seed", epochs=4)
DONE = {"event": "done", "bundle": "model", "metrics": {}}


def write_unfinished(folder: Path) -> Path:
    """A run folder as a killed child leaves it, after one epoch."""
    folder.mkdir(parents=True)
    record = {"config": replace(CONFIG, run_dir=folder).to_json(), "name": "mine"}
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "last_model.keras").write_bytes(b"")
    (folder / "history.csv").write_text(
        "epoch,loss,accuracy,val_loss,val_accuracy,val_balanced\n1,1.5,0.4,1.4,0.44,0.44\n"
    )
    events = [start_event(4), epoch_event(1, 1.5, 1.4, 4)]
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return folder


def test_runs_wait_for_each_other_and_each_gets_a_folder_of_its_own(
    desk: RunDesk, ear: Ear, jobs: list[FakeJob]
) -> None:
    folders = [desk.start(CONFIG, name) for name in ("one", "two", "three")]
    assert len(set(folders)) == 3
    ear.wait(lambda: len(jobs) == 1)
    assert ear.newest(folders[1]).state == "queued"
    desk.unqueue(folders[1])
    assert ear.newest(folders[1]).state == "stopped"
    jobs[0].give(start_event(4), DONE)
    ear.wait(lambda: len(jobs) == 2)
    assert ear.newest(folders[0]).state == "finished"
    assert (jobs[1].name, jobs[1].config.run_dir) == ("three", folders[2])
    jobs[1].give(DONE)
    ear.wait_state(folders[2], "finished")


def test_the_run_under_way_is_paused_and_stopped(
    desk: RunDesk, ear: Ear, jobs: list[FakeJob]
) -> None:
    folder = desk.start(CONFIG, "one")
    ear.wait(lambda: jobs)
    jobs[0].give(start_event(4), {"event": "paused", "paused": True})
    ear.wait_state(folder, "paused")
    desk.pause(False)
    desk.stop()
    assert jobs[0].calls == [("pause", False), "finish"]
    jobs[0].give(TrainingError("Training stopped before its first epoch was done."))
    assert ear.wait_state(folder, "stopped", "failed").state == "stopped"


def test_a_run_that_does_not_learn_yet_is_stopped_at_once(
    desk: RunDesk, ear: Ear, jobs: list[FakeJob]
) -> None:
    folder = desk.start(CONFIG, "one")
    ear.wait(lambda: jobs)
    ear.wait_state(folder, "preparing")
    desk.stop()
    status = ear.wait_state(folder, "stopped", "failed")
    assert (status.state, status.message) == ("stopped", STOPPED_EARLY)
    assert jobs[0].calls == ["kill"]
    unfinished = write_unfinished(folder)
    desk.resume(unfinished)
    ear.wait(lambda: len(jobs) == 2)
    ear.wait(lambda: ear.said[-1].state == "preparing")
    desk.stop()
    ear.wait(lambda: ear.said[-1].state == "stopped")
    assert "can be resumed" in ear.said[-1].message
    assert unfinished.exists()


def test_a_failure_is_told_and_what_was_learned_is_kept(
    desk: RunDesk, ear: Ear, jobs: list[FakeJob]
) -> None:
    folder = desk.start(CONFIG, "one")
    ear.wait(lambda: jobs)
    write_unfinished(folder)
    jobs[0].give(start_event(4), epoch_event(1, 1.5, 1.4, 4), TrainingError("The disk is full."))
    status = ear.wait_state(folder, "failed")
    assert status.message == (
        "The disk is full. The best so far (epoch 1) is kept; it can be resumed."
    )
    ear.wait(lambda: ear.runs)
    desk.resume(folder)
    ear.wait(lambda: len(jobs) == 2)
    assert (jobs[1].config.resume, jobs[1].config.run_dir, jobs[1].name) == (True, folder, "mine")
    jobs[1].give(epoch_event(2, 1.2, 1.3, 4))
    ear.wait(lambda: len(ear.newest(folder).history) == 2)
    assert ear.newest(folder).best_epoch == 2
    jobs[1].give(DONE)
    ear.wait_state(folder, "finished")


def test_a_run_that_never_began_leaves_no_folder(
    desk: RunDesk, ear: Ear, jobs: list[FakeJob]
) -> None:
    folder = desk.start(CONFIG, "one")
    ear.wait(lambda: jobs)
    folder.mkdir(parents=True)
    write_record(folder, begun_record(replace(CONFIG, run_dir=folder), "one"))
    jobs[0].give(TrainingError("There is no data set at faces."))
    assert ear.wait_state(folder, "failed").message == "There is no data set at faces."
    assert not folder.exists()


def test_what_cannot_be_resumed_or_is_under_way_is_refused(desk: RunDesk, ear: Ear) -> None:
    desk.resume(Path("nowhere"))
    ear.wait(lambda: ear.failures)
    assert "nothing to go on from" in ear.failures[0]


def test_an_unfinished_run_can_be_discarded(desk: RunDesk, ear: Ear, tmp_path: Path) -> None:
    folder = write_unfinished(tmp_path / "runs" / "old")
    desk.begin()
    ear.wait(lambda: ear.runs)
    assert (ear.runs[0].name, ear.runs[0].seconds) == ("mine", 10.0)
    desk.discard(folder)
    ear.wait(lambda: not ear.runs)
    assert not folder.exists()


@pytest.mark.parametrize("keep_going", [True, False])
def test_closing_lets_the_child_go_on_or_finish_alone(
    desk: RunDesk, ear: Ear, jobs: list[FakeJob], tmp_path: Path, keep_going: bool
) -> None:
    (tmp_path / "runs").mkdir()
    desk.start(CONFIG, "one")
    waiting = desk.start(CONFIG, "two")
    ear.wait(lambda: jobs)
    desk.close(keep_going)
    assert desk.join(30.0)
    assert jobs[0].calls == [("leave_alone", not keep_going)]
    later = Ear()
    next_desk = RunDesk(later, tmp_path / "runs", lambda config, name: _into(jobs, config, name))
    next_desk.begin()
    if keep_going:
        later.wait(lambda: len(jobs) == 2)
        assert (jobs[1].name, jobs[1].config.epochs) == ("two", 4)
        jobs[1].give(DONE)
        later.wait_state(jobs[1].config.run_dir, "finished")
    next_desk.close()
    assert next_desk.join(30.0)
    assert len(jobs) == (2 if keep_going else 1)
    assert waiting.name


def test_what_an_earlier_window_queued_waits_behind_the_run_that_is_followed(
    tmp_path: Path,
) -> None:
    """Also for the window after that, together with what was queued since."""
    runs = tmp_path / "runs"
    followed, ear, jobs = write_unfinished(runs / "followed"), Ear(), []
    left = {"config": replace(CONFIG, run_dir=runs / "left").to_json(), "name": "left"}
    (runs / "queue.json").write_text(json.dumps([left]), encoding="utf-8")
    desk = RunDesk(ear, runs, lambda config, name: _into(jobs, config, name))
    with SessionLock(followed):
        desk.begin()
        ear.wait_state(followed, "running")
        assert ear.newest(runs / "left").state == "queued"
        desk.start(CONFIG, "new")
        desk.close(keep_going=True)
        assert desk.join(30.0)
    waiting = json.loads((runs / "queue.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in waiting] == ["left", "new"]
    assert not jobs


def test_a_followed_run_that_is_over_is_asked_for_nothing_more(tmp_path: Path) -> None:
    runs, ear = tmp_path / "runs", Ear()
    followed = write_unfinished(runs / "followed")
    desk = RunDesk(ear, runs, FakeJob)
    lock = SessionLock(followed)
    lock.acquire()
    desk.begin()
    ear.wait_state(followed, "running")
    lock.release()
    desk.close()
    assert desk.join(30.0)
    assert not wish_file(followed).exists()


def test_a_window_that_closes_at_once_keeps_what_an_earlier_one_queued(tmp_path: Path) -> None:
    left = {"config": replace(CONFIG, run_dir=tmp_path / "left").to_json(), "name": "left"}
    (tmp_path / "queue.json").write_text(json.dumps([left]), encoding="utf-8")
    desk = RunDesk(Ear(), tmp_path, FakeJob)
    for name in ("first", "second"):  # the first may have its turn
        desk.start(CONFIG, name)
    desk.close(keep_going=True)
    assert desk.join(30.0)
    waiting = json.loads((tmp_path / "queue.json").read_text(encoding="utf-8"))
    assert waiting[0] == left and waiting[-1]["name"] == "second"


def _into(jobs: list[FakeJob], config: TrainingConfig, name: str) -> FakeJob:
    jobs.append(FakeJob(config, name))
    return jobs[-1]


def test_the_model_in_use_is_offered_if_it_has_a_network(
    desk: RunDesk, ear: Ear, tiny_bundle: Path, tmp_path: Path
) -> None:
    desk.look_at_model(str(tiny_bundle))
    ear.wait(lambda: ear.bases)
    assert ear.bases == [Base("tiny", "tiny", tiny_bundle / "model.keras")]
    lame = tmp_path / "lame"
    shutil.copytree(tiny_bundle, lame)
    (lame / "model.keras").unlink()
    desk.look_at_model(str(lame))
    ear.wait(lambda: len(ear.bases) == 2)
    assert ear.bases[1] is None


@pytest.mark.slow
def test_a_child_outlives_its_window_and_the_next_one_follows_pauses_and_stops_it(
    tmp_path: Path,
) -> None:
    faces = make_faces(tmp_path / "faces", train=30)
    config = TrainingConfig(
        faces, Path(), "seed-small", epochs=500, batch_size=8, patience=500, validation_share=0.2
    )
    runs, first = tmp_path / "runs", Ear()
    desk = RunDesk(first, runs, train_job)  # not nicely: other tests would starve it
    folder = desk.start(config, "mine")
    first.wait(lambda: first.said[-1].history)
    shutil.rmtree(faces)  # a data set that vanishes meanwhile is no longer needed
    desk.close(keep_going=True)
    assert desk.join(30.0)
    assert held_elsewhere(folder)

    second = Ear()
    desk = RunDesk(second, runs, train_job)
    desk.begin()
    second.wait_state(folder, "running")
    second.wait(lambda: second.newest(folder).faces_per_s and second.newest(folder).batch)
    assert second.runs[0].running
    desk.pause(True)
    second.wait_state(folder, "paused")
    epochs = len(second.newest(folder).history)
    time.sleep(1.0)
    assert len(second.newest(folder).history) == epochs
    desk.pause(False)
    second.wait(lambda: len(second.newest(folder).history) > epochs)
    desk.stop()
    finished = second.wait_state(folder, "finished", "failed")
    assert finished.state == "finished" and finished.bundle == folder / "mine"
    desk.close()
    assert desk.join(30.0)
    (run,) = list_runs(runs)
    assert run.bundle == folder / "mine" and run.seconds > 0 and not run.running
    assert not (folder / ".lock").exists() and not (folder / ".wish").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_run_left_alone_while_it_reads_its_data_is_shown_by_the_next_window(
    tmp_path: Path,
) -> None:
    data, votes, runs = tmp_path / "fer2013.csv", tmp_path / "fer2013new.csv", tmp_path / "runs"
    data.write_text("nothing that is known\n", encoding="utf-8")
    os.mkfifo(votes)  # reading it waits for the test
    first, second = Ear(), Ear()
    desk = RunDesk(first, runs, train_job)
    folder = desk.start(replace(CONFIG, dataset=data), "mine")
    while not held_elsewhere(folder):
        assert first.said[-1].state in ("queued", "preparing")
        time.sleep(0.01)
    desk.close(keep_going=True)
    assert desk.join(30.0)
    assert any_left_alone(runs)

    desk = RunDesk(second, runs, train_job)
    desk.begin()
    assert second.wait_state(folder, "preparing").name == "mine"
    second.wait(lambda: second.runs and second.runs[0].running)
    votes.write_text("none\n", encoding="utf-8")  # the data are refused, and nobody hears it
    assert second.wait_state(folder, "failed").message == REFUSED
    assert not folder.exists()
    desk.close()
    assert desk.join(30.0)


@pytest.mark.slow
def test_a_killed_child_is_one_sentence_and_can_be_resumed(tmp_path: Path) -> None:
    import psutil

    faces = make_faces(tmp_path / "faces")
    config = TrainingConfig(faces, Path(), "seed-small", epochs=500, patience=500, batch_size=8)
    ear = Ear()
    desk = RunDesk(ear, tmp_path / "runs", train_job)
    folder = desk.start(config, "mine")
    ear.wait(lambda: ear.said[-1].history)
    for child in psutil.Process().children():
        if child.status() != psutil.STATUS_ZOMBIE and str(folder) in " ".join(child.cmdline()):
            child.kill()
    status = ear.wait_state(folder, "failed")
    assert "ended from outside" in status.message and "it can be resumed" in status.message
    before = len(status.history)
    desk.resume(folder)
    ear.wait(lambda: len(ear.newest(folder).history) > before)
    desk.stop()
    ear.wait_state(folder, "finished")
    desk.close()
    assert desk.join(30.0)
    told = [event["epoch"] for event in read_events(folder) if event["event"] == "epoch"]
    assert told == list(range(1, len(told) + 1))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "user_cache_dir", lambda: tmp_path / "cache")
