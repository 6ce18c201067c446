"""The command line: `fercam` opens the window, `fercam COMMAND` does the same work without one."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from fercam import __version__, commands
from fercam.commands import complain
from fercam.core.errors import FerCamError, UsageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when done, 1 when it could not be done, 2 for wrong use."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--engine"]:  # the frozen program starts itself as its training engine
        return commands.engine(given[1:])
    try:
        options = _parser().parse_args(given)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    try:
        return int(options.run(options))
    except UsageError as error:
        complain(error.user_message)
        return 2
    except FerCamError as error:
        complain(error.user_message)
        return 1
    except KeyboardInterrupt:
        complain("Stopped.")
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away, as `head` does
        return 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        complain(f"{message} (see `{self.prog} --help`)")
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
    parser.set_defaults(run=commands.window)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (_add_analyze, _add_predict, _add_train, _add_evaluate):
        add(subparsers)
    models = subparsers.add_parser("models", help="the installed models")
    listing = models.add_subparsers(metavar="list", required=True)
    listed = listing.add_parser("list", help="list the installed models")
    _add_json(listed)
    listed.set_defaults(run=commands.models_list)
    devices = subparsers.add_parser("devices", help="list the cameras")
    _add_json(devices)
    devices.set_defaults(run=commands.devices)
    bench = subparsers.add_parser("bench", help="measure speed and memory on this machine")
    bench.add_argument("source", nargs="?", default="demo", metavar="SOURCE")
    bench.add_argument("--live", action="store_true", help="also run the live threads for 15 s")
    _add_model(bench)
    _add_json(bench)
    bench.set_defaults(run=commands.bench)
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


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name, value


def _add_analyze(subparsers: Any) -> None:
    parser = subparsers.add_parser("analyze", help="every frame of a source into a session folder")
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
    parser.set_defaults(run=commands.analyze)


def _add_predict(subparsers: Any) -> None:
    parser = subparsers.add_parser("predict", help="the faces in pictures and what they express")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    _add_model(parser)
    _add_json(parser)
    parser.set_defaults(run=commands.predict)


def _add_train(subparsers: Any) -> None:
    parser = subparsers.add_parser("train", help="train a model on a data set")
    parser.add_argument(
        "dataset", type=Path, metavar="DATASET", help="a folder per emotion, or fer2013.csv"
    )
    parser.add_argument("-o", dest="out", type=Path, metavar="DIR", help="the run's folder")
    parser.add_argument("--arch", default="seed", help="the network (default: %(default)s)")
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="start from these weights (.keras, .pth, .h5)"
    )
    parser.add_argument(
        "--recipe",
        choices=("notebook", "strong", "fine-tune"),
        help="settings that belong together (default: what suits the network)",
    )
    parser.add_argument(
        "--teacher",
        type=Path,
        action="append",
        default=[],
        metavar="RUN",
        help="learn from this run's network too; may be repeated",
    )
    parser.add_argument("--epochs", type=_positive(int))
    parser.add_argument("--batch", type=_positive(int))
    parser.add_argument("--learning-rate", type=_positive(float))
    parser.add_argument("--seed", type=int, default=1, help="the seed of all that is random")
    parser.add_argument(
        "--set",
        type=_setting,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other setting of the recipe; may be repeated",
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in DIR")
    _add_json(parser)
    parser.set_defaults(run=commands.train)


def _add_evaluate(subparsers: Any) -> None:
    parser = subparsers.add_parser("evaluate", help="measure a model on a data set")
    parser.add_argument("dataset", type=Path, metavar="DATASET")
    parser.add_argument("--split", choices=("train", "validation", "test", "private_test"))
    parser.add_argument("--runtime", choices=("int8", "float", "keras"), default="int8")
    parser.add_argument("--detect", action="store_true", help="search every picture for its face")
    _add_model(parser)
    _add_json(parser)
    parser.set_defaults(run=commands.evaluate)


if __name__ == "__main__":
    sys.exit(main())
