"""Videos and pictures, from files."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fercam.commands.output import complain, say
from fercam.core.errors import FerCamError, SourceError

if TYPE_CHECKING:
    from fercam.pipeline.sessions import AnalyzeOptions

Arguments = argparse.Namespace


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
        say(json.dumps({"session": str(folder), **session.to_json()}))
    else:
        shares = ", ".join(
            f"{emotion} {share:.0%}"
            for emotion, share in sorted(summary.shares.items(), key=lambda item: -item[1])
            if share >= 0.005
        )
        people = f"{summary.people} {'person' if summary.people == 1 else 'people'}"
        say(
            f"{summary.frames} frames, {people}; "
            f"{shares or 'no face seen'}; {summary.processed_fps:.0f} frames per second"
        )
        say(f"Session: {folder}")
    if session.broken_off:
        raise SourceError(f"{session.broken_off} What was read is in {folder}.")


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
