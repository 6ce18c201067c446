"""How wide a text will be, without asking a font.

The layout must be the same whoever paints it, so text is measured with one table: the advances
of DejaVu Sans, the raster painter's font. It is one of the widest common faces, so text in the
window's system font fits as well.
"""

# Thousandths of an em for the characters from space to tilde.
_ADVANCES = (
    318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361, 318, 337,
    637, 637, 637, 637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 531,
    1000, 685, 687, 699, 771, 632, 576, 775, 752, 295, 295, 656, 558, 863, 749, 788,
    604, 788, 695, 635, 611, 732, 685, 989, 686, 611, 686, 391, 337, 391, 838, 500,
    500, 613, 635, 550, 635, 616, 353, 635, 634, 278, 278, 580, 278, 975, 634, 612,
    635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637, 337, 637, 838,
)  # fmt: skip
_OTHER = 1000  # a full em: right for the ellipsis and Chinese, generous for the rest


def text_width_px(text: str, size_px: float) -> float:
    """Return how wide one line of text is at most, in pixels, at `size_px` pixels per em."""
    return size_px / 1000 * sum(_advance(character) for character in text)


def _advance(character: str) -> int:
    place = ord(character) - ord(" ")
    return _ADVANCES[place] if 0 <= place < len(_ADVANCES) else _OTHER
