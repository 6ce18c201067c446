"""What the player of a session consists of and where it stands; `session_page.py` does the rest."""

from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from fercam.ui import theme as look
from fercam.ui.tabs.live_frame import EDGE_PX, NARROW_PX
from fercam.ui.video_view import VideoView
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.moments import MarkerList, SpanList
from fercam.ui.widgets.parts import heading
from fercam.ui.widgets.session_buttons import SessionButtons
from fercam.ui.widgets.session_lanes import SessionLanes
from fercam.ui.widgets.session_people import SessionPeople
from fercam.ui.widgets.session_toolbar import SessionToolbar
from fercam.ui.widgets.side_panel import SidePanel

LOW_PX = 480
"""A window lower than this has no room for the line of facts."""


class SessionFrame(QWidget):
    """The parts. The panel stands beside the video; where the window is narrow it is put away until
    it is asked for."""

    view_changed = pyqtSignal()
    """What is shown, or how, was chosen anew."""

    def __init__(self) -> None:
        super().__init__()
        self.toolbar = SessionToolbar()
        self.banner = Banner()
        self.video = VideoView()
        self.buttons = SessionButtons()
        self.lanes = SessionLanes()
        self.chart = self.lanes.chart
        self.people = SessionPeople()
        self.markers = MarkerList()
        self.spans = SpanList()
        self.tags = QLineEdit()
        self.side = SidePanel()
        self.status = ElidedLabel()
        self._panel_wanted = True
        self._panel_when_narrow = False
        self._lay_out()
        self.toolbar.panel.triggered.connect(self.toggle_panel)

    def _lay_out(self) -> None:
        self.video.setAccessibleName("Video of the session")
        self.video.setMinimumSize(200, 96)
        self.status.setFont(look.font(look.SMALL_PX))
        self.status.setFixedHeight(20)
        self.status.setProperty("quiet", True)
        for part in (self.people, self.markers, self.spans, self._tags_part()):
            self.side.add(part)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.video, 1)
        left.addWidget(self.buttons)
        left.addWidget(self.lanes)
        middle = QHBoxLayout()
        middle.setSpacing(EDGE_PX)
        middle.addLayout(left, 1)
        middle.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, 8)
        column.setSpacing(8)
        column.addWidget(self.toolbar)
        column.addWidget(self.banner)
        column.addLayout(middle, 1)
        column.addWidget(self.status)

    def _tags_part(self) -> QWidget:
        self.tags.setFont(look.font(look.SMALL_PX))
        self.tags.setPlaceholderText("Words to find it by, with commas")
        self.tags.setAccessibleName("Tags of the session")
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading("Tags"))
        column.addWidget(self.tags)
        return part

    @property
    def narrow(self) -> bool:
        """Whether there is no room for the panel beside the video."""
        return self.width() < NARROW_PX

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for part in (
            self.toolbar, self.banner, self.video, self.buttons, self.chart, self.people,
            self.markers, self.spans,
        ):  # fmt: skip
            part.set_theme(theme)

    def toggle_panel(self) -> None:
        """Show the panel, or put it away."""
        if self.narrow:
            self._panel_when_narrow = not self._panel_when_narrow
        else:
            self._panel_wanted = not self._panel_wanted
        self._show_panel()
        self.view_changed.emit()

    @property
    def view(self) -> tuple[str, bool, bool]:
        """How the overlay is drawn, whether with names, and whether the panel is wanted."""
        return self.toolbar.style_shown, self.toolbar.names.isChecked(), self._panel_wanted

    def show_view(self, style: str, names: bool, panel: bool) -> None:
        """Show things as they were chosen before; a style there is not is passed over."""
        if style in self.toolbar.styles:
            self.toolbar.styles[style].setChecked(True)
        self.toolbar.names.setChecked(names)
        self._panel_wanted = panel
        self._show_panel()
        self._use_style()

    def _use_style(self) -> None:
        style = self.toolbar.style_shown
        self.video.overlay, self.video.bars = style != "none", style == "bars"
        self.video.ids = self.toolbar.names.isChecked()
        self.video.update()

    def _show_panel(self) -> None:
        shown = self._panel_when_narrow if self.narrow else self._panel_wanted
        self.side.setVisible(shown)
        self.toolbar.panel.setChecked(shown)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the size below which something is cut off; before that the panel goes."""
        least = super().minimumSizeHint()
        if not self.side.isHidden():
            least.setWidth(least.width() - self.side.width() - EDGE_PX)
        return least

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Put the panel away or back as the width asks."""
        super().resizeEvent(event)
        self._show_panel()
        self.status.setVisible(self.height() >= LOW_PX)
