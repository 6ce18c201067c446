"""Chores are done in order, and a failure is a sentence."""

import threading

from fercam.core.chores import Chores
from fercam.core.errors import UsageError


def test_chores_are_done_in_order_and_a_failure_stops_nothing() -> None:
    done: list[int] = []
    said: list[str] = []
    chores = Chores("test", said.append)

    def fail() -> None:
        raise UsageError("Not like this.")

    chores.do(done.append, 1)
    chores.do(fail)
    chores.do(lambda: 1 / 0)
    chores.do(done.append, 2)
    all_done = threading.Event()
    chores.do(all_done.set)
    assert all_done.wait(5)
    chores.close()
    assert chores.join(5)
    assert done == [1, 2]
    assert said == ["Not like this.", "That did not work; the log says more."]


def test_closing_skips_what_waits_and_does_what_comes_last() -> None:
    at_it, go_on = threading.Event(), threading.Event()
    done: list[str] = []

    def long_work() -> None:
        at_it.set()
        go_on.wait(5)
        done.append("begun")

    chores = Chores("test", lambda message: None)
    chores.do(long_work)
    at_it.wait(5)
    chores.do(done.append, "waiting")
    chores.close(lambda: done.append("last"))
    assert chores.closing
    assert not chores.join(0)
    go_on.set()
    assert chores.join(5)
    assert done == ["begun", "last"]
