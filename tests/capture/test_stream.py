"""A stream that stalls, ends, or is not there is lost within the time allowed, and comes back."""

import contextlib
import io
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import av
import cv2
import numpy as np
import pytest

from fercam.capture import stream
from fercam.capture.demo import demo_image
from fercam.capture.stream import NetworkSource
from fercam.core.errors import SourceError, SourceLost

TIMEOUT_S = 1.0
SHORT = 25
"""So many frames are sent before something happens."""


class Sender(ThreadingHTTPServer):
    """Sends the demo; `mood` is what happens after a while: 'ends', 'stalls', 'goes on', or
    'stumbles' (over one damaged picture) and goes on."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.mood = "goes on"
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()  # waits for its threads
        self._thread.join()


class Handler(BaseHTTPRequestHandler):
    server: Sender

    def do_GET(self) -> None:
        if self.server.mood == "refuses":
            self.send_error(503)
            return
        self.send_response(200)
        transport = self.path.endswith(".ts")
        kind = "video/mp2t" if transport else "multipart/x-mixed-replace; boundary=frame"
        self.send_header("Content-Type", kind)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the reader went away
            self._send(transport_stream() if transport else pictures())

    def _send(self, parts: list[bytes]) -> None:
        for part in parts:
            self.wfile.write(part)
        self.wfile.flush()
        if self.server.mood == "stumbles":
            self.wfile.write(damaged_picture())
        while self.server.mood in ("goes on", "stumbles") and not self.server.over.wait(0.02):
            self.wfile.write(parts[0])
        if self.server.mood == "stalls":
            self.server.over.wait(30)

    def log_message(self, *_: object) -> None:
        pass


def pictures() -> list[bytes]:
    parts = []
    for number in range(SHORT):
        picture = cv2.imencode(".jpg", demo_image("", number)[::4, ::4])[1].tobytes()
        head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
        parts.append(head + picture + b"\r\n")
    return parts


def damaged_picture() -> bytes:
    head, _, picture = pictures()[0].partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + b"\xff\xd8" + b"\0" * (len(picture) - 4) + b"\r\n"


def transport_stream() -> list[bytes]:
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as container:
        track = container.add_stream("mpeg4", rate=30)
        track.width, track.height = 160, 120
        for number in range(60):
            picture = np.ascontiguousarray(demo_image("", number)[::4, ::4])
            container.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(track.encode(None))
    return [file.getvalue()]


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    monkeypatch.setattr(stream, "TIMEOUT_S", TIMEOUT_S)
    sender = Sender()
    yield sender
    sender.stop()


def source_of(sender: Sender, path: str) -> NetworkSource:
    return NetworkSource(f"http://me:secret@127.0.0.1:{sender.server_port}/{path}")


def seconds_to_loss(source: NetworkSource) -> float:
    """Read until it is lost; return how long the last read took."""
    with pytest.raises(SourceLost, match=r"sends nothing any more\.$") as lost:
        while True:
            before_s = time.monotonic()
            source.read()
    assert "secret" not in lost.value.user_message
    return time.monotonic() - before_s


@pytest.mark.parametrize("path", ["camera.mjpg", "camera.ts"])
def test_a_stream_that_stalls_is_lost_in_time_and_taken_up_again(sender: Sender, path: str) -> None:
    sender.mood = "stalls"
    source = source_of(sender, path)
    source.open()
    first = source.read()
    assert seconds_to_loss(source) < TIMEOUT_S + 1
    source.close()
    source.open()
    again = source.read()
    source.close()
    assert again.frame_id > first.frame_id
    assert again.t_media_s > first.t_media_s


@pytest.mark.parametrize("path", ["camera.mjpg", "camera.ts"])
def test_a_stream_that_ends_is_lost_at_once_and_taken_up_again(sender: Sender, path: str) -> None:
    sender.mood = "ends"
    source = source_of(sender, path)
    source.open()
    assert seconds_to_loss(source) < TIMEOUT_S
    source.open()
    assert source.read().image.shape == (120, 160, 3)
    source.close()


def test_a_stream_with_a_damaged_picture_goes_on(sender: Sender) -> None:
    sender.mood = "stumbles"
    source = source_of(sender, "camera.mjpg")
    source.open()
    ids = [source.read().frame_id for _ in range(SHORT + 5)]
    source.close()
    assert ids == list(range(SHORT + 5))


def test_a_sender_that_is_gone_is_tried_again_until_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "TIMEOUT_S", TIMEOUT_S)
    first = Sender()
    source = source_of(first, "camera.mjpg")
    source.open()
    source.read()
    first.stop()
    seconds_to_loss(source)
    source.close()
    with pytest.raises(SourceError, match="does not answer with a video"):
        source.open()
    second = Sender(first.server_port)
    try:
        second.mood = "refuses"
        with pytest.raises(SourceError, match="does not answer with a video"):
            source.open()
        second.mood = "goes on"
        source.open()
        assert source.read().frame_id > 0
    finally:
        source.close()
        second.stop()


def test_an_address_that_says_nothing_is_refused_in_time(sender: Sender) -> None:
    sender.mood = "stalls"
    send = Handler._send
    Handler._send = lambda self, parts: send(self, [])  # type: ignore[method-assign]
    try:
        before_s = time.monotonic()
        with pytest.raises(SourceError, match="does not answer with a video; check the address"):
            source_of(sender, "camera.ts").open()
        assert time.monotonic() - before_s < TIMEOUT_S + 2
    finally:
        Handler._send = send  # type: ignore[method-assign]
