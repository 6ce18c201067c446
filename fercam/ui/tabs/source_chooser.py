"""Choosing what to watch: the toolbar's lists of sources and of a camera's sizes."""

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QInputDialog, QWidget

from fercam.pipeline import choices
from fercam.pipeline.choices import Choice
from fercam.ui.desktop import ask_file
from fercam.ui.widgets.live_toolbar import OPEN_FILE, LiveToolbar

OWN_SIZE = Choice("", "The camera's own size")


class SourceChooser(QObject):
    """Fills the lists when they open and asks for files and addresses."""

    chosen = pyqtSignal(str, bool)
    """Watch this source; whether to remember it as the usual one."""
    mode_chosen = pyqtSignal(str)

    def __init__(self, toolbar: LiveToolbar, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._source, self._mode = toolbar.source, toolbar.mode
        self._source.opening.connect(lambda: self._source.set_choices(choices.source_choices()))
        self._source.picked.connect(lambda key: self.chosen.emit(key, True))
        self._source.asked.connect(self._ask)
        self._mode.picked.connect(self.mode_chosen)

    @property
    def key(self) -> str | None:
        """What is chosen."""
        return self._source.key

    @property
    def title(self) -> str:
        """What people call it."""
        return self._source.currentText()

    def begin(self, source: str | None, remembered: str) -> str | None:
        """Choose `source`; without one the remembered one, if it is there, else the first camera,
        else the demo. Return a sentence to show if it is only a stand-in."""
        known = choices.source_choices()
        note = None
        if source is None:
            source = remembered
            if "://" not in source and source not in {choice.key for choice in known}:
                source, note = choices.default_choice()
        self._source.set_key(choices.source_key(source))
        self._source.set_choices(known)
        return note

    def show(self, source: str) -> None:
        """Make a source the chosen one without telling anybody."""
        self._source.set_key(source)

    def open_list(self) -> None:
        """Let people choose another one."""
        self._source.showPopup()

    def offer_modes(self) -> None:
        """Offer the sizes of the camera that is chosen, if it is one."""
        modes = choices.mode_choices(self.key or "")
        self._mode.set_choices([OWN_SIZE, *modes] if modes else [])
        self._mode.setVisible(bool(modes))

    def _ask(self, action: str) -> None:
        if action == OPEN_FILE:
            file = ask_file(self._window, "Watch a video or a picture")
            if file is not None:
                self.chosen.emit(str(file), False)
            return
        address, sure = QInputDialog.getText(
            self._window,
            "Network address",
            "Address of the stream, such as rtsp://camera.local/live",
        )
        if sure and address.strip():
            self.chosen.emit(address.strip(), True)
