"""Long work in child processes, one or two at a time: an export never holds the window up."""

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fercam.core.children import apart, own_command
from fercam.core.errors import FerCamError, SessionError
from fercam.logs import logger
from fercam.recording.session_json import FILE_NAME

AT_ONCE = 2
LET_GO_S = 5.0
"""How long a child may take to put its files in order before it is ended."""
WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """How a piece of work goes.

    `share` (0..1) is how much of it is done, None if that is not known. `message` is one sentence
    once it failed. `result` is the file or folder that came of it, once it is done, and `facts`
    what the command said besides.
    """

    id: int
    title: str
    share: float | None = None
    message: str = ""
    state: str = WAITING
    result: Path | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    job: Job
    child: "subprocess.Popen[str] | None" = None


class Jobs:
    """Runs commands of FerCam's own in child processes and tells how each one goes.

    `tell` is called from the threads of the jobs and must return at once.
    """

    def __init__(self, tell: Callable[[Job], None], at_once: int = AT_ONCE) -> None:
        self._tell = tell
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._open: dict[int, _Open] = {}
        self._changing: dict[int, Path] = {}  # until nothing can write there any more
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="fercam-job")

    def start(
        self,
        title: str,
        arguments: Sequence[str],
        out: Path | None = None,
        after: Callable[[Job], None] = lambda job: None,
        changes: Path | None = None,
    ) -> Job:
        """Run `fercam` with `arguments` as soon as it is its turn.

        `out` is a folder made for it: it is removed again if nothing comes of it, or if it is the
        very session that was given up; the finished sessions of a batch stay. `after` is called
        once the job is over, however it ended. `changes` is a folder that it writes into.
        """
        job = Job(next(self._ids), title)
        with self._lock:
            self._open[job.id] = _Open(job)
            if changes is not None:
                self._changing[job.id] = changes
        self._tell(job)
        self._threads.submit(self._work, job, list(arguments), out, after)
        return job

    def any_changes(self, folder: Path) -> bool:
        """Return whether one of them, waiting, running or being ended, writes into a folder."""
        with self._lock:
            return folder in self._changing.values()

    def cancel(self, job_id: int) -> None:
        """Give a job up; harmless if it is over."""
        with self._lock:
            given_up = self._open.pop(job_id, None)
            if given_up is not None and given_up.child is None:
                self._changing.pop(job_id, None)
        if given_up is None:
            return
        if given_up.child is None:  # its turn may be long in coming
            self._tell(replace(given_up.job, state=CANCELLED))
        else:
            ending = threading.Thread(target=_end, args=(given_up.child,), name="fercam-job-end")
            ending.start()

    def close(self) -> None:
        """Give up all of them."""
        with self._lock:
            waiting = list(self._open)
        for job_id in waiting:
            self.cancel(job_id)
        self._threads.shutdown(wait=False)

    def join(self) -> None:
        """Wait for the end of all after `close`."""
        self._threads.shutdown(wait=True)

    def _work(
        self, job: Job, arguments: list[str], out: Path | None, after: Callable[[Job], None]
    ) -> None:
        with self._lock:
            told = job.id not in self._open  # it was given up before its turn came
        try:
            facts = self._run_child(job, arguments)
            result = Path(str(facts["path"])) if facts.get("path") else None
            job = replace(job, state=DONE, share=1.0, result=result, facts=facts)
        except _Cancelled:
            job = replace(job, state=CANCELLED)
        except (FerCamError, OSError) as failure:
            words = getattr(failure, "user_message", f"{job.title} could not be started.")
            job = replace(job, state=FAILED, message=words)
        with self._lock:
            self._open.pop(job.id, None)
            self._changing.pop(job.id, None)
        if out is not None and job.state != DONE:
            _remove(out, all_of_it=job.state == CANCELLED and (out / FILE_NAME).exists())
        if not told:
            self._tell(job)
        after(job)

    def _run_child(self, job: Job, arguments: list[str]) -> dict[str, Any]:
        """Return what its last event said."""
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
            child = self._start_child(job, [*own_command(), *arguments], complaints)
            facts: dict[str, Any] = {}
            error = ""
            assert child.stdout is not None
            with child.stdout:
                for line in child.stdout:
                    event = _event(line)
                    if event.get("event") == "progress":
                        share = event.get("share")
                        self._tell(replace(job, state=RUNNING, share=share))
                    elif event.get("event") == "done":
                        facts = event
                    elif event.get("event") == "error":
                        error = str(event.get("message", ""))
            status = child.wait()
            with self._lock:
                if job.id not in self._open:
                    raise _Cancelled
            complaints.seek(0)
            said = complaints.read().strip().splitlines()
        if status or error:
            what = job.title.partition(" ")[0]  # not whose session it is
            logger.warning("%s failed (%s): %s", what, status, "\n".join(said))
            raise SessionError(error or _last_words(said) or f"{job.title} ended unexpectedly.")
        return facts

    def _start_child(self, job: Job, line: list[str], complaints: Any) -> "subprocess.Popen[str]":
        with self._lock:
            if job.id not in self._open:
                raise _Cancelled
            child = subprocess.Popen(
                line,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, "PYTHONIOENCODING": "utf-8"},
                **apart(),
            )
            self._open[job.id].child = child
        self._tell(replace(job, state=RUNNING))
        return child


class _Cancelled(Exception):
    pass


def _end(child: "subprocess.Popen[str]") -> None:
    if sys.platform == "win32":
        child.terminate()
    else:
        child.send_signal(signal.SIGINT)
    try:
        child.wait(LET_GO_S)
    except subprocess.TimeoutExpired:
        child.kill()


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _last_words(lines: Sequence[str]) -> str:
    """Return the sentence a command ends with, without the program's name before it."""
    return lines[-1].removeprefix("fercam: ") if lines else ""


def _remove(folder: Path, all_of_it: bool) -> None:
    import shutil

    if all_of_it:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        try:
            folder.rmdir()
        except OSError:
            return  # something was saved in it
