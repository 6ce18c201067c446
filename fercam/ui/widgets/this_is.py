"""“This is …”: what a right click on a face offers, to keep it under the right emotion."""

from collections.abc import Callable

from PyQt6.QtWidgets import QMenu

from fercam.core.emotions import EMOTIONS


def add_this_is(menu: QMenu, say: Callable[[str], None]) -> None:
    """Add the seven emotions under "This is …"; `say` is told which one was chosen."""
    under = menu.addMenu("This is …")
    assert under is not None
    under.setToolTipsVisible(True)
    for emotion in EMOTIONS:
        action = under.addAction(emotion, lambda emotion=emotion: say(emotion))
        if action is not None:
            action.setToolTip(f"Keep this face among your samples as {emotion}")
    menu.addSeparator()
