"""What waits for the recorder: frames, so many at most, and commands in their place among them."""

import threading
from collections import deque
from collections.abc import Callable

from fercam.core.values import AnnotatedFrame

MOST_BYTES = 96_000_000
"""Pictures that wait may take so much memory; a few may wait, however large they are."""
LEAST = 4

Item = AnnotatedFrame | Callable[[], None]


class Inbox:
    """Filled by any thread, emptied by one. Leaving something never waits."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._dropped = 0
        self._lost: int | None = None  # on the way here, up to the newest frame
        self._open = True
        self._from_ns = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def dropped(self) -> int:
        """How many frames there was no room for, here or on the way here."""
        return self._dropped

    def offer(self, annotated: AnnotatedFrame, lost: int = 0) -> None:
        """Leave a frame; one too many is dropped and counted. `lost` counts all that never got
        here: those since the frame before are counted too."""
        size = annotated.frame.image.nbytes
        with self._ready:
            if not self._open or annotated.frame.t_capture_ns < self._from_ns:
                return
            self._dropped += 0 if self._lost is None else lost - self._lost
            self._lost = lost
            if self._bytes + size > MOST_BYTES and len(self._items) >= LEAST:
                self._dropped += 1
                return
            self._items.append(annotated)
            self._bytes += size
            self._ready.notify()

    def post(self, command: Callable[[], None]) -> None:
        """Leave a command; none is ever dropped."""
        with self._ready:
            self._items.append(command)
            self._ready.notify()

    def shut(self, command: Callable[[], None]) -> None:
        """Take no more frames from now on, and leave a command; nothing if it was shut before."""
        with self._ready:
            if self._open:
                self._open, self._lost = False, None
                self.post(command)

    def reopen(self, from_ns: int, command: Callable[[], None]) -> None:
        """Leave a command, and again take frames, those captured at `from_ns` or later; nothing if
        it was open."""
        with self._ready:
            if not self._open:
                self._open, self._from_ns = True, from_ns
                self.post(command)

    def take(self, timeout_s: float) -> Item | None:
        """Wait for the next item and remove it; None after `timeout_s`."""
        with self._ready:
            self._ready.wait_for(lambda: self._items, timeout_s)
            if not self._items:
                return None
            item = self._items.popleft()
            if isinstance(item, AnnotatedFrame):
                self._bytes -= item.frame.image.nbytes
            return item

    def clear(self) -> None:
        """Take no more frames, and forget what waits."""
        with self._ready:
            self._open = False
            self._items.clear()
            self._bytes = 0
