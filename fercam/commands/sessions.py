"""What becomes of sessions: files for other programs."""

import argparse
import json
from pathlib import Path

from fercam.commands.output import say
from fercam.commands.progress import shown_progress, tell_event

Arguments = argparse.Namespace


def report(options: Arguments) -> int:
    """Write the report of a session."""
    form = "pdf" if options.pdf else "html"
    with shown_progress(options.session.resolve().name, "", options.progress) as show:
        from fercam.sessions.report_files import write_report

        file = write_report(options.session, form, options.out, show, force=options.force)
    return _written(file, form, options)


def export(options: Arguments) -> int:
    """Write a session to a file in another form."""
    with shown_progress(options.session.resolve().name, "", options.progress) as show:
        from fercam.sessions.exporter import ExportOptions
        from fercam.sessions.exporters import export_session

        chosen = ExportOptions(options.person, options.style, options.mask)
        file = export_session(
            options.session, options.format, options.out, chosen, show, force=options.force
        )
    return _written(file, options.format, options)


def _written(file: Path, form: str, options: Arguments) -> int:
    if options.progress:
        tell_event("done", path=str(file))
    elif options.json:
        say(json.dumps({"path": str(file), "format": form}))
    else:
        say(f"Written: {file}")
    return 0
