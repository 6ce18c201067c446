"""What the self-check says on its thread becomes Qt signals."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:
    from fercam.pipeline.self_check import Checked


class CheckBridge(QObject):
    """A `CheckListener`; whoever is connected hears it on the window's own thread."""

    checked = pyqtSignal(object)
    done = pyqtSignal(int)

    def on_checked(self, checked: "Checked") -> None:
        """Pass on what came of a part."""
        self.checked.emit(checked)

    def on_check_done(self, failed: int) -> None:
        """Pass on that all parts were looked at, and how many failed."""
        self.done.emit(failed)


class Check(Protocol):
    """The part of `fercam.pipeline.self_check.CheckDesk` that the window uses; see there."""

    def start(self) -> None: ...
    def close(self) -> None: ...
    def join(self, timeout_s: float) -> bool: ...


CheckFactory = Callable[[CheckBridge], Check]


def check_desk(bridge: CheckBridge) -> Check:
    """Make the real one."""
    from fercam.pipeline.self_check import CheckDesk

    return CheckDesk(bridge)
