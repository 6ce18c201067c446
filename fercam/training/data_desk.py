"""What the Data page asks for: a look at a data set, in a process of its own."""

import shutil
from pathlib import Path
from typing import Protocol

from fercam import paths
from fercam.core.chores import Chores
from fercam.core.errors import FerCamError
from fercam.training.data_choice import DataChoice
from fercam.training.data_report import DataReport
from fercam.training.job import EngineJob, report_job


class DataListener(Protocol):
    """Hears of what was found, on the desk's thread; must return at once."""

    def on_report(self, report: DataReport) -> None:
        """This much is known of the data set by now."""

    def on_data_failed(self, message: str) -> None:
        """The data set could not be looked at: one plain sentence."""


class DataDesk:
    """Looks at one data set at a time; a new wish takes the place of the one under way.

    The sheets lie in the folder `home` until the next look.
    """

    def __init__(self, listener: DataListener, home: Path | None = None) -> None:
        self._listener = listener
        self._home = home or paths.user_cache_dir() / "data"
        self._chores = Chores("data", listener.on_data_failed)
        self._engine: EngineJob | None = None
        self._wish = 0

    def look_at(self, choice: DataChoice) -> None:
        """Find out what a data set holds; the listener hears as it comes in."""
        self.cancel()
        self._chores.do(self._look, choice, self._wish)

    def cancel(self) -> None:
        """Stop looking; nothing more is heard of it."""
        self._wish += 1
        engine = self._engine
        if engine is not None:
            engine.kill()

    def close(self) -> None:
        """Stop for good."""
        self._chores.close()
        self.cancel()

    def join(self, timeout_s: float) -> bool:
        """Wait until all is done after `close`; return whether it is."""
        return self._chores.join(timeout_s)

    def _look(self, choice: DataChoice, wish: int) -> None:
        if wish != self._wish:
            return
        shutil.rmtree(self._home, ignore_errors=True)
        report = DataReport(choice, "Starting")
        self._listener.on_report(report)
        with report_job(choice, self._home) as engine:
            self._engine = engine
            try:
                if wish != self._wish:  # asked for while the child was being started
                    engine.kill()
                for event in engine.events():
                    report = report.after(event)
                    if wish == self._wish:
                        self._listener.on_report(report)
            except FerCamError:
                if wish == self._wish:
                    raise
            finally:
                self._engine = None
