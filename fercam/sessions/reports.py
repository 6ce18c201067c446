"""The forms in which the report of a session can be had."""

from pathlib import Path

from fercam.core.errors import UsageError
from fercam.sessions.exporter import Exporter, ShowProgress
from fercam.sessions.report_html import HtmlReport
from fercam.sessions.report_pdf import PdfReport
from fercam.sessions.session import open_session

REPORTS: dict[str, type[Exporter]] = {"html": HtmlReport, "pdf": PdfReport}
"""The forms by name."""


def write_report(
    folder: Path,
    form: str = "html",
    out: Path | None = None,
    progress: ShowProgress = lambda done, total: None,
    *,
    force: bool = False,
    model: str | None = None,
) -> Path:
    """Write the report of a session in one of REPORTS and return the file.

    `out` is a file, a folder for it, or None for the session's own folder. An older file is
    replaced with `force` only. With `model` it is about the session as that one saw it.

    Raises:
        UsageError: there is no such form, or the file must not be written.
        SessionError: the session cannot be read, or nothing can be written.
    """
    if form not in REPORTS:
        raise UsageError(f"There is no report as {form!r}; there are {', '.join(REPORTS)}.")
    session, report = open_session(folder).seen_by(model), REPORTS[form]()
    file = report.file_for(session, out)
    report.export(session, file, progress, force=force)
    return file
