"""Whether this copy of FerCam works here."""

import argparse
import json
from dataclasses import asdict

from fercam.commands.output import complain, say

Arguments = argparse.Namespace


def self_check(options: Arguments) -> int:
    """Say what came of each part, as it comes; those that failed also on stderr."""
    from fercam.pipeline.self_check import self_check as look

    failed = 0
    for checked in look():
        if options.json:
            say(json.dumps(asdict(checked)))
        elif checked.ok:
            say(checked.line)
        if not checked.ok:
            failed += 1
            complain(f"{checked.part}: {checked.words}")
    if not failed and not options.json:
        say("All is well.")
    return int(failed > 0)
