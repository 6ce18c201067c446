"""The bench makes its own videos from any source and watches them in the real window."""

from pathlib import Path

import numpy as np
import pytest

from fercam.capture.video_file import VideoFileSource
from fercam.core.errors import SourceError
from fercam.pipeline.bench_live import FPS, GRIDS, bench_live, write_tiled


@pytest.mark.parametrize("name", GRIDS)
def test_a_source_is_made_into_a_720p_video_of_one_or_six(tmp_path: Path, name: str) -> None:
    columns, rows = GRIDS[name]
    write_tiled("demo", tmp_path / "made.mp4", GRIDS[name], 0.2)
    source = VideoFileSource(tmp_path / "made.mp4")
    source.open()
    frames = list(iter(source.read, None))
    source.close()
    assert len(frames) == 0.2 * FPS
    assert frames[0].image.shape == (720, 1280, 3)
    wide, high = 1280 // columns, 720 // rows
    first = frames[0].image[: high - 8, : wide - 8].astype(int)
    last = frames[0].image[720 - high : 712, 1280 - wide : 1272].astype(int)
    assert np.abs(first - last[: first.shape[0], : first.shape[1]]).mean() < 12


def test_a_source_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        write_tiled(str(tmp_path / "missing.mp4"), tmp_path / "made.mp4", (1, 1), 1.0)


@pytest.mark.slow
def test_the_window_tells_how_steadily_it_paints(tiny_bundle: Path) -> None:
    answers = bench_live("demo", str(tiny_bundle), 3.0)
    assert set(answers) == set(GRIDS)
    for figures in answers.values():
        assert 5 < figures["painted_per_s"] < 61
        assert 0 < figures["label_age_ms"] <= figures["label_age_p95_ms"]
        assert figures["longest_gap_ms"] > 1000 / 61
        assert 0 < figures["cores"] < 4
