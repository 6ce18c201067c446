"""Names in any script are drawn into pictures as far as this computer has letters for them."""

from pathlib import Path

import numpy as np
import pytest

from fercam.core import fonts
from fercam.overlay import raster
from fercam.overlay.raster import paint
from fercam.overlay.shapes import Text

BLACK = np.zeros((40, 300, 3), np.uint8)


@pytest.fixture(autouse=True)
def fresh() -> None:
    raster._text_mask.cache_clear()
    raster._other_font.cache_clear()


def drawn(text: str) -> np.ndarray:
    return paint(BLACK, [Text(4, 30, text, 24, (255, 255, 255))])


def test_a_letter_no_font_has_is_left_out_instead_of_a_box(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(raster, "fonts_with", lambda missing: [])
    assert np.array_equal(drawn("王Anna"), drawn("Anna"))
    assert np.array_equal(drawn("王小明"), BLACK)


def test_a_letter_another_font_has_is_taken_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    other = fonts.dejavu().with_name("DejaVuSerif.ttf")
    monkeypatch.setattr(raster, "letters_of", lambda file: fonts.letters_of(file) - {ord("Q")})
    monkeypatch.setattr(raster, "fonts_with", lambda missing: [other])
    mixed, plain = drawn("aQb"), drawn("ab")
    monkeypatch.undo()
    raster._text_mask.cache_clear()
    assert mixed.sum() > plain.sum()
    assert not np.array_equal(mixed, drawn("aQb"))


def test_fonts_are_found_by_their_letters_plain_ones_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MySerif-Regular.ttf", "MySans-Regular.ttf"):
        (tmp_path / name).symlink_to(fonts.dejavu())
    (tmp_path / "Broken-Sans.ttf").write_bytes(b"no font")
    monkeypatch.setattr(fonts, "_homes", lambda: [tmp_path, tmp_path / "missing"])
    fonts.system_fonts.cache_clear()
    try:
        assert fonts.fonts_with([ord("ж"), ord("a")]) == [tmp_path / "MySans-Regular.ttf"]
        assert fonts.fonts_with([0x10FFFF]) == []
    finally:
        fonts.system_fonts.cache_clear()
