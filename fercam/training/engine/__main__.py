"""The child process: one JSON request as its argument, one JSON event a line on its output.

Closing its standard input asks it to stop and keep the best.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
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


def _train(request: Request, emit: Emit) -> None:
    from fercam.training.engine import dataset, readers

    config = TrainingConfig.from_json(request["config"])
    stop_asked = _stop_when_stdin_closes()
    everything = readers.load(config.dataset)
    faces = dataset.prepare(everything, config.validation_share, config.seed)

    from fercam.training.engine import builder, export, trainer

    parameters = builder.build_for(config).count_params()
    config.run_dir.mkdir(parents=True, exist_ok=True)  # only now: a refused data set leaves nothing
    for skipped in everything.skipped:
        emit("warning", message=f"{skipped.where}: {skipped.reason}")

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
    bundle = export.export_bundle(best, config, faces, everything, name=request["name"])
    metrics = json.loads((bundle / "card.json").read_text())["metrics"]
    emit("done", bundle=str(bundle), metrics=metrics)


def _evaluate(request: Request, emit: Emit) -> None:
    from fercam.inference.bundle import find_bundle
    from fercam.training.engine import dataset, readers
    from fercam.training.engine.evaluate import classifier_of, evaluate

    bundle = find_bundle(request["model"])
    classify = classifier_of(bundle, request["runtime"])
    faces = readers.load(Path(request["dataset"]), detect=request["detect"])
    for skipped in faces.skipped:
        emit("warning", message=f"{skipped.where}: {skipped.reason}")
    split = request["split"] or ("test" if len(faces.part("test")) else "train")
    if split == "validation":
        faces = dataset.prepare(faces, VALIDATION_SHARE, SEED)
    result = evaluate(faces, split, classify, bundle.card.sure_threshold)
    emit(
        "done",
        model=bundle.card.name,
        runtime=request["runtime"],
        skipped=len(faces.skipped),
        result=result,
    )


COMMANDS: dict[str, Callable[[Request, Emit], None]] = {"train": _train, "evaluate": _evaluate}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
