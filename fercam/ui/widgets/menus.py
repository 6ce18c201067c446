"""Menus of a right click."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QMenu, QWidget

from fercam.core.emotions import EMOTIONS


def passing_menu(parent: QWidget) -> QMenu:
    """Return an empty menu that is gone once it is closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def add_this_is(menu: QMenu, say: Callable[[str], None]) -> None:
    """Add the seven emotions under "This is …", for a face; `say` is told which was chosen."""
    under = menu.addMenu("This is …")
    assert under is not None
    under.setToolTipsVisible(True)
    for emotion in EMOTIONS:
        action = under.addAction(emotion, lambda emotion=emotion: say(emotion))
        if action is not None:
            action.setToolTip(f"Keep this face among your samples as {emotion}")
    menu.addSeparator()
