"""A run's events become what is shown of it."""

import pytest
from helpers.training import batch_event, epoch_event, start_event, status_after

from fercam.training.engine.pace import TELL_EVERY_S, Pace
from fercam.training.run_status import advice


def test_a_run_from_start_to_end() -> None:
    status = status_after(start_event(), epoch_event(1, 1.5, 1.4), batch_event(2, 4))
    assert (status.state, status.epoch, status.batch, status.batches) == ("running", 2, 4, 8)
    assert status.share == pytest.approx(0.15)
    status = status.after(epoch_event(2, 1.2, 1.5))
    assert (len(status.history), status.best_epoch) == (2, 1)
    assert status.after({"event": "finishing"}).state == "finishing"
    usable = status.after({"event": "usable", "bundle": "x"})
    assert usable.bundle is not None and usable.bundle.name == "x"


def test_a_batch_that_was_overtaken_by_its_epoch_changes_nothing() -> None:
    status = status_after(start_event(), epoch_event(1, 1.5, 1.4))
    assert status.after(batch_event(1, 8)) == status


def test_a_resumed_run_replaces_what_it_does_again() -> None:
    status = status_after(start_event(), epoch_event(1, 1.5, 1.4), epoch_event(2, 1.3, 1.3))
    again = status.after({"event": "error", "message": "no"}).after(start_event())
    assert (again.state, again.message) == ("running", "")
    again = again.after(epoch_event(2, 1.0, 1.0))
    assert [row["loss"] for row in again.history] == [1.5, 1.0]


def test_unknown_events_change_nothing() -> None:
    status = status_after(start_event())
    assert status.after({"event": "weather"}) == status


def rows(*losses: tuple[float, float]) -> list[dict]:
    return [epoch_event(epoch, *both) for epoch, both in enumerate(losses, 1)]


def test_learning_by_heart_is_noticed_only_when_it_lasts() -> None:
    assert advice([]) == ""
    assert advice(rows((1.5, 1.4), (1.2, 1.2), (1.0, 1.1))) == ""
    assert advice(rows((1.5, 1.4), (1.2, 1.2), (1.0, 1.25))) == ""
    assert "(since epoch 3)" in advice(rows((1.5, 1.4), (1.2, 1.2), (1.0, 1.25), (0.8, 1.3)))
    assert advice(rows((1.5, 1.4), (1.2, 1.2), (1.3, 1.25), (1.4, 1.3))) == ""


def test_pace_leaves_pauses_and_the_first_batch_out() -> None:
    now = [0.0]
    pace = Pace(faces=100, epochs_left=2, clock=lambda: now[0])

    def step(seconds: float) -> None:
        now[0] += seconds
        pace.batch(10)

    step(30.0)
    assert pace.faces_per_s is None and pace.seconds_left is None
    step(1.0)
    assert pace.faces_per_s == pytest.approx(10.0)
    assert pace.seconds_left == pytest.approx(18.0)
    began = now[0]
    now[0] += 500.0
    pace.paused(began)
    step(1.0)
    assert pace.faces_per_s == pytest.approx(10.0)
    now[0] += 2.0
    assert pace.epoch() == pytest.approx(34.0)
    assert pace.seconds_left == pytest.approx(12.0)


def test_pace_lets_tell_about_five_times_a_second() -> None:
    now = [0.0]
    pace = Pace(100, 1, clock=lambda: now[0])
    told = 0
    for _ in range(1000):
        now[0] += 0.01
        told += pace.due()
    assert told == pytest.approx(10 / TELL_EVERY_S, rel=0.1)
