"""What a session comes to: only what was surely seen, of those who were told apart."""

import time

import pytest
from helpers.results import annotated, face

from fercam.core.emotions import EMOTIONS
from fercam.recording.summary import SummaryCounter


def test_sums_of_frames_people_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 10.0)
    counter = SummaryCounter()
    counter.add(annotated(face(2), face(1, label=None)))
    counter.add(annotated(face(0, label="sad"), face(2, label="sad", sure=False)))
    monkeypatch.setattr(time, "monotonic", lambda: 14.0)
    made = counter.result(3.0, dropped=5)
    assert (made.frames, made.dropped, made.duration_s) == (2, 5, 3.0)
    assert (made.people, made.face_rows) == (2, 4)
    assert counter.people == {1: "", 2: ""}
    assert (made.shares["happy"], made.shares["sad"], made.sure_share) == (1 / 3, 1 / 3, 2 / 3)
    assert made.processed_fps == 0.5


def test_nothing_comes_to_nothing() -> None:
    made = SummaryCounter().result(0.0)
    assert made.shares == dict.fromkeys(EMOTIONS, 0)
    assert (made.sure_share, made.people, made.processed_fps) == (0, 0, 0)
