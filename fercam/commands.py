"""What each command does: call the rooms that do the work, and print what came of it.

Every function takes the parsed arguments and returns the exit status.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import FerCamError, ModelError, SourceError

if TYPE_CHECKING:
    from fercam.pipeline.sessions import AnalyzeOptions
    from fercam.training.config import TrainingConfig

Arguments = argparse.Namespace


def window(options: Arguments) -> int:
    """Open the window."""
    from fercam.app import run

    return run(options.source, options.model)


def engine(arguments: list[str]) -> int:
    """Be the training engine's process."""
    from importlib import import_module

    return int(import_module("fercam.training.engine.__main__").main(arguments))


def analyze(options: Arguments) -> int:
    """Analyse sources into session folders."""
    from fercam.pipeline import sessions

    what = sessions.AnalyzeOptions(
        model=options.model,
        video=not options.no_video,
        clean=options.clean,
        sound=options.sound,
        duration_s=options.duration,
    )
    sources = sessions.expand_sources(options.sources)
    failed = False
    for source, folder in zip(sources, sessions.session_folders(sources, options.out), strict=True):
        try:
            _analyze_one(source, folder, what, as_json=options.json)
        except FerCamError as error:
            if len(sources) == 1:
                raise
            complain(f"{source}: {error.user_message}")
            failed = True
    return int(failed)


def _analyze_one(source: str, folder: Path, what: "AnalyzeOptions", as_json: bool) -> None:
    from tqdm import tqdm

    from fercam.pipeline.sessions import analyze

    with tqdm(
        unit="frame", desc=Path(source).name or source, disable=None, file=sys.stderr
    ) as progress:

        def show(done: int, total: int | None) -> None:
            progress.total = total
            progress.update(done - progress.n)

        session = analyze(source, folder, what, show)
    summary = session.summary
    if as_json:
        _say(json.dumps({"session": str(folder), **session.to_json()}))
    else:
        shares = ", ".join(
            f"{emotion} {share:.0%}"
            for emotion, share in sorted(summary.shares.items(), key=lambda item: -item[1])
            if share >= 0.005
        )
        people = f"{summary.people} {'person' if summary.people == 1 else 'people'}"
        _say(
            f"{summary.frames} frames, {people}; "
            f"{shares or 'no face seen'}; {summary.processed_fps:.0f} frames per second"
        )
        _say(f"Session: {folder}")
    if session.broken_off:
        raise SourceError(f"{session.broken_off} What was read is in {folder}.")


def predict(options: Arguments) -> int:
    """Say what the faces in pictures express."""
    from fercam.pipeline.stills import predict_pictures

    failed = False
    for answer in predict_pictures(options.images, options.model):
        failed |= answer["error"] is not None
        if options.json:
            _say(json.dumps(answer))
        elif answer["error"]:
            complain(answer["error"])
        else:
            faces = [
                f"{face['label']}{'' if face['sure'] else '?'} {face['confidence']:.0%} "
                f"at {','.join(map(str, face['box']))}"
                for face in answer["faces"]
            ]
            _say(f"{answer['image']}: {'; '.join(faces) or 'no face found'}")
    return int(failed)


def train(options: Arguments) -> int:
    """Train a model in a process of its own."""
    from fercam.training.job import train_job

    config = _training_config(options)
    show: Callable[[dict[str, Any]], None]
    with train_job(config, name=config.architecture) as job:
        progress = _TrainingProgress()
        show = (lambda event: _say(json.dumps(event))) if options.json else progress.show
        try:
            events = job.events()
            while True:
                try:
                    show(next(events))
                except StopIteration:
                    return 0
                except KeyboardInterrupt:
                    complain("Stopping after this batch; the best epoch is kept.")
                    job.stop()
        finally:
            progress.close()


def _training_config(options: Arguments) -> "TrainingConfig":
    from fercam.inference.bundle import KERAS, find_bundle
    from fercam.training.config import RECIPES, TrainingConfig, default_recipe
    from fercam.training.runs import new_run_dir, read_config

    run_dir = new_run_dir(options.out, options.arch, options.resume)
    if options.resume:
        config = replace(
            read_config(run_dir), dataset=options.dataset, run_dir=run_dir, resume=True
        )
    else:
        weights = options.weights
        if weights is not None and not weights.exists():
            weights = find_bundle(str(weights)).verified_file(KERAS)
        config = TrainingConfig(
            dataset=options.dataset,
            run_dir=run_dir,
            architecture=options.arch,
            weights=weights,
            teachers=tuple(options.teacher),
            seed=options.seed,
            **RECIPES[options.recipe or default_recipe(options.arch, weights)],
        )
    given = {
        "epochs": options.epochs,
        "batch_size": options.batch,
        "learning_rate": options.learning_rate,
    }
    config = replace(config, **{name: value for name, value in given.items() if value is not None})
    return config.with_settings(dict(options.set))


class _TrainingProgress:
    """Training events as a progress bar and one line an epoch."""

    def __init__(self) -> None:
        self._bar: Any = None

    def show(self, event: dict[str, Any]) -> None:
        getattr(self, f"_on_{event['event']}")(event)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _on_data(self, event: dict[str, Any]) -> None:
        counts = ", ".join(f"{name} {count:,}" for name, count in event["per_class"].items())
        _say(f"{event['faces']:,} faces: {counts}")
        found = {
            "exact copies": event["exact_copies"],
            "near copies": event["near_copies"],
            "groups of copies with different labels": event["conflicts"],
            "faces that taggers call none": event["not_a_face"],
            "unreadable files": event["unreadable"],
            "photos without a face": event["without_face"],
        }
        trouble = ", ".join(f"{what} {count:,}" for what, count in found.items() if count)
        _say(f"found: {trouble or 'no copies, nothing unreadable'}")
        _say(f"The report on the data: {event['report']}, a sheet of each class beside it")

    def _on_start(self, event: dict[str, Any]) -> None:
        left_out = f", {event['left_out']} left out" * bool(event["left_out"])
        skipped = f", {event['skipped']} skipped" * bool(event["skipped"])
        _say(
            f"{event['architecture']}: {event['parameters']:,} parameters; {event['train']} faces "
            f"to train on, {event['validation']} to choose by{left_out}{skipped}"
        )

    def _on_warning(self, event: dict[str, Any]) -> None:
        complain(event["message"])

    def _on_batch(self, event: dict[str, Any]) -> None:
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(
                total=event["batches"],
                desc=f"epoch {event['epoch']}",
                unit="batch",
                leave=False,
                disable=None,
                file=sys.stderr,
            )
        self._bar.set_postfix(loss=event["loss"], accuracy=event["accuracy"], refresh=False)
        self._bar.update(event["batch"] - self._bar.n)

    def _on_epoch(self, event: dict[str, Any]) -> None:
        self.close()
        _say(
            f"epoch {event['epoch']}/{event['epochs']}: loss {event['loss']:.3f}, "
            f"accuracy {event['accuracy']:.3f}; validation loss {event['val_loss']:.3f}, "
            f"accuracy {event['val_accuracy']:.3f}"
        )

    def _on_done(self, event: dict[str, Any]) -> None:
        self.close()
        for split, figures in event["metrics"].items():
            _say(f"{split}: accuracy {figures['accuracy']:.3f} on {figures['faces']} faces")
        if event["bundle"] is None:
            _say(
                "Trained. Only Keras's TensorFlow backend can write a model for live use: "
                "go on there with --resume."
            )
            return
        _say(f"Model: {event['bundle']}")


def evaluate(options: Arguments) -> int:
    """Measure a model on a data set."""
    from fercam.training.job import evaluate_job

    with evaluate_job(
        options.dataset,
        options.model,
        options.split,
        options.runtime,
        options.detect,
        options.robustness,
    ) as job:
        for event in job.events():
            if event["event"] == "warning":
                complain(event["message"])
            elif event["event"] == "done" and options.json:
                _say(json.dumps({key: event[key] for key in event if key != "event"}))
            elif event["event"] == "done":
                _say_evaluation(event)
    return 0


def _say_evaluation(event: dict[str, Any]) -> None:
    from fercam.training.tables import evaluation_lines

    result = event["result"]
    runtime = "int8" if event["runtime"] == "all" else event["runtime"]
    _say(f"{event['model']} ({runtime}) on the {result['split']} part")
    for line in evaluation_lines(result):
        _say(line)


def models_list(options: Arguments) -> int:
    """List the installed models, every file of theirs checked."""
    from fercam.inference.bundle import list_bundles, load_bundle

    failed = False
    for folder in list_bundles():
        try:
            card = load_bundle(folder, verify_all=True).card
        except FerCamError as error:
            complain(error.user_message)
            failed = True
            continue
        if options.json:
            _say(json.dumps({"path": str(folder), **card.to_json()}))
        else:
            test = card.metrics.get("test", {})
            fresh = test.get("without_copies_of_training", test)
            accuracy = f"{fresh['accuracy']:.1%} on test faces" if fresh else "not tested"
            size = f"{card.parameters:,} parameters, " * bool(card.parameters)  # 0: not known
            _say(f"{card.name}: {card.architecture}, {size}{accuracy}")
    return int(failed)


def models_import(options: Arguments) -> int:
    """Install a network from a file, and say what was assumed about it."""
    from fercam.training.job import import_job

    with import_job(options.files, options.name, options.scale, options.classes) as job:
        for event in job.events():
            for assumed in event["assumptions"]:
                _say(f"Assumed: {assumed}")
            _say(
                f"Checked on {event['faces']} faces: largest difference from the file "
                f"{event['largest_difference']:.1e}; live (int8) the same emotion on "
                f"{event['same_labels']} of {event['faces']}"
            )
            _say(f"Model: {event['bundle']}")
    return 0


def models_export(options: Arguments) -> int:
    """Write a model's network in another format."""
    from fercam.training.job import export_job

    with export_job(options.name, options.format, options.out) as job:
        for event in job.events():
            for file in event["files"]:
                _say(file)
            _say(
                f"Checked on {event['faces']} faces: largest difference "
                f"{event['largest_difference']:.1e}, the same emotion on {event['same_labels']}"
            )
            _say(
                f"Takes (n, 48, 48, 1) gray 0..255, gives {', '.join(EMOTIONS)}; not calibrated "
                f"(FerCam's temperature for it is {event['temperature']:.3f})"
            )
    return 0


def models_remove(options: Arguments) -> int:
    """Delete a model of the user's own."""
    from shutil import rmtree

    from fercam import paths
    from fercam.inference.bundle import list_bundles

    home = paths.user_models_dir()
    # only what is listed, so that no name leads out of the folder
    own = sorted(path.name for path in home.iterdir() if path.is_dir()) if home.is_dir() else []
    if options.name not in own:
        if options.name in {path.name for path in list_bundles()}:
            raise ModelError(f"'{options.name}' came with FerCam and stays; choose another.")
        raise ModelError(
            f"There is no model '{options.name}' of your own; "
            f"yours are: {', '.join(own) or 'none yet'}."
        )
    folder = home / options.name
    try:
        rmtree(folder)
    except OSError as error:
        raise ModelError(f"{folder} cannot be deleted: {error.strerror}.") from error
    _say(f"Removed {folder}")
    return 0


def devices(options: Arguments) -> int:
    """List the cameras."""
    from fercam.capture.cameras import list_cameras, probe

    cameras = list_cameras()
    for camera in cameras:
        sizes = probe(camera)
        if options.json:
            _say(json.dumps({"index": camera.index, "name": camera.name, "sizes": sizes}))
        else:
            got = ", ".join(f"{width}x{height}" for width, height in sizes) or "in use or refused"
            _say(f"{camera.index}: {camera.name} ({got})")
    if not cameras:
        complain("No camera found. Plug one in, or try `fercam --source demo`.")
    return int(not cameras)


def bench(options: Arguments) -> int:
    """Measure speed and memory."""
    from fercam.pipeline.bench import bench_live, bench_stages, bench_window

    result = bench_stages(options.source, options.model)
    result["window"] = bench_window("demo", options.model)
    if options.live:
        result["live"] = bench_live(options.source, options.model)
    if options.json:
        _say(json.dumps(result))
        return 0
    _say(f"{result['source']} {result['size']}, {result['faces_per_frame']} faces a frame")
    for stage, cost in result["stages_ms"].items():
        _say(f"{stage:>8}  median {cost['median']:7.2f} ms   p95 {cost['p95']:7.2f} ms")
    cost = result["frame_ms"]
    _say(f"{'frame':>8}  median {cost['median']:7.2f} ms   p95 {cost['p95']:7.2f} ms")
    _say(f"{result['fps']} frames per second, {result['peak_memory_mb']} MB at the peak")
    window = result["window"]
    _say(
        f"window after {window['window_s']:.2f} s, first label after "
        f"{window['first_label_s']:.2f} s, {window['memory_mb']:.0f} MB"
    )
    if options.live:
        live = result["live"]
        _say(
            f"live: {live['fps']:.1f} frames per second, label {live['label_age_ms'] or 0:.0f} ms "
            f"old, {live['dropped']} dropped"
        )
    return 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def complain(line: str) -> None:
    """Say on stderr, in one line, what went wrong."""
    print(f"fercam: {line}", file=sys.stderr, flush=True)  # noqa: T201
