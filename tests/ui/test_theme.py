"""Everything that is written can be read, in every theme."""

from collections.abc import Callable

import pytest
from PyQt6.QtGui import QColor, QFontMetricsF, QImage
from PyQt6.QtWidgets import QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from fercam import paths
from fercam.core.emotions import EMOTIONS
from fercam.overlay.palette import EMOTION_COLOURS
from fercam.ui import icons
from fercam.ui.theme import TEXT_PAIRS, THEMES, Theme, choose_theme, contrast_ratio, font
from fercam.ui.widgets.combo import Combo


def test_contrast_ratio_is_that_of_wcag() -> None:
    assert contrast_ratio("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast_ratio("#123456", "#123456") == pytest.approx(1.0)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(("ink", "paper"), TEXT_PAIRS)
def test_text_has_enough_contrast(name: str, ink: str, paper: str) -> None:
    theme = THEMES[name]
    least = 7.0 if name == "contrast" else 4.5
    assert contrast_ratio(getattr(theme, ink), getattr(theme, paper)) >= least


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("paper", ["window", "surface", "raised"])
def test_what_scrolls_can_be_seen(name: str, paper: str) -> None:
    theme = THEMES[name]
    assert contrast_ratio(theme.grip, getattr(theme, paper)) >= 3.0


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_has_a_colour_for_every_emotion(name: str) -> None:
    assert set(EMOTION_COLOURS[name]) == set(EMOTIONS)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("kind", [QPushButton, QToolButton, Combo, QLineEdit])
def test_what_cannot_be_used_now_is_written_quietly(
    qtbot: QtBot, wear: Callable[[Theme], None], kind: type[QWidget], name: str
) -> None:
    theme = THEMES[name]
    wear(theme)
    shown = kind()
    qtbot.addWidget(shown)
    if isinstance(shown, Combo):
        shown.addItem("██")
    else:
        shown.setText("██")  # type: ignore[attr-defined]
    assert theme.text in colours(shown)
    shown.setEnabled(False)
    assert theme.quiet in colours(shown)
    assert theme.text not in colours(shown)


def colours(shown: QWidget) -> set[str]:
    picture: QImage = shown.grab().toImage()
    places = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return {QColor(picture.pixel(*place)).name() for place in places}


def test_an_unknown_theme_means_the_one_of_the_system(qtbot: QtBot) -> None:
    assert choose_theme("light") is THEMES["light"]
    assert choose_theme("system") in THEMES.values()
    for name, theme in THEMES.items():
        assert choose_theme("system", lambda name=name: name) is theme


def test_digits_have_equal_widths(qtbot: QtBot) -> None:
    metrics = QFontMetricsF(font(13))
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_every_icon_takes_the_colour_of_the_theme(qtbot: QtBot) -> None:
    files = sorted((paths.resource_dir("assets") / "icons").glob("*.svg"))
    assert files
    for file in files:
        picture = icons.pixmap(file.stem, "#ff0000", 2.0).toImage()
        inked = [
            picture.pixelColor(x, y)
            for x in range(picture.width())
            for y in range(picture.height())
            if picture.pixelColor(x, y).alpha() > 200
        ]
        assert inked, file.name
        assert all(ink.green() < 5 and ink.red() > 250 for ink in inked), file.name
