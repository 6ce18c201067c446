"""Another model looks at a session: the same faces, a table of its own."""

from pathlib import Path

import numpy as np
import pytest
from helpers.bundles import make_tiny_bundle

from fercam.core.errors import FerCamError, SessionError, UsageError
from fercam.pipeline.reanalysis import analyse_again
from fercam.pipeline.sessions import AnalyzeOptions, analyze
from fercam.sessions.comparison import differences
from fercam.sessions.session import open_session


@pytest.fixture
def other(tmp_path: Path) -> str:
    return str(make_tiny_bundle(tmp_path / "other model!"))


def test_both_tables_agree_row_by_row_about_the_faces(
    tmp_path: Path, tiny_bundle: Path, other: str
) -> None:
    options = AnalyzeOptions(model=str(tiny_bundle), duration_s=1.0, clean=True, video=False)
    folder = tmp_path / "session"
    analyze("demo:two", folder, options, lambda done, total: None)
    table_before = (folder / "frames.csv").read_bytes()
    seen: list[tuple[int, int | None]] = []
    analysis = analyse_again(folder, other, lambda *how: seen.append(how))
    assert seen[-1] == (30, 30)
    session = open_session(folder)
    assert session.problems == () and session.info.analyses == (analysis,)
    mine, theirs = session.table, session.table_of(analysis.model)
    assert (mine.box_px == theirs.box_px).all() and (mine.person == theirs.person).all()
    assert (mine.time_s == theirs.time_s).all()
    assert np.abs(mine.probabilities - theirs.probabilities).max() < 0.2
    assert differences(session, None, analysis.model).agreement == pytest.approx(1, abs=0.1)
    assert (folder / "frames.csv").read_bytes() == table_before
    assert sorted(path.suffix for path in folder.iterdir() if path.name[0] != ".") == [
        ".csv", ".csv", ".json", ".mp4",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="was made with"):
        analyse_again(folder, str(tiny_bundle), lambda *how: None)


def test_a_session_of_a_file_is_looked_at_in_that_file_and_not_in_marked_pictures(
    tmp_path: Path, tiny_bundle: Path, other: str
) -> None:
    clean = tmp_path / "first"
    options = AnalyzeOptions(model=str(tiny_bundle), duration_s=0.3, clean=True, video=False)
    analyze("demo", clean, options, lambda done, total: None)
    folder, film = tmp_path / "session", clean / "clean.mp4"
    analyze(str(film), folder, AnalyzeOptions(model=str(tiny_bundle)), lambda *how: None)
    analysis = analyse_again(folder, other, lambda *how: None)
    assert open_session(folder).table_of(analysis.model).frames == 9
    film.unlink()
    before = sorted(folder.iterdir())
    with pytest.raises(SessionError, match="no video without labels"):
        analyse_again(folder, other, lambda *how: None)
    assert sorted(folder.iterdir()) == before


def test_no_model_takes_the_table_of_another_whatever_they_are_called(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    folder = tmp_path / "session"
    options = AnalyzeOptions(model=str(tiny_bundle), duration_s=0.1, clean=True, video=False)
    analyze("demo", folder, options, lambda done, total: None)
    names = ("модель", "другая", "my model", "my.model", "my_model", "My_model")
    for number, name in enumerate(names):
        model = str(make_tiny_bundle(tmp_path / f"model {number}", name=name))
        analyse_again(folder, model, lambda *how: None)
    session = open_session(folder)
    assert session.problems == ()
    assert tuple(other.model for other in session.info.analyses) == names
    assert len({other.table.casefold() for other in session.info.analyses}) == len(names)
    assert "frames.my_model.csv" in [other.table for other in session.info.analyses]
    analyse_again(folder, model, lambda *how: None)  # once more: in its own place
    assert len(list(folder.glob("frames*.csv"))) == 1 + len(names)


def test_no_session_no_model(tmp_path: Path, tiny_bundle: Path) -> None:
    with pytest.raises(FerCamError, match="is no session"):
        analyse_again(tmp_path, str(tiny_bundle), lambda *how: None)
    with pytest.raises(FerCamError, match="no-such-model"):
        analyse_again(tmp_path, "no-such-model", lambda *how: None)
