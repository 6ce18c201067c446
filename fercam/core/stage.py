"""A thread that runs one loop until it is told to stop, and reports its own failure."""

import threading
from collections.abc import Callable

from fercam.core.mailbox import Closed


class Stage:
    """Runs `step` again and again on its own thread until `stop`, or until `step` raises.

    `Closed` from `step` ends the loop quietly; any other exception goes to `on_failure` on this
    thread, once, and ends the loop.
    """

    def __init__(
        self, name: str, step: Callable[[], None], on_failure: Callable[[Exception], None]
    ) -> None:
        self._step = step
        self._on_failure = on_failure
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; once only."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the loop to end after its current step; does not wait."""
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep on behalf of `step`; return True at once when asked to stop."""
        return self._stopping.wait(seconds)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread's end; return whether it ended. A thread never started has."""
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._step()
        except Closed:
            return
        except Exception as failure:  # noqa: BLE001  (the one place where it surfaces)
            self._on_failure(failure)
