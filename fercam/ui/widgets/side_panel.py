"""The column on the right: people and instruments, one under the other, scrolled if need be."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

WIDTH_PX = 264


class SidePanel(QScrollArea):
    """Holds parts that can be hidden; is hidden itself when none is shown."""

    def __init__(self) -> None:
        super().__init__()
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(WIDTH_PX)
        self.setWidget(inside)

    def add(self, part: QWidget) -> None:
        """Put a part under the others."""
        self._column.insertWidget(self._column.count() - 1, part)
