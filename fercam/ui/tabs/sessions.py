"""The Sessions tab: all sessions, one of them in the player, or two compared."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from fercam import paths
from fercam.capture.suffixes import VIDEO_SUFFIXES
from fercam.core import words
from fercam.pipeline import choices
from fercam.pipeline.jobs import DONE, Job
from fercam.recording.session_json import FILE_NAME
from fercam.settings import Settings
from fercam.ui import theme as look
from fercam.ui.desktop import ask_files, ask_save, dropped_files, kinds_of, open_outside, take_files
from fercam.ui.session_bridge import SessionBridge
from fercam.ui.session_pipeline import (
    Desk,
    DeskFactory,
    Player,
    PlayerFactory,
    session_desk,
    session_player,
)
from fercam.ui.tabs.session_page import SessionPage
from fercam.ui.widgets.banner import Banner
from fercam.ui.widgets.comparison_view import ComparisonView
from fercam.ui.widgets.jobs import JobsList
from fercam.ui.widgets.menus import passing_menu
from fercam.ui.widgets.session_shelf import SessionShelf
from fercam.ui.widgets.session_toolbar import EXPORTS, REPORTS

if TYPE_CHECKING:
    from fercam.sessions.comparison import SessionComparison
    from fercam.sessions.library import SessionEntry
    from fercam.sessions.trash import Deleted

COMPARING = "The two sessions are compared…"


class SessionsTab(QWidget):
    """`begin` once the window is there; `leave` before it goes. `jobs` is the list that the window
    shows on every tab."""

    record_asked = pyqtSignal()
    """Record a session, in Live."""
    sample_given = pyqtSignal(object, object, str, str)
    """As in `SessionPage`."""
    settings_changed = pyqtSignal(object)
    """These settings are followed from now on; to be saved."""
    recovered = pyqtSignal(str)
    """What was saved of unfinished sessions, in words."""

    def __init__(
        self,
        settings: Settings,
        make_player: PlayerFactory = session_player,
        make_desk: DeskFactory = session_desk,
        jobs: JobsList | None = None,
    ) -> None:
        super().__init__()
        self.jobs = jobs or JobsList()
        self.shelf, self.page, self.comparison = SessionShelf(), SessionPage(), ComparisonView()
        self.ask_save: Callable[[str, Path], Path | None] = partial(ask_save, self)
        self.ask_open: Callable[[], list[Path]] = partial(
            ask_files, self, "Make sessions from videos", kinds_of("Videos", VIDEO_SUFFIXES)
        )
        self.open_outside: Callable[[Path], object] = open_outside
        self._settings = settings
        self._make_player, self._make_desk = make_player, make_desk
        self._player: Player | None = None
        self._desk: Desk | None = None
        self._bridge = SessionBridge(self)
        self._deleted: list[list[Deleted]] = []  # what went together comes back together
        self._going: set[Path] = set()  # until the desk has deleted them
        self._compare_with: Path | None = None
        self._comparing: tuple[Path, Path] | None = None
        self._stack = QStackedWidget()
        for part in (self.shelf, self.page, self.comparison):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setAcceptDrops(True)
        self._connect()
        self.apply_settings(settings)

    def _connect(self) -> None:
        bridge, shelf, page = self._bridge, self.shelf, self.page
        bridge.opened.connect(page.show_session)
        bridge.place_changed.connect(page.show_place)
        bridge.player_failed.connect(page.show_failure)
        bridge.entries_changed.connect(self.show_entries)
        bridge.recovered.connect(self.recovered)
        bridge.deleted.connect(self._on_deleted)
        bridge.job_changed.connect(self._on_job)
        bridge.statistics_ready.connect(page.show_statistics)
        bridge.table_ready.connect(page.show_table)
        bridge.differences_ready.connect(page.show_differences)
        bridge.comparison_ready.connect(self._on_comparison)
        bridge.desk_failed.connect(self._on_desk_failed)
        shelf.record_asked.connect(self.record_asked)
        shelf.import_asked.connect(lambda: self.import_videos(self.ask_open()))
        shelf.folder_asked.connect(lambda: self.open_outside(paths.sessions_dir()))
        shelf.list.opened.connect(self._open_or_compare)
        shelf.list.delete_asked.connect(self.delete)
        shelf.list.menu_asked.connect(self._show_list_menu)
        page.left.connect(self.show_list)
        page.sample_given.connect(self.sample_given)
        page.more_asked.connect(self._do_more)
        page.out_asked.connect(self._write_out)
        page.view_changed.connect(self._remember_view)
        self.comparison.left.connect(self.show_list)
        self.jobs.cancelled.connect(self._cancel_job)
        for key, part, do in (
            ("Ctrl+F", shelf, shelf.search.setFocus),
            ("Ctrl+Z", shelf, self.undo_delete),
            ("Alt+Left", self, self.show_list),
        ):
            QShortcut(QKeySequence(key), part).activated.connect(do)

    @property
    def settings(self) -> Settings:
        """What the tab follows."""
        return self._settings

    @property
    def current(self) -> Path | None:
        """The folder of the session in the player; None while there is none."""
        return self.page.folder if self._stack.currentWidget() is self.page else None

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for part in (self.shelf, self.page, self.comparison):
            part.set_theme(theme)

    def apply_settings(self, settings: Settings) -> None:
        """Follow what was chosen elsewhere."""
        self._settings = settings
        self.page.show_view(settings.player_style, settings.player_names, settings.player_panel)

    def begin(self) -> None:
        """Look for unfinished sessions and list all of them; again and again does no harm."""
        if self._desk is None:
            self._player = self._make_player(self._bridge)
            self._desk = self._make_desk(self._bridge)
            self.page.work_with(self._player, self._desk)
            self._desk.begin(self._settings.delete_after_days)
        else:
            self._desk.refresh()

    def leave(self) -> None:
        """Stop for good."""
        self._bridge.blockSignals(True)
        self.page.close_session()
        if self._desk is not None:
            self._desk.close()

    def left(self) -> bool:
        """Return whether every thread has ended; does not wait."""
        ended = self._player is None or self._player.join(0.0)
        return ended and (self._desk is None or self._desk.join(0.0))

    def show_entries(self, entries: "Sequence[SessionEntry]") -> None:
        """List these sessions, but for those that are being deleted."""
        self.shelf.show_entries([e for e in entries if e.folder not in self._going])

    def show_list(self) -> None:
        """Back to the list."""
        if self._stack.currentWidget() is self.page:
            self.page.close_session()
            if self._desk is not None:
                self._desk.refresh()
        self._stack.setCurrentWidget(self.shelf)
        self.shelf.list.setFocus()

    def open_session(self, folder: Path) -> None:
        """Show a session in the player."""
        self.begin_once()
        self._stop_choosing()
        self._forget_comparison()
        self._stack.setCurrentWidget(self.page)
        self.page.open(folder)

    def refresh(self) -> None:
        """List the sessions anew, if they are listed at all."""
        if self._desk is not None:
            self._desk.refresh()

    def begin_once(self) -> None:
        """Begin if that was not done yet."""
        if self._desk is None:
            self.begin()

    def import_videos(self, videos: Sequence[Path]) -> None:
        """Make sessions of video files."""
        if videos:
            self._working.import_videos(list(videos), self._settings.model or None)

    def delete(self, folders: Sequence[Path]) -> None:
        """Delete sessions at once; Undo brings them back."""
        self._going.update(folders)
        self.show_entries(self.shelf.entries)
        self._working.delete(list(folders))

    def undo_delete(self) -> None:
        """Bring back what was deleted last."""
        if self._deleted:
            self.shelf.banner.hide()
            self._working.restore(self._deleted.pop())

    def compare(self, first: Path, second: Path) -> None:
        """Show two sessions side by side."""
        self._stop_choosing()
        self._comparing = first, second
        self._banner.tell(COMPARING)
        self._working.compare(first, second)

    def choose_other(self, folder: Path) -> None:
        """Let a person choose the session to compare this one with."""
        self.show_list()
        self._compare_with = folder
        name = self._name(folder)
        words = f"Choose the session to compare {name} with: Enter or a double click."
        self.shelf.banner.show_banner("info", words, "Cancel", self._stop_choosing)

    def export(
        self,
        folder: Path,
        form: str,
        person: int | None = None,
        name: str = "",
        model: str | None = None,
    ) -> None:
        """Export a session in one of EXPORTS, where somebody wishes; with `person`, whose name is
        `name`, that one's answers only; with `model` as that one saw it."""
        title, suffix = EXPORTS[form]
        extra = "_highlights" if form == "highlights" else ""
        extra += "_" + re.sub(r"[^\w-]+", "_", name) if person is not None else ""
        wish = folder / f"{folder.name}{extra}.{suffix}"
        out = self.ask_save(title, wish)
        if out is not None:
            self._working.export(folder, form, out, person, model)

    def report(self, folder: Path, form: str, model: str | None = None) -> None:
        """Write a report in one of REPORTS, where a person wishes; with `model` as that one saw
        the session."""
        out = self.ask_save(REPORTS[form], folder / f"report.{form}")
        if out is not None:
            self._working.report(folder, form, out, model)

    def open_result(self, result: Path) -> None:
        """Show what came of a job: a session in the player, anything else outside."""
        if (result / FILE_NAME).is_file():
            self.open_session(result)
        else:
            self.open_outside(result)

    def list_menu(self) -> QMenu:
        """Return what a right click on the list offers for what is selected."""
        menu, folders = passing_menu(self), self.shelf.list.selected
        if len(folders) == 1:
            folder = folders[0]
            menu.addAction("Open", lambda: self.open_session(folder))
            self._add_out(menu, folder)
            menu.addAction("Compare with another session…", lambda: self.choose_other(folder))
            menu.addAction("Open folder", lambda: self.open_outside(folder))
            menu.addSeparator()
        elif len(folders) == 2:
            menu.addAction("Compare these two", lambda: self.compare(*folders))
        words = "Delete" if len(folders) == 1 else f"Delete these {len(folders)}"
        menu.addAction(words, lambda: self.delete(folders))
        if self._deleted:
            menu.addAction("Bring back what was deleted", self.undo_delete)
        return menu

    def models_menu(self, folder: Path) -> QMenu:
        """Return the models that can look at a session again."""
        menu = passing_menu(self)
        session = self.page.session
        done = (
            {session.info.model, *(one.model for one in session.info.analyses)} if session else ()
        )
        for choice in choices.model_choices():
            action = menu.addAction(
                choice.title, lambda key=choice.key: self._working.analyse_again(folder, key)
            )
            if action is not None:
                action.setEnabled(choice.key not in done)
        return menu

    @property
    def _working(self) -> Desk:
        self.begin_once()
        assert self._desk is not None
        return self._desk

    @property
    def _banner(self) -> Banner:
        return self.page.banner if self._stack.currentWidget() is self.page else self.shelf.banner

    def _name(self, folder: Path) -> str:
        info = next((e.info for e in self.shelf.entries if e.folder == folder), None)
        return (words.date(info.start_utc) if info is not None else "") or folder.name

    def _add_out(self, menu: QMenu, folder: Path) -> None:
        for title, forms, do in (
            ("Export", {form: said for form, (said, _) in EXPORTS.items()}, self.export),
            ("Report", REPORTS, self.report),
        ):
            under = menu.addMenu(title)
            assert under is not None
            for form, said in forms.items():
                under.addAction(said, lambda form=form, do=do: do(folder, form))

    # What the desk says

    def _on_deleted(self, deleted: "list[Deleted]") -> None:
        self._going.difference_update(one.folder for one in deleted)
        self._deleted.append(deleted)
        said = "A session is" if len(deleted) == 1 else f"{len(deleted)} sessions are"
        self.shelf.banner.show_banner(
            "info", f"{said} deleted. That can be undone until FerCam closes (Ctrl+Z).", "Undo",
            self.undo_delete,
        )  # fmt: skip

    def _on_job(self, job: Job) -> None:
        self.jobs.show_job(job)
        if job.state == DONE and job.result is not None and self.current == job.result:
            self.page.take_what_is_saved()  # another model has looked at it
        if job.state == DONE and self._desk is not None:
            self._desk.refresh()

    def _on_comparison(self, comparison: "SessionComparison") -> None:
        if (comparison.first.folder, comparison.second.folder) != self._comparing:
            return  # another session was opened meanwhile
        self._forget_comparison()
        self.comparison.show_comparison(comparison)
        self.page.close_session()
        self._stack.setCurrentWidget(self.comparison)
        self.comparison.back.setFocus()

    def _on_desk_failed(self, message: str) -> None:
        self._going.clear()  # what could not be deleted is listed again
        self._banner.tell(message, "error")
        if self.current is not None:
            self.page.take_what_is_saved()

    # What people do

    def _open_or_compare(self, folder: Path) -> None:
        first = self._compare_with
        if first is None:
            self.open_session(folder)
        elif folder != first:
            self.compare(first, folder)

    def _stop_choosing(self) -> None:
        if self._compare_with is not None:
            self._compare_with = None
            self.shelf.banner.hide()

    def _forget_comparison(self) -> None:
        self._comparing = None
        for banner in (self.shelf.banner, self.page.banner):
            if banner.text == COMPARING:
                banner.hide()

    def _do_more(self, action: str) -> None:
        folder = self.page.folder
        if folder is None:
            return
        more = self.page.toolbar.more
        if action == "analyse":
            self.models_menu(folder).popup(more.mapToGlobal(more.rect().bottomLeft()))
        elif action == "compare":
            self.choose_other(folder)
        elif action == "tags":
            self.page.edit_tags()
        elif action == "folder":
            self.open_outside(folder)
        elif action == "delete":
            self.show_list()
            self.delete([folder])

    def _write_out(self, what: str, form: str) -> None:
        bar, folder = self.page.toolbar, self.page.folder
        model = bar.model.key or None
        if folder is not None and what == "export":
            self.export(folder, form, bar.person, bar.person_name, model)
        elif folder is not None:
            self.report(folder, form, model)

    def _remember_view(self) -> None:
        style, names, panel = self.page.view
        self._settings = replace(
            self._settings, player_style=style, player_names=names, player_panel=panel
        )
        self.settings_changed.emit(self._settings)

    def _cancel_job(self, number: int) -> None:
        self._working.cancel(number)

    def _show_list_menu(self, at: QPoint) -> None:
        self.list_menu().popup(at)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        """Take videos and session folders that are dragged in."""
        take_files(event)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Open a session's folder, import anything else."""
        self.take_dropped([path for path in dropped_files(event) if path.exists()])

    def take_dropped(self, dropped: Sequence[Path]) -> None:
        """Open the session among these, or import them."""
        sessions = [path for path in dropped if (path / FILE_NAME).is_file()]
        if sessions:
            self.open_session(sessions[0])
        else:
            self.import_videos(dropped)
