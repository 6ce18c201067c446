"""The training runs for the window: one after the other, each in a child process of its own."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from fercam import paths
from fercam.core.chores import Chores
from fercam.core.errors import FerCamError, ModelError, TrainingError, reason_of
from fercam.recording.lock import held_elsewhere
from fercam.training import networks
from fercam.training.config import TrainingConfig
from fercam.training.job import KILLED, EngineJob, networks_job, train_job
from fercam.training.networks import Network
from fercam.training.run_list import RunEntry, list_runs, read_run
from fercam.training.run_status import UNDER_WAY, RunStatus, State
from fercam.training.runs import (
    best_epoch,
    best_model,
    epochs_done,
    events_file,
    last_model,
    now_file,
    read_history,
    stamped_name,
    wish_file,
)

LOOK_EVERY_S = 0.5
QUEUE = "queue.json"
STOPPED_EARLY = "It was stopped before it began to learn."
REFUSED = "It ended before it began to learn; look at its data and train it anew."
"""What to say of a run that left nothing and had nobody to tell why."""

StartTraining = Callable[[TrainingConfig, str], EngineJob]


class RunDeskListener(Protocol):
    """Is called from the desk's threads; must return at once."""

    def on_run(self, status: RunStatus) -> None:
        """A run is queued, goes on or is over."""

    def on_runs(self, runs: Sequence[RunEntry]) -> None:
        """These runs there are on the disk, newest first."""

    def on_networks(self, known: Sequence[Network]) -> None:
        """This is known of the networks that can be trained."""

    def on_base(self, base: "Base | None") -> None:
        """Training may start from this model; None if it has no network to go on from."""

    def on_run_failed(self, message: str) -> None:
        """What was asked could not be done; one plain sentence."""


@dataclass(frozen=True, slots=True)
class Base:
    """A model that training can go on from: its name, architecture and network."""

    name: str
    architecture: str
    weights: Path


@dataclass(slots=True)
class _Now:
    """The run under way: `job` is its child, None before there is one and where the run is
    `followed`, since another window's child is at it.
    """

    status: RunStatus
    job: EngineJob | None = None
    followed: bool = False
    stop_asked: bool = False


class RunDesk:
    """Trains what it is given in order, and follows what an earlier window left at work.

    Each wish returns at once. A child gives way to every other program.
    """

    def __init__(
        self,
        listener: RunDeskListener,
        runs_dir: Path | None = None,
        start_training: StartTraining | None = None,
    ) -> None:
        self._listener = listener
        self._dir = runs_dir or paths.user_runs_dir()
        self._start_training = start_training or _nicely
        self._queue: dict[Path, tuple[TrainingConfig, str]] = {}
        self._now: _Now | None = None
        self._keep_going = self._closing = False
        self._lock = threading.RLock()
        self._chores = Chores("run-desk", listener.on_run_failed)
        self._runs = Chores("runs", listener.on_run_failed)
        self._measuring = Chores("networks", listener.on_run_failed)

    def begin(self) -> None:
        """List the runs and the networks, and take up again what an earlier window left."""
        self.refresh()
        self._chores.do(lambda: self._listener.on_networks(networks.known(self._dir)))
        self._runs.do(self._take_up)
        self._runs.do(self._follow_all)

    def refresh(self) -> None:
        """List the runs again."""
        self._chores.do(lambda: self._listener.on_runs(list_runs(self._dir)))

    def measure(self) -> None:
        """Measure on this computer how quickly each network answers; takes about a minute."""
        self._measuring.do(self._measure)

    def look_at_model(self, name: str | None) -> None:
        """Find out whether training can go on from a model (None: the first there is)."""
        self._chores.do(self._look_at_model, name)

    def start(self, config: TrainingConfig, name: str) -> Path:
        """Train when its turn comes, in a new folder among the runs, and return that folder;
        `config.run_dir` does not matter. The model will be called `name`.
        """
        stamp = stamped_name(config.architecture)
        with self._lock:
            folder, number = self._dir / stamp, 1
            while folder in self._queue or folder.exists() or self._is_now(folder):
                number += 1
                folder = self._dir / f"{stamp}-{number}"
            self._enqueue(replace(config, run_dir=folder, resume=False), name)
        return folder

    def resume(self, folder: Path) -> None:
        """Let an unfinished run go on when its turn comes."""
        self._chores.do(self._resume, folder)

    def unqueue(self, folder: Path) -> None:
        """Do not train what still waits for its turn."""
        with self._lock:
            taken = self._queue.pop(folder, None)
        if taken is not None:
            self._tell(RunStatus(folder, taken[1], "stopped", message="It was not begun."))

    def pause(self, paused: bool) -> None:
        """Let the run under way wait after its next batch, or go on."""
        with self._lock:
            now = self._now
        if now is None:
            return
        if now.followed:
            self._wish(now.status.folder, "pause" if paused else "go")
        elif now.job is not None:  # else it does not learn yet
            now.job.pause(paused)

    def stop(self) -> None:
        """End the run under way after its next batch and make a model of its best epoch; one that
        does not learn yet ends at once.
        """
        with self._lock:
            now = self._now
            if now is None:
                return
            now.stop_asked = True
        if now.followed:
            self._wish(now.status.folder, "stop")
        elif now.job is not None:  # else it is ended as soon as it has one
            end = now.job.kill if now.status.state == "preparing" else now.job.finish
            end()

    def discard(self, folder: Path) -> None:
        """Delete a run that is not under way, for good."""
        self._chores.do(self._discard, folder)

    def close(self, keep_going: bool = False) -> None:
        """Let go of the run under way: it goes on by itself, or stops and keeps its best; what is
        queued waits for the next window, or is forgotten. Nobody has to wait for either.
        """
        with self._lock:
            if self._closing:
                return
            self._closing, self._keep_going = True, keep_going
            job, queue = self._now.job if self._now else None, list(self._queue.values())
            self._queue.clear()
        if keep_going and queue:
            with suppress(OSError):
                self._dir.mkdir(parents=True, exist_ok=True)
                waiting = self._left_waiting()  # if it is not taken up yet
                waiting += [{"config": config.to_json(), "name": name} for config, name in queue]
                (self._dir / QUEUE).write_text(json.dumps(waiting), encoding="utf-8")
        if job is not None:  # else its thread lets go of it
            self._let_go(job)
        for chores in (self._measuring, self._runs, self._chores):
            chores.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end of all threads after `close`; return whether they ended."""
        until = time.monotonic() + timeout_s
        return all(
            chores.join(max(0.0, until - time.monotonic()))
            for chores in (self._measuring, self._runs, self._chores)
        )

    def _enqueue(self, config: TrainingConfig, name: str) -> None:
        with self._lock:
            self._queue[config.run_dir] = (config, name)
        self._tell(_begun(config, name, "queued"))
        self._runs.do(self._run, config, name)

    def _resume(self, folder: Path) -> None:
        entry = read_run(folder)
        if entry is None or not entry.resumable:
            raise TrainingError(f"{folder.name} has nothing to go on from; train it anew.")
        with self._lock:
            if folder in self._queue or self._is_now(folder):
                return
        self._enqueue(replace(entry.config, run_dir=folder, resume=True), entry.name)

    def _discard(self, folder: Path) -> None:
        if self._is_now(folder) or held_elsewhere(folder):
            raise TrainingError(f"{folder.name} is under way; stop it first.")
        shutil.rmtree(folder, ignore_errors=True)
        self.refresh()

    def _run(self, config: TrainingConfig, name: str) -> None:
        """Train; on the thread of the runs."""
        with self._lock:
            if self._queue.pop(config.run_dir, None) is None:
                return
            now = self._now = _Now(_begun(config, name, "preparing"))
        self._tell(now.status)
        try:
            with self._start_training(config, name) as job:
                with self._lock:
                    now.job = job
                    closing, stopped = self._closing, now.stop_asked
                if stopped:  # before it had a process
                    job.kill()
                elif closing:
                    self._let_go(job)
                for event in job.events():
                    now.status = now.status.after(event)
                    self._tell(now.status)
        except FerCamError as failure:
            self._tell(self._failed(now, failure.user_message))
        except OSError as failure:
            words = f"Training could not be started ({reason_of(failure)})."
            self._tell(self._failed(now, words))
        finally:
            with self._lock:
                self._now = None
        self.refresh()

    def _let_go(self, job: EngineJob) -> None:
        job.leave_alone(stop=not self._keep_going)

    def _failed(self, now: _Now, message: str) -> RunStatus:
        status = now.status
        stopped_early = now.stop_asked and status.state == "preparing"
        if stopped_early:
            message = STOPPED_EARLY
        if status.state == "preparing" and not _has_learned(status.folder):
            shutil.rmtree(status.folder, ignore_errors=True)  # it never really began
        elif stopped_early:
            message += " What it had learned before is kept; it can be resumed."
        elif last_model(status.folder).exists():
            message += f" The best so far (epoch {status.best_epoch}) is kept; it can be resumed."
        state: State = (
            "stopped" if stopped_early or (now.stop_asked and not status.history) else "failed"
        )
        return replace(status, state=state, message=message, seconds_left=None)

    def _take_up(self) -> None:
        """Queue again what an earlier window left waiting; its turn comes after `_follow_all`."""
        with self._lock:  # none of it is on its way when the queue is put down again
            if self._closing:
                return
            waiting = self._left_waiting()
            with suppress(FileNotFoundError):
                (self._dir / QUEUE).unlink()
            for one in waiting:
                self._enqueue(TrainingConfig.from_json(one["config"]), one["name"])

    def _left_waiting(self) -> list[dict[str, Any]]:
        try:
            return list(json.loads((self._dir / QUEUE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return []

    def _follow_all(self) -> None:
        """Follow what is at work; on the thread of the runs."""
        for entry in list_runs(self._dir):
            if entry.running:
                self._follow(entry)

    def _follow(self, entry: RunEntry) -> None:
        """Tell of a run that another process is at, as its folder tells it."""
        status = _begun(entry.config, entry.name, "preparing")
        with self._lock:
            now = self._now = _Now(status, followed=True)
        news = _News(entry.folder)
        told: RunStatus | None = None
        at_work = True
        while at_work and not self._closing:
            at_work = held_elsewhere(entry.folder)  # asked first: what comes after is the last
            for event in news.read():
                now.status = now.status.after(event)
            if at_work and now.status.state not in UNDER_WAY:  # how it ended the time before
                now.status = replace(now.status, state="preparing", message="")
            if now.status != told:
                told = now.status
                self._tell(told)
            if at_work:
                time.sleep(LOOK_EVERY_S)
        if not self._closing and now.status.state in UNDER_WAY:
            self._tell(self._failed(now, KILLED if entry.folder.exists() else REFUSED))
        if self._closing and not self._keep_going and held_elsewhere(entry.folder):
            self._wish(entry.folder, "stop")
        with self._lock:
            self._now = None
        self.refresh()

    def _look_at_model(self, name: str | None) -> None:
        from fercam.inference.bundle import KERAS, find_bundle

        base = None
        with suppress(ModelError):
            bundle = find_bundle(name)
            weights = bundle.verified_file(KERAS)
            base = Base(bundle.card.name, bundle.card.architecture, weights)
        self._listener.on_base(base)

    def _measure(self) -> None:
        with networks_job() as job:
            for event in job.events():
                if self._closing:
                    return
                if event["event"] == "network":
                    networks.keep(event)
                    self._listener.on_networks(networks.known(self._dir))

    def _wish(self, folder: Path, wish: str) -> None:
        try:
            wish_file(folder).write_text(wish, encoding="utf-8")
        except OSError as error:
            self._listener.on_run_failed(f"{folder} cannot be written ({reason_of(error)}).")

    def _is_now(self, folder: Path) -> bool:
        return self._now is not None and self._now.status.folder == folder

    def _tell(self, status: RunStatus) -> None:
        self._listener.on_run(status)


class _News:
    """What a run's folder has to tell since it was last asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = 0
        self._newest = ""

    def read(self) -> list[dict[str, Any]]:
        events = []
        with suppress(OSError), events_file(self._folder).open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # written just now
                self._read += len(line)
                with suppress(ValueError):
                    events.append(json.loads(line))
        with suppress(OSError, ValueError):
            newest = now_file(self._folder).read_text(encoding="utf-8")
            if newest != self._newest:
                self._newest = newest
                events.append(json.loads(newest))
        return events


def _has_learned(folder: Path) -> bool:
    return last_model(folder).exists() or best_model(folder).exists()


def _begun(config: TrainingConfig, name: str, state: State) -> RunStatus:
    past = tuple(read_history(config.run_dir)) if config.resume else ()
    return RunStatus(
        config.run_dir,
        name,
        state,
        architecture=config.architecture,
        epoch=epochs_done(past),
        epochs=config.epochs,
        history=past,
        best_epoch=best_epoch(past, config.choose_by),
        choose_by=config.choose_by,
    )


def _nicely(config: TrainingConfig, name: str) -> EngineJob:
    return train_job(config, name, nice=True)
