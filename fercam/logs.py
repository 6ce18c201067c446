"""The log file: what happened inside, for reports of trouble; nothing about faces is logged."""

import logging
from logging.handlers import RotatingFileHandler

from fercam import paths

logger = logging.getLogger("fercam")


def start_logging() -> None:
    """Write warnings and worse to the user's log file; do without one if it cannot be written."""
    if logger.handlers:
        return
    file = paths.log_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # opened here, not at the first line, where a refusal could only be complained about
        handler: logging.Handler = _LogFile(
            file, maxBytes=1_000_000, backupCount=2, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


class _LogFile(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Lose a line on a full disk in silence; the standard library prints a traceback."""
