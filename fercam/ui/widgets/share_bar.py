"""One bar cut into the shares of the seven emotions, and what was not sure."""

from collections.abc import Mapping

from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from fercam.core.emotions import EMOTIONS, NOT_SURE
from fercam.ui import theme as look
from fercam.ui.widgets.emotion_bars import emotion_brush

HIGH_PX = 12
SAID_ABOVE = 0.005


class ShareBar(QWidget):
    """In the fixed order of emotions, the rest hatched; the shares in words are its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._shares: dict[str, float] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.update()

    def show_shares(self, shares: Mapping[str, float], not_sure: float) -> None:
        """Show shares 0..1 by emotion and the rest; together they are 1, or all 0."""
        self._shares = {**{name: shares[name] for name in EMOTIONS}, NOT_SURE: not_sure}
        words = ", ".join(
            f"{name} {share:.0%}" for name, share in self._shares.items() if share >= SAID_ABOVE
        )
        self.setToolTip(words or "No expression was read.")
        self.setAccessibleName(f"Shares: {words or 'none'}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a thin bar."""
        return QSize(120, HIGH_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint the parts side by side, with a gap between them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(whole, 4, 4)
        painter.setClipPath(shape)
        painter.fillRect(whole, QColor(self._theme.hover))
        x = 0.0
        for name, share in self._shares.items():
            wide = share * whole.width()
            if wide > 0:
                painter.fillRect(
                    QRectF(x, 0, max(wide - 1, 0.5), whole.height()),
                    emotion_brush(self._theme, name),
                )
            x += wide
        painter.end()
