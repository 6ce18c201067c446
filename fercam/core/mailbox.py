"""Hand-overs between threads: the newest item wins, and what was lost is counted."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """The mailbox was closed and is empty."""


class Mailbox(Generic[T]):
    """One slot. `put` never waits: it replaces an item nobody took and counts it as dropped."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._item: T | None = None
        self._dropped = 0
        self._closed = False

    def put(self, item: T) -> None:
        """Leave an item; one still waiting is dropped. After `close` nothing happens."""
        with self._ready:
            if self._closed:
                return
            self._dropped += self._item is not None
            self._item = item
            self._ready.notify()

    def take(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item and remove it; None after `timeout_s`.

        Raises:
            Closed: nothing is left and nothing will come.
        """
        with self._ready:
            self._ready.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            item, self._item = self._item, None
            if item is None and self._closed:
                raise Closed
            return item

    def close(self) -> None:
        """Let every waiting `take` go; what is still in the slot is discarded."""
        with self._ready:
            self._closed = True
            self._item = None
            self._ready.notify_all()

    @property
    def dropped(self) -> int:
        """How many items were replaced before anyone took them."""
        return self._dropped


class Latest(Generic[T]):
    """The newest value, for readers that look when they like and never use it up."""

    def __init__(self) -> None:
        self._item: T | None = None

    def set(self, item: T | None) -> None:
        """Replace the value (one reference, so no lock is needed)."""
        self._item = item

    def get(self) -> T | None:
        """Return the newest value without waiting, None before the first."""
        return self._item
