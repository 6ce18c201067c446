"""The paint log says how steady the picture is and how old its labels are."""

from fercam.ui.paint_log import PaintLog

MS = 1_000_000


def test_it_says_nothing_before_two_pictures_with_labels() -> None:
    log = PaintLog()
    assert log.figures() is None
    log.add(100 * MS, 80 * MS)
    assert log.figures() is None


def test_rate_gap_and_age_come_from_the_paints() -> None:
    log = PaintLog()
    for at_ms in (0, 30, 60, 160):
        log.add(at_ms * MS, (at_ms - 20) * MS)
    log.add(190 * MS, None)  # a picture without labels counts as a picture
    figures = log.figures()
    assert figures is not None
    assert round(figures.per_second, 3) == round(4 / 0.190, 3)
    assert (figures.longest_gap_ms, figures.label_age_ms) == (100, 20)
    log.clear()
    assert log.figures() is None


def test_it_forgets_what_is_long_past() -> None:
    log = PaintLog(keep=3)
    for at_ms in (0, 500, 530, 560):
        log.add(at_ms * MS, at_ms * MS)
    figures = log.figures()
    assert figures is not None
    assert figures.longest_gap_ms == 30
