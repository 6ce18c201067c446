"""People are called what the user typed."""

import threading

import pytest

from fercam.people.names import MAX_LENGTH, Names


def test_nobody_has_a_name_until_it_is_typed() -> None:
    names = Names()
    assert names.name_of(1) == ""
    assert names.rename(1, "Ada") == "Ada"
    assert names.name_of(1) == "Ada"
    assert dict(names.all) == {1: "Ada"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada   Lovelace\n", "Ada Lovelace"),
        ("x" * 100, "x" * MAX_LENGTH),
        ("x" * (MAX_LENGTH - 1) + " y", "x" * (MAX_LENGTH - 1)),
    ],
)
def test_a_name_is_kept_short_and_on_one_line(typed: str, kept: str) -> None:
    assert Names().rename(1, typed) == kept


def test_an_empty_name_takes_it_away() -> None:
    names = Names()
    names.rename(1, "Ada")
    assert names.rename(1, "  ") == ""
    assert not names.all


def test_a_face_not_known_yet_has_no_name() -> None:
    with pytest.raises(ValueError, match="0"):
        Names().rename(0, "Ada")


def test_a_snapshot_never_changes() -> None:
    names = Names()
    names.rename(1, "Ada")
    before = names.all
    names.rename(1, "Grace")
    names.clear()
    assert dict(before) == {1: "Ada"}
    assert not names.all


def test_no_name_is_lost_between_threads() -> None:
    names = Names()

    def write(first: int) -> None:
        for number in range(first, first + 50):
            names.rename(number, f"person {number}")

    threads = [threading.Thread(target=write, args=(1 + 50 * index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(names.all) == set(range(1, 201))
