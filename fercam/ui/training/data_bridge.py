"""What the desk of the Data page says on its thread becomes Qt signals."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.training.data_choice import DataChoice
    from fercam.training.data_report import DataReport


class DataBridge(QObject):
    """Qt queues a signal sent from another thread, so whoever is connected hears it on the window's
    own thread."""

    report_changed = pyqtSignal(object)
    failed = pyqtSignal(str)

    def on_report(self, report: "DataReport") -> None:
        """Pass on what is known of a data set."""
        self.report_changed.emit(report)

    def on_data_failed(self, message: str) -> None:
        """Pass on why it could not be looked at."""
        self.failed.emit(message)


class DataDeskLike(Protocol):
    """The part of `fercam.training.data_desk.DataDesk` that the page uses; see there."""

    def look_at(self, choice: "DataChoice") -> None: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...
    def join(self, timeout_s: float) -> bool: ...


DataDeskFactory = Callable[[DataBridge], DataDeskLike]


def data_desk(listener: DataBridge) -> DataDeskLike:
    """Return the real desk."""
    from fercam.training.data_desk import DataDesk

    return DataDesk(listener)
