"""What every feed can do, whatever the protocol."""

import importlib.util
from abc import ABC, abstractmethod
from typing import ClassVar

from fercam.core.errors import FeedError
from fercam.core.values import AnnotatedFrame

LOOPBACK = "127.0.0.1"
"""The only address a feed of our own uses: no other computer can reach it."""


class Feed(ABC):
    """Tells other programs what was seen. `open`, then `send` from one thread, then `close`."""

    title: ClassVar[str]
    """What people call it."""

    package: ClassVar[str]
    """The package it needs, by its import name."""

    def __init__(self, port: int) -> None:
        """Prepare a feed on `port`, which a feed without ports ignores."""
        self._port = port
        self.dropped = 0
        """How many messages were lost because a listener was slow, counted per listener."""

    @classmethod
    def unavailable(cls) -> str | None:
        """Return the sentence why it cannot be used here, None if it can."""
        if importlib.util.find_spec(cls.package) is None:
            return f"Install the Python package {cls.package} to use {cls.title}."
        return None

    @abstractmethod
    def open(self) -> None:
        """Get ready for listeners; may take a second.

        Raises:
            FeedError: the port is taken, or a package or device is missing.
        """

    @abstractmethod
    def send(self, annotated: AnnotatedFrame) -> None:
        """Send one frame's results without waiting for anybody; see `dropped`.

        Raises:
            FeedError: the feed has stopped working.
        """

    @abstractmethod
    def close(self) -> None:
        """Send listeners away and end all threads; harmless when closed or never opened."""

    @property
    @abstractmethod
    def description(self) -> str:
        """What to connect to, for example "WebSocket ws://127.0.0.1:8765"."""

    @property
    def listeners(self) -> int | None:
        """How many programs are connected, None where the protocol does not tell."""
        return None


def check_port(port: int, lowest: int) -> None:
    """Check that a number can be a port.

    Raises:
        FeedError: it cannot.
    """
    if not lowest <= port <= 65535:
        raise FeedError(f"{port} is not a port: choose one from 1024 to 65535 in Settings.")
