"""How many of something there are, as people read it."""

import pytest

from fercam.core.words import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 faces"), (1, "1 face"), (2, "2 faces"), (1204, "1,204 faces")]
)
def test_one_of_something_is_not_several(count: int, said: str) -> None:
    assert counted(count, "face") == said


def test_a_plural_can_be_irregular() -> None:
    assert counted(1, "near copy", "near copies") == "1 near copy"
    assert counted(2, "near copy", "near copies") == "2 near copies"
