"""A drop-down list in the program's style."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPaintEvent, QPalette
from PyQt6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

from fercam.ui import icons


class Combo(QComboBox):
    """Paints its own arrow, which style sheets cannot recolour, and shortens what does not fit."""

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint the field and the arrow in the theme's colour."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        icon_px = 0 if self.itemIcon(self.currentIndex()).isNull() else icons.SIZE_PX + 12
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, self.width() - icon_px - 44
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        quiet = self.palette().color(QPalette.ColorRole.PlaceholderText).name()
        arrow = icons.pixmap("down", quiet, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - 24, (self.height() - icons.SIZE_PX) // 2, arrow)
        painter.end()
