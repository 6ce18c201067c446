"""The engine's child process, seen from the app: start it, listen to it, ask it to stop."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fercam.core.children import apart
from fercam.core.errors import TrainingError, UsageError
from fercam.training.config import TrainingConfig
from fercam.training.data_choice import DataChoice

Event = dict[str, Any]

KILLED = (
    "The training process was ended from outside, perhaps because the computer ran out of memory; "
    "a smaller batch needs less."
)

IMPORT_SCALES = ("0..1", "0..255", "-1..1")
"""What an imported network may take the pictures' gray to be."""
EXPORT_FORMATS = {
    "keras": "Keras (.keras)",
    "h5": "Keras, older (.h5)",
    "json+h5": "Network and weights (.json + .h5)",
    "tflite": "LiteRT, 8 bits (.tflite)",
    "tflite-float": "LiteRT, float (.tflite)",
    "onnx": "ONNX (.onnx)",
}
"""The engine's formats by name, and what people call them."""
ENGINE_LIBRARIES = ("keras", "sklearn")
"""What the small package lacks."""
ENGINE_MISSING = (
    "This is the small FerCam, without training; install the package with training over it (your "
    "models, sessions and settings stay), or train on another computer and use its model here "
    "(`fercam --model FOLDER`)."
)
"""What to say where `engine_available` is false."""


def engine_available() -> bool:
    """Return whether this copy of FerCam can train, measure, import and export networks."""
    return all(find_spec(library) is not None for library in ENGINE_LIBRARIES)


class EngineJob:
    """One request to the training engine, which runs in a process of its own.

    Raises:
        TrainingError: the engine is not part of this copy of FerCam.
    """

    def __init__(self, request: dict[str, Any]) -> None:
        if not engine_available():
            raise TrainingError(ENGINE_MISSING)
        self._left_alone = False
        # kept in a file, not a pipe: nobody reads it unless the child dies without an event
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  (closed in `close`)
        self._process = subprocess.Popen(
            [*_engine_command(), json.dumps(request)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            encoding="utf-8",
            **apart(),
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"},
        )

    def events(self) -> Iterator[Event]:
        """Yield events as they come, until the child is done.

        Raises:
            TrainingError: the child reported an error, or died without one.
            UsageError: the child was asked for what makes no sense.
        """
        assert self._process.stdout is not None
        finished = False
        for line in self._process.stdout:
            try:
                event: Event = json.loads(line)
            except json.JSONDecodeError:
                continue  # a library wrote to the output
            if not isinstance(event, dict):
                continue
            if event["event"] == "error":
                raise (UsageError if event.get("usage") else TrainingError)(event["message"])
            if event["event"] == "alone":
                self._left_alone = True
                return
            finished = event["event"] == "done"
            yield event
        if self._process.wait() != 0 or not finished:
            raise TrainingError(self._how_it_died())

    def stop(self) -> None:
        """Ask the child to stop at the next batch and keep the best; does not wait."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(OSError):  # it is over already
                self._process.stdin.close()

    def pause(self, paused: bool) -> None:
        """Ask the child to wait after the next batch, or to go on."""
        self._say("pause" if paused else "go")

    def finish(self) -> None:
        """Ask a child that trains to stop at the next batch and keep the best; it can still be left
        alone with that.
        """
        self._say("stop")

    def leave_alone(self, stop: bool) -> None:
        """Let the child go on by itself whatever becomes of this process, or `stop` and finish.

        `events` ends once the child knows; from then on the run's folder tells how it goes.
        """
        self._say("alone")
        if stop:
            self._say("stop")

    def kill(self) -> None:
        """End the child at once; what it last finished can be resumed."""
        self._process.kill()

    def close(self) -> None:
        """Stop the child if it still runs, wait for it, release what it used; one that was left
        alone goes on.
        """
        self.stop()
        if self._left_alone:
            self._process.returncode = 0  # nobody waits for it
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._stderr.close()

    def __enter__(self) -> "EngineJob":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _say(self, word: str) -> None:
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(OSError):  # it is over already
                self._process.stdin.write(word + "\n")
                self._process.stdin.flush()

    def _how_it_died(self) -> str:
        status = self._process.returncode
        if status == -9:
            return KILLED
        return f"The training process ended unexpectedly (status {status}){self._last_words()}."

    def _last_words(self) -> str:
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        return f": {lines[-1].strip()}" if lines else ""


def train_job(config: TrainingConfig, name: str, nice: bool = False) -> EngineJob:
    """Start training; the bundle will be the folder `name` in the run folder.

    With `nice` every other program goes first.
    """
    config = config.absolute()
    return EngineJob(
        {
            "command": "train",
            "config": config.to_json(),
            "name": name,
            "nice": nice,
        }
    )


def report_job(choice: DataChoice, out: Path) -> EngineJob:
    """Start looking at a data set; its report and sheets go into the folder `out`."""
    return EngineJob(
        {
            "command": "report",
            "dataset": str(choice.path.absolute()),
            "class_names": choice.class_names,
            "detect": choice.detect,
            "out": str(out.absolute()),
        }
    )


def networks_job() -> EngineJob:
    """Start measuring how quickly each network answers here; one `network` event each, with
    `name`, `parameters`, `size_mb` and `ms_per_face`.
    """
    return EngineJob({"command": "networks", "nice": True})


def evaluate_job(
    dataset: Path,
    model: str | None,
    split: str | None,
    runtime: str,
    detect: bool,
    robustness: bool = False,
) -> EngineJob:
    """Start measuring a model on a data set; the `done` event carries `result`."""
    return EngineJob(
        {
            "command": "evaluate",
            "dataset": str(dataset.absolute()),
            "model": model,
            "split": split,
            "runtime": runtime,
            "detect": detect,
            "robustness": robustness,
        }
    )


def import_job(
    files: Sequence[Path],
    name: str | None = None,
    scale: str | None = None,
    classes: Sequence[str] | None = None,
) -> EngineJob:
    """Start importing a network; the `done` event carries `bundle`, `assumptions` and the check.

    None means: the file's name, a scale that is looked for, the order of `EMOTIONS`.
    """
    return EngineJob(
        {
            "command": "import",
            "files": [str(file.absolute()) for file in files],
            "name": name,
            "scale": scale,
            "classes": None if classes is None else list(classes),
        }
    )


def export_job(model: str, file_format: str, out: Path | None = None) -> EngineJob:
    """Start exporting a model to a file or folder (None: the current one).

    The `done` event carries `files` and the `largest_difference` of any probability.
    """
    return EngineJob(
        {
            "command": "export",
            "model": model,
            "format": file_format,
            "out": str((out or Path()).absolute()),
        }
    )


def results_job(run: Path, bundle: Path) -> EngineJob:
    """Start working out the figures of a run that was finished before FerCam kept any."""
    return EngineJob(
        {"command": "results", "run": str(run.absolute()), "bundle": str(bundle.absolute())}
    )


def run_report_job(run: Path, out: Path) -> EngineJob:
    """Start writing one HTML file about a run; the `done` event carries it as `file`."""
    return EngineJob(
        {"command": "run_report", "run": str(run.absolute()), "out": str(out.absolute())}
    )


def _engine_command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, "--engine"]
    return [sys.executable, "-m", "fercam.training.engine"]
