"""What waits for the recorder is bounded, and what has left makes room."""

import pytest
from helpers.capture import captured

from fercam.recording import inbox
from fercam.recording.inbox import Inbox

SIZE = captured(0).frame.image.nbytes


@pytest.mark.parametrize(("most_bytes", "waiting"), [(6 * SIZE, 6), (6 * SIZE - 1, 5), (1, 4)])
def test_so_much_may_wait_and_the_rest_is_dropped(
    monkeypatch: pytest.MonkeyPatch, most_bytes: int, waiting: int
) -> None:
    monkeypatch.setattr(inbox, "MOST_BYTES", most_bytes)
    box = Inbox()
    for number in range(10):
        box.offer(captured(number / 30))
    assert (len(box), box.dropped) == (waiting, 10 - waiting)


def test_what_was_taken_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_BYTES", 5 * SIZE)
    box = Inbox()
    for number in range(30):
        box.offer(captured(number / 30))
        if number >= 4:
            box.take(0)
    assert (len(box), box.dropped) == (4, 0)


def test_nothing_more_is_taken_in_once_it_was_cleared() -> None:
    box = Inbox()
    box.offer(captured(0))
    box.clear()
    box.offer(captured(1))
    assert len(box) == 0
