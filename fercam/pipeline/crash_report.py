"""What a person may save after a crash, to be read first and sent by hand, if at all."""

import contextlib
import getpass
import platform
import re
from collections.abc import Iterable
from pathlib import Path

from fercam import __version__, paths
from fercam.core.processor import processor_name
from fercam.pipeline.self_check import versions

LOG_LINES = 300
CODE = (".py", ".so", ".dll", ".pyd", ".dylib")


def crash_report(crash: str) -> str:
    """Return versions, the system, what stopped FerCam and the end of the log.

    There are no pictures in it, no names of people, and not where or under what name anybody keeps
    files: see `without_names`.
    """
    libraries = ", ".join(f"{name} {given}" for name, given in versions().items())
    parts = (
        f"FerCam {__version__}, Python {platform.python_version()}",
        f"{platform.platform()}, {processor_name()}",
        libraries,
        "",
        "What stopped it",
        crash,
        "",
        f"The last {LOG_LINES} lines of the log",
        *_log_tail(),
    )
    return without_names("\n".join(parts), _names()) + "\n"


def save_report(crash: str, file: Path) -> None:
    """Write the report.

    Raises:
        OSError: the file cannot be written.
    """
    file.write_text(crash_report(crash), encoding="utf-8")


def without_names(text: str, people: Iterable[str] = ()) -> str:
    """Return a text without addresses, the home folder, and the names of this computer, its user
    and `people`; of paths only those of program files are left."""
    text = re.sub(r"\b\w+://\S+", "(an address)", text)
    home = str(Path.home())
    if len(home) > 1:
        for form in (home, home.replace("\\", "\\\\"), home.replace("\\", "/")):
            text = re.sub(re.escape(form) + r"(?![\w.-])", "~", text, flags=re.IGNORECASE)
    path = r"(?:~|\b[A-Za-z]:|(?<![\w.)\]/\\]))[\\/](?=[^\s\\/])[^\"'\n:,;()<>]*"
    text = re.sub(path, lambda found: _if_code(found[0]), text)
    hidden = {**dict.fromkeys(people, "somebody"), **_own_names()}
    for name, instead in hidden.items():
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, text, flags=re.IGNORECASE)
    return text


def _if_code(path: str) -> str:
    return path if path.rstrip().lower().endswith(CODE) else "(a path)"


def _own_names() -> dict[str, str]:
    names = {platform.node(): "(this computer)"}
    with contextlib.suppress(OSError, KeyError, ImportError):  # nobody has such a number
        names[getpass.getuser()] = "(the user)"
    return {name: instead for name, instead in names.items() if len(name) > 1}


def _names() -> list[str]:
    """Return the names under which resting faces are kept."""
    from fercam.people.neutrals import load_neutrals

    return list(load_neutrals())


def _log_tail() -> list[str]:
    try:
        text = paths.log_file().read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ["(there is none)"]
    return text.splitlines()[-LOG_LINES:]
