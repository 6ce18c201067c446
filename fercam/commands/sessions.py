"""What becomes of sessions: files for other programs."""

import argparse
import json

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
            options.session, options.format, options.out, chosen, show, force=options.force
        )
    if options.progress:
        tell_event("done", path=str(file))
    elif options.json:
        say(json.dumps({"path": str(file), "format": options.format}))
    else:
        say(f"Written: {file}")
    return 0
