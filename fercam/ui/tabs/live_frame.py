"""What the Live tab consists of and where it stands; `live.py` says what it does."""

from PyQt6.QtCore import QEvent, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fercam.settings import Settings
from fercam.ui import theme as look
from fercam.ui.desktop import dropped_files, take_files
from fercam.ui.video_view import VideoView
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.instruments import TIMELINE_PX, Instruments
from fercam.ui.widgets.live_toolbar import VIEWS, LiveToolbar
from fercam.ui.widgets.neutral_guide import NeutralGuide
from fercam.ui.widgets.people import PeoplePanel
from fercam.ui.widgets.record_strip import RecordStrip
from fercam.ui.widgets.side_panel import SidePanel
from fercam.ui.widgets.transport import Transport

NARROW_PX = 820
EDGE_PX, GAP_PX = 12, 8


class LiveFrame(QWidget):
    """The parts. The panel stands beside the video; where the window is narrow it is put away until
    it is asked for. The timeline leaves while the window is too low for it. `compact` leaves the
    video alone."""

    dropped = pyqtSignal(str)
    """This file or folder was dropped here."""

    def __init__(self) -> None:
        super().__init__()
        self.toolbar = LiveToolbar()
        self.banner = Banner()
        self.neutral_guide = NeutralGuide()
        self.video = VideoView()
        self.transport = Transport()
        self.record_strip = RecordStrip()
        self.people = PeoplePanel()
        self.side = SidePanel()
        self.instruments = Instruments(self.people)
        self.status = ElidedLabel()
        self._shown = Settings()
        self._side_when_narrow = False
        self._lay_out()
        self.setAcceptDrops(True)

    def _lay_out(self) -> None:
        self.status.setFont(look.font(look.SMALL_PX))
        self.status.setFixedHeight(20)
        self.status.setProperty("quiet", True)
        self.side.add(self.people)
        self.side.add(self.instruments.side)
        left = QVBoxLayout()
        left.setSpacing(GAP_PX)
        left.addWidget(self.video, 1)
        left.addWidget(self.record_strip)
        left.addWidget(self.transport)
        left.addWidget(self.instruments.bottom)
        middle = QHBoxLayout()
        middle.setSpacing(EDGE_PX)
        middle.addLayout(left, 1)
        middle.addWidget(self.side)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(8)
        for part in (self.toolbar, self.banner, self.neutral_guide):
            self._column.addWidget(part)
        self._column.addLayout(middle, 1)
        self._column.addWidget(self.status)

    @property
    def narrow(self) -> bool:
        """Whether there is no room for the panel beside the video."""
        return self.width() < NARROW_PX

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for part in (
            self.toolbar,
            self.banner,
            self.video,
            self.record_strip,
            self.people,
            self.instruments,
        ):
            part.set_theme(theme)

    def show_parts(self, settings: Settings) -> None:
        """Show what the settings say, as they say."""
        self._shown = settings
        for name, action in self.toolbar.views.items():
            action.setChecked(getattr(settings, name))
        self.video.overlay, self.video.bars = settings.overlay, settings.bars
        self.video.ids, self.video.mirror = settings.ids, settings.mirror
        self.video.update()
        self.instruments.show_only(
            {name for name in VIEWS if getattr(settings, name) and not settings.compact}
        )
        self._show_panel()

    def toggle_side_when_narrow(self) -> None:
        """Show the panel in a narrow window, or put it away again."""
        self._side_when_narrow = not self._side_when_narrow
        self._show_panel()

    def _show_panel(self) -> None:
        compact = self._shown.compact
        self.people.setVisible(self._shown.people or self.narrow)
        parts = (self.people, self.instruments.side)
        wanted = self._side_when_narrow if self.narrow else any(not p.isHidden() for p in parts)
        self.side.setVisible(wanted and not compact)
        for part in (self.toolbar, self.status):
            part.setHidden(compact)
        edge_px = 0 if compact else EDGE_PX
        self._column.setContentsMargins(edge_px, edge_px, edge_px, 0 if compact else 8)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Put the panel away or back as the width asks."""
        super().resizeEvent(event)
        self._show_panel()
        self._make_room()

    def event(self, event: QEvent | None) -> bool:
        """Make room when a part comes or goes."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._make_room()
        return super().event(event)

    def _make_room(self) -> None:
        needed_px = self._column.minimumSize().height()
        if self.instruments.bottom.isHidden():
            needed_px += TIMELINE_PX + GAP_PX
        self.instruments.set_room_below(needed_px <= self.height())

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        """Take a file or folder that is dragged in."""
        take_files(event)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Tell of the first file or folder dropped."""
        files = dropped_files(event)
        if files and files[0].exists():
            self.dropped.emit(str(files[0]))
