"""FerCam's own icons, in the colour of the theme."""

from functools import lru_cache

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from fercam import paths

SIZE_PX = 20


@lru_cache(maxsize=128)
def icon(name: str, colour: str, selected: str | None = None) -> QIcon:
    """Return the icon `assets/icons/<name>.svg` in a #rrggbb colour, sharp up to 3 x.

    In the selected row of a list it has the colour `selected`.
    """
    made = QIcon()
    for scale in (1, 2, 3):
        made.addPixmap(pixmap(name, colour, scale))
        made.addPixmap(pixmap(name, selected or colour, scale), QIcon.Mode.Selected)
    return made


@lru_cache(maxsize=256)
def pixmap(name: str, colour: str, scale: float = 1.0) -> QPixmap:
    """Return the icon as a picture of 20 px at a device pixel ratio of `scale`."""
    text = (paths.resource_dir("assets") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return _render(text.replace("currentColor", colour), SIZE_PX, scale)


def app_icon() -> QIcon:
    """Return the program's own icon."""
    text = (paths.resource_dir("assets") / "fercam.svg").read_text(encoding="utf-8")
    made = QIcon()
    for side_px in (16, 32, 64, 256):
        made.addPixmap(_render(text, side_px, 1.0))
    return made


def _render(svg: str, side_px: int, scale: float) -> QPixmap:
    canvas = QPixmap(round(side_px * scale), round(side_px * scale))
    canvas.setDevicePixelRatio(scale)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side_px, side_px))
    painter.end()
    return canvas
