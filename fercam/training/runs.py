"""Where a training run's folder goes."""

from datetime import datetime
from pathlib import Path

from fercam import paths
from fercam.core.errors import TrainingError


def new_run_dir(wanted: Path | None, architecture: str, resume: bool) -> Path:
    """Return the folder of a run: the wanted one, or a stamped one among the user's runs.

    Raises:
        TrainingError: a new run would overwrite something, or there is nothing to resume.
    """
    if resume:
        if wanted is None or not wanted.is_dir():
            raise TrainingError("--resume needs the folder of an unfinished run: -o DIR.")
        return wanted
    if wanted is None:
        return paths.user_runs_dir() / f"{datetime.now():%Y-%m-%d_%H-%M-%S}-{architecture}"
    if wanted.exists() and not (wanted.is_dir() and not any(wanted.iterdir())):
        raise TrainingError(f"{wanted} is in use already; choose another folder, or --resume.")
    return wanted
