"""Open Sound Control over UDP to a program on this computer."""

from collections.abc import Iterator

from pythonosc.udp_client import SimpleUDPClient

from fercam.core.values import AnnotatedFrame
from fercam.feed.feed import LOOPBACK, Feed, check_port
from fercam.feed.message import message

OscMessage = tuple[str, list[int | float | str]]
"""An address and its arguments."""


class OscFeed(Feed):
    """Sends to `port`, where one program listens; nobody knows whether one does."""

    title = "OSC"
    package = "pythonosc"

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._client: SimpleUDPClient | None = None

    def open(self) -> None:
        """Prepare to send; UDP needs no listener."""
        check_port(self._port, 1)
        self._client = SimpleUDPClient(LOOPBACK, self._port)

    def send(self, annotated: AnnotatedFrame) -> None:
        """Send a frame's messages one by one; what the system has no room for is dropped."""
        if self._client is None:
            return
        for address, arguments in osc_messages(annotated):
            try:
                self._client.send_message(address, arguments)
            except OSError:
                self.dropped += 1

    def close(self) -> None:
        """Stop sending."""
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def description(self) -> str:
        """Where the messages go."""
        return f"{self.title} to {LOOPBACK}:{self._port}"


def osc_messages(annotated: AnnotatedFrame) -> Iterator[OscMessage]:
    """Yield a frame's OSC messages in the order of sending; a face not read yet has none.

    The time is the media time: seconds since 1970 do not fit the 32-bit numbers of OSC.
    """
    told = message(annotated)
    yield "/fercam/frame", [told["frame"], told["t_media_s"]]
    yield "/fercam/faces", [len(told["faces"])]
    for face in told["faces"]:
        if face["label"] is None:
            continue
        address = f"/fercam/face/{face['person']}"
        yield address, [face["label"], face["confidence"], int(face["sure"])]
        yield f"{address}/probabilities", list(face["probabilities"].values())
