"""Files and folders that are dragged onto a widget."""

from pathlib import Path

from PyQt6.QtGui import QDragEnterEvent, QDropEvent


def take_files(event: QDragEnterEvent | None) -> None:
    """Take what is dragged in if there is anything of this computer among it."""
    if event is not None and dropped_files(event):
        event.acceptProposedAction()


def dropped_files(event: QDropEvent | None) -> list[Path]:
    """Return what of this computer is dragged; it need not exist any more."""
    data = event.mimeData() if event is not None else None
    urls = data.urls() if data is not None else ()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
