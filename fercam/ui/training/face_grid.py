"""Faces side by side, as the network sees them."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QRectF, QSize
from PyQt6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

FACE_PX, GAP_PX = 64, 4
MOST = 120


class FaceGrid(QWidget):
    """Up to 120 faces (48, 48) in rows, as many in a row as there is room for."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._faces: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_faces(np.zeros((0, 48, 48), np.uint8))

    @property
    def count(self) -> int:
        """How many faces are shown."""
        return len(self._faces)

    def show_faces(self, faces: NDArray[np.uint8]) -> None:
        """Show faces (n, 48, 48) gray, the first ones where there are too many."""
        self._faces = [_picture(face) for face in faces[:MOST]]
        self.setAccessibleName(f"{self._name}: {len(faces)}")
        self._fit()
        self.update()

    def face_rect(self, number: int) -> QRect:
        """Return where a face is."""
        row, column = divmod(number, self._columns)
        step = FACE_PX + GAP_PX
        return QRect(column * step, row * step, FACE_PX, FACE_PX)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size of four in a row."""
        return QSize(4 * (FACE_PX + GAP_PX), self.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the size of one face."""
        return QSize(FACE_PX, 0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Put as many into a row as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint the faces."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for number, face in enumerate(self._faces):
            painter.drawImage(QRectF(self.face_rect(number)), face)
        painter.end()

    @property
    def _columns(self) -> int:
        return max(1, (self.width() + GAP_PX) // (FACE_PX + GAP_PX))

    def _fit(self) -> None:
        rows = -(-len(self._faces) // self._columns)
        self.setFixedHeight(max(rows * (FACE_PX + GAP_PX) - GAP_PX, 0))


def _picture(face: NDArray[np.uint8]) -> QImage:
    high, wide = face.shape
    gray = np.ascontiguousarray(face)
    # copied: the picture must not hang on the array
    return QImage(gray.tobytes(), wide, high, wide, QImage.Format.Format_Grayscale8).copy()


class OneFace(FaceGrid):
    """A single face, as large as the others."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setFixedWidth(FACE_PX)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
