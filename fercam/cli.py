"""The command line: `fercam` opens the window, `fercam COMMAND` does the same work without one."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from fercam import __version__, crashes
from fercam.commands import analysis, check, live, models, sessions, training
from fercam.commands.output import complain
from fercam.core.emotions import EMOTIONS, emotion_index
from fercam.core.errors import DataError, FerCamError, UsageError
from fercam.core.processor import require_for_all
from fercam.logs import start_logging
from fercam.settings import MASK, QUALITY
from fercam.training.config import ARCHITECTURE, RECIPES, SEED
from fercam.training.job import EXPORT_FORMATS, IMPORT_SCALES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when done, 1 when it could not be done, 2 for wrong use."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    windowed = _give_streams()
    if arguments is None:
        crashes.catch()
    if given[:1] == ["--engine"]:  # the frozen program starts itself as its training engine
        return live.engine(given[1:])
    try:
        options = _parser().parse_args(_join_scale(given))
    except SystemExit as leaving:
        return int(leaving.code or 0)
    try:
        require_for_all()  # before anything is loaded that would die without a word
        if arguments is None:
            start_logging()
        return int(options.run(options))
    except UsageError as error:
        complain(error.user_message)
        return 2
    except FerCamError as error:
        _refuse(error.user_message, windowed)
        return 1
    except KeyboardInterrupt:
        complain("Stopped.")
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away, as `head` does
        return 1


def _give_streams() -> bool:
    """Give a windowed program, which has no streams, some that lead nowhere; return whether it had
    none. So nobody who writes to them (progress bars, libraries) needs to ask, nor mind that a name
    holds letters that their encoding lacks."""
    windowed = sys.stderr is None
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return windowed


def _refuse(line: str, windowed: bool) -> None:
    """Say what cannot be done where the person who started the program sees it."""
    complain(line)
    if windowed and sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, line, "FerCam", 0x10)


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
    parser.set_defaults(run=live.window)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (
        _add_analyze, _add_record, _add_export, _add_report, _add_predict, _add_train,
        _add_evaluate, _add_models,
    ):  # fmt: skip
        add(subparsers)
    devices = subparsers.add_parser("devices", help="list the cameras")
    _add_json(devices)
    devices.set_defaults(run=live.devices)
    bench = subparsers.add_parser("bench", help="measure speed and memory on this machine")
    bench.add_argument("source", nargs="?", default="demo", metavar="SOURCE")
    bench.add_argument(
        "--live",
        action="store_true",
        help="also watch the source in the window at 720p and 30 fps, once and tiled six times",
    )
    bench.add_argument(
        "--duration", type=_positive(float), default=60.0, metavar="S",
        help="for how many seconds (default 60)",
    )  # fmt: skip
    _add_model(bench)
    _add_json(bench)
    bench.set_defaults(run=live.bench)
    checked = subparsers.add_parser("self-check", help="does this copy of FerCam work here?")
    _add_json(checked)
    checked.set_defaults(run=check.self_check)
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
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="a video, picture, camera or address; a folder of pictures is one session, one of "
        "videos a session each; a session is looked at anew with another --model",
    )
    parser.add_argument("-o", dest="out", type=Path, metavar="DIR", help="the session's folder")
    parser.add_argument("--no-video", action="store_true", help="write no annotated video")
    parser.add_argument("--clean", action="store_true", help="also write the video unmarked")
    parser.add_argument("--sound", action="store_true", help="keep the sound track of a file")
    parser.add_argument(
        "--duration", type=_positive(float), metavar="S", help="stop after S seconds"
    )
    _add_model(parser)
    _add_json(parser)
    parser.add_argument("--progress", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=analysis.analyze)


def _add_record(subparsers: Any) -> None:
    parser = subparsers.add_parser("record", help="record what a camera sees, without the window")
    parser.add_argument(
        "source", nargs="?", metavar="SOURCE", help="as with --source; default: the first camera"
    )
    parser.add_argument(
        "--duration", type=_positive(float), metavar="S", help="for S seconds (default: to Ctrl-C)"
    )
    parser.add_argument("-o", dest="out", type=Path, metavar="DIR", help="the session's folder")
    parser.add_argument("--no-video", action="store_true", help="no video with the labels")
    parser.add_argument("--no-clean", action="store_true", help="no video without them")
    parser.add_argument("--quality", choices=QUALITY, default="good", help="default: %(default)s")
    parser.add_argument(
        "--mask", choices=[style for style in MASK if style], default="", help="hide every face"
    )
    parser.add_argument("--microphone", action="store_true", help="record sound as well")
    _add_model(parser)
    _add_json(parser)
    parser.set_defaults(run=live.record)


def _add_export(subparsers: Any) -> None:
    parser = subparsers.add_parser("export", help="a session as a file for other programs")
    parser.add_argument("session", type=Path, metavar="SESSION", help="the session's folder")
    parser.add_argument(
        "--format",
        required=True,
        metavar="F",
        help="csv, json or parquet: the numbers; mp4: the video drawn anew; highlights: its peaks "
        "cut together; srt or vtt: subtitles",
    )
    parser.add_argument(
        "-o", dest="out", type=Path, metavar="OUT", help="a file or folder (default: the session's)"
    )
    parser.add_argument("--person", type=int, metavar="N", help="only what this person expresses")
    parser.add_argument(
        "--style", choices=("labels", "bars", "none"), default="labels",
        help="of the video (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--mask",
        choices=[style for style in MASK if style],
        default="",
        help="hide every face in the video, but that of --person",
    )
    _add_writing(parser)
    parser.set_defaults(run=sessions.export)


def _add_writing(parser: argparse.ArgumentParser) -> None:
    """What exports and reports of a session have in common."""
    parser.add_argument(
        "--model", metavar="NAME", help="as this model saw it, which looked at the session later"
    )
    parser.add_argument("--force", action="store_true", help="replace an older file")
    _add_json(parser)
    parser.add_argument("--progress", action="store_true", help=argparse.SUPPRESS)


def _add_report(subparsers: Any) -> None:
    parser = subparsers.add_parser("report", help="a session on one page, HTML or PDF")
    parser.add_argument("session", type=Path, metavar="SESSION", help="the session's folder")
    parser.add_argument(
        "-o", dest="out", type=Path, metavar="OUT", help="a file or folder (default: the session's)"
    )
    parser.add_argument("--pdf", action="store_true", help="PDF instead of HTML")
    _add_writing(parser)
    parser.set_defaults(run=sessions.report)


def _add_predict(subparsers: Any) -> None:
    parser = subparsers.add_parser("predict", help="the faces in pictures and what they express")
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    _add_model(parser)
    _add_json(parser)
    parser.set_defaults(run=analysis.predict)


def _add_train(subparsers: Any) -> None:
    parser = subparsers.add_parser("train", help="train a model on a data set")
    parser.add_argument(
        "dataset", type=Path, metavar="DATASET", help="a folder per emotion, or fer2013.csv"
    )
    parser.add_argument("-o", dest="out", type=Path, metavar="DIR", help="the run's folder")
    parser.add_argument("--arch", help=f"the network (default: {ARCHITECTURE})")
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="W",
        help="start from an installed model, by name, or from a file (.keras, .pth, .h5)",
    )
    parser.add_argument(
        "--recipe",
        choices=tuple(RECIPES),
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
    parser.add_argument(
        "--seed", type=int, help=f"the seed of all that is random (default: {SEED})"
    )
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
    parser.set_defaults(run=training.train)


def _add_evaluate(subparsers: Any) -> None:
    parser = subparsers.add_parser("evaluate", help="measure a model on a data set")
    parser.add_argument("dataset", type=Path, metavar="DATASET")
    parser.add_argument("--split", choices=("train", "validation", "test", "private_test"))
    parser.add_argument("--runtime", choices=("int8", "float", "keras", "all"), default="int8")
    parser.add_argument("--detect", action="store_true", help="search every picture for its face")
    parser.add_argument(
        "--robustness", action="store_true", help="also on darkened, blurred, turned … faces"
    )
    _add_model(parser)
    _add_json(parser)
    parser.set_defaults(run=models.evaluate)


def _add_models(subparsers: Any) -> None:
    parser = subparsers.add_parser("models", help="the installed models; others in and out")
    actions = parser.add_subparsers(metavar="list|import|export|remove", required=True)
    listed = actions.add_parser("list", help="list the installed models")
    _add_json(listed)
    listed.set_defaults(run=models.models_list)
    imported = actions.add_parser("import", help="install a network that you have as a file")
    imported.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a .keras or .h5 file, a .json and its .h5 file, or a .tflite file that takes gray of "
        "0..255; it must give seven probabilities and hold only layers of Keras's own",
    )
    imported.add_argument("--name", help="what to call it (default: as the file)")
    imported.add_argument(
        "--scale",
        choices=IMPORT_SCALES,
        help="what it was trained on (default: what its first layers say, otherwise 0..1)",
    )
    imported.add_argument(
        "--classes",
        type=_emotions,
        metavar="A,B,...",
        help=f"its seven outputs in their order (default: {','.join(EMOTIONS)})",
    )
    imported.set_defaults(run=models.models_import)
    exported = actions.add_parser("export", help="write a model as other programs read it")
    exported.add_argument("name", metavar="NAME")
    exported.add_argument("--format", choices=tuple(EXPORT_FORMATS), required=True)
    exported.add_argument(
        "-o", dest="out", type=Path, metavar="PATH", help="a file or folder (default: here)"
    )
    exported.set_defaults(run=models.models_export)
    removed = actions.add_parser("remove", help="delete a model of your own")
    removed.add_argument("name", metavar="NAME")
    removed.set_defaults(run=models.models_remove)


def _emotions(text: str) -> list[str]:
    names = text.split(",")
    try:
        found = {emotion_index(name) for name in names}
    except DataError as error:
        raise argparse.ArgumentTypeError(error.user_message) from error
    if not len(found) == len(names) == len(EMOTIONS):
        raise argparse.ArgumentTypeError("name all seven emotions, each once")
    return names


def _join_scale(arguments: list[str]) -> list[str]:
    """Write `--scale -1..1` as one word, since argparse takes -1..1 for an option."""
    joined: list[str] = []
    for argument in arguments:
        if argument == "-1..1" and joined[-1:] == ["--scale"]:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


if __name__ == "__main__":
    sys.exit(main())
