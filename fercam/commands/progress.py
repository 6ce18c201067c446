"""How far a command is: a bar for people, JSON lines for the window that started it."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fercam.commands.output import say
from fercam.core.errors import FerCamError

EVENT_EVERY_S = 0.2


def tell_event(event: str, **about: object) -> None:
    """Say one JSON line: `progress` with `share` (0..1 or null), `done` with `path`, or `error`."""
    say(json.dumps({"event": event, **about}))


@contextmanager
def shown_progress(
    title: str, unit: str, as_events: bool
) -> Iterator[Callable[[float, float | None], None]]:
    """Give a function that is told how much is done, and of how much (None: not known)."""
    if as_events:
        try:
            yield _events()
        except FerCamError as error:
            tell_event("error", message=error.user_message)
            raise
        return
    from tqdm import tqdm

    with tqdm(unit=unit, desc=title, disable=None, file=sys.stderr) as bar:

        def show(done: float, total: float | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _events() -> Callable[[float, float | None], None]:
    told_s = -EVENT_EVERY_S

    def show(done: float, total: float | None) -> None:
        nonlocal told_s
        if time.monotonic() - told_s >= EVENT_EVERY_S:
            told_s = time.monotonic()
            tell_event("progress", share=min(1.0, done / total) if total else None)

    return show
