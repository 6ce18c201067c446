"""Paints the overlay's draw list with QPainter: sharp at any zoom, text never mirrored."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QApplication

from fercam.core.values import AnnotatedFrame
from fercam.overlay.layout import OverlayOptions, lay_out, text_size_px
from fercam.overlay.palette import TRACK, Colour
from fercam.overlay.shapes import Bar, Outline, Panel, Shape, Text, corner_radius

SMALLEST_TEXT_PX, LARGEST_TEXT_PX = 14.0, 20.0


def overlay_shapes(
    annotated: AnnotatedFrame, mirrored: bool, options: OverlayOptions, zoom: float
) -> list[Shape]:
    """Return what to draw on a picture shown `zoom` times its size, in the picture's pixels.

    For a mirrored view the boxes are mirrored before anything is laid out, so that labels read
    and line up as usual. Text is 14 to 20 px high on the screen, whatever the zoom.
    """
    height, width = annotated.frame.image.shape[:2]
    on_screen_px = text_size_px(width, height) * zoom
    scale = min(max(on_screen_px, SMALLEST_TEXT_PX), LARGEST_TEXT_PX) / on_screen_px
    shown = _mirror(annotated) if mirrored else annotated
    return lay_out(shown, replace(options, scale=scale))


def paint_shapes(painter: QPainter, shapes: Sequence[Shape]) -> None:
    """Draw the shapes; the painter's transform takes the picture's pixels to the widget's."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for shape in shapes:
        _PAINTERS[type(shape)](painter, shape)


def _mirror(annotated: AnnotatedFrame) -> AnnotatedFrame:
    width = annotated.frame.image.shape[1]
    faces = []
    for face in annotated.faces:
        box = face.detection.box_px
        there = replace(box, x=width - box.x - box.width)
        faces.append(replace(face, detection=replace(face.detection, box_px=there)))
    return replace(annotated, faces=tuple(faces))


def _outline(painter: QPainter, shape: Outline) -> None:
    inset = shape.thickness / 2
    pen = QPen(_ink(shape.colour), shape.thickness)
    if shape.hatched:
        pen.setDashPattern([4.0, 3.0])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inside = QRectF(shape.x, shape.y, shape.w, shape.h).adjusted(inset, inset, -inset, -inset)
    radius = min(shape.w, shape.h) * 0.04
    painter.drawRoundedRect(inside, radius, radius)


def _panel(painter: QPainter, shape: Panel) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_ink(shape.colour, shape.alpha))
    radius = corner_radius(shape)
    painter.drawRoundedRect(QRectF(shape.x, shape.y, shape.w, shape.h), radius, radius)


def _text(painter: QPainter, shape: Text) -> None:
    font = QApplication.font()
    font.setPixelSize(100)  # fonts have whole sizes: the exact one comes from the transform
    painter.save()
    painter.translate(shape.x, shape.y)
    painter.scale(shape.size_px / 100, shape.size_px / 100)
    painter.setFont(font)
    painter.setPen(_ink(shape.colour))
    painter.drawText(QPointF(0, 0), shape.text)
    painter.restore()


def _bar(painter: QPainter, shape: Bar) -> None:
    whole = QRectF(shape.x, shape.y, shape.w, shape.h)
    share = min(1.0, max(0.0, shape.share))
    painter.fillRect(whole, _ink(TRACK))
    painter.fillRect(QRectF(shape.x, shape.y, shape.w * share, shape.h), _ink(shape.colour))


_PAINTERS: dict[type[Shape], Callable[[QPainter, Any], None]] = {
    Outline: _outline,
    Panel: _panel,
    Text: _text,
    Bar: _bar,
}


def _ink(colour: Colour, alpha: float = 1.0) -> QColor:
    ink = QColor(*colour)
    ink.setAlphaF(alpha)
    return ink
