"""A card about one person: whose it is, and that it can be chosen."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QFrame, QLineEdit

from fercam.core.words import called
from fercam.people.names import MAX_LENGTH
from fercam.ui import theme as look
from fercam.ui.widgets.marks import PersonDisc


class PersonFrame(QFrame):
    """The name can be typed; a click anywhere else chooses the person."""

    renamed = pyqtSignal(str)
    chosen = pyqtSignal()

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName("card")
        self.disc = PersonDisc(number)
        self.name = QLineEdit(self)
        self.name.setObjectName("name")
        self.name.setFont(look.font(look.SMALL_PX))
        self.name.setMaxLength(MAX_LENGTH)
        self.name.setPlaceholderText(called(number, ""))
        self.name.setAccessibleName(f"Name of person {number}")
        self.name.setToolTip("Type a name")
        self.name.editingFinished.connect(self._take_name)

    def set_chosen(self, chosen: bool) -> None:
        """Show whether this is the person whose details are shown."""
        self.setProperty("chosen", chosen)
        look.restyle(self)

    def show_name(self, name: str) -> None:
        """Show a name, unless another is being typed."""
        if not self.name.hasFocus() and self.name.text() != name:
            self.name.setText(name)
            self.name.setCursorPosition(0)  # of a long name the beginning is seen

    def _take_name(self) -> None:
        self.name.setCursorPosition(0)
        self.renamed.emit(self.name.text().strip())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Choose this person."""
        self.chosen.emit()
        super().mousePressEvent(event)
