"""A session's times start at 0, always rise, and leave out where recording rested."""

import pytest

from fercam.recording.rest import SessionClock
from fercam.recording.session_json import Span

STEP_S = 1 / 60000


@pytest.mark.parametrize(
    ("media_s", "session_s"),
    [
        ([5, 5.1, 5.3], [0, 0.1, 0.3]),
        ([5, 5.1, 5.1, 5.2], [0, 0.1, 0.1 + STEP_S, 0.2]),
        ([5, 6, 5.6, 5.7, 6.1], [0, 1, 1 + STEP_S, 1 + 2 * STEP_S, 1.1]),  # it stumbles
        ([5, 6, 5.4, 5.5], [0, 1, 2, 2.1]),  # it starts anew
    ],
)
def test_no_two_frames_share_a_time(media_s: list[float], session_s: list[float]) -> None:
    clock = SessionClock()
    assert [clock.time_s(one) for one in media_s] == pytest.approx(session_s, abs=1e-9)


def test_a_rest_begins_after_the_last_frame_and_is_never_less_than_none() -> None:
    clock = SessionClock()
    clock.pause(4)  # before the first frame there is nothing to rest from
    assert not clock.paused
    assert [clock.time_s(5), clock.time_s(6)] == [0, 1]
    clock.pause(5.5)
    clock.pause(8)
    assert clock.paused
    clock.resume(5.2)
    clock.resume(9)
    assert clock.pauses == [Span(1 + STEP_S, 1 + STEP_S)]
    assert clock.time_s(7) == pytest.approx(2)
