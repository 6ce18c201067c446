"""Pictures come from anywhere in a video, each at its own time."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from helpers.videos import damage_packets, write_video

from fercam.capture.video_file import VideoFileSource
from fercam.core.errors import SessionError
from fercam.sessions.pictures import PictureReader

WANDERING_MS = [0, 33, 66, 180, 300, 333, 366, 400, 520, 560, 600, 700, 733, 766, 800, 900]


@pytest.fixture(params=["mpeg4", "libx264"])
def video(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A film of wandering rate; libx264 stores its pictures in another order than shown."""
    times = WANDERING_MS + [1000 + 40 * n for n in range(60)]
    return write_video(tmp_path / "film.mp4", times, codec=request.param)


def pictures_of(video: Path) -> list[tuple[float, np.ndarray]]:
    source = VideoFileSource(video)
    source.open()
    found = []
    while (frame := source.read()) is not None:
        found.append((frame.t_media_s, frame.image))
    source.close()
    return found


def test_any_place_in_any_order_shows_what_reading_through_shows(video: Path) -> None:
    expected = pictures_of(video)
    reader = PictureReader(video)
    order = np.random.default_rng(3).permutation(len(expected))
    for number in [*order.tolist(), *range(len(expected)), *reversed(range(len(expected)))]:
        t_s, image = reader.at(expected[number][0])
        assert t_s == pytest.approx(expected[number][0], abs=1e-4)
        assert (image == expected[number][1]).all()
    reader.close()


def test_between_two_pictures_the_earlier_one_is_shown(video: Path) -> None:
    reader = PictureReader(video)
    assert reader.at(0.25)[0] == pytest.approx(0.18)
    assert reader.at(0.299)[0] == pytest.approx(0.18)
    assert reader.at(-5)[0] == pytest.approx(0)
    assert reader.at(99)[0] == pytest.approx(1 + 59 * 0.04)
    reader.close()


def test_steps_go_both_ways_to_both_ends(video: Path) -> None:
    times = [t_s for t_s, _ in pictures_of(video)]
    reader = PictureReader(video)
    reader.at(0.18)
    forth = [step[0] for step in (reader.after(), reader.after()) if step]
    assert forth == pytest.approx([0.3, 0.333])
    back = []
    while (step := reader.before()) is not None:
        back.append(step[0])
    assert back == pytest.approx([0.3, 0.18, 0.066, 0.033, 0])
    reader.at(99)
    assert reader.after() is None
    steps = 0
    while reader.before() is not None:
        steps += 1
    assert steps == len(times) - 1
    reader.close()


def test_a_session_may_begin_in_the_middle_of_a_film(video: Path) -> None:
    reader = PictureReader(video, start_s=0.3)
    assert reader.at(0.0)[0] == pytest.approx(0.0)
    assert reader.at(0.1)[0] == pytest.approx(0.1)
    reader.close()


def test_a_cut_video_shows_what_is_left_of_it(tmp_path: Path) -> None:
    whole = write_video(
        tmp_path / "whole.mp4", [40 * n for n in range(100)], codec="libx264", movflags="faststart"
    )
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    reader = PictureReader(cut)
    last_s, _ = reader.at(99)
    assert 1 < last_s < 3.9
    assert reader.at(0.4)[0] == pytest.approx(0.4)
    reader.close()


def test_behind_a_damaged_packet_pictures_go_on(tmp_path: Path) -> None:
    film = write_video(tmp_path / "film.mp4", [40 * n for n in range(40)])
    damage_packets(film, [20])
    reader = PictureReader(film)
    reader.at(18 * 0.04)
    forth = [step[0] for step in (reader.after(), reader.after()) if step]
    assert forth == pytest.approx([0.76, 0.84])
    reader.close()


def test_pixels_that_are_not_square_are_shown_as_they_were_analysed(tmp_path: Path) -> None:
    film = write_video(tmp_path / "film.mp4", [0, 40], pixel_ratio=Fraction(64, 45))
    reader = PictureReader(film)
    assert (reader.at(0)[1] == pictures_of(film)[0][1]).all()
    reader.close()


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    for path in (text, tmp_path / "none.mp4"):
        with pytest.raises(SessionError, match="cannot be read"):
            PictureReader(path)
