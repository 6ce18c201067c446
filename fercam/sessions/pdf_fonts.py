"""Fonts for PDFs: one that is always there, and others for letters it has not."""

from typing import TYPE_CHECKING

from fercam.core.fonts import dejavu, fonts_with, letters_of

if TYPE_CHECKING:
    from fpdf import FPDF

FAMILY = "report"


def add_fonts(pdf: "FPDF", text: str) -> set[int]:
    """Add DejaVu Sans, regular and bold, as FAMILY and, for letters of `text` that it has not,
    fonts of this computer; return all characters there are letters for now.
    """
    for style, file in (("", dejavu()), ("B", dejavu(bold=True))):
        pdf.add_font(FAMILY, style, file)
    known = set(letters_of(dejavu()) & letters_of(dejavu(bold=True)))
    others: list[str] = []
    for file in fonts_with({ord(letter) for letter in text if not letter.isspace()} - known):
        name = f"other{len(others)}"
        for style in ("", "B"):
            pdf.add_font(name, style, file)
        others.append(name)
        known |= letters_of(file)
    if others:
        pdf.set_fallback_fonts(others, exact_match=False)
    return known
