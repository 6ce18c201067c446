"""The command line: `fercam` opens the window, `fercam COMMAND` does the same work without one."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from fercam import __version__
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import FerCamError, SourceError, UsageError

if TYPE_CHECKING:
    from fercam.pipeline.sessions import AnalyzeOptions

Arguments = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when done, 1 when it could not be done, 2 for wrong use."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--engine"]:  # the frozen program starts itself as its training engine
        return _engine(given[1:])
    try:
        options = _parser().parse_args(given)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    try:
        return int(options.run(options))
    except UsageError as error:
        _complain(error.user_message)
        return 2
    except FerCamError as error:
        _complain(error.user_message)
        return 1
    except KeyboardInterrupt:
        _complain("Stopped.")
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away, as `head` does
        return 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _complain(f"{message} (see `{self.prog} --help`)")
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="fercam", description="Shows live what faces express.")
    parser.add_argument("--version", action="version", version=f"FerCam {__version__}")
    parser.add_argument(
        "--source",
        help="camera number or name, file, folder of pictures, URL, or demo "
        "(also demo:two, demo:dark, demo:small, demo:none); default: the first camera",
    )
    _add_model(parser)
    parser.set_defaults(run=_window)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (_add_analyze, _add_predict, _add_train, _add_evaluate):
        add(commands)
    models = commands.add_parser("models", help="the installed models")
    listing = models.add_subparsers(metavar="list", required=True)
    listed = listing.add_parser("list", help="list the installed models")
    _add_json(listed)
    listed.set_defaults(run=_models_list)
    devices = commands.add_parser("devices", help="list the cameras")
    _add_json(devices)
    devices.set_defaults(run=_devices)
    bench = commands.add_parser("bench", help="measure speed and memory on this machine")
    bench.add_argument("source", nargs="?", default="demo", metavar="SOURCE")
    bench.add_argument("--live", action="store_true", help="also run the live threads for 15 s")
    _add_model(bench)
    _add_json(bench)
    bench.set_defaults(run=_bench)
    return parser


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", help="a model's name or folder; default: the shipped one")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError
        return value

    read.__name__ = f"positive {'number' if kind is float else 'whole number'}"
    return read


def _add_analyze(commands: Any) -> None:
    parser = commands.add_parser("analyze", help="every frame of a source into a session folder")
    parser.add_argument("sources", nargs="+", metavar="SOURCE")
    parser.add_argument("-o", dest="out", type=Path, metavar="DIR", help="the session's folder")
    parser.add_argument("--no-video", action="store_true", help="write no annotated video")
    parser.add_argument("--clean", action="store_true", help="also write the video unmarked")
    parser.add_argument("--sound", action="store_true", help="keep the sound track of a file")
    parser.add_argument(
        "--duration", type=_positive(float), metavar="S", help="stop after S seconds"
    )
    _add_model(parser)
    _add_json(parser)
    parser.set_defaults(run=_analyze)


def _add_predict(commands: Any) -> None:
    parser = commands.add_parser("predict", help="the faces in pictures and what they express")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    _add_model(parser)
    _add_json(parser)
    parser.set_defaults(run=_predict)


def _add_train(commands: Any) -> None:
    parser = commands.add_parser("train", help="train a model on a data set")
    parser.add_argument(
        "dataset", type=Path, metavar="DATASET", help="a folder per emotion, or fer2013.csv"
    )
    parser.add_argument("-o", dest="out", type=Path, metavar="DIR", help="the run's folder")
    parser.add_argument("--arch", default="seed", help="the network (default: %(default)s)")
    parser.add_argument("--epochs", type=_positive(int), default=100)
    parser.add_argument("--batch", type=_positive(int), default=128)
    parser.add_argument("--learning-rate", type=_positive(float), default=1e-3)
    parser.add_argument("--schedule", choices=("constant", "cosine"), default="constant")
    parser.add_argument(
        "--initializer", choices=("glorot_uniform", "he_normal"), default="glorot_uniform"
    )
    parser.add_argument("--dropout-scale", type=float, choices=(0.0, 0.25, 0.5, 1.0), default=1.0)
    parser.add_argument("--flip", action="store_true", help="mirror half of the pictures")
    parser.add_argument("--seed", type=int, default=1, help="the seed of all that is random")
    parser.add_argument("--resume", action="store_true", help="go on with the run in DIR")
    _add_json(parser)
    parser.set_defaults(run=_train)


def _add_evaluate(commands: Any) -> None:
    parser = commands.add_parser("evaluate", help="measure a model on a data set")
    parser.add_argument("dataset", type=Path, metavar="DATASET")
    parser.add_argument("--split", choices=("train", "validation", "test", "private_test"))
    parser.add_argument("--runtime", choices=("int8", "float", "keras"), default="int8")
    parser.add_argument("--detect", action="store_true", help="search every picture for its face")
    _add_model(parser)
    _add_json(parser)
    parser.set_defaults(run=_evaluate)


def _window(options: Arguments) -> int:
    from fercam.app import run

    return run(options.source, options.model)


def _engine(arguments: list[str]) -> int:
    from importlib import import_module

    return int(import_module("fercam.training.engine.__main__").main(arguments))


def _analyze(options: Arguments) -> int:
    from fercam.pipeline.sessions import AnalyzeOptions, analyze, expand_sources, session_folders

    what = AnalyzeOptions(
        model=options.model,
        video=not options.no_video,
        clean=options.clean,
        sound=options.sound,
        duration_s=options.duration,
    )
    sources = expand_sources(options.sources)
    failed = False
    for source, folder in zip(sources, session_folders(sources, options.out), strict=True):
        try:
            _analyze_one(analyze, source, folder, what, as_json=options.json)
        except FerCamError as error:
            if len(sources) == 1:
                raise
            _complain(f"{source}: {error.user_message}")
            failed = True
    return int(failed)


def _analyze_one(
    analyze: Callable[..., Any], source: str, folder: Path, what: "AnalyzeOptions", as_json: bool
) -> None:
    from tqdm import tqdm

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


def _predict(options: Arguments) -> int:
    from fercam.pipeline.stills import predict_pictures

    failed = False
    for answer in predict_pictures(options.images, options.model):
        failed |= answer["error"] is not None
        if options.json:
            _say(json.dumps(answer))
        elif answer["error"]:
            _complain(answer["error"])
        else:
            faces = [
                f"{face['label']}{'' if face['sure'] else '?'} {face['confidence']:.0%} "
                f"at {','.join(map(str, face['box']))}"
                for face in answer["faces"]
            ]
            _say(f"{answer['image']}: {'; '.join(faces) or 'no face found'}")
    return int(failed)


def _train(options: Arguments) -> int:
    from fercam.training.config import TrainingConfig
    from fercam.training.job import train_job
    from fercam.training.runs import new_run_dir

    config = TrainingConfig(
        dataset=options.dataset,
        run_dir=new_run_dir(options.out, options.arch, options.resume),
        architecture=options.arch,
        epochs=options.epochs,
        batch_size=options.batch,
        learning_rate=options.learning_rate,
        schedule=options.schedule,
        dropout_scale=options.dropout_scale,
        initializer=options.initializer,
        flip=options.flip,
        seed=options.seed,
        resume=options.resume,
    )
    show: Callable[[dict[str, Any]], None]
    with train_job(config, name=options.arch) as job:
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
                    _complain("Stopping after this batch; the best epoch is kept.")
                    job.stop()
        finally:
            progress.close()


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

    def _on_start(self, event: dict[str, Any]) -> None:
        left_out = f", {event['left_out']} copies of test faces left out" * bool(event["left_out"])
        skipped = f", {event['skipped']} skipped" * bool(event["skipped"])
        _say(
            f"{event['architecture']}: {event['parameters']:,} parameters; {event['train']} faces "
            f"to train on, {event['validation']} to choose by{left_out}{skipped}"
        )

    def _on_warning(self, event: dict[str, Any]) -> None:
        _complain(event["message"])

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
        _say(f"Model: {event['bundle']}")


def _evaluate(options: Arguments) -> int:
    from fercam.training.job import evaluate_job

    with evaluate_job(
        options.dataset, options.model, options.split, options.runtime, options.detect
    ) as job:
        for event in job.events():
            if event["event"] == "warning":
                _complain(event["message"])
            elif event["event"] == "done" and options.json:
                _say(json.dumps({key: event[key] for key in event if key != "event"}))
            elif event["event"] == "done":
                _say_evaluation(event)
    return 0


def _say_evaluation(event: dict[str, Any]) -> None:
    result = event["result"]
    _say(f"{event['model']} ({event['runtime']}) on the {result['split']} part")
    parts = {"all faces": result}
    if "without_copies_of_training" in result:
        parts["without copies of training faces"] = result["without_copies_of_training"]
    for name, figures in parts.items():
        _say(
            f"{name}: {figures['faces']}, accuracy {figures['accuracy']:.3f}, balanced "
            f"{figures['balanced_accuracy']:.3f}, calibration error {figures['ece']:.3f}"
        )
    _say(f"{'':10}{'recall':>10}{'precision':>10}{'faces':>7}   predicted {' '.join(EMOTIONS)}")
    for emotion, counts in zip(EMOTIONS, result["confusion_matrix"], strict=True):
        figures = result["per_class"][emotion]
        row = " ".join(
            f"{count:>{len(name)}}" for count, name in zip(counts, EMOTIONS, strict=True)
        )
        _say(
            f"{emotion:10}{figures['recall']:>10.3f}{figures['precision']:>10.3f}"
            f"{figures['faces']:>7}   {'':9} {row}"
        )


def _models_list(options: Arguments) -> int:
    from fercam.inference.bundle import list_bundles, load_bundle

    failed = False
    for folder in list_bundles():
        try:
            card = load_bundle(folder, verify_all=True).card
        except FerCamError as error:
            _complain(error.user_message)
            failed = True
            continue
        if options.json:
            _say(json.dumps({"path": str(folder), **card.to_json()}))
        else:
            test = card.metrics.get("test", {})
            fresh = test.get("without_copies_of_training", test)
            accuracy = f"{fresh['accuracy']:.1%} on test faces" if fresh else "not tested"
            _say(f"{card.name}: {card.architecture}, {card.parameters:,} parameters, {accuracy}")
    return int(failed)


def _devices(options: Arguments) -> int:
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
        _complain("No camera found. Plug one in, or try `fercam --source demo`.")
    return int(not cameras)


def _bench(options: Arguments) -> int:
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


def _complain(line: str) -> None:
    print(f"fercam: {line}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
