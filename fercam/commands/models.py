"""Networks measured, listed, brought in and given out."""

import argparse
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from fercam.commands.output import complain, say
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import FerCamError

if TYPE_CHECKING:
    from fercam.training.job import EngineJob

Arguments = argparse.Namespace


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
                say(json.dumps({key: event[key] for key in event if key != "event"}))
            elif event["event"] == "done":
                _say_evaluation(event)
    return 0


def _say_evaluation(event: dict[str, Any]) -> None:
    from fercam.training.tables import evaluation_lines

    result = event["result"]
    runtime = "int8" if event["runtime"] == "all" else event["runtime"]
    say(f"{event['model']} ({runtime}) on the {result['split']} part")
    for line in evaluation_lines(result):
        say(line)


def models_list(options: Arguments) -> int:
    """List the installed models, every file of theirs checked."""
    from fercam.inference.bundle import list_bundles, load_bundle
    from fercam.inference.figures import headline

    failed = False
    for folder in list_bundles():
        try:
            card = load_bundle(folder, verify_all=True).card
        except FerCamError as error:
            complain(error.user_message)
            failed = True
            continue
        if options.json:
            say(json.dumps({"path": str(folder), **card.to_json()}))
        else:
            test = headline(card.metrics)
            accuracy = f"{test['accuracy']:.1%} on test faces" if test else "not tested"
            size = f"{card.parameters:,} parameters, " * bool(card.parameters)  # 0: not known
            say(f"{card.name}: {card.architecture}, {size}{accuracy}")
    return int(failed)


def models_import(options: Arguments) -> int:
    """Install a network from a file, and say what was assumed about it."""
    from fercam.training.job import import_job

    with import_job(options.files, options.name, options.scale, options.classes) as job:
        done = _outcome(job)
    for assumed in done["assumptions"]:
        say(f"Assumed: {assumed}")
    say(
        f"Checked on {done['faces']} faces: largest difference from the file "
        f"{done['largest_difference']:.1e}; live (int8) the same emotion on "
        f"{done['same_labels']} of {done['faces']}"
    )
    say(f"Model: {done['bundle']}")
    return 0


def models_export(options: Arguments) -> int:
    """Write a model's network in another format."""
    from fercam.training.job import export_job

    with export_job(options.name, options.format, options.out) as job:
        done = _outcome(job)
    for file in done["files"]:
        say(file)
    say(
        f"Checked on {done['faces']} faces: largest difference "
        f"{done['largest_difference']:.1e}, the same emotion on {done['same_labels']}"
    )
    say(
        f"Takes (n, 48, 48, 1) gray 0..255, gives {', '.join(EMOTIONS)}; not calibrated "
        f"(FerCam's temperature for it is {done['temperature']:.3f})"
    )
    return 0


def _outcome(job: "EngineJob") -> dict[str, Any]:
    """Return how the work ended; Ctrl-C breaks it off, unless it is all but done."""
    try:
        return list(job.events())[-1]
    except KeyboardInterrupt:
        job.stop()
        with suppress(FerCamError):  # that it was broken off
            return list(job.events())[-1]
        raise


def models_remove(options: Arguments) -> int:
    """Delete a model of the user's own."""
    from fercam.training.own_models import OwnModels

    own = OwnModels()
    deleted = own.delete(options.name)
    own.empty_trash()
    say(f"Removed {deleted.folder}")
    return 0
