"""The time of a recording stands still while it rests, whatever moment is asked about."""

import pytest

from fercam.recording.capture_clock import CaptureClock

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("moment_s", "recorded_s", "rests"),
    [
        (9, -1, False),
        (11, 1, False),
        (12, 2, True),
        (14, 2, True),
        (15, 2, False),
        (16, 3, False),
        (20, 7, True),
        (30, 7, True),
    ],
)
def test_a_rest_takes_no_time(moment_s: int, recorded_s: float, rests: bool) -> None:
    clock = CaptureClock()
    clock.rest(8 * SECOND)  # of nothing, since nothing has begun
    clock.go_on(9 * SECOND)
    clock.begin(10 * SECOND)
    clock.rest(12 * SECOND)
    clock.go_on(15 * SECOND)
    clock.rest(20 * SECOND)
    clock.rest(25 * SECOND)  # it rests already
    assert clock.recorded_s(moment_s * SECOND) == recorded_s
    assert clock.rests_at(moment_s * SECOND) == rests
    assert clock.since_first_s(moment_s * SECOND) == moment_s - 10
