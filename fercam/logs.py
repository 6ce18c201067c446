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
        handler: logging.Handler = RotatingFileHandler(
            file, maxBytes=1_000_000, backupCount=2, delay=True, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
