"""What becomes of sessions: files for other programs, and the report."""

import argparse
import json
from pathlib import Path

from fercam.commands.output import say
from fercam.commands.progress import shown_progress, tell_event

Arguments = argparse.Namespace


def export(options: Arguments) -> int:
    """Write a session to a file in another form."""
    with shown_progress(options.session.resolve().name, "", options.progress) as show:
        from fercam.sessions.exporter import ExportOptions
        from fercam.sessions.exporters import export_session

        chosen = ExportOptions(options.person, options.style, options.mask)
        file = export_session(
            options.session, options.format, options.out, chosen, show,
            force=options.force, model=options.model,
        )  # fmt: skip
    _say_written(file, options.format, options)
    return 0


def report(options: Arguments) -> int:
    """Write the one-page report of a session."""
    as_pdf = options.pdf or (options.out is not None and options.out.suffix.lower() == ".pdf")
    form = "pdf" if as_pdf else "html"
    with shown_progress(options.session.resolve().name, "", options.progress) as show:
        from fercam.sessions.reports import write_report

        file = write_report(
            options.session, form, options.out, show, force=options.force, model=options.model
        )
    _say_written(file, form, options)
    return 0


def _say_written(file: Path, form: str, options: Arguments) -> None:
    if options.progress:
        tell_event("done", path=str(file))
    elif options.json:
        say(json.dumps({"path": str(file), "format": form}))
    else:
        say(f"Written: {file}")
