"""Many sources: each gets its session, what is done is skipped, a bad one spoils nothing."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.tables import write_session
from helpers.videos import write_video

from fercam.core.emotions import NOT_SURE
from fercam.core.files import sha256_of
from fercam.inference.bundle import INT8, load_bundle
from fercam.pipeline import jobs
from fercam.pipeline.batch import analyze_batch, batch_folder
from fercam.pipeline.sessions import STOPPED, AnalyzeOptions


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


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[list[str]]]:
    """Put a program that does nothing in the place of FerCam's; return what it is asked for."""
    program, notes = tmp_path / "program.py", tmp_path / "asked"
    program.write_text(
        "import json, sys\n"
        f"with open({str(notes)!r}, 'a') as notes: print(json.dumps(sys.argv[1:]), file=notes)\n"
        "sys.exit(1)\n"
    )
    notes.touch()
    monkeypatch.setattr(jobs, "own_command", lambda: [sys.executable, str(program)])
    return lambda: sorted(json.loads(line) for line in notes.read_text().splitlines())


@pytest.mark.parametrize(
    ("session", "wish", "again"),
    [
        ({}, {}, False),
        ({"note": "The disk is full."}, {}, False),
        ({"note": STOPPED}, {}, True),
        ({"state": "recovered"}, {}, True),
        ({"model_sha256": "1" * 64}, {}, True),
        ({"source": {}}, {}, True),
        ({"settings": {"duration_s": 3.0}}, {}, True),
        ({"settings": {"duration_s": 3.0}}, {"duration_s": 3.0}, False),
        ({}, {"sound": True}, True),
        ({}, {"video": True}, True),
        ({}, {"clean": True}, True),
    ],
)
def test_what_is_whole_and_was_made_as_wished_is_not_made_again(
    tmp_path: Path,
    tiny_bundle: Path,
    asked: Callable[[], list[list[str]]],
    session: dict[str, Any],
    wish: dict[str, Any],
    again: bool,
) -> None:
    film, shown = write_video(tmp_path / "a.mp4", [0, 40]), [(0.0, 0)]
    about = {
        "model_sha256": load_bundle(tiny_bundle).card.sha256[INT8],
        "source": {"sha256": sha256_of(film)},
    }
    write_session(tmp_path / "out" / "made", [[(1, "happy", 0.8, True)]] * 2, **(about | session))
    options = AnalyzeOptions(**{"model": str(tiny_bundle), "video": False, **wish})
    (row,) = analyze_batch([str(film)], tmp_path / "out", options, lambda *how: shown.append(how))
    assert bool(asked()) == again
    assert shown[-1] == (1, 1)
    if not again:
        assert (row.dominant, row.problem) == ("happy", session.get("note", ""))


def test_what_is_no_file_is_analysed_every_time(
    tmp_path: Path, tiny_bundle: Path, asked: Callable[[], list[list[str]]]
) -> None:
    model_sha256 = load_bundle(tiny_bundle).card.sha256[INT8]
    write_session(tmp_path / "out" / "made", [[]] * 2, model_sha256=model_sha256)
    options = AnalyzeOptions(model=str(tiny_bundle), video=False)
    analyze_batch(["demo"], tmp_path / "out", options, lambda *how: None)
    assert len(asked()) == 1


def test_a_source_is_analysed_as_wished_into_a_folder_where_nothing_is(
    tmp_path: Path, tiny_bundle: Path, asked: Callable[[], list[list[str]]]
) -> None:
    films = [str(write_video(tmp_path / name, [0, 40])) for name in ("x.mp4", "X_2.mp4")]
    (tmp_path / "out" / "x").mkdir(parents=True)
    (tmp_path / "out" / "x" / "mine.txt").touch()
    model = str(tiny_bundle)
    plain = AnalyzeOptions(model=model)
    analyze_batch(films, tmp_path / "out", plain, lambda *how: None)
    assert asked() == sorted(
        ["analyze", film, "-o", str(tmp_path / "out" / name), "--progress", "--model", model]
        for film, name in zip(films, ("x_3", "X_2"), strict=True)
    )
    every = AnalyzeOptions(model=model, video=False, clean=True, sound=True, duration_s=2.5)
    analyze_batch(films[:1], tmp_path / "other", every, lambda *how: None)
    assert [line[5:] for line in asked() if len(line) > 7] == [
        ["--model", model, "--no-video", "--clean", "--sound", "--duration", "2.5"]
    ]


def test_one_folder_of_videos_has_one_place_so_that_it_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "more").mkdir()
    place = batch_folder([str(tmp_path / "films")], None)
    assert place is not None and place.name == "films"
    assert batch_folder([str(tmp_path / "films")], tmp_path / "out") == tmp_path / "out"
    assert batch_folder([str(tmp_path / "films"), str(tmp_path / "more")], None) is None
    assert batch_folder([str(tmp_path / "a.mp4")], None) is None
    monkeypatch.chdir(tmp_path / "films")
    assert batch_folder(["."], None) == place
