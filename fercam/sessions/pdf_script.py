"""Lines as they are seen: Hebrew from right to left, Arabic letters joined.

PDFs say where each glyph stands, so what a browser does with text must be done before.
"""

import unicodedata
from collections.abc import Container
from functools import cache

_ISOLATED, _FINAL, _INITIAL, _MEDIAL = "<isolated>", "<final>", "<initial>", "<medial>"
_ARABIC_FORMS = (*range(0xFB50, 0xFDD0), *range(0xFE70, 0xFEFD))
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_LAM, _STRETCH = "\u0644", "\u0640"


def visual(line: str, known: Container[int]) -> str:
    """Return one line of text in the order of its glyphs from left to right.

    A letter takes the form it has between its neighbours (Unicode 16, section 9.2) if that form is
    among the `known` characters. The line as a whole reads from left to right.
    """
    if not any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in line):
        return line
    from fpdf.bidi import BidiParagraph
    from fpdf.enums import TextDirection

    joined = _joined(line, known)
    return str(BidiParagraph(joined, TextDirection.LTR).get_reordered_string())


def _joined(line: str, known: Container[int]) -> str:
    """Return a line, still in the order it is read, with each Arabic letter in its form."""
    forms = _forms()
    bases = [at for at, letter in enumerate(line) if not unicodedata.combining(letter)]
    letters = [line[at] for at in bases]
    shaped, at = list(line), 0
    while at < len(letters):
        first, taken = at, letters[at]
        if taken == _LAM and taken + "".join(letters[at + 1 : at + 2]) in forms:
            at += 1  # lam with alef is one glyph
            taken += letters[at]
        from_right = first > 0 and _joins_on(letters[first - 1])
        to_left = _joins_on(letters[at]) and at + 1 < len(letters) and _is_joined(letters[at + 1])
        kind = (
            (_MEDIAL if to_left else _FINAL) if from_right else (_INITIAL if to_left else _ISOLATED)
        )
        form = forms.get(taken, {}).get(kind, "")
        if form and ord(form) in known:
            shaped[bases[first]] = form
            if at > first:
                shaped[bases[at]] = ""
        at += 1
    return "".join(shaped)


def _joins_on(letter: str) -> bool:
    """Return whether a letter joins the one after it."""
    return letter == _STRETCH or _INITIAL in _forms().get(letter, {})


def _is_joined(letter: str) -> bool:
    """Return whether a letter joins the one before it."""
    return letter == _STRETCH or _FINAL in _forms().get(letter, {})


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Return the forms of each Arabic letter, and of lam with an alef, by kind."""
    found: dict[str, dict[str, str]] = {}
    for code in _ARABIC_FORMS:
        kind, *parts = unicodedata.decomposition(chr(code)).split() or [""]
        base = "".join(chr(int(part, 16)) for part in parts)
        is_lam_alef = len(base) == 2 and base[0] == _LAM and base[1] in "\u0622\u0623\u0625\u0627"
        if kind in (_ISOLATED, _FINAL, _INITIAL, _MEDIAL) and (len(base) == 1 or is_lam_alef):
            found.setdefault(base, {})[kind] = chr(code)
    return found
