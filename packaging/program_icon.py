"""The program's icon as a picture, drawn from the SVG; PyInstaller makes .ico and .icns of it."""

from pathlib import Path

SIZE_PX = 512


def draw(svg: Path, out: Path) -> Path:
    """Write `svg` as a square PNG with a clear background and return where it is."""
    from PyQt6.QtCore import Qt
    from PyQt6.QtGui import QImage, QPainter
    from PyQt6.QtSvg import QSvgRenderer

    picture = QImage(SIZE_PX, SIZE_PX, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(str(svg)).render(painter)
    painter.end()
    out.parent.mkdir(parents=True, exist_ok=True)
    if not picture.save(str(out)):
        raise OSError(f"{out} could not be written.")
    return out
