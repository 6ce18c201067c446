"""Listeners, stand-ins for the optional packages, and a watch for threads left behind."""

import importlib.machinery
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    wait_for(lambda: set(threading.enumerate()) <= before)


def wait_for(condition: Callable[[], object], timeout_s: float = 10) -> None:
    """Wait until a condition holds; fail if it does not."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


@pytest.fixture(name="wait_for")
def _wait_for() -> Callable[..., None]:
    return wait_for


@pytest.fixture
def free_port() -> int:
    """A port nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    """A bound UDP socket on the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)
        yield listening


class _Outlet:
    """Keeps what is pushed; `pylsl.outlets` holds every outlet not forgotten."""

    def __init__(self, info: "_StreamInfo") -> None:
        self.info = info
        self.pushed: list[tuple[list[float], float]] = []
        sys.modules["pylsl"].outlets.append(self)  # type: ignore[attr-defined]

    def push_sample(self, sample: list[float], timestamp: float) -> None:
        self.pushed.append((sample, timestamp))


class _StreamInfo:
    def __init__(self, name: str, kind: str, channels: int, rate: float, form: str, source: str):
        self.about = (name, kind, channels, rate, form, source)
        self.labels: list[str] = []

    def desc(self) -> "_StreamInfo":
        return self

    def append_child(self, name: str) -> "_StreamInfo":
        return self

    def append_child_value(self, name: str, value: str) -> "_StreamInfo":
        self.labels.append(value)
        return self


class _Camera:
    """Keeps what is sent; `pyvirtualcam.cameras` holds every camera made."""

    device = "Test Camera"

    def __init__(self, width: int, height: int, fps: float, *, fmt: str) -> None:
        self.about = (width, height, fps, fmt)
        self.sent: list[Any] = []
        self.closed = False
        sys.modules["pyvirtualcam"].cameras.append(self)  # type: ignore[attr-defined]

    def send(self, picture: Any) -> None:
        self.sent.append(picture)

    def close(self) -> None:
        self.closed = True


def _module(name: str, **members: object) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = importlib.machinery.ModuleSpec(name, None)
    vars(module).update(members)
    return module


@pytest.fixture
def pylsl(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stand-in for pylsl whose clock is 1000 s ahead of the monotonic one."""
    fake = _module(
        "pylsl",
        StreamInfo=_StreamInfo,
        StreamOutlet=_Outlet,
        IRREGULAR_RATE=0.0,
        local_clock=lambda: time.monotonic() + 1000,
        outlets=[],
    )
    monkeypatch.setitem(sys.modules, "pylsl", fake)
    return fake


@pytest.fixture
def pyvirtualcam(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stand-in for pyvirtualcam with a camera in the system."""
    formats = type("PixelFormat", (), {"BGR": "BGR"})
    fake = _module("pyvirtualcam", Camera=_Camera, PixelFormat=formats, cameras=[])
    monkeypatch.setitem(sys.modules, "pyvirtualcam", fake)
    return fake
