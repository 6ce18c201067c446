"""The very pixels the model sees, and which of them mattered."""

import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from fercam.core.values import FaceCrop, FaceQuality, Image
from fercam.overlay.palette import AGAINST, FOR
from fercam.ui import theme as look
from fercam.ui.widgets.emotion_bars import NUMBERS_EVERY_S
from fercam.ui.widgets.parts import heading, words

SIDE_PX = 192
"""Four screen pixels for each of the 48."""
STRONGEST = 0.75
"""How much of the colour the strongest part shows; the face is seen through it."""
NOBODY = "No face to look at."


class FaceView(QFrame):
    """A crop (48, 48) enlarged without blur, its quality in words and, if given, the map of what
    mattered with its legend. Words change four times a second at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said_s = -math.inf
        self.setObjectName("card")
        self.setAccessibleName("What the model sees")
        title = heading("What the model sees")
        self._picture = _Picture()
        self._for, self._against = _Key(FOR), _Key(AGAINST)
        self._words = words(NOBODY, quiet=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        column.addWidget(title)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        for part in (self._for, self._against, self._words):
            column.addWidget(part)
        self._show_legend("")

    @property
    def words(self) -> str:
        """The quality, as it is read."""
        return self._words.text()

    @property
    def legend(self) -> tuple[str, ...]:
        """What the colours mean; empty without a map."""
        return tuple(key.text for key in (self._for, self._against) if not key.isHidden())

    @property
    def has_map(self) -> bool:
        """Whether a map lies over the face."""
        return self._picture.has_map

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._picture.set_theme(theme)

    def show_crop(self, crop: FaceCrop | None) -> None:
        """Show a crop without a map; None when there is nobody."""
        self._picture.show_face(None if crop is None else crop.pixels)
        self._show_legend("")
        now_s = self._clock()
        if crop is None:
            self._words.setText(NOBODY)
            self._said_s = -math.inf
        elif now_s - self._said_s >= NUMBERS_EVERY_S:
            self._words.setText(quality_words(crop.quality))
            self._said_s = now_s

    def show_importance(self, pixels: Image, importance: NDArray[np.float32], emotion: str) -> None:
        """Show a crop (48, 48) and what mattered in it for an emotion, (48, 48) of -1..1."""
        self._picture.show_face(pixels, importance)
        self._show_legend(emotion)

    def _show_legend(self, emotion: str) -> None:
        self._for.set_text(f"mattered for {emotion}")
        self._against.set_text(f"spoke against {emotion}")
        for key in (self._for, self._against):
            key.setVisible(bool(emotion))


def quality_words(quality: FaceQuality | None) -> str:
    """Return a face's quality in words, the worst thing about it first."""
    if quality is None:
        return "Quality not measured."
    verdict = "Good to read" if quality.flaw is None else quality.flaw.value.capitalize()
    return (
        f"{verdict}.\n{quality.side_px:.0f} px, brightness {quality.brightness:.0f} of "
        f"255, sharpness {quality.sharpness:.2f}, turned {abs(quality.yaw_deg):.0f}°, tilted "
        f"{abs(quality.roll_deg):.0f}°."
    )


class _Picture(QWidget):
    """The crop and, over it, the map."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._face: QImage | None = None
        self._map: QImage | None = None
        self.setFixedSize(SIDE_PX, SIDE_PX)

    @property
    def has_map(self) -> bool:
        return self._map is not None

    def set_theme(self, theme: look.Theme) -> None:
        self._theme = theme
        self.update()

    def show_face(
        self, pixels: Image | None, importance: NDArray[np.float32] | None = None
    ) -> None:
        self._face = None if pixels is None else _gray_image(pixels)
        self._map = None if importance is None else _map_image(importance)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(SIDE_PX, SIDE_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._face is None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.raised))
            painter.drawRoundedRect(self.rect(), look.CORNER_PX, look.CORNER_PX)
        else:
            painter.drawImage(self.rect(), self._face)  # nearest neighbour: no smooth transform
            if self._map is not None:
                painter.drawImage(self.rect(), self._map)
        painter.end()


class _Key(QWidget):
    """A colour and what it means."""

    def __init__(self, colour: tuple[int, int, int]) -> None:
        super().__init__()
        self._label = QLabel()
        self._label.setFont(look.font(look.SMALL_PX))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(_Swatch(colour))
        row.addWidget(self._label, 1)

    @property
    def text(self) -> str:
        return self._label.text()

    def set_text(self, text: str) -> None:
        self._label.setText(text)


class _Swatch(QWidget):
    """A square of one colour."""

    def __init__(self, colour: tuple[int, int, int]) -> None:
        super().__init__()
        self._colour = QColor(*colour)
        self.setFixedSize(12, 12)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        painter.end()


def _gray_image(pixels: Image) -> QImage:
    height, width = pixels.shape
    content = np.ascontiguousarray(pixels).tobytes()
    return QImage(content, width, height, width, QImage.Format.Format_Grayscale8).copy()


def _map_image(importance: NDArray[np.float32]) -> QImage:
    """Return the map as colours: `FOR` above 0, `AGAINST` below, the stronger the less clear."""
    height, width = importance.shape
    coloured = np.empty((height, width, 4), np.uint8)
    coloured[..., :3] = np.where(importance[..., None] > 0, FOR, AGAINST)
    coloured[..., 3] = np.clip(np.abs(importance), 0, 1) * STRONGEST * 255
    content = coloured.tobytes()
    return QImage(content, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
