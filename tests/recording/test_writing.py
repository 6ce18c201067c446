"""A recording and a replay are written as their options say."""

from pathlib import Path

import pytest
from helpers.capture import captured

from fercam.core.errors import SessionError
from fercam.recording.options import RecordOptions, SessionAbout
from fercam.recording.session_json import read_session_json
from fercam.recording.writing import make_writer, write

ABOUT = SessionAbout({"description": "Test camera"}, "tiny", "0" * 64, {"flip": True}, fps=10.0)


def test_the_description_tells_of_the_source_the_model_and_all_options(tmp_path: Path) -> None:
    options = RecordOptions(
        video=False, quality="best", mask_style="solid", mask_but=frozenset({2, 1})
    )
    writer = make_writer(tmp_path / "s", ABOUT, options, tags=("replay",))
    write(writer, captured(5.0), 0.0, options)
    assert writer.finish().duration_s == pytest.approx(1 / 10)
    info = read_session_json(tmp_path / "s")
    assert info.settings == {
        "flip": True,
        "quality": "best",
        "mask": {"style": "solid", "but": [1, 2]},
    }
    assert (info.model, info.model_sha256, info.tags) == ("tiny", "0" * 64, ("replay",))
    assert info.source == ABOUT.source


def test_only_a_folder_that_was_asked_for_by_name_is_refused_when_taken(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine").touch()
    writer = make_writer(tmp_path / "s", ABOUT, RecordOptions())
    assert writer.folder == tmp_path / "s_2"
    writer.finish()
    with pytest.raises(SessionError, match="not empty"):
        make_writer(tmp_path / "s", ABOUT, RecordOptions(folder=tmp_path / "s"))
