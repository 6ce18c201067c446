"""Folders to work in, beside what is made in them."""

from pathlib import Path

import pytest

from fercam.sessions.leftovers import workshop


def test_a_workshop_is_gone_afterwards(tmp_path: Path) -> None:
    with workshop(".export-", tmp_path) as work:
        (work / "part.csv").touch()
        assert work.parent == tmp_path
    assert not list(tmp_path.iterdir())


def test_where_none_can_be_made_the_folder_that_was_named_is_told(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    with pytest.raises(FileNotFoundError) as refused, workshop(".export-", nowhere):
        pass
    assert refused.value.filename == str(nowhere)
