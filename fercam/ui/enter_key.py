"""Enter presses the button that has the keyboard, as Space does."""

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class EnterKey(QObject):
    """Listens to whichever button has the keyboard: on some desktops Qt does this itself, on others
    only in dialogs."""

    def __init__(self, app: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        app.focusChanged.connect(self._follow)

    def _follow(self, _: QWidget | None, focused: QWidget | None) -> None:
        if isinstance(focused, (QPushButton, QToolButton)):
            focused.installEventFilter(self)

    def eventFilter(self, button: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Press the button, once however long Enter is held."""
        keypad = Qt.KeyboardModifier.KeypadModifier
        if (
            not isinstance(event, QKeyEvent)
            or event.type() != QEvent.Type.KeyPress
            or event.key() not in ENTER
            or event.modifiers() & ~keypad
        ):
            return False
        if isinstance(button, (QPushButton, QToolButton)) and not event.isAutoRepeat():
            button.click()
        return True
