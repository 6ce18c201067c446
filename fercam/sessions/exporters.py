"""All that a session can be exported as, and how."""

from pathlib import Path

from fercam.core.errors import UsageError
from fercam.sessions.exporter import Exporter, ExportOptions, ShowProgress
from fercam.sessions.highlights import HighlightsExporter
from fercam.sessions.render import Mp4Exporter
from fercam.sessions.rows import CsvExporter, JsonExporter, ParquetExporter
from fercam.sessions.session import open_session
from fercam.sessions.subtitles import SrtExporter, VttExporter

EXPORTERS: dict[str, type[Exporter]] = {
    "csv": CsvExporter,
    "json": JsonExporter,
    "parquet": ParquetExporter,
    "mp4": Mp4Exporter,
    "highlights": HighlightsExporter,
    "srt": SrtExporter,
    "vtt": VttExporter,
}
"""The formats by name."""


def export_session(
    folder: Path,
    form: str,
    out: Path | None = None,
    options: ExportOptions | None = None,
    progress: ShowProgress = lambda done, total: None,
    *,
    force: bool = False,
    model: str | None = None,
) -> Path:
    """Write a session in one of EXPORTERS and return the file.

    `out` is a file, a folder for it, or None for the session's own folder. An older file is
    replaced with `force` only. With `model` the session is written as that one saw it.

    Raises:
        UsageError: there is no such format, style, mask or person, or the file must not be written.
        SessionError: the session cannot be read, has not what is needed, or nothing can be written.
    """
    if form not in EXPORTERS:
        raise UsageError(f"There is no format {form!r}; there are {', '.join(EXPORTERS)}.")
    session, exporter = open_session(folder).seen_by(model), EXPORTERS[form](options)
    file = exporter.file_for(session, out)
    exporter.export(session, file, progress, force=force)
    return file
