"""The newest item wins, losses are counted, nobody waits for ever."""

import threading

import pytest

from fercam.core.mailbox import Closed, Latest, Mailbox


def test_the_newest_item_wins_and_the_lost_ones_are_counted() -> None:
    box: Mailbox[int] = Mailbox()
    for item in (1, 2, 3):
        box.put(item)
    assert box.take() == 3
    assert box.dropped == 2


def test_taking_from_an_empty_mailbox_gives_none_after_the_timeout() -> None:
    box: Mailbox[int] = Mailbox()
    assert box.take(timeout_s=0.01) is None


def test_closing_frees_a_waiting_taker_and_drops_what_comes_later() -> None:
    box: Mailbox[int] = Mailbox()
    freed = threading.Event()

    def wait() -> None:
        with pytest.raises(Closed):
            box.take()
        freed.set()

    taker = threading.Thread(target=wait)
    taker.start()
    box.close()
    assert freed.wait(5)
    taker.join()
    box.put(1)
    with pytest.raises(Closed):
        box.take()


def test_the_latest_value_can_be_read_again_and_again() -> None:
    latest: Latest[str] = Latest()
    assert latest.get() is None
    latest.set("new")
    assert (latest.get(), latest.get()) == ("new", "new")
