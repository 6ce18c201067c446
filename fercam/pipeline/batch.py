"""Many sources, each into its own session: several at once, what is done is skipped."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fercam import paths
from fercam.core.errors import FerCamError, SessionError
from fercam.core.files import sha256_of
from fercam.inference.bundle import INT8, find_bundle
from fercam.pipeline.jobs import CANCELLED, DONE, FAILED, Job, Jobs
from fercam.pipeline.sessions import STOPPED, AnalyzeOptions, session_folders, shown_source
from fercam.recording.session_json import FINISHED, SessionInfo, read_session_json
from fercam.recording.video_sink import CleanVideoSink, VideoSink
from fercam.sessions.statistics import statistics
from fercam.sessions.table import read_table

CORES_EACH = 3
"""What one analysis keeps busy: decoding and detection, the network, and encoding."""

ShowBatch = Callable[[float, float | None], None]
"""Is told how many sources are done, parts of them included, and how many there are."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What came of one source, named as it may be shown: its session and figures, or what went
    wrong. `fps` is how many frames a second were analysed, None if it was done before."""

    source: str
    session: Path | None = None
    frames: int = 0
    people: int = 0
    dominant: str = ""
    fps: float | None = None
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {
            "source": self.source,
            "session": str(self.session) if self.session else None,
            "frames": self.frames,
            "people": self.people,
            "dominant": self.dominant or None,
            "processed_fps": self.fps,
            "error": self.problem or None,
        }


def batch_folder(given: Sequence[str], out: Path | None) -> Path | None:
    """Return where a batch goes: `out`, else for one folder of videos its name among the sessions,
    so that it can be gone on with; None for a new one.
    """
    if out is None and len(given) == 1 and Path(given[0]).is_dir():
        return paths.sessions_dir() / Path(given[0]).resolve().name
    return out


def analyze_batch(
    sources: Sequence[str], out: Path | None, options: AnalyzeOptions, show: ShowBatch
) -> list[BatchRow]:
    """Analyse sources in child processes into folders in `out`; return a row for each, in order.

    A source whose content the same model has seen already in that folder, in the same way, is not
    analysed again. A bad source spoils none of the others.

    Raises:
        ModelError: the model cannot be used.
        KeyboardInterrupt: it was stopped; what is done is kept.
    """
    model = find_bundle(options.model)
    batch = _Batch(len(sources), show)
    folders = session_folders(sources, out)
    known = _known_sessions(folders[0].parent, model.card.sha256[INT8], options) if folders else {}
    shown = [shown_source(source) for source in sources]
    rows: dict[int, BatchRow] = {}
    jobs = Jobs(batch.tell, max(1, (os.cpu_count() or 1) // CORES_EACH))
    try:
        for number, (source, folder) in enumerate(zip(sources, folders, strict=True)):
            done = known.get(_content(source))
            if done is not None:
                rows[number] = _row(shown[number], done, None)
                batch.skip()
            else:
                free = _free(folder, folders)
                line = ["analyze", source, "-o", str(free), "--progress", *_flags(options)]
                batch.note(jobs.start(shown[number], line).id, number)
        ended = batch.wait()
    finally:
        jobs.close()
        jobs.join()
    for number, job in ended.items():
        rows[number] = _row_of_job(shown[number], job)
    return [rows[number] for number in range(len(sources))]


class _Batch:
    """Adds up what the jobs tell, and waits for the last one."""

    def __init__(self, count: int, show: ShowBatch) -> None:
        self._count = count
        self._show = show
        self._changed = threading.Condition()
        self._numbers: dict[int, int] = {}
        self._jobs: dict[int, Job] = {}
        self._skipped = 0

    def note(self, job_id: int, number: int) -> None:
        self._numbers[job_id] = number

    def skip(self) -> None:
        self._skipped += 1

    def tell(self, job: Job) -> None:
        with self._changed:
            self._jobs[job.id] = job
            self._changed.notify()

    def wait(self) -> dict[int, Job]:
        """Return every job by the number of its source, once all are over."""
        while True:
            with self._changed:
                jobs = dict(self._jobs)
                over = sum(job.state in (DONE, FAILED, CANCELLED) for job in jobs.values())
                if over < len(self._numbers):
                    self._changed.wait(0.5)  # not for ever: Ctrl-C must get through on Windows
            shares = [1.0 if job.state == FAILED else job.share or 0.0 for job in jobs.values()]
            self._show(self._skipped + sum(shares), self._count)
            if over >= len(self._numbers):
                return {number: jobs[job_id] for job_id, number in self._numbers.items()}


def _flags(options: AnalyzeOptions) -> list[str]:
    flags = ["--model", options.model] if options.model else []
    flags += [] if options.video else ["--no-video"]
    flags += ["--clean"] if options.clean else []
    flags += ["--sound"] if options.sound else []
    return flags + (["--duration", str(options.duration_s)] if options.duration_s else [])


def _known_sessions(parent: Path, model_sha256: str, options: AnalyzeOptions) -> dict[str, Path]:
    """Return the sessions in a folder that need not be made again, by their source's content."""
    known = {}
    for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
        try:
            info = read_session_json(folder)
        except SessionError:
            continue
        if info.model_sha256 == model_sha256 and _as_wished(folder, info, options):
            known[str(info.source.get("sha256", ""))] = folder
    known.pop("", None)
    return known


def _as_wished(folder: Path, info: SessionInfo, options: AnalyzeOptions) -> bool:
    return (
        info.state == FINISHED
        and STOPPED not in info.note
        and info.settings.get("duration_s") == options.duration_s
        and bool(info.settings.get("sound")) == options.sound
        and (not options.video or (folder / VideoSink.file_name).is_file())
        and (not options.clean or (folder / CleanVideoSink.file_name).is_file())
    )


def _content(source: str) -> str:
    try:
        return sha256_of(Path(source))
    except OSError:
        return ""


def _free(folder: Path, planned: Sequence[Path]) -> Path:
    """Return the folder, or one with a number behind it if something else is in it."""
    others = {other.name.casefold() for other in planned} - {folder.name.casefold()}
    free, count = folder, 1
    while free.name.casefold() in others or (free.exists() and any(free.iterdir())):
        count += 1
        free = folder.with_name(f"{folder.name}_{count}")
    return free


def _row_of_job(source: str, job: Job) -> BatchRow:
    if job.state != DONE or job.result is None:
        return BatchRow(source, problem=job.message or "stopped")
    return _row(source, job.result, float(job.facts.get("processed_fps", 0.0)))


def _row(source: str, folder: Path, fps: float | None) -> BatchRow:
    try:
        info = read_session_json(folder)
        everybody = statistics(read_table(folder / "frames.csv"), info).group
    except FerCamError as error:
        return BatchRow(source, folder, problem=error.user_message)
    people = len(info.people)
    return BatchRow(source, folder, info.written, people, everybody.dominant, fps, info.note)
