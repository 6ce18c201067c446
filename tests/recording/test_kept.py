"""Frames that are kept take little memory, and become a session that is whole as far as it goes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.capture import START_NS, about, captured
from helpers.results import face

from fercam.core.errors import SessionError
from fercam.recording.kept import KeptFrame, keep, save_kept
from fercam.recording.options import RecordOptions
from fercam.recording.session import SessionWriter
from fercam.recording.session_json import read_session_json


@pytest.fixture
def kept() -> list[KeptFrame]:
    return [keep(captured(number / 10, face(1))) for number in range(11)]


@pytest.fixture
def options(tmp_path: Path) -> RecordOptions:
    return RecordOptions(video=False, clean=False, folder=tmp_path / "s")


def test_a_frame_is_kept_small_and_comes_back_as_it_was() -> None:
    seen = captured(1.0, replace(face(1), crop=np.zeros((48, 48), np.uint8)))
    small = keep(seen)
    assert small.annotated.frame.image.size == 0 and len(small.jpeg) < 2000
    again = small.restored()
    (again_seen,) = again.faces
    assert again_seen.prediction is seen.faces[0].prediction and again_seen.crop is None
    assert np.abs(again.frame.image.astype(int) - seen.frame.image).max() <= 2
    assert not again.frame.image.flags.writeable


@pytest.mark.parametrize(("event_s", "marked_s"), [(-3, 0), (0.45, 0.45), (7, 1)])
def test_an_event_is_marked_though_its_frame_is_not_kept(
    kept: list[KeptFrame], options: RecordOptions, event_s: float, marked_s: float, tmp_path: Path
) -> None:
    save_kept(kept, (START_NS + round(event_s * 1e9), "a smile"), about, options)
    (marker,) = read_session_json(tmp_path / "s").markers
    assert (marker.t_s, marker.text) == (pytest.approx(marked_s), "a smile")


def test_what_was_written_before_the_disk_was_full_is_a_session(
    kept: list[KeptFrame],
    options: RecordOptions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add, room = SessionWriter.add, iter(range(5))

    def until_it_is_full(writer: SessionWriter, *frame: object) -> None:
        if next(room, None) is None:
            raise SessionError("The disk is full.")
        add(writer, *frame)  # type: ignore[arg-type]

    monkeypatch.setattr(SessionWriter, "add", until_it_is_full)
    with pytest.raises(SessionError, match="The disk is full"):
        save_kept(kept, (START_NS, "a smile"), about, options)
    info = read_session_json(tmp_path / "s")
    assert (info.state, info.written, info.note) == ("finished", 5, "The disk is full.")
