"""What holds for every entry of FEEDS; optional packages are stood in for."""

import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from helpers.results import annotated, face

from fercam.feed.feed import Feed
from fercam.feed.registry import FEEDS


@pytest.fixture(params=FEEDS)
def feed(
    request: pytest.FixtureRequest, udp: socket.socket, pylsl: Any, pyvirtualcam: Any
) -> Iterator[Feed]:
    port = udp.getsockname()[1] if request.param == "osc" else 0
    feed = FEEDS[request.param](port)
    yield feed
    feed.close()


def test_a_feed_opens_sends_and_closes(feed: Feed) -> None:
    threads = threading.active_count()
    feed.open()
    for number in range(3):
        feed.send(annotated(face(1), face(2, label=None), number=number))
    feed.send(annotated())
    assert feed.description.startswith(feed.title)
    assert feed.listeners in (0, None)
    assert feed.dropped == 0
    feed.close()
    assert threading.active_count() == threads


def test_closing_again_or_before_opening_does_no_harm(feed: Feed) -> None:
    feed.close()
    feed.open()
    feed.close()
    feed.close()


def test_a_feed_has_a_title_and_a_description_before_it_opens(feed: Feed) -> None:
    assert feed.title
    assert feed.description.startswith(feed.title)


@pytest.mark.parametrize("name", FEEDS)
def test_what_is_missing_is_one_sentence_and_keeps_no_other_from_being_offered(
    name: str, pylsl: Any, pyvirtualcam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any(kind.unavailable() for kind in FEEDS.values())
    monkeypatch.setitem(sys.modules, FEEDS[name].package, None)
    sentence = FEEDS[name].unavailable()
    assert sentence is not None
    assert sentence.startswith("Install ")
    assert sentence.endswith(".")
    assert sum(kind.unavailable() is not None for kind in FEEDS.values()) == 1
