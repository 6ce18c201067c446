"""Two sessions side by side; two models about one."""

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.tables import write_session, write_table

from fercam.core.errors import SessionError
from fercam.recording.csv_sink import COLUMNS
from fercam.recording.session_json import Analysis, Person, Span
from fercam.sessions.comparison import compare, differences
from fercam.sessions.session import Session, open_session

HAPPY, SAD = (1, "happy", 0.8, True), (1, "sad", 0.7, True)
UNSURE, OTHER = (1, "fear", 0.4, False), (2, "neutral", 0.9, True)


def test_two_sessions_side_by_side(tmp_path: Path) -> None:
    first = open_session(write_session(tmp_path / "a", [[HAPPY]] * 30 + [[SAD]] * 30))
    second = open_session(write_session(tmp_path / "b", [[HAPPY]] * 30, people=()))
    made = compare(first, second)
    assert (made.first, made.second) == (first, second)
    assert made.first_statistics.group.shares["happy"] == pytest.approx(0.5)
    assert made.first_statistics.counted_s == pytest.approx(2, abs=1e-3)
    assert made.second_statistics.counted_s == pytest.approx(1, abs=1e-3)
    assert made.second_statistics.group.dominant == "happy"
    nobody = open_session(write_session(tmp_path / "c", [[]] * 3, people=()))
    assert compare(first, nobody).second_statistics.group.valence is None


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """For a second both say happy, then for one the other says sad, then for one it is unsure."""
    folder = write_session(
        tmp_path / "made",
        [[HAPPY, OTHER]] * 90,
        analyses=(Analysis("other", "0", "frames.other.csv"),),
        people=(Person(1, "Ann"), Person(2)),
    )
    theirs = [[HAPPY, OTHER]] * 30 + [[SAD, OTHER]] * 30 + [[UNSURE, OTHER]] * 30
    write_table(folder / "frames.other.csv", theirs)
    return open_session(folder)


def test_where_two_models_differ(session: Session) -> None:
    made = differences(session, None, "other")
    assert made.agreement == pytest.approx(4 / 6, abs=1e-3)
    (span,) = made.spans
    assert (span.start_s, span.end_s) == pytest.approx((1, 3), abs=1e-3)
    assert (span.name, span.first) == ("Ann", "happy")
    assert span.second in ("sad", "fear")
    again = differences(session, "other", None)
    assert again.agreement == made.agreement and again.spans[0].second == "happy"
    assert differences(session, None, "tiny").agreement == 1


def test_excluded_stretches_are_not_compared(session: Session) -> None:
    without = session.with_info(replace(session.info, excluded=(Span(1.0, 9.0),)))
    made = differences(without, None, "other")
    assert made.agreement == 1 and made.spans == ()


def test_only_faces_of_both_are_compared_and_a_flicker_is_no_difference(session: Session) -> None:
    flicker = [[HAPPY]] * 50 + [[SAD]] * 5 + [[]] * 20
    write_table(session.folder / "frames.other.csv", flicker)
    made = differences(session, None, "other")
    assert made.agreement == pytest.approx(50 / 55, abs=1e-3)
    assert made.spans == ()


@pytest.mark.parametrize(
    ("parts", "spans_s"),
    [
        ((30, 15), [(1, 1.5)]),
        ((30, 15, 6, 15), [(1, 2.2)]),
        ((30, 15, 15, 15), [(1, 1.5), (2, 2.5)]),
    ],
)
def test_a_short_agreement_does_not_part_a_difference(
    session: Session, parts: tuple[int, ...], spans_s: list[tuple[float, float]]
) -> None:
    other = [[[HAPPY], [SAD]][place % 2] for place, count in enumerate(parts) for _ in range(count)]
    write_table(session.folder / "frames.other.csv", other)
    spans = differences(session, None, "other").spans
    assert [(one.start_s, one.end_s) for one in spans] == [
        pytest.approx(span, abs=1e-3) for span in spans_s
    ]


def test_differences_come_in_the_order_of_time_under_the_names_of_who_they_are(
    session: Session,
) -> None:
    sad = (2, "sad", 0.7, True)
    theirs = [[HAPPY, sad]] * 30 + [[SAD, OTHER]] * 30
    write_table(session.folder / "frames.other.csv", theirs)
    spans = differences(session, None, "other").spans
    assert [(one.person, one.name, one.first) for one in spans] == [
        (2, "Person 2", "neutral"),
        (1, "Ann", "happy"),
    ]
    merged = (Person(1, merged_into=2), Person(2, "Bob"))
    spans = differences(
        session.with_info(replace(session.info, people=merged)), None, "other"
    ).spans
    assert {(one.person, one.name) for one in spans} == {(2, "Bob")}


def test_without_answers_of_both_nothing_is_said_of_agreement(session: Session) -> None:
    unread = [f"{n},{n / 30:.6f},1,40,60,80,90,0.9000{',' * 10}" for n in range(90)]
    for lines in (unread, []):
        file = session.folder / "frames.other.csv"
        file.write_text("\n".join([",".join(COLUMNS), *lines, ""]))
        for models in ((None, "other"), ("other", None)):
            made = differences(session, *models)
            assert (made.agreement, made.spans) == (None, ())


def test_a_model_that_never_looked_is_refused(session: Session) -> None:
    with pytest.raises(SessionError, match="has not looked"):
        differences(session, None, "unknown")
