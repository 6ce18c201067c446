"""The feeds that are on get every result they have time for, and trouble in one stays there."""

import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from helpers.results import annotated, face
from pythonosc.osc_message import OscMessage
from websockets.sync.client import ClientConnection, connect

from fercam.core.values import AnnotatedFrame
from fercam.feed.feed import Feed
from fercam.feed.publisher import FeedStatus, Publisher
from fercam.feed.registry import FEEDS

WaitFor = Callable[..., None]


class Slow(Feed):
    """Takes a frame only when the test lets it."""

    title = "Slow"
    package = "json"
    got: list[int]
    may_go: threading.Semaphore
    busy: threading.Event

    def open(self) -> None:
        pass

    def send(self, annotated: AnnotatedFrame) -> None:
        self.busy.set()
        self.may_go.acquire()
        self.got.append(annotated.frame.frame_id)

    def close(self) -> None:
        pass

    @property
    def description(self) -> str:
        return "Slow"


class Broken(Slow):
    """Fails with the first frame, and again when it is closed."""

    title = "Broken"
    words = "by zero"

    def send(self, annotated: AnnotatedFrame) -> None:
        raise ZeroDivisionError(self.words)

    def close(self) -> None:
        raise OSError("and again when it was closed")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    publisher = Publisher()
    yield publisher
    publisher.close()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> type[Slow]:
    Slow.got, Slow.may_go, Slow.busy = [], threading.Semaphore(0), threading.Event()
    monkeypatch.setitem(FEEDS, "slow", Slow)
    return Slow


def listen(publisher: Publisher) -> ClientConnection:
    (status,) = (row for row in publisher.status if row.name == "websocket")
    return connect(status.description.split()[-1], proxy=None)


def listeners(publisher: Publisher) -> dict[str, int | None]:
    return {row.name: row.listeners for row in publisher.status}


def test_nothing_runs_until_a_feed_is_switched_on(publisher: Publisher) -> None:
    threads = threading.active_count()
    publisher.publish(annotated(face()))
    assert publisher.status == []
    assert threading.active_count() == threads


def test_two_feeds_get_what_is_published(
    publisher: Publisher, udp: socket.socket, wait_for: WaitFor
) -> None:
    assert publisher.set_active({"osc": udp.getsockname()[1], "websocket": 0}) == {}
    with listen(publisher) as listener:
        wait_for(lambda: listeners(publisher)["websocket"] == 1)
        publisher.publish(annotated(face(), number=11))
        assert json.loads(listener.recv(timeout=10))["frame"] == 11
        assert OscMessage(udp.recv(65536)).params[0] == 11
    first, second = publisher.status
    assert first.description.startswith("WebSocket ws://127.0.0.1:")
    assert second == FeedStatus("osc", f"OSC to 127.0.0.1:{udp.getsockname()[1]}")


def test_publishing_takes_microseconds_and_drops_what_the_feeds_have_no_time_for(
    publisher: Publisher, slow: type[Slow], wait_for: WaitFor
) -> None:
    publisher.set_active({"slow": 0})
    publisher.publish(annotated(number=0))
    assert slow.busy.wait(10)
    took_s = []
    for number in range(1, 1001):
        result = annotated(number=number, size=(32, 24))
        start = time.perf_counter()
        publisher.publish(result)
        took_s.append(time.perf_counter() - start)
    slow.may_go.release(2)
    wait_for(lambda: slow.got == [0, 1000])
    assert statistics.median(took_s) < 0.0002
    assert [row.dropped for row in publisher.status] == [999]
    publisher._on["slow"].feed.dropped += 2  # lost by the feed itself
    assert [row.dropped for row in publisher.status] == [1001]


def test_a_feed_is_not_blamed_for_what_was_lost_before_it_was_on(
    publisher: Publisher, slow: type[Slow], udp: socket.socket, wait_for: WaitFor
) -> None:
    publisher.set_active({"slow": 0})
    publisher.publish(annotated(number=0))
    assert slow.busy.wait(10)
    for number in (1, 2, 3):
        publisher.publish(annotated(number=number))
    slow.may_go.release(2)
    wait_for(lambda: slow.got == [0, 3])
    publisher.set_active({"slow": 0, "osc": udp.getsockname()[1]})
    assert {row.name: row.dropped for row in publisher.status} == {"slow": 2, "osc": 0}


def test_a_port_that_is_taken_is_told_and_the_other_feeds_go_on(
    publisher: Publisher, udp: socket.socket
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = (
            f"Another program is using port {port}: choose another for WebSocket in Settings."
        )
        wanted = {"websocket": port, "osc": udp.getsockname()[1]}
        assert publisher.set_active(wanted) == {"websocket": sentence}
        assert publisher.status[0] == FeedStatus("websocket", "WebSocket", failure=sentence)
        publisher.publish(annotated(number=4))
        assert OscMessage(udp.recv(65536)).params[0] == 4
    assert publisher.set_active(wanted) == {}, "free again, so it is tried again"
    assert [row.failure for row in publisher.status] == ["", ""]


def test_a_feed_that_stays_on_keeps_its_listeners(
    publisher: Publisher, udp: socket.socket, wait_for: WaitFor
) -> None:
    publisher.set_active({"websocket": 0})
    with listen(publisher) as listener:
        wait_for(lambda: listeners(publisher)["websocket"] == 1)
        publisher.set_active({"websocket": 0, "osc": udp.getsockname()[1]})
        publisher.set_active({"websocket": 0})
        publisher.publish(annotated(number=5))
        assert json.loads(listener.recv(timeout=10))["frame"] == 5


def test_another_port_moves_the_feed(publisher: Publisher, free_port: int) -> None:
    publisher.set_active({"websocket": 0})
    publisher.set_active({"websocket": free_port})
    assert [row.description for row in publisher.status] == [
        f"WebSocket ws://127.0.0.1:{free_port}"
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [("by zero", "by zero"), ("by\n  zero", "by zero"), ("", "ZeroDivisionError")],
)
def test_a_feed_that_fails_is_dropped_with_a_sentence_and_the_others_go_on(
    publisher: Publisher,
    udp: socket.socket,
    wait_for: WaitFor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    words: str,
    reason: str,
) -> None:
    monkeypatch.setattr(Broken, "words", words)
    monkeypatch.setitem(FEEDS, "broken", Broken)
    publisher.set_active({"broken": 0, "osc": udp.getsockname()[1]})
    publisher.publish(annotated())
    sentence = f"Broken stopped ({reason}): switch it off and on again in Settings."
    wait_for(lambda: FeedStatus("broken", "Broken", failure=sentence) in publisher.status)
    while OscMessage(udp.recv(65536)).address != "/fercam/faces":
        pass
    publisher.publish(annotated(number=2))
    assert OscMessage(udp.recv(65536)).params[0] == 2
    assert "Broken failed" in caplog.text
    assert "and again when it was closed" in caplog.text


def test_a_server_that_ends_by_itself_is_noticed(
    publisher: Publisher, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    class Watched(FEEDS["websocket"]):  # type: ignore[misc]
        def __init__(self, port: int) -> None:
            super().__init__(port)
            made.append(self)

    monkeypatch.setitem(FEEDS, "websocket", Watched)
    publisher.set_active({"websocket": 0})
    made[0]._loop.call_soon_threadsafe(made[0]._stop.set)
    made[0]._thread.join(10)
    publisher.publish(annotated())
    wait_for(lambda: any("ended by itself" in row.failure for row in publisher.status))


def test_an_unknown_feed_is_a_sentence(publisher: Publisher) -> None:
    sentence = publisher.set_active({"telegraph": 1})["telegraph"]
    assert sentence.startswith("There is no feed 'telegraph': choose among websocket, osc")
    assert publisher.status == [FeedStatus("telegraph", "telegraph", failure=sentence)]


def test_switching_on_and_off_again_and_again_leaves_no_thread(
    publisher: Publisher, free_port: int, udp: socket.socket
) -> None:
    threads = threading.active_count()
    for _ in range(10):
        wanted = {"websocket": free_port, "osc": udp.getsockname()[1]}
        assert publisher.set_active(wanted) == {}
        publisher.publish(annotated(face()))
        publisher.set_active({})
        assert threading.active_count() == threads
    assert publisher.status == []


def test_after_closing_publishing_does_no_harm_and_feeds_can_be_on_again(
    publisher: Publisher, udp: socket.socket
) -> None:
    publisher.set_active({"websocket": 0})
    publisher.close()
    publisher.close()
    publisher.publish(annotated())
    publisher.set_active({"osc": udp.getsockname()[1]})
    publisher.publish(annotated(number=6))
    assert OscMessage(udp.recv(65536)).params[0] == 6
