"""The child process: one JSON request as its argument, one JSON event a line on its output.

While it trains it takes wishes from its standard input, see `control`; closing that asks it to stop
and keep the best. A report ends at once then, an import or export leaves nothing half done.
"""

import atexit
import contextlib
import errno
import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fercam.core.errors import FerCamError, SessionError, TrainingError, UsageError
from fercam.core.processor import require_for_training
from fercam.recording.lock import SessionLock, held_elsewhere
from fercam.training.config import SEED, VALIDATION_SHARE, TrainingConfig
from fercam.training.engine.control import Control, break_off_when_stdin_closes, give_way
from fercam.training.runs import (
    begun_record,
    events_file,
    now_file,
    read_record,
    run_file,
    wish_file,
    write_record,
)

Request = dict[str, Any]
Emit = Callable[..., None]

NOW_EVERY_S = 1.0
NO_MEMORY = "There is not enough memory; try a smaller batch or data set."


def main(arguments: list[str]) -> int:
    """Run one request; return 0 when done, 1 after an `error` event."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    request: Request = json.loads(arguments[0])
    emit = Teller()
    try:
        if request["command"] in NEEDS_TENSORFLOW or request.get("runtime") in ("keras", "all"):
            require_for_training()
        if request.get("nice"):
            give_way()
        COMMANDS[request["command"]](request, emit)
    except FerCamError as error:
        emit("error", message=error.user_message, usage=isinstance(error, UsageError))
        return 1
    except MemoryError:
        emit("error", message=NO_MEMORY)
        return 1
    except OSError as error:
        emit("error", message=_in_words(error))
        return 1
    except Exception as error:
        if type(error).__name__ != "ResourceExhaustedError":  # TensorFlow's own MemoryError
            raise
        emit("error", message=NO_MEMORY)
        return 1
    return 0


def _in_words(error: OSError) -> str:
    if error.errno == errno.ENOSPC or "No space left" in str(error):  # HDF5 knows only the words
        return "The disk is full; make room on it."
    if not error.strerror:
        return str(error)
    return (
        f"{error.filename} cannot be used ({error.strerror})." if error.filename else error.strerror
    )


class Teller:
    """Tells the app what happens; with `kept_in`, the folder of a run that this process has locked,
    also that, so that a later window can catch up.
    """

    def __init__(self) -> None:
        self.kept_in: Path | None = None
        self._written_s = float("-inf")
        self._one_at_a_time = threading.Lock()

    def __call__(self, event: str, **values: Any) -> None:
        line = json.dumps({"event": event, **values})
        with self._one_at_a_time:
            self._keep(event, line)  # first: what was said must be found after a kill
            self._say(line)

    def _say(self, line: str) -> None:
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except OSError:  # left alone: nobody listens any more
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115

    def _keep(self, event: str, line: str) -> None:
        if self.kept_in is None:
            return
        with contextlib.suppress(OSError):  # a full disk is met where the network is kept
            if event != "batch":
                with events_file(self.kept_in).open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
            elif time.monotonic() - self._written_s > NOW_EVERY_S:
                self._written_s = time.monotonic()
                work = now_file(self.kept_in).with_suffix(".part")
                work.write_text(line, encoding="utf-8")
                work.replace(now_file(self.kept_in))


def _end_when_stdin_closes() -> None:
    """For work of which nothing is kept: end at once, also when the window has died."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, name="end-watch", daemon=True).start()


def _train(request: Request, emit: Teller) -> None:
    from fercam.training.engine import dataset, duplicates, readers

    config = TrainingConfig.from_json(request["config"])
    config.require_sensible()
    with _begun(config, request["name"]):
        emit.kept_in = config.run_dir
        control = Control(config.run_dir, emit)
        readers.require_data(config.dataset)
        gc.disable()  # what TensorFlow builds is never garbage, and looking it through takes long
        import keras

        from fercam.training.engine import report, trainer

        model = trainer.network(config)  # first: reading the data may take long
        everything = readers.load(config.dataset, config.detect, config.class_names)
        near = duplicates.near_groups(everything.pixels)
        faces = dataset.prepare(everything, config.validation_share, config.seed, near)
        if config.resume:
            trainer.require_same_data(config, faces)
    for skipped in everything.skipped:
        emit("warning", message=f"{skipped.where}: {skipped.reason}")
    emit("data", **report.write_report(everything, faces, config.run_dir, near))

    def begun(parameters: int) -> None:
        emit(
            "start",
            architecture=config.architecture,
            parameters=parameters,
            epochs=config.epochs,
            skipped=len(everything.skipped),
            left_out=len(everything) - len(faces),
            **{split: len(faces.part(split)) for split in dataset.SPLITS},
        )

    best = trainer.train(model, config, faces, emit, control, request["name"], begun)
    finishing = time.monotonic()
    emit("finishing")
    gc.disable()
    if keras.backend.backend() != "tensorflow":
        emit("done", bundle=None, metrics={})  # only TensorFlow can write LiteRT files
        return
    from fercam.inference.bundle import load_bundle
    from fercam.training.engine import export, results

    bundle = export.export_bundle(best, config, faces, everything, name=request["name"])
    emit("usable", bundle=str(bundle), stopped=control.stop_asked())
    usable = load_bundle(bundle)
    results.write_results(config, faces, usable)
    seconds = round(time.monotonic() - finishing, 1)
    emit("done", bundle=str(bundle), metrics=usable.card.metrics, seconds=seconds)


@contextlib.contextmanager
def _begun(config: TrainingConfig, name: str) -> Iterator[None]:
    """Make the run's folder before what takes long, so that every window finds the run; nothing is
    left of a new one that is refused.
    """
    run_dir = config.run_dir
    if config.resume:
        read_record(run_dir)
        _lock(run_dir)
        wish_file(run_dir).unlink(missing_ok=True)  # meant for whoever was at it before
        yield
        return
    run_dir.mkdir(parents=True, exist_ok=True)
    lock = _lock(run_dir)
    try:
        write_record(run_dir, begun_record(config, name))
        yield
    except BaseException:
        lock.release()
        for file in (run_file(run_dir), events_file(run_dir), now_file(run_dir)):
            file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else put something there
            run_dir.rmdir()
        raise


def _lock(run_dir: Path) -> SessionLock:
    """Keep others from this run until this process ends, and tell them that it goes on."""
    lock = SessionLock(run_dir)
    try:
        lock.acquire()
    except SessionError as error:
        under_way = held_elsewhere(run_dir)  # else the folder itself is the trouble
        words = f"The run {run_dir.name} is under way already."
        raise TrainingError(words if under_way else error.user_message) from error
    atexit.register(lock.release)
    return lock


def _report(request: Request, emit: Emit) -> None:
    _end_when_stdin_closes()
    from fercam.training.engine.look import look

    out = Path(request["out"])
    out.mkdir(parents=True, exist_ok=True)
    look(Path(request["dataset"]), request["class_names"], request["detect"], out, emit)


def _results(request: Request, emit: Emit) -> None:
    from fercam.inference.bundle import load_bundle
    from fercam.training.runs import read_config

    run_dir = Path(request["run"])
    config, bundle = read_config(run_dir), load_bundle(Path(request["bundle"]))
    from fercam.training.engine.results import make_up_for

    make_up_for(run_dir, config, bundle)
    emit("done", run=str(run_dir))


def _run_report(request: Request, emit: Emit) -> None:
    from fercam.training.engine.run_report import write_run_report

    out = Path(request["out"])
    write_run_report(Path(request["run"]), out)
    emit("done", file=str(out))


def _evaluate(request: Request, emit: Emit) -> None:
    from fercam.inference.bundle import find_bundle
    from fercam.training.engine import dataset, readers
    from fercam.training.engine.evaluate import evaluate_bundle

    bundle = find_bundle(request["model"])
    faces = readers.load(Path(request["dataset"]), detect=request["detect"])
    for skipped in faces.skipped:
        emit("warning", message=f"{skipped.where}: {skipped.reason}")
    split = request["split"] or ("test" if len(faces.part("test")) else "train")
    if split == "validation":
        recipe = bundle.card.data.get("recipe") or {}
        share, seed = recipe.get("validation_share", VALIDATION_SHARE), recipe.get("seed", SEED)
        faces = dataset.prepare(faces, share, seed)
        if bundle.card.data.get("fingerprint", "") not in ("", faces.fingerprint()):
            words = "was not trained on just these faces, and may know some of this validation part"
            emit("warning", message=f"{bundle.card.name} {words}.")
    result = evaluate_bundle(bundle, faces, split, request["runtime"], request["robustness"])
    emit(
        "done",
        model=bundle.card.name,
        runtime=request["runtime"],
        skipped=len(faces.skipped),
        result=result,
    )


def _import(request: Request, emit: Emit) -> None:
    break_off_when_stdin_closes()
    from fercam.training.engine.importer import import_model

    bundle, imported = import_model(
        [Path(file) for file in request["files"]],
        request["name"],
        request["scale"],
        request["classes"],
    )
    emit("done", bundle=str(bundle), **asdict(imported))


def _export(request: Request, emit: Emit) -> None:
    break_off_when_stdin_closes()
    from fercam.inference.bundle import find_bundle

    bundle = find_bundle(request["model"])  # before Keras, which takes seconds to load
    from fercam.training.engine.exporters import export_model

    exported = export_model(bundle, request["format"], Path(request["out"]))
    files = [str(file) for file in exported.files]
    card = bundle.card
    emit("done", **{**asdict(exported), "files": files}, temperature=card.temperature)


def _networks(request: Request, emit: Emit) -> None:
    gc.disable()
    from fercam.training.engine.speed import measure_networks

    for figures in measure_networks():
        emit("network", **figures)
    emit("done")


COMMANDS: dict[str, Callable[[Request, Teller], None]] = {
    "train": _train,
    "report": _report,
    "evaluate": _evaluate,
    "import": _import,
    "export": _export,
    "results": _results,
    "run_report": _run_report,
    "networks": _networks,
}
NEEDS_TENSORFLOW = ("train", "import", "export", "results", "networks")

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
