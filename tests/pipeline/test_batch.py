"""Many sources: each gets its session, what is done is skipped, a bad one spoils nothing."""

import json
from pathlib import Path

import pytest
from helpers.videos import write_video

from fercam.core.emotions import NOT_SURE
from fercam.pipeline.batch import analyze_batch, batch_folder
from fercam.pipeline.sessions import AnalyzeOptions


@pytest.fixture
def films(tmp_path: Path) -> list[str]:
    folder = tmp_path / "films"
    folder.mkdir()
    write_video(folder / "a.mp4", [40 * n for n in range(5)])
    (folder / "bad.mp4").write_text("no video")
    write_video(folder / "c.mp4", [40 * n for n in range(8)])
    return [str(path) for path in sorted(folder.iterdir())]


def test_a_batch_goes_on_where_it_ended_and_survives_a_bad_file(
    tmp_path: Path, films: list[str], tiny_bundle: Path
) -> None:
    seen: list[tuple[float, float | None]] = []
    out, options = tmp_path / "out", AnalyzeOptions(model=str(tiny_bundle), video=False)
    first, bad, last = analyze_batch(films, out, options, lambda *how: seen.append(how))
    assert (first.session, first.frames, first.problem) == (out / "a", 5, "")
    assert (last.session, last.frames, last.people, last.dominant) == (out / "c", 8, 1, NOT_SURE)
    assert bad.session is None and "is not a video" in bad.problem
    assert seen[-1] == (3.0, 3) and first.fps is not None and first.fps > 0
    assert not (out / "bad").exists()

    Path(films[1]).write_bytes(write_video(tmp_path / "good.mp4", [0, 40, 80]).read_bytes())
    again = analyze_batch(films, out, options, lambda *how: None)
    assert [row.fps is None for row in again] == [True, False, True]
    assert [row.frames for row in again] == [5, 3, 8]
    assert sorted(path.name for path in out.iterdir()) == ["a", "bad", "c"]

    # asked for in another way it is not the same work, and nothing is overwritten
    (other,) = analyze_batch(
        films[:1], out, AnalyzeOptions(model=str(tiny_bundle)), lambda *how: None
    )
    assert other.session == out / "a_2" and (other.session / "video.mp4").exists()
    assert json.loads((out / "a" / "session.json").read_text())["frames"]["written"] == 5


def test_one_folder_of_videos_has_one_place_so_that_it_can_go_on(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    place = batch_folder([str(tmp_path / "films")], None)
    assert place is not None and place.name == "films"
    assert batch_folder([str(tmp_path / "films")], tmp_path / "out") == tmp_path / "out"
    assert batch_folder(["a.mp4", "b.mp4"], None) is None
