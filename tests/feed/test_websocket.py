"""Programs on this computer connect and hear each frame; web pages of other sites do not."""

import base64
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers.results import annotated, face
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from fercam.core.errors import FeedError
from fercam.feed.message import message
from fercam.feed.websocket_feed import WebSocketFeed

WaitFor = Callable[..., None]


@pytest.fixture
def feed() -> Iterator[WebSocketFeed]:
    feed = WebSocketFeed(0)
    feed.open()
    yield feed
    feed.close()


def address(feed: WebSocketFeed) -> str:
    return feed.description.split()[-1]


def port(feed: WebSocketFeed) -> int:
    return int(feed.description.rpartition(":")[2])


def listen(feed: WebSocketFeed, **options: Any) -> ClientConnection:
    return connect(address(feed), proxy=None, **options)


def connect_and_never_read(feed: WebSocketFeed) -> socket.socket:
    """Return a connection whose reader is asleep, with little room in its system's buffers."""
    sleeper = socket.socket()
    sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sleeper.settimeout(10)
    sleeper.connect(("127.0.0.1", port(feed)))
    key = base64.b64encode(bytes(16)).decode()
    sleeper.sendall(
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port(feed)}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        "".encode()
    )
    assert sleeper.recv(12) == b"HTTP/1.1 101"
    return sleeper


def test_a_listener_hears_what_was_sent(feed: WebSocketFeed, wait_for: WaitFor) -> None:
    seen = annotated(face(1), face(2, label="sad", sure=False))
    with listen(feed) as listener:
        wait_for(lambda: feed.listeners == 1)
        feed.send(seen)
        assert json.loads(listener.recv(timeout=10)) == message(seen)
    wait_for(lambda: feed.listeners == 0)
    assert feed.dropped == 0


def test_two_listeners_hear_the_same(feed: WebSocketFeed, wait_for: WaitFor) -> None:
    with listen(feed) as one, listen(feed) as other:
        wait_for(lambda: feed.listeners == 2)
        for number in range(20):
            feed.send(annotated(face(), number=number))
            assert json.loads(one.recv(timeout=10))["frame"] == number
            assert json.loads(other.recv(timeout=10))["frame"] == number


def test_a_listener_that_never_reads_loses_messages_and_the_others_none(
    feed: WebSocketFeed, wait_for: WaitFor
) -> None:
    crowd = [face(person) for person in range(1, 40)]  # long messages fill its buffers sooner
    sleeper = connect_and_never_read(feed)
    with sleeper, listen(feed) as listener:
        wait_for(lambda: feed.listeners == 2)
        number = 0
        while feed.dropped < 5:
            feed.send(annotated(*crowd, number=number))
            assert json.loads(listener.recv(timeout=10))["frame"] == number
            number += 1
            assert number < 5000, "nothing was dropped for a listener that does not read"
        feed.close()  # while it sleeps: the thread ends all the same (see conftest)


def test_a_connection_that_says_nothing_does_not_keep_the_feed_from_closing(
    feed: WebSocketFeed,
) -> None:
    with socket.create_connection(("127.0.0.1", port(feed))), listen(feed):
        feed.close()


@pytest.mark.parametrize(
    "origin",
    ["https://example.org", "null", "http://localhost.example.org", "http://127.0.0.1.example.org"],
)
def test_a_web_page_of_another_site_is_refused(feed: WebSocketFeed, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        listen(feed, origin=Origin(origin))
    assert refused.value.response.status_code == 403
    assert feed.listeners == 0


@pytest.mark.parametrize(
    "origin", ["http://localhost:8000", "http://127.0.0.1", "https://[::1]:8443"]
)
def test_a_page_of_this_computer_may_listen(feed: WebSocketFeed, origin: str) -> None:
    with listen(feed, origin=Origin(origin)) as listener:
        assert listener.response is not None


def test_what_a_listener_says_is_ignored(feed: WebSocketFeed, wait_for: WaitFor) -> None:
    with listen(feed) as listener:
        wait_for(lambda: feed.listeners == 1)
        for _ in range(50):
            listener.send("hello")
        feed.send(annotated(number=9))
        assert json.loads(listener.recv(timeout=10))["frame"] == 9


def test_a_listener_that_says_too_much_is_sent_away(feed: WebSocketFeed) -> None:
    with listen(feed) as listener:
        listener.send("x" * 5000)
        with pytest.raises(ConnectionClosedError):
            listener.recv(timeout=10)
        assert listener.close_code == 1009


def test_only_this_computer_can_connect(feed: WebSocketFeed) -> None:
    assert address(feed).startswith("ws://127.0.0.1:")
    with socket.socket() as elsewhere:
        elsewhere.settimeout(2)
        # another address of this computer, which a server on all addresses would answer
        assert elsewhere.connect_ex(("127.0.0.2", port(feed))) != 0


def test_a_listener_is_told_when_the_feed_ends(feed: WebSocketFeed, wait_for: WaitFor) -> None:
    with listen(feed) as listener:
        wait_for(lambda: feed.listeners == 1)
        feed.close()
        assert list(listener) == []
        assert listener.close_code == 1001


def test_a_port_that_is_taken_is_named_in_one_sentence(feed: WebSocketFeed) -> None:
    with pytest.raises(FeedError) as error:
        WebSocketFeed(port(feed)).open()
    assert error.value.user_message == (
        f"Another program is using port {port(feed)}: choose another for WebSocket in Settings."
    )


@pytest.mark.parametrize("number", [-1, 65536])
def test_a_number_that_is_no_port_is_refused(number: int) -> None:
    with pytest.raises(FeedError, match="is not a port"):
        WebSocketFeed(number).open()


def test_the_port_is_free_again_at_once(feed: WebSocketFeed, wait_for: WaitFor) -> None:
    with listen(feed):
        wait_for(lambda: feed.listeners == 1)
    number = port(feed)
    feed.close()
    again = WebSocketFeed(number)
    again.open()
    again.close()
