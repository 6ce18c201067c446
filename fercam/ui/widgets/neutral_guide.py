"""Guides a person through showing their resting face."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy

from fercam.pipeline.events import NeutralProgress
from fercam.ui import theme as look


class NeutralGuide(QFrame):
    """What to do now, how far it is, and a way to stop; hidden when there is nothing to learn."""

    cancelled = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setProperty("kind", "info")
        self._words = QLabel()
        self._words.setFont(look.font(look.BODY_PX))
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.progress = QProgressBar()
        self.progress.setRange(0, 100)
        self.progress.setFixedWidth(160)
        self.progress.setTextVisible(False)  # half of it would stand on the bar's colour
        self.progress.setAccessibleName("Learning the resting face")
        self._share = QLabel()
        self._share.setFont(look.font(look.SMALL_PX))
        self.cancel = QPushButton("Cancel")
        self.cancel.setFont(look.font(look.SMALL_PX))
        self.cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self._words, 1)
        row.addWidget(self.progress)
        row.addWidget(self._share)
        row.addWidget(self.cancel)
        self.hide()

    @property
    def words(self) -> str:
        """What it asks for now; empty while it is hidden."""
        return "" if self.isHidden() else self._words.text()

    def show_progress(self, progress: NeutralProgress, title: str) -> None:
        """Show how far it is with the person called `title`; hide when it is over."""
        self.setVisible(not progress.over)
        self._words.setText(f"{title}: {progress.words}")
        self.progress.setValue(round(progress.share * 100))
        self._share.setText(f"{progress.share:.0%}")
