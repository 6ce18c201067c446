"""Paints a draw list into a picture, for files; the window has its own painter."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from fercam.core.fonts import dejavu, fonts_with, letters_of
from fercam.core.values import Image
from fercam.overlay.palette import TRACK, bgr
from fercam.overlay.shapes import Bar, Outline, Panel, Shape, Text, corner_radius

_SUBPIXEL_BITS = 4


def paint(image: Image, shapes: Sequence[Shape]) -> Image:
    """Return a new picture (H, W, 3) BGR with the shapes drawn on it; `image` stays as it is."""
    painted = image.copy()
    for shape in shapes:
        _PAINTERS[type(shape)](painted, shape)
    return painted


def letterboxed(image: Image, size: tuple[int, int], bar: int = 0) -> Image:
    """Return a picture scaled to `size` (width, height), its shape kept, within bars of a gray."""
    height, width = image.shape[:2]
    if (width, height) == size:
        return image
    scale = min(size[0] / width, size[1] / height)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    left, top = (size[0] - w) // 2, (size[1] - h) // 2
    fitted = np.full((size[1], size[0], 3), bar, np.uint8)
    fitted[top : top + h, left : left + w] = cv2.resize(image, (w, h), interpolation=way)
    return fitted


def _outline(image: Image, outline: Outline) -> None:
    thickness = max(1, round(outline.thickness))
    inset = thickness / 2
    path = _rounded_path(
        outline.x + inset,
        outline.y + inset,
        max(0.0, outline.w - thickness),
        max(0.0, outline.h - thickness),
        radius=min(outline.w, outline.h) * 0.04,
    )
    lines = _fixed_point(_dashes(path, 4 * thickness) if outline.hatched else path[np.newaxis])
    closed = not outline.hatched
    cv2.polylines(
        image, list(lines), closed, bgr(outline.colour), thickness, cv2.LINE_AA, _SUBPIXEL_BITS
    )


def _panel(image: Image, panel: Panel) -> None:
    left, top = max(0, int(panel.x)), max(0, int(panel.y))
    region = image[top : int(np.ceil(panel.y + panel.h)), left : int(np.ceil(panel.x + panel.w))]
    if region.size == 0:
        return
    path = _rounded_path(panel.x - left, panel.y - top, panel.w, panel.h, corner_radius(panel))
    filled = region.copy()
    cv2.fillPoly(filled, [_fixed_point(path)], bgr(panel.colour), cv2.LINE_AA, shift=_SUBPIXEL_BITS)
    cv2.addWeighted(filled, panel.alpha, region, 1 - panel.alpha, 0, dst=region)


def _bar(image: Image, bar: Bar) -> None:
    top, bottom = round(bar.y), round(bar.y + bar.h)
    left, right = round(bar.x), round(bar.x + bar.w)
    end = round(bar.x + bar.w * min(1.0, max(0.0, bar.share)))
    image[top:bottom, left:right] = bgr(TRACK)
    image[top:bottom, left:end] = bgr(bar.colour)


def _text(image: Image, text: Text) -> None:
    mask, dx, dy = _text_mask(text.text, round(text.size_px))
    x, y = round(text.x) + dx, round(text.y) + dy
    height, width = image.shape[:2]
    left, top = max(0, x), max(0, y)
    right, bottom = min(width, x + mask.shape[1]), min(height, y + mask.shape[0])
    if left >= right or top >= bottom:
        return
    part = mask[top - y : bottom - y, left - x : right - x]
    region = image[top:bottom, left:right]
    ink = np.array(bgr(text.colour), np.uint16)
    region[:] = (region * (256 - part) + ink * part) >> 8


_PAINTERS: dict[type[Shape], Callable[[Image, Any], None]] = {
    Outline: _outline,
    Panel: _panel,
    Bar: _bar,
    Text: _text,
}


@lru_cache(maxsize=1024)
def _text_mask(text: str, size_px: int) -> tuple[NDArray[np.uint16], int, int]:
    """Return the coverage (h, w, 1) 0..256 of a text, and its top left from the baseline start."""
    x, placed = 0.0, []
    for part, file in _parts(text):
        font = _font(file, size_px)
        left, top, right, bottom = font.getbbox(part, anchor="ls")
        placed.append((x, part, font, (x + left, top, x + right, bottom)))
        x += font.getlength(part)
    edges = np.array([box for *_, box in placed] or [(0, 0, 1, 1)])
    left, top = (int(edge) for edge in np.floor(edges[:, :2].min(axis=0)))
    right, bottom = (int(edge) for edge in np.ceil(edges[:, 2:].max(axis=0)))
    canvas = Pillow.new("L", (max(1, right - left), max(1, bottom - top)))
    for x, part, font, _ in placed:
        ImageDraw.Draw(canvas).text((x - left, -top), part, fill=255, font=font, anchor="ls")
    mask = np.asarray(canvas, np.uint16)[:, :, None]
    return mask + (mask > 127), left, top


def _parts(text: str) -> list[tuple[str, Path]]:
    """Return a text in parts, each with a font that has its letters; those no font has are left
    out."""
    known = letters_of(dejavu())
    fonts = [(c, dejavu() if ord(c) in known else _other_font(c)) for c in text]
    found = groupby(((c, font) for c, font in fonts if font), key=lambda one: one[1])
    return [("".join(c for c, _ in part), font) for font, part in found if font]


@lru_cache(maxsize=4096)
def _other_font(letter: str) -> Path | None:
    return next(iter(fonts_with([ord(letter)])), None)


@lru_cache(maxsize=64)
def _font(file: Path, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), size_px)


def _fixed_point(path: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return points in the fixed-point form of OpenCV, whose pixel centres are whole numbers."""
    return np.round((path - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)


_QUARTER = np.linspace(0, np.pi / 2, 5)
_ARC = np.concatenate([_QUARTER + turn * np.pi / 2 for turn in (2, 3, 0, 1)])
_ARC_X, _ARC_Y = np.cos(_ARC), np.sin(_ARC)
_AT_RIGHT = np.repeat([0.0, 1.0, 1.0, 0.0], len(_QUARTER))
_AT_BOTTOM = np.repeat([0.0, 0.0, 1.0, 1.0], len(_QUARTER))


def _rounded_path(x: float, y: float, w: float, h: float, radius: float) -> NDArray[np.float64]:
    """Return the corner points (n, 2) of a rectangle with rounded corners, clockwise."""
    radius = min(radius, w / 2, h / 2)
    xs = x + radius + _AT_RIGHT * (w - 2 * radius) + radius * _ARC_X
    ys = y + radius + _AT_BOTTOM * (h - 2 * radius) + radius * _ARC_Y
    return np.stack([xs, ys], axis=1)


def _dashes(path: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """Return dashes (n, 2, 2) of `length` pixels along a closed path, gaps nearly as long."""
    closed = np.vstack([path, path[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    count = max(4, int(along[-1] / (length * 1.8)))
    starts = np.arange(count) * (along[-1] / count)
    ends = starts + along[-1] / count * 0.55
    stops = np.stack([starts, ends], axis=1)
    xs, ys = np.interp(stops, along, closed[:, 0]), np.interp(stops, along, closed[:, 1])
    return np.stack([xs, ys], axis=2)
