"""Names read in PDFs as they do elsewhere: right to left where they should, letters joined."""

import pytest

from fercam.sessions.pdf_script import visual

EVERYTHING = range(0x110000)
KHALID = "\ufeaa\ufedf\ufe8e\ufea7"  # dal, lam, alef, khah as they stand from left to right
OMAR = "\ufeae\ufee4\ufecb"  # reh, meem, ain


@pytest.mark.parametrize("line", ["", "Anna: happy 83%", "Ελένη Ωραία", "王小明", "Zoë 😀"])
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert visual(line, EVERYTHING) == line


def test_hebrew_is_turned_round() -> None:
    assert visual("שלום", EVERYTHING) == "שלום"[::-1]


def test_figures_beside_a_name_stay_where_they_are() -> None:
    assert visual("0:11.4 · שלום 97%", EVERYTHING).startswith("0:11.4 · ")
    assert "97" in visual("0:11.4 · שלום 97%", EVERYTHING)


def test_arabic_letters_are_joined() -> None:
    assert visual("عمر", EVERYTHING) == OMAR
    assert visual("عمر خالد", EVERYTHING) == f"{KHALID} {OMAR}"


def test_lam_and_alef_are_one_glyph() -> None:
    assert visual("سلام", EVERYTHING) == "\ufee1\ufefc\ufeb3"


def test_a_vowel_mark_does_not_part_letters() -> None:
    marked = visual("عُمر", EVERYTHING)
    assert marked.replace("\u064f", "") == OMAR


def test_a_stretched_letter_is_joined_to_both_sides() -> None:
    assert visual("مـر", EVERYTHING) == "\ufeae\u0640\ufee3"


def test_letters_without_glyphs_for_their_forms_stay_plain() -> None:
    plain = range(0x0700)
    assert visual("عمر", plain) == "عمر"[::-1]
