"""A file plays at its own speed, another one, or not at all, from wherever one wishes."""

import threading
import time

import pytest

from fercam.pipeline.playback import Playback


def real_wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


@pytest.mark.parametrize(("speed", "takes_s"), [(1.0, 0.3), (2.0, 0.15), (0.5, 0.6)])
def test_a_frame_is_due_after_its_time_divided_by_the_speed(speed: float, takes_s: float) -> None:
    playback = Playback(real_wait)
    playback.set_speed(speed)
    playback.wait_until(5.0)  # the first frame is due at once, wherever the file begins
    start_s = time.monotonic()
    playback.wait_until(5.3)
    assert takes_s - 0.01 <= time.monotonic() - start_s < takes_s + 0.2


def test_a_pause_holds_and_the_rest_is_not_hurried_afterwards() -> None:
    playback = Playback(real_wait)
    playback.wait_until(0.0)
    playback.set_paused(True)
    threading.Timer(0.3, playback.set_paused, (False,)).start()
    start_s = time.monotonic()
    playback.hold()
    assert time.monotonic() - start_s >= 0.29
    playback.wait_until(0.1)
    start_s = time.monotonic()
    playback.wait_until(0.3)
    assert time.monotonic() - start_s >= 0.19


def test_a_seek_is_taken_once_and_lets_a_pause_show_one_picture() -> None:
    playback = Playback(real_wait)
    playback.set_paused(True)
    playback.seek(7.5)
    playback.hold()
    assert playback.take_seek() == 7.5
    assert playback.take_seek() is None


def test_nothing_is_waited_for_when_everything_ends() -> None:
    playback = Playback(lambda seconds: True)
    playback.wait_until(0.0)
    playback.wait_until(1e6)
    playback.set_paused(True)
    playback.hold()
    assert not playback.hold_at_end()


def test_the_end_waits_for_a_seek() -> None:
    playback = Playback(real_wait)
    threading.Timer(0.1, playback.seek, (0.0,)).start()
    assert playback.hold_at_end()
