"""The player of a session: look, mark, name, leave out, compare models, take away."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QPointF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QMenu

from fercam.core import words
from fercam.core.errors import SessionError
from fercam.core.values import AnnotatedFrame, Face
from fercam.recording.session_json import Marker, SessionInfo, Span, read_session_json
from fercam.sessions import edits
from fercam.sessions.edits import Edit
from fercam.sessions.table import FrameTable
from fercam.ui.session_pipeline import Desk, Player
from fercam.ui.tabs.session_frame import SessionFrame
from fercam.ui.widgets.live_toolbar import ONE_MODEL
from fercam.ui.widgets.menus import add_this_is, passing_menu
from fercam.ui.widgets.session_chart import ZOOM_STEP

if TYPE_CHECKING:
    from fercam.sessions.comparison import TableComparison
    from fercam.sessions.session import Session
    from fercam.sessions.statistics import SessionStatistics

SECOND_S = 1.0
VIDEO_WORDS = {
    "clean": "shows the clean video",
    "source": "shows the file it was made from",
    "annotated": "shows the video with its labels",
}
SAME_BURST_S = 10.0
"""Faces of a session that were taken within so long are of one burst."""
SETTLED_MS = 250
"""Statistics of a part are counted when it has stood still for so long."""


class SessionPage(SessionFrame):
    """Shows one session at a time. Every change is shown at once and written by the desk."""

    sample_given = pyqtSignal(object, object, str, str)
    """A face of a result shows this emotion, somebody says; the last is its burst."""
    left = pyqtSignal()
    """Back to the list."""
    more_asked = pyqtSignal(str)
    """Do one of `session_toolbar.MORE` with this session."""
    out_asked = pyqtSignal(str, str)
    """"export" or "report", and in which form."""

    def __init__(self) -> None:
        super().__init__()
        self.session: Session | None = None
        self.folder: Path | None = None
        self._table: FrameTable | None = None
        self._player: Player | None = None
        self._desk: Desk | None = None
        self._place_s = 0.0
        self._exclude_from_s: float | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLED_MS)
        self._settle.timeout.connect(self._ask_statistics)
        self._connect()

    def _connect(self) -> None:
        bar, buttons = self.toolbar, self.buttons
        bar.back.clicked.connect(self.left)
        for picked in (bar.style_picked, bar.names.triggered):
            picked.connect(lambda _: self._use_style())
            picked.connect(lambda _: self.view_changed.emit())
        bar.export_asked.connect(lambda form: self.out_asked.emit("export", form))
        bar.report_asked.connect(lambda form: self.out_asked.emit("report", form))
        bar.more_asked.connect(self.more_asked)
        bar.model.picked.connect(self._use_table)
        bar.second_model.picked.connect(self._use_second)
        buttons.play.clicked.connect(self.toggle)
        buttons.previous.clicked.connect(lambda: self._step(-1))
        buttons.next.clicked.connect(lambda: self._step(1))
        buttons.marker.clicked.connect(self.add_marker)
        buttons.transport.sought.connect(self.seek)
        buttons.transport.speed_picked.connect(self._set_speed)
        self.chart.sought.connect(self.seek)
        self.chart.exclude_asked.connect(self._exclude)
        self.chart.menu_asked.connect(lambda t_s, at: self.lanes_menu(t_s).popup(at))
        self.chart.range_changed.connect(self._settle.start)
        self.people.renamed.connect(self._rename)
        self.people.merged.connect(lambda one, into: self.edit(edits.merge(one, into)))
        self.people.unmerged.connect(lambda one: self.edit(edits.unmerge(one)))
        self.markers.went.connect(self.seek)
        self.markers.typed.connect(self.video.setFocus)
        self.markers.add_asked.connect(self.add_marker)
        self.markers.changed.connect(lambda old, new: self.edit(edits.change_marker(old, new)))
        self.markers.removed.connect(self._remove_marker)
        self.spans.went.connect(self.seek)
        self.spans.exclude_asked.connect(self.exclude_here)
        self.spans.included.connect(self._include)
        self.tags.editingFinished.connect(self._take_tags)
        self.video.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.video.customContextMenuRequested.connect(
            lambda at: self.context_menu(at).popup(self.video.mapToGlobal(at))
        )
        keys = {
            "Left": lambda: self._step(-1),
            "Right": lambda: self._step(1),
            "Shift+Left": lambda: self.seek(self._place_s - SECOND_S),
            "Shift+Right": lambda: self.seek(self._place_s + SECOND_S),
            "M": self.add_marker,
            "E": self.exclude_here,
            "O": self._toggle_overlay,
            "A": self._toggle_bars,
            "P": self.toggle_panel,
            "+": lambda: self.chart.zoom(ZOOM_STEP),
            "=": lambda: self.chart.zoom(ZOOM_STEP),
            "-": lambda: self.chart.zoom(1 / ZOOM_STEP),
            "0": self.chart.show_all,
        }
        for key, do in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(do)

    def work_with(self, player: Player, desk: Desk) -> None:
        """Use these from now on."""
        self._player, self._desk = player, desk

    def open(self, folder: Path) -> None:
        """Show the session in a folder."""
        assert self._player is not None
        self.setFocus()  # what is being typed is taken while it is known what it is about
        self.session, self._table, self.folder = None, None, folder
        self._show_nothing()
        self._exclude_from_s = None
        self.spans.show_begun(False)
        self.banner.hide()
        self.buttons.transport.reset()
        self.buttons.show_playing(False)
        self.toolbar.title.setText(folder.name)
        self.status.clear()
        self.people.choose(0)
        self.video.show_words("One moment…")
        self._player.open(folder)
        self.video.watch(self._player)
        self.video.setFocus()

    def close_session(self) -> None:
        """Let go of the session's files."""
        self.setFocus()
        if self._player is not None:
            self._player.close()
        self.video.clear()
        self.session = self.folder = None

    # What the player and the desk say

    def show_session(self, session: "Session") -> None:
        """Show a session that was opened."""
        if session.folder != self.folder:
            return
        self.session, self._table = session, session.table
        self.toolbar.offer_models(session.info)
        self.people.show()
        self._show_info(anew=True)
        self._use_style()
        self.show_place(0.0, False)
        if session.problems:
            self.banner.tell(" ".join(session.problems), "warning")
        if session.video is None:
            self.video.show_words("There is no video to show, only the numbers below.")

    def take_what_is_saved(self) -> None:
        """Show what the session's description says by now; an edit that failed is taken back."""
        if self.session is None:
            return
        try:
            info = read_session_json(self.session.folder)
        except SessionError:
            return  # that was said when it happened
        if info != self.session.info:
            self._take_info(info)
            self.toolbar.offer_models(info)

    def show_place(self, t_s: float, playing: bool) -> None:
        """Show where the player is."""
        if self._table is None:
            return
        self._place_s = t_s
        self.buttons.transport.show_place(t_s, self._table.duration_s)
        self.buttons.show_playing(playing)
        self.chart.show_place(t_s, playing)

    def show_failure(self, message: str) -> None:
        """Say what could not be done."""
        self.banner.tell(message, "error")
        if self.session is None:
            self.video.show_words("Nothing to show. The line above says why.")

    def show_statistics(self, folder: Path, statistics: "SessionStatistics") -> None:
        """Show figures if they are about this session."""
        if folder == self.folder and self.session is not None:
            part = ""
            if self.chart.zoomed:
                part = f"{words.clock(statistics.from_s)} to {words.clock(statistics.to_s)}"
            self.people.show_people(statistics, self.session.info, part)
            self.toolbar.offer_people({one.person: one.name for one in statistics.people})

    def show_table(self, folder: Path, model: str | None, table: FrameTable) -> None:
        """Show what the chosen model saw."""
        if self.session is None or folder != self.folder:
            return
        if model == (self.toolbar.model.key or None):
            self._table = table
            self._show_info(anew=False)
            self.toolbar.offer_models(self.session.info)

    def show_differences(self, folder: Path, differences: "TableComparison") -> None:
        """Show where the two models differ."""
        if folder == self.folder and self.toolbar.second_model.key == differences.second_model:
            self.chart.show_differences(differences.spans)
            if differences.agreement is not None:
                self._show_status(f"models agree on {differences.agreement:.0%}")

    # What people do

    def toggle(self) -> None:
        """Play, or hold."""
        if self._player is not None and self.session is not None:
            self._player.set_playing(not self.buttons.playing)

    def seek(self, t_s: float) -> None:
        """Go to a time, within the session."""
        if self._player is not None and self._table is not None:
            self._player.seek(max(0.0, min(t_s, self._table.duration_s)))

    def edit(self, change: Edit) -> None:
        """Change the session's description: at once on the screen, soon on the disk."""
        if self.session is None or self._desk is None or self._player is None:
            return
        try:
            info = change(self.session.info)
        except SessionError as error:
            self.show_failure(error.user_message)
            return
        self._desk.change(self.session.folder, change)
        self._take_info(info)

    def add_marker(self) -> None:
        """Set a marker here; its words can be typed at once in the panel."""
        if self.session is None:
            return
        marker = Marker(round(self._place_s, 3))
        self.edit(edits.add_marker(marker))
        if self.side.isVisible() and not self.buttons.playing:
            self.side.ensureWidgetVisible(self.markers)
            self.markers.edit(marker)

    def edit_tags(self) -> None:
        """Let a person type the session's tags."""
        if not self.side.isVisible():
            self.toggle_panel()
        self.side.ensureWidgetVisible(self.tags)
        self.tags.setFocus()

    def exclude_here(self) -> None:
        """Begin to leave out here or, the second time, end here."""
        if self.session is None:
            return
        begin_s, self._exclude_from_s = self._exclude_from_s, None
        if begin_s is None:
            self._exclude_from_s = self._place_s
            self.banner.show_banner(
                "info",
                f"Left out from {words.clock(self._place_s, 1)} on. Go to where it counts again "
                "and press E.",
                "Cancel",
                self._cancel_exclude,
            )
        else:
            self.banner.hide()
            self._exclude(*sorted((begin_s, self._place_s)))
        self.spans.show_begun(self._exclude_from_s is not None)

    def lanes_menu(self, t_s: float) -> QMenu:
        """Return what a right click on the lanes offers."""
        menu = passing_menu(self)
        menu.addAction("Go there", lambda: self.seek(t_s))
        menu.addAction(
            "Set a marker there", lambda: self.edit(edits.add_marker(Marker(round(t_s, 3))))
        )
        for span in self.session.info.excluded if self.session else ():
            if span.start_s <= t_s < span.end_s:
                menu.addAction("Count this part again", lambda span=span: self._include(span))
        menu.addSeparator()
        if self.chart.zoomed:
            menu.addAction("Leave out what is shown", lambda: self._exclude(*self.chart.shown_s))
        menu.addAction("Zoom in", lambda: self.chart.zoom(ZOOM_STEP, t_s))
        menu.addAction("Zoom out", lambda: self.chart.zoom(1 / ZOOM_STEP, t_s))
        menu.addAction("Show everything", self.chart.show_all)
        return menu

    def context_menu(self, at: QPoint | None = None) -> QMenu:
        """Return what a right click on the picture offers: what the toolbar does, and for the face
        `at` that place what it shows."""
        menu = passing_menu(self)
        face, result = self.video.face_at(QPointF(at)) if at else None, self.video.shown_result
        clean = self.session is not None and self.session.video_kind in ("clean", "source")
        if face is not None and result is not None and clean:
            add_this_is(menu, lambda name: self._give_sample(result, face, name))
        menu.addAction("Hold" if self.buttons.playing else "Play", self.toggle)
        menu.addAction("Set a marker here", self.add_marker)
        menu.addSeparator()
        menu.addActions(list(self.toolbar.styles.values()))
        menu.addSeparator()
        menu.addActions([self.toolbar.names, self.toolbar.panel])
        return menu

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Play or hold with Space, unless a button or list has the keyboard and took it."""
        if event is not None and event.key() == Qt.Key.Key_Space:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def _give_sample(self, result: AnnotatedFrame, face: Face, emotion: str) -> None:
        folder = self.folder
        place = int(result.frame.t_media_s // SAME_BURST_S)
        burst = f"{folder.name if folder else ''}-{place}"
        self.sample_given.emit(result, face, emotion, burst)

    def _step(self, frames: int) -> None:
        if self._player is not None and self.session is not None:
            self._player.step(frames)

    def _set_speed(self, speed: float) -> None:
        if self._player is not None:
            self._player.set_speed(speed)

    def _take_info(self, info: SessionInfo) -> None:
        assert self.session is not None
        assert self._player is not None
        people = info.people != self.session.info.people
        self.session = self.session.with_info(info)
        if people:
            self._player.set_info(info)
        self._show_info(anew=False)
        if self.toolbar.second_model.key:
            self._use_second(self.toolbar.second_model.key)

    def _rename(self, person: int, name: str) -> None:
        if self.session is not None and self.session.names.get(person, "") != name:
            self.edit(edits.rename(person, name))

    def _remove_marker(self, marker: Marker) -> None:
        self.edit(edits.remove_marker(marker))

        def undo() -> None:
            self.banner.hide()
            self.edit(edits.add_marker(marker))

        said = f"The marker at {words.clock(marker.t_s)} is deleted."
        self.banner.show_banner("info", said, "Undo", undo)

    def _take_tags(self) -> None:
        typed = tuple(tag.strip() for tag in self.tags.text().split(","))
        if self.session is not None and tuple(filter(None, typed)) != self.session.info.tags:
            self.edit(edits.set_tags(typed))

    def _exclude(self, start_s: float, end_s: float) -> None:
        self.edit(edits.exclude(start_s, end_s))

    def _include(self, span: Span) -> None:
        self.edit(edits.include(span.start_s, span.end_s))

    def _cancel_exclude(self) -> None:
        self._exclude_from_s = None
        self.spans.show_begun(False)
        self.banner.hide()

    def _toggle_overlay(self) -> None:
        self.toolbar.pick_style("labels" if self.toolbar.style_shown == "none" else "none")

    def _toggle_bars(self) -> None:
        self.toolbar.pick_style("labels" if self.toolbar.style_shown == "bars" else "bars")

    def _use_table(self, model: str) -> None:
        if self._player is None or self._desk is None or self.folder is None:
            return
        self.toolbar.second_model.set_key(ONE_MODEL)
        self._use_second(ONE_MODEL)
        self._player.use_table(model or None)
        self._desk.table(self.folder, model or None)

    def _use_second(self, model: str) -> None:
        if self._player is None or self._desk is None or self.folder is None:
            return
        self._player.second_table(model or None)
        self.chart.show_differences(None)
        self._show_status()
        if model:
            self._desk.differences(self.folder, self.toolbar.model.key or None, model)

    def _show_nothing(self) -> None:
        """Forget the session before: its figures must not stand under another one's name."""
        self.chart.clear()
        self.people.hide()
        self.markers.show_markers(())
        self.spans.show_spans(())
        self.tags.clear()
        self.toolbar.forget_session()

    def _show_info(self, anew: bool) -> None:
        if self.session is None or self._table is None:
            return
        info = self.session.info
        self.toolbar.title.setText(words.date(info.start_utc) or self.session.folder.name)
        self.chart.show_session(self._table, info, anew)
        self.markers.show_markers(info.markers)
        self.spans.show_spans(info.excluded)
        if not self.tags.hasFocus():
            self.tags.setText(", ".join(info.tags))
        self._show_status()
        self._ask_statistics()

    def _ask_statistics(self) -> None:
        if self.folder is None or self._desk is None or self.session is None:
            return
        from_s, to_s = self.chart.shown_s if self.chart.zoomed else (None, None)
        self._desk.statistics(self.folder, from_s, to_s, self.toolbar.model.key or None)

    def _show_status(self, opinion: str = "") -> None:
        if self.session is None or self._table is None:
            return
        info = self.session.info
        seen = VIDEO_WORDS.get(self.session.video_kind or "", "no video")
        parts = (
            opinion,
            words.counted(self._table.frames, "frame"),
            f"{info.dropped} dropped",
            seen,
            f"model {self.toolbar.model.key or info.model}",
            str(info.source.get("description") or ""),
            " ".join(f"#{tag}" for tag in info.tags),
            info.note,
        )
        self.status.setText(" · ".join(part for part in parts if part))
