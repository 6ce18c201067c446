"""Slow work one after the other on a thread of its own, so that whoever asks goes on at once."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

from fercam.core.errors import FerCamError


class Chores:
    """Runs what it is given in order. `failed` hears of a failure, one plain sentence, on the
    thread and must return at once; what was asked after it is done all the same.
    """

    def __init__(self, name: str, failed: Callable[[str], None]) -> None:
        self._failed = failed
        self._threads = ThreadPoolExecutor(1, thread_name_prefix=f"fercam-{name}")
        self._last: Future[None] | None = None

    @property
    def closing(self) -> bool:
        """Whether `close` was called; long work should look at it and end."""
        return self._last is not None

    def do(self, chore: Callable[..., object], *about: object) -> None:
        """Do something when its turn comes; not at all once closing."""
        if self._last is None:
            self._threads.submit(self._guarded, partial(chore, *about))

    def close(self, at_the_end: Callable[[], None] = lambda: None) -> None:
        """Skip what waits, let what is being done come to its end; `at_the_end` is the last."""
        if self._last is None:
            self._last = self._threads.submit(self._attempt, at_the_end)
            self._threads.shutdown(wait=False)

    def join(self, timeout_s: float) -> bool:
        """Wait until all is done after `close`; return whether it is."""
        return self._last is None or not wait([self._last], timeout_s).not_done

    def _guarded(self, chore: Callable[[], object]) -> None:
        if self._last is None:
            self._attempt(chore)

    def _attempt(self, chore: Callable[[], object]) -> None:
        try:
            chore()
        except FerCamError as failure:
            self._failed(failure.user_message)
        except Exception as failure:
            logging.getLogger("fercam").error("a chore failed", exc_info=failure)
            self._failed("That did not work; the log says more.")
