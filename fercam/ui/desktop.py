"""Files and folders between the window and the rest of the desktop: dragged in, asked for, opened
in other programs."""

from collections.abc import Iterable
from pathlib import Path

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QFileDialog, QWidget


def take_files(event: QDragEnterEvent | None) -> None:
    """Take what is dragged in if there is anything of this computer among it."""
    if event is not None and dropped_files(event):
        event.acceptProposedAction()


def dropped_files(event: QDropEvent | None) -> list[Path]:
    """Return what of this computer is dragged; it need not exist any more."""
    data = event.mimeData() if event is not None else None
    urls = data.urls() if data is not None else ()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def kinds_of(title: str, suffixes: Iterable[str]) -> str:
    """Return what a question for files of these suffixes shows, and lets people pass over."""
    return f"{title} ({' '.join(f'*{suffix}' for suffix in sorted(suffixes))});;All files (*)"


def ask_file(parent: QWidget, title: str, kinds: str = "") -> Path | None:
    """Ask for a file that is there; None for none."""
    name, _ = QFileDialog.getOpenFileName(parent, title, "", kinds)
    return Path(name) if name else None


def ask_files(parent: QWidget, title: str, kinds: str) -> list[Path]:
    """Ask for any number of files that are there."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, "", kinds)
    return [Path(name) for name in names]


def ask_folder(parent: QWidget, title: str, start: str = "") -> Path | None:
    """Ask for a folder; None for none."""
    name = QFileDialog.getExistingDirectory(parent, title, start)
    return Path(name) if name else None


def ask_save(parent: QWidget, title: str, wish: Path) -> Path | None:
    """Ask where a file should go, which has the suffix of `wish`; None for nowhere.

    An older file is replaced only if that was asked about.
    """
    kinds = f"{wish.suffix[1:].upper()} (*{wish.suffix})"
    dialog = QFileDialog(parent, title, str(wish.parent), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(wish.suffix)
    dialog.selectFile(wish.name)
    try:
        while dialog.exec():
            file = Path(dialog.selectedFiles()[0])
            if file.suffix.lower() == wish.suffix:
                return file
            file = file.with_name(file.name + wish.suffix)  # a name like "1.5 m" has no suffix
            if not file.exists():
                return file
            dialog.selectFile(file.name)  # the dialog asked about another name
        return None
    finally:
        dialog.deleteLater()


def open_outside(path: Path) -> bool:
    """Open a file or folder in the program that is for it; return whether there is one."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
