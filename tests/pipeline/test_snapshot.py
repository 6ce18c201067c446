"""A snapshot is a picture, annotated or clean, with the numbers beside it."""

import json
from pathlib import Path

import pytest
from helpers.results import annotated, face

from fercam.capture.images import read_image
from fercam.core.errors import SessionError
from fercam.overlay.layout import OverlayOptions
from fercam.pipeline.snapshot import save_snapshot
from fercam.settings import SNAPSHOT


@pytest.mark.parametrize("kind", SNAPSHOT)
def test_the_pictures_asked_for_are_written_with_their_numbers(tmp_path: Path, kind: str) -> None:
    shown = annotated(face(track_id=3))
    files = save_snapshot(shown, kind, OverlayOptions(), tmp_path / "new")
    pictures = [read_image(file) for file in files if file.suffix == ".png"]
    clean = [bool((picture == shown.frame.image).all()) for picture in pictures]
    assert clean == {"annotated": [False], "clean": [True], "both": [False, True]}[kind]
    assert sorted(files) == sorted((tmp_path / "new").iterdir())
    numbers = json.loads(files[-1].read_text())
    assert numbers["faces"][0]["person"] == 3
    assert numbers["faces"][0]["label"] == "happy"
    assert sum(numbers["faces"][0]["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SessionError, match="cannot be written to"):
        save_snapshot(annotated(face()), "both", OverlayOptions(), tmp_path / "file")
