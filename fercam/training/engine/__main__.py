"""The child process: one JSON request as its argument, one JSON event a line on its output.

Closing its standard input asks it to stop: a training keeps the best, a report ends at once.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fercam.core.errors import FerCamError
from fercam.training.config import SEED, VALIDATION_SHARE, TrainingConfig

Request = dict[str, Any]
Emit = Callable[..., None]


def main(arguments: list[str]) -> int:
    """Run one request; return 0 when done, 1 after an `error` event."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    request: Request = json.loads(arguments[0])
    emit = _emitter(request)
    try:
        COMMANDS[request["command"]](request, emit)
    except FerCamError as error:
        emit("error", message=error.user_message)
        return 1
    except MemoryError:
        emit("error", message="There is not enough memory; try a smaller batch or data set.")
        return 1
    except OSError as error:
        emit("error", message=f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
        return 1
    return 0


def _emitter(request: Request) -> Emit:
    events = Path(request["events"]) if request.get("events") else None

    def emit(event: str, **values: Any) -> None:
        line = json.dumps({"event": event, **values})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        if events and events.parent.is_dir() and event != "batch":
            with events.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    return emit


def _stop_when_stdin_closes() -> Callable[[], bool]:
    closed = threading.Event()

    def watch() -> None:
        while os.read(0, 1024):
            pass
        closed.set()

    threading.Thread(target=watch, name="stop-watch", daemon=True).start()
    return closed.is_set


def _end_when_stdin_closes() -> None:
    """For work of which nothing is kept: end at once, also when the window has died."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, name="end-watch", daemon=True).start()


def _train(request: Request, emit: Emit) -> None:
    from fercam.training.engine import dataset, duplicates, readers

    config = TrainingConfig.from_json(request["config"])
    stop_asked = _stop_when_stdin_closes()
    everything = readers.load(config.dataset, config.detect, config.class_names)
    near = duplicates.near_groups(everything.pixels)
    faces = dataset.prepare(everything, config.validation_share, config.seed, near)

    import keras

    from fercam.training.engine import builder, report, trainer

    parameters = builder.for_training(config).count_params()
    config.run_dir.mkdir(parents=True, exist_ok=True)  # only now: a refused data set leaves nothing
    for skipped in everything.skipped:
        emit("warning", message=f"{skipped.where}: {skipped.reason}")
    emit("data", **report.write_report(everything, faces, config.run_dir, near))
    emit(
        "start",
        architecture=config.architecture,
        parameters=parameters,
        epochs=config.epochs,
        skipped=len(everything.skipped),
        left_out=len(everything) - len(faces),
        **{split: len(faces.part(split)) for split in dataset.SPLITS},
    )
    best = trainer.train(config, faces, emit, stop_asked)
    if keras.backend.backend() != "tensorflow":
        emit("done", bundle=None, metrics={})  # only TensorFlow can write LiteRT files
        return
    from fercam.inference.bundle import load_bundle
    from fercam.training.engine import export, results

    bundle = export.export_bundle(best, config, faces, everything, name=request["name"])
    results.write_results(config, faces, load_bundle(bundle))
    metrics = json.loads((bundle / "card.json").read_text())["metrics"]
    emit("done", bundle=str(bundle), metrics=metrics)


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
        faces = dataset.prepare(faces, VALIDATION_SHARE, SEED)
    result = evaluate_bundle(bundle, faces, split, request["runtime"], request["robustness"])
    emit(
        "done",
        model=bundle.card.name,
        runtime=request["runtime"],
        skipped=len(faces.skipped),
        result=result,
    )


def _import(request: Request, emit: Emit) -> None:
    from fercam.training.engine.importer import import_model

    bundle, imported = import_model(
        [Path(file) for file in request["files"]],
        request["name"],
        request["scale"],
        request["classes"],
    )
    emit("done", bundle=str(bundle), **asdict(imported))


def _export(request: Request, emit: Emit) -> None:
    from fercam.inference.bundle import find_bundle

    bundle = find_bundle(request["model"])  # before Keras, which takes seconds to load
    from fercam.training.engine.exporters import export_model

    exported = export_model(bundle, request["format"], Path(request["out"]))
    files = [str(file) for file in exported.files]
    card = bundle.card
    emit("done", **{**asdict(exported), "files": files}, temperature=card.temperature)


COMMANDS: dict[str, Callable[[Request, Emit], None]] = {
    "train": _train,
    "report": _report,
    "evaluate": _evaluate,
    "import": _import,
    "export": _export,
    "results": _results,
    "run_report": _run_report,
}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
