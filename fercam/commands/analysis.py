"""Videos and pictures, from files."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fercam.commands.output import complain, looked, say
from fercam.commands.progress import shown_progress, tell_event
from fercam.core.errors import SourceError, UsageError
from fercam.core.words import counted, people
from fercam.recording.session_json import FILE_NAME

if TYPE_CHECKING:
    from fercam.pipeline.batch import BatchRow
    from fercam.pipeline.sessions import AnalyzedSession, AnalyzeOptions

Arguments = argparse.Namespace


def analyze(options: Arguments) -> int:
    """Analyse sources into session folders, or a session with another model."""
    from fercam.pipeline import sessions

    made = [Path(source) for source in options.sources if (Path(source) / FILE_NAME).is_file()]
    if made and len(options.sources) > 1:
        raise UsageError(f"{made[0]} is a session, which is analysed anew alone; name no other.")
    if made:
        return _analyze_again(made[0], options)
    what = sessions.AnalyzeOptions(
        model=options.model,
        video=not options.no_video,
        clean=options.clean,
        sound=options.sound,
        duration_s=options.duration,
    )
    sources = sessions.expand_sources(options.sources)
    if sources != options.sources or len(sources) > 1:
        return _analyze_many(sources, what, options)
    (source,) = sources
    with shown_progress(_name(sessions.shown_source(source)), "frame", options.progress) as show:
        session = sessions.analyze(source, options.out, what, show)
        if session.broken_off and options.progress:
            raise SourceError(f"{session.broken_off} What was read is in {session.folder}.")
    _say_session(session, options)
    if session.broken_off:
        raise SourceError(f"{session.broken_off} What was read is in {session.folder}.")
    return 0


def _say_session(session: "AnalyzedSession", options: Arguments) -> None:
    folder, summary = session.folder, session.summary
    if options.progress:
        tell_event("done", path=str(folder), **session.to_json())
    elif options.json:
        say(json.dumps({"session": str(folder), **session.to_json()}))
    else:
        seen_people = people(summary.people)
        say(
            f"{counted(summary.frames, 'frame')}, {seen_people}; "
            f"{looked(summary)}; {summary.processed_fps:.0f} frames per second"
        )
        say(f"Session: {folder}")
    if session.left_out:
        complain(session.left_out)


def _analyze_again(folder: Path, options: Arguments) -> int:
    from fercam.pipeline.reanalysis import analyse_again

    unwanted = (options.out, options.duration, options.no_video, options.clean, options.sound)
    if any(unwanted):
        raise UsageError("A session is analysed anew where it is; only --model can be chosen.")
    with shown_progress(folder.resolve().name, "frame", options.progress) as show:
        analysis = analyse_again(folder, options.model, show)
    table = folder / analysis.table
    if options.progress:
        tell_event("done", path=str(folder), model=analysis.model)
    elif options.json:
        say(json.dumps({"session": str(folder), "model": analysis.model, "table": str(table)}))
    else:
        say(f"What {analysis.model} says: {table}")
    return 0


def _analyze_many(sources: list[str], what: "AnalyzeOptions", options: Arguments) -> int:
    from fercam.pipeline.batch import analyze_batch, batch_folder

    folder = batch_folder(options.sources, options.out)
    with shown_progress("analyse", "source", options.progress) as show:
        rows = analyze_batch(sources, folder, what, show)
    if options.json:
        for row in rows:
            say(json.dumps(row.to_json()))
    elif not options.progress:
        for line in _table(rows):
            say(line)
    for row in rows:
        if row.problem:
            complain(f"{row.source}: {row.problem}")
    if options.progress:
        tell_event("done", path=str(folder) if folder else None)
    return int(any(row.problem for row in rows))


def _table(rows: "Sequence[BatchRow]") -> list[str]:
    """Return a batch's rows in columns."""
    cells = [("source", "frames", "people", "mostly", "frames/s")]
    for row in rows:
        name = _name(row.source)
        speed = "done before" if row.fps is None else f"{row.fps:.0f}"
        if row.session is None:
            cells.append((name, "-", "-", "-", "failed"))
        else:
            mostly = row.dominant or "no face"
            cells.append((name, str(row.frames), str(row.people), mostly, speed))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number in (1, 2, 4) else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]


def _name(source: str) -> str:
    return source if "://" in source else Path(source).name or source


def predict(options: Arguments) -> int:
    """Say what the faces in pictures express."""
    from fercam.pipeline.stills import predict_pictures

    failed = False
    for answer in predict_pictures(options.images, options.model):
        failed |= answer["error"] is not None
        if options.json:
            say(json.dumps(answer))
        elif answer["error"]:
            complain(answer["error"])
        else:
            faces = [
                f"{face['label']}{'' if face['sure'] else '?'} {face['confidence']:.0%} "
                f"at {','.join(map(str, face['box']))}"
                for face in answer["faces"]
            ]
            say(f"{answer['image']}: {'; '.join(faces) or 'no face found'}")
    return int(failed)
