"""A stage runs until stopped, and its failure is heard once."""

import threading

from fercam.core.mailbox import Closed
from fercam.core.stage import Stage


def test_a_stage_repeats_its_step_until_it_is_stopped() -> None:
    ran_thrice = threading.Event()
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        if count >= 3:
            ran_thrice.set()

    stage = Stage("test", step, lambda _: None)
    stage.start()
    assert ran_thrice.wait(5)
    stage.stop()
    assert stage.join(5)


def test_a_failing_step_ends_the_stage_and_is_reported_once() -> None:
    failures: list[Exception] = []

    def step() -> None:
        raise ValueError("broken")

    stage = Stage("test", step, failures.append)
    stage.start()
    assert stage.join(5)
    assert [str(failure) for failure in failures] == ["broken"]


def test_a_closed_mailbox_ends_a_stage_quietly() -> None:
    failures: list[Exception] = []

    def step() -> None:
        raise Closed

    stage = Stage("test", step, failures.append)
    stage.start()
    assert stage.join(5)
    assert failures == []


def test_waiting_ends_at_once_when_the_stage_is_stopped() -> None:
    waiting = threading.Event()

    def step() -> None:
        waiting.set()
        stage.wait(60)

    stage = Stage("test", step, lambda _: None)
    stage.start()
    assert waiting.wait(5)
    stage.stop()
    assert stage.join(5)


def test_a_stage_that_never_started_is_joined_already() -> None:
    assert Stage("test", lambda: None, lambda _: None).join(0)
