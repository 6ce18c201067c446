"""What takes long, one after the other on a thread of its own, where it can be stopped."""

from collections.abc import Callable

from fercam.core.chores import Chores
from fercam.core.errors import FerCamError
from fercam.training.job import EngineJob, Event


class LongWork:
    """Runs chores, which may use the engine's process through `run` and look at `stopped`.

    `busy` hears in words what has begun, and an empty text once it is over; `failed` hears of
    failures, though not of those of stopped work. Both are called on the thread.
    """

    def __init__(
        self, name: str, busy: Callable[[str], None], failed: Callable[[str], None]
    ) -> None:
        self._busy = busy
        self._chores = Chores(name, failed)
        self._engine: EngineJob | None = None
        self._stop = False

    def do(self, doing: str, chore: Callable[..., None], *about: object) -> None:
        """Do something when its turn comes; not at all once closing."""
        self._chores.do(self._do, doing, chore, *about)

    def run(self, engine: EngineJob) -> Event:
        """Wait for the engine's process and return its last event; for chores.

        Raises:
            FerCamError: it failed or was stopped.
        """
        with engine:
            self._engine = engine
            try:
                if self._stop:  # asked for while the child was being started
                    engine.kill()
                return list(engine.events())[-1]
            finally:
                self._engine = None

    def stopped(self) -> bool:
        """Return whether the work under way should end."""
        return self._stop

    def cancel(self) -> None:
        """Stop the work under way; nothing of it is kept."""
        self._stop = True
        engine = self._engine
        if engine is not None:
            engine.kill()

    def close(self) -> None:
        """Stop the work under way, skip what waits."""
        self._chores.close()
        self.cancel()

    def join(self, timeout_s: float) -> bool:
        """Wait until all is done after `close`; return whether it is."""
        return self._chores.join(timeout_s)

    def _do(self, doing: str, chore: Callable[..., None], *about: object) -> None:
        self._stop = self._chores.closing
        self._busy(doing)
        try:
            chore(*about)
        except FerCamError:
            if not self._stop:
                raise
        finally:
            self._busy("")
