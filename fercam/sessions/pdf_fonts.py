"""Fonts for PDFs: one that is always there, and others for letters it has not."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

FAMILY = "report"


def add_fonts(pdf: "FPDF", text: str) -> set[int]:
    """Add DejaVu Sans, regular and bold, as FAMILY and, for letters of `text` that it has not,
    fonts of this computer; return all characters there are letters for now.
    """
    import matplotlib

    home = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    known: set[int] = set()
    for style, own in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        pdf.add_font(FAMILY, style, home / own)
        letters = _letters_of(home / own)
        known = known & letters if known else set(letters)
    missing = {ord(letter) for letter in text if not letter.isspace()} - known
    others: list[str] = []
    for file in _fonts_with(missing):
        name = f"other{len(others)}"
        for style in ("", "B"):
            pdf.add_font(name, style, file)
        others.append(name)
        known |= _letters_of(file)
    if others:
        pdf.set_fallback_fonts(others, exact_match=False)
    return known


def _fonts_with(missing: set[int]) -> list[Path]:
    """Return fonts of this computer that have the letters between them, as far as there are any."""
    if not missing:
        return []
    from matplotlib import font_manager

    left, chosen = set(missing), []
    for file in sorted(map(Path, font_manager.findSystemFonts())):
        has = left & _letters_of(file)
        if has:
            chosen.append(file)
            left -= has
        if not left:
            break
    return chosen


@cache
def _letters_of(file: Path) -> frozenset[int]:
    """Return the characters that a font has outlines for; none if it cannot be used."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(file, fontNumber=0, lazy=True) as font:
            if "glyf" not in font and "CFF " not in font:
                return frozenset()
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError, ValueError, KeyError, AssertionError):
        return frozenset()
