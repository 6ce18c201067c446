"""DejaVu Sans, which is always there, and this computer's own fonts for letters it has not."""

import importlib.util
import os
import sys
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_SUFFIXES = {".ttf", ".otf", ".ttc"}


@cache
def dejavu(bold: bool = False) -> Path:
    """Return the file of DejaVu Sans that matplotlib brings along, without importing that.

    Raises:
        FileNotFoundError: it is missing.
    """
    spec = importlib.util.find_spec("matplotlib")
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    for folder in (spec.submodule_search_locations if spec else None) or ():
        file = Path(folder) / "mpl-data" / "fonts" / "ttf" / name
        if file.is_file():
            return file
    raise FileNotFoundError(f"The font {name} of matplotlib is missing.")


@lru_cache(maxsize=8)
def letters_of(file: Path) -> frozenset[int]:
    """Return the characters that a font has outlines for; none if it cannot be used."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with file.open("rb") as content, TTFont(content, fontNumber=0, lazy=True) as font:
            if "glyf" not in font and "CFF " not in font:
                return frozenset()
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError, ValueError, KeyError, AssertionError):
        return frozenset()


def fonts_with(missing: Iterable[int]) -> list[Path]:
    """Return fonts of this computer that have the characters between them, as far as there are
    any; the first time this takes up to some seconds."""
    left, chosen = set(missing), []
    for file in system_fonts() if left else ():
        has = {n for n in left if _has(_sorted_letters(file), n)}
        if has:
            chosen.append(file)
            left -= has
        if not left:
            break
    return chosen


@cache
def _sorted_letters(file: Path) -> NDArray[np.int32]:
    """Return a font's characters in little room: there may be hundreds of fonts."""
    return np.array(sorted(letters_of(file)), np.int32)


def _has(letters: NDArray[np.int32], letter: int) -> bool:
    place = int(np.searchsorted(letters, letter))
    return place < len(letters) and int(letters[place]) == letter


@cache
def system_fonts() -> tuple[Path, ...]:
    """Return the files of all fonts of this computer, upright ones without serifs first."""
    found = (
        Path(folder, name)
        for home in _homes()
        for folder, _, names in os.walk(home)
        for name in names
        if Path(name).suffix.lower() in _SUFFIXES
    )
    return tuple(sorted(found, key=_plainest_first))


def _plainest_first(file: Path) -> tuple[bool, bool, str]:
    name = file.name.lower()
    return ("serif" in name or "sans" not in name, "regular" not in name, str(file))


def _homes() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        own = Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft" / "Windows" / "Fonts"
        return [Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts", own]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    own = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "fonts"
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), own, home / ".fonts"]
