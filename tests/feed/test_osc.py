"""OSC messages arrive, in order, at whoever listens on the port."""

import socket
import threading
from collections.abc import Iterator

import pytest
from helpers.results import annotated, face
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_message import OscMessage
from pythonosc.osc_server import BlockingOSCUDPServer

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import FeedError
from fercam.feed.osc_feed import OscFeed, osc_messages


def received(udp: socket.socket) -> OscMessage:
    return OscMessage(udp.recv(65536))


@pytest.fixture
def feed(udp: socket.socket) -> Iterator[OscFeed]:
    feed = OscFeed(udp.getsockname()[1])
    feed.open()
    yield feed
    feed.close()


def test_a_frame_arrives_as_frame_count_label_and_probabilities(
    feed: OscFeed, udp: socket.socket
) -> None:
    feed.send(annotated(face(3, label="fear", confidence=0.7, sure=False), number=15))
    frame, count, label, shares = (received(udp) for _ in range(4))
    assert (frame.address, frame.params) == ("/fercam/frame", [15, 0.5])
    assert (count.address, count.params) == ("/fercam/faces", [1])
    assert (label.address, label.params) == (
        "/fercam/face/3",
        ["fear", pytest.approx(0.7, abs=1e-4), 0],
    )
    assert shares.address == "/fercam/face/3/probabilities"
    assert len(shares.params) == len(EMOTIONS)
    assert shares.params[EMOTIONS.index("fear")] == pytest.approx(0.7, abs=1e-4)


def test_each_person_has_an_address_and_a_face_not_read_yet_has_none() -> None:
    addresses = [address for address, _ in osc_messages(annotated(face(2), face(5, label=None)))]
    assert addresses == [
        "/fercam/frame",
        "/fercam/faces",
        "/fercam/face/2",
        "/fercam/face/2/probabilities",
    ]


def test_an_osc_server_dispatches_by_address_as_documented() -> None:
    heard: list[tuple[object, ...]] = []
    dispatcher = Dispatcher()
    dispatcher.map("/fercam/face/*", lambda *arguments: heard.append(arguments))
    with BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher) as server:
        serving = threading.Thread(target=lambda: [server.handle_request() for _ in range(4)])
        serving.start()
        feed = OscFeed(server.server_address[1])
        feed.open()
        feed.send(annotated(face(8)))
        feed.close()
        serving.join(10)
    assert ("/fercam/face/8", "happy", pytest.approx(0.83, abs=1e-4), 1) in heard


def test_with_nobody_listening_sending_does_no_harm(free_port: int) -> None:
    feed = OscFeed(free_port)
    feed.open()
    for number in range(50):
        feed.send(annotated(face(), number=number))
    feed.close()


def test_what_the_system_refuses_is_counted_as_dropped(
    feed: OscFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise BlockingIOError("no room")

    monkeypatch.setattr("pythonosc.udp_client.UDPClient.send", full)
    feed.send(annotated())
    assert feed.dropped == 2


@pytest.mark.parametrize("number", [0, 65536])
def test_a_number_that_is_no_port_is_refused(number: int) -> None:
    with pytest.raises(FeedError, match="is not a port"):
        OscFeed(number).open()
