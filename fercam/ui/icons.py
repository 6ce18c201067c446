"""FerCam's own icons, in the colour of the theme."""

from functools import lru_cache

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from fercam import paths
from fercam.logs import logger

SIZE_PX = 20
EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"/>'


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
def pixmap(name: str, colour: str, scale: float) -> QPixmap:
    """Return the icon as a picture of 20 px at a device pixel ratio of `scale`."""
    return _render(_drawing(f"icons/{name}").replace("currentColor", colour), SIZE_PX, scale)


def app_icon() -> QIcon:
    """Return the program's own icon."""
    text = _drawing("fercam")
    made = QIcon()
    for side_px in (16, 32, 64, 256):
        made.addPixmap(_render(text, side_px, 1.0))
    return made


@lru_cache(maxsize=128)
def _drawing(name: str) -> str:
    """Return a drawing's SVG; an empty one where there is none, which is logged.

    Qt draws nothing of a damaged one; the self-check names it.
    """
    file = paths.resource_dir("assets") / f"{name}.svg"
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        logger.warning("the drawing %s cannot be used: %s", file.name, error)
        return EMPTY


def _render(svg: str, side_px: int, scale: float) -> QPixmap:
    canvas = QPixmap(round(side_px * scale), round(side_px * scale))
    canvas.setDevicePixelRatio(scale)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side_px, side_px))
    painter.end()
    return canvas
