"""The feeds that are on: started, stopped and served apart from the thread that sees."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from fercam.core.errors import FeedError
from fercam.core.mailbox import Mailbox
from fercam.core.stage import Stage
from fercam.core.values import AnnotatedFrame
from fercam.feed.feed import Feed
from fercam.feed.registry import FEEDS
from fercam.logs import logger


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How a feed that was asked for is doing; `failure` is the sentence why it is not on.

    `listeners` is None where the protocol does not tell; `dropped` counts messages.
    """

    name: str
    description: str
    listeners: int | None = None
    dropped: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _On:
    """A feed that is on, its port, and what the mailbox had dropped before it was."""

    feed: Feed
    port: int
    dropped_before: int


class Publisher:
    """Hands every result to the feeds that are on, through one slot and one thread.

    There is no thread while no feed is on. A feed that fails is closed, logged and shown in
    `status`; the others go on. Every method may be called from any thread.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()  # held for a second, by `set_active` alone
        self._serving = threading.Lock()  # held while feeds are sent to: milliseconds
        # Both are replaced, never changed, so `status` reads them without waiting.
        self._on: dict[str, _On] = {}
        self._failures: dict[str, str] = {}
        self._mailbox: Mailbox[AnnotatedFrame] | None = None
        self._stage: Stage | None = None

    def publish(self, annotated: AnnotatedFrame) -> None:
        """Leave a result for the feeds; takes microseconds. One they had no time for is dropped."""
        mailbox = self._mailbox
        if mailbox is not None:
            mailbox.put(annotated)

    def set_active(self, ports: Mapping[str, int]) -> dict[str, str]:
        """Have exactly these feeds on: names of `FEEDS` with their ports.

        A feed that is on with the same port stays as it is, one that failed is tried again. Takes
        up to some seconds. Returns, by name, a sentence for each feed that could not be opened.
        """
        with self._changing:
            with self._serving:
                self._failures = {}
                gone = {n: on for n, on in self._on.items() if ports.get(n) != on.port}
                self._on = {n: on for n, on in self._on.items() if n not in gone}
            for on in gone.values():
                _attempt(on.feed, on.feed.close)
            for name, port in ports.items():
                if name not in self._on:
                    self._start(name, port)
            self._run_if_needed()
            return dict(self._failures)

    @property
    def status(self) -> list[FeedStatus]:
        """The feeds that were asked for, in the order of `FEEDS`."""
        lost = self._lost()
        rows = {
            name: FeedStatus(
                name,
                on.feed.description,
                on.feed.listeners,
                on.feed.dropped + lost - on.dropped_before,
            )
            for name, on in self._on.items()
        }
        for name, sentence in self._failures.items():
            title = FEEDS[name].title if name in FEEDS else name
            rows[name] = FeedStatus(name, title, failure=sentence)
        return [rows.pop(name) for name in FEEDS if name in rows] + list(rows.values())

    def close(self) -> None:
        """Switch every feed off and end all threads; feeds may be switched on again later."""
        self.set_active({})

    def _lost(self) -> int:
        mailbox = self._mailbox
        return 0 if mailbox is None else mailbox.dropped

    def _start(self, name: str, port: int) -> None:
        if name not in FEEDS:
            sentence = f"There is no feed '{name}': choose among {', '.join(FEEDS)}."
            self._failures = self._failures | {name: sentence}
            return
        feed = FEEDS[name](port)
        problem = _attempt(feed, feed.open)
        with self._serving:
            if problem is None:
                self._on = self._on | {name: _On(feed, port, self._lost())}
            else:
                self._failures = self._failures | {name: problem}

    def _run_if_needed(self) -> None:
        """Start the thread with the first feed, end it with the last."""
        if self._on and self._stage is None:
            mailbox: Mailbox[AnnotatedFrame] = Mailbox()
            self._stage = Stage("feeds", lambda: self._serve(mailbox), _log_failure)
            self._stage.start()
            self._mailbox = mailbox
        elif not self._on and self._stage is not None and self._mailbox is not None:
            mailbox, self._mailbox = self._mailbox, None
            mailbox.close()
            self._stage.stop()
            self._stage.join()
            self._stage = None

    def _serve(self, mailbox: Mailbox[AnnotatedFrame]) -> None:
        annotated = mailbox.take()
        if annotated is None:
            return
        with self._serving:
            for name, on in self._on.items():
                problem = _attempt(on.feed, partial(on.feed.send, annotated))
                if problem is not None:
                    self._failures = self._failures | {name: problem}
                    self._on = {n: other for n, other in self._on.items() if n != name}
                    _attempt(on.feed, on.feed.close)


def _attempt(feed: Feed, action: Callable[[], None]) -> str | None:
    """Do something with a feed; return what went wrong in one sentence, and log it."""
    try:
        action()
    except FeedError as error:
        logger.warning("%s", error.user_message)
        return error.user_message
    except Exception as failure:  # noqa: BLE001  (no library behind a feed may stop the others)
        logger.warning("%s failed", feed.title, exc_info=failure)
        reason = " ".join(str(failure).split()) or type(failure).__name__
        return f"{feed.title} stopped ({reason}): switch it off and on again in Settings."
    return None


def _log_failure(failure: Exception) -> None:
    logger.error("The feeds stopped", exc_info=failure)
