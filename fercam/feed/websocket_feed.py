"""A WebSocket server on the loopback address: one JSON object a frame to every listener."""

import asyncio
import contextlib
import errno
import json
import re
import socket
import threading
from collections.abc import Iterable

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from fercam.core.errors import FeedError, reason_of
from fercam.core.values import AnnotatedFrame
from fercam.feed.feed import LOOPBACK, Feed, check_port
from fercam.feed.message import message
from fercam.logs import logger

# Any page in the user's browser can try to connect to the loopback address, and the browser then
# names the page's site as Origin. Programs send none. "null" is refused: a sandboxed frame of any
# site has that origin.
_ORIGINS = (None, re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"))

# The less the system holds for a listener, the newer is what a slow one reads.
_SEND_BUFFER_BYTES = 1 << 16
_LARGEST_REQUEST_BYTES = 1 << 12
_PATIENCE_S = 0.5  # with listeners that do not answer the goodbye


class WebSocketFeed(Feed):
    """Sends to each listener the newest frame it has room for. Port 0 takes any free port."""

    title = "WebSocket"
    package = "websockets"

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop = asyncio.Event()
        self._slots: set[asyncio.Queue[str]] = set()

    def open(self) -> None:
        """Listen on the port, on a thread of its own."""
        check_port(self._port, 0)
        listening = _listen(self._port)
        self._port = listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, args=(self._loop, listening), name="feed-websocket", daemon=True
        )
        self._thread.start()

    def send(self, annotated: AnnotatedFrame) -> None:
        """Leave the message for every listener; one still waiting for it is replaced."""
        if self._loop is None or self._thread is None:
            return
        if not self._thread.is_alive():
            raise FeedError("WebSocket ended by itself: switch it off and on again in Settings.")
        if not self._slots:
            return
        text = json.dumps(message(annotated), ensure_ascii=False, separators=(",", ":"))
        with contextlib.suppress(RuntimeError):  # it has just ended: the next call says so
            self._loop.call_soon_threadsafe(self._offer, text)

    def close(self) -> None:
        """Say goodbye to the listeners and free the port."""
        if self._loop is None or self._thread is None:
            return
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._thread = None

    @property
    def description(self) -> str:
        """The address that listeners connect to."""
        return f"{self.title} ws://{LOOPBACK}:{self._port}"

    @property
    def listeners(self) -> int:
        """How many programs are connected."""
        return len(self._slots)

    def _run(self, loop: asyncio.AbstractEventLoop, listening: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._serve(listening))

    async def _serve(self, listening: socket.socket) -> None:
        async with serve(
            self._attend,
            sock=listening,
            origins=_ORIGINS,
            compression=None,
            max_size=_LARGEST_REQUEST_BYTES,
            write_limit=0,  # `send` waits until the system has taken everything
            open_timeout=2 * _PATIENCE_S,
            close_timeout=_PATIENCE_S,
            logger=logger.getChild("websocket"),
        ) as server:
            await self._stop.wait()
            asyncio.get_running_loop().call_later(_PATIENCE_S, _hang_up, server.connections)

    async def _attend(self, connection: ServerConnection) -> None:
        slot: asyncio.Queue[str] = asyncio.Queue(maxsize=1)
        self._slots.add(slot)
        sender = asyncio.create_task(_send_newest(connection, slot))
        try:
            with contextlib.suppress(ConnectionClosed):
                async for _ in connection:  # nothing it says matters, but its leaving does
                    pass
        finally:
            self._slots.discard(slot)
            sender.cancel()

    def _offer(self, text: str) -> None:
        for slot in self._slots:
            if slot.full():
                slot.get_nowait()
                self.dropped += 1
            slot.put_nowait(text)


async def _send_newest(connection: ServerConnection, slot: asyncio.Queue[str]) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            await connection.send(await slot.get())


def _hang_up(connections: Iterable[ServerConnection]) -> None:
    for connection in connections:
        connection.transport.abort()


def _listen(port: int) -> socket.socket:
    try:
        listening = socket.create_server((LOOPBACK, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sentence = f"Another program is using port {port}"
        else:
            sentence = f"Port {port} cannot be used ({reason_of(error)})"
        raise FeedError(f"{sentence}: choose another for WebSocket in Settings.") from error
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    return listening
