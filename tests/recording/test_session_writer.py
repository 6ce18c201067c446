"""A minute is a minute, a rest takes none, and what goes wrong is one sentence."""

import shutil
import wave
from collections.abc import Callable
from itertools import count
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.recorded import about, boxes, length_s, rows, session_writer, times_s, write_frames
from helpers.results import annotated, face

from fercam.core.errors import SessionError, UsageError
from fercam.recording import remux, session_json
from fercam.recording.csv_sink import CsvSink
from fercam.recording.masking import MaskOptions
from fercam.recording.quality import QUALITIES
from fercam.recording.session_json import Marker


def test_times_are_true_where_the_rate_wanders(tmp_path: Path) -> None:
    rate = 19 + 11 * np.sin(np.arange(900) / 40)  # 8 to 30 frames per second, over a minute
    captured_s = 7.25 + np.concatenate([[0.0], np.cumsum(1 / rate)])
    session = session_writer(tmp_path / "s", clean=True, quality="small")
    write_frames(session, captured_s, size=(64, 48))
    summary = session.finish()
    true_s = captured_s - captured_s[0]
    for name in ("video.mp4", "clean.mp4"):
        video = tmp_path / "s" / name
        assert np.abs(np.array(times_s(video)) - true_s).max() < 0.002
        assert length_s(video) - true_s[-1] <= 1 / 8
        assert length_s(video) == pytest.approx(summary.duration_s, abs=0.002)
    written_s = [float(row["time_s"]) for row in rows(tmp_path / "s")]
    assert np.abs(written_s - true_s).max() < 0.002


def test_a_pause_takes_no_time_of_the_session_and_is_noted(tmp_path: Path) -> None:
    session = session_writer(tmp_path / "s")
    write_frames(session, [10.0, 10.1, 10.2])
    session.pause(10.25)
    assert session.paused
    write_frames(session, [11.0, 12.0])
    session.resume(14.25)
    write_frames(session, [14.3, 14.4])
    assert session.finish().duration_s == pytest.approx(0.5)
    assert times_s(tmp_path / "s" / "video.mp4") == pytest.approx([0, 0.1, 0.2, 0.3, 0.4], abs=1e-3)
    assert [float(row["time_s"]) for row in rows(tmp_path / "s")] == pytest.approx(
        [0, 0.1, 0.2, 0.3, 0.4]
    )
    assert about(tmp_path / "s")["pauses"] == [
        {"start_s": pytest.approx(0.25), "end_s": pytest.approx(4.25)}
    ]


def test_a_source_that_starts_anew_goes_on_where_it_was(tmp_path: Path) -> None:
    session = session_writer(tmp_path / "s")
    write_frames(session, [100.0, 100.1, 100.2, 0.0, 0.1])
    session.finish()
    assert times_s(tmp_path / "s" / "video.mp4") == pytest.approx([0, 0.1, 0.2, 0.3, 0.4], abs=1e-3)


@pytest.mark.parametrize("mask", [None, MaskOptions("blur")])
def test_pictures_may_come_slowly_from_the_first_one_on(
    tmp_path: Path, mask: MaskOptions | None
) -> None:
    now = [0.0]
    session = session_writer(tmp_path / "s", clean=True, mask=mask, clock=lambda: now[0])
    for number in range(4):
        now[0] += 1.5
        write_frames(session, [number * 1.5])
    session.finish()
    assert times_s(tmp_path / "s" / "video.mp4") == pytest.approx([0, 1.5, 3, 4.5], abs=1e-3)


def test_a_marker_after_the_last_picture_is_a_chapter_there(tmp_path: Path) -> None:
    session = session_writer(tmp_path / "s")
    write_frames(session, np.arange(20) / 10)
    session.add_marker(Marker(2.7, "too late"))
    session.finish()
    assert about(tmp_path / "s")["markers"][0]["t_s"] == pytest.approx(1.9)
    with av.open(str(tmp_path / "s" / "video.mp4")) as container:
        titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
    assert titles == ["Start", "too late"]


def test_markers_become_chapters_and_stay_in_the_description(tmp_path: Path) -> None:
    session = session_writer(
        tmp_path / "s", clean=True, markers=[Marker(2.0, emotion="happy")], tags=["holiday"]
    )
    write_frames(session, np.arange(40) / 10)
    session.add_marker(Marker(1.0, "Grüße, 笑"))
    assert [marker["t_s"] for marker in about(tmp_path / "s")["markers"]] == [1.0, 2.0]
    session.finish()
    for name in ("video.mp4", "clean.mp4"):
        with av.open(str(tmp_path / "s" / name)) as container:
            chapters = [
                (one["metadata"]["title"], float(one["start"] * one["time_base"]))
                for one in container.chapters()
            ]
        assert chapters == [("Start", 0.0), ("Grüße, 笑", 1.0), ("Peak: happy", 2.0)]
        kinds = [name for name, _ in boxes(tmp_path / "s" / name)]
        assert kinds.index("moov") < kinds.index("mdat")  # plays before all of it is loaded
        assert "moof" not in kinds
    assert about(tmp_path / "s")["tags"] == ["holiday"]
    assert not list((tmp_path / "s").glob("*.part*"))


def test_markers_of_one_moment_are_chapters_one_after_the_other(tmp_path: Path) -> None:
    session = session_writer(tmp_path / "s", markers=[Marker(0.5), Marker(0.5, emotion="sad")])
    write_frames(session, np.arange(10) / 10)
    session.finish()
    with av.open(str(tmp_path / "s" / "video.mp4")) as container:
        chapters = container.chapters()
    titles = [one["metadata"]["title"] for one in chapters]
    assert titles == ["Start", "Marker", "Peak: sad"]


def test_without_room_for_a_second_copy_the_video_plays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remux, "room_bytes", lambda folder: 1000)
    session = session_writer(tmp_path / "s", markers=[Marker(0.5)])
    write_frames(session, np.arange(40) / 10)
    session.finish()
    assert len(times_s(tmp_path / "s" / "video.mp4")) == 40
    assert length_s(tmp_path / "s" / "video.mp4") == pytest.approx(4.0, abs=0.01)


def test_better_quality_takes_more_room(tmp_path: Path) -> None:
    sizes = []
    noise = np.random.default_rng(0).integers(0, 255, (10, 120, 160, 3), dtype=np.uint8)
    for quality in QUALITIES:
        session = session_writer(tmp_path / quality, quality=quality)
        for number in range(10):
            session.add(annotated(number=number, size=(160, 120)), noise[number])
        session.finish()
        sizes.append((tmp_path / quality / "video.mp4").stat().st_size)
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3
    with pytest.raises(UsageError, match="small, good, best"):
        session_writer(tmp_path / "other", quality="perfect")
    assert not (tmp_path / "other").exists()


def test_a_recording_says_how_large_and_how_long_it_is(tmp_path: Path) -> None:
    session = session_writer(tmp_path / "s")
    assert (session.bytes_written, session.duration_s) == (0, 0.0)
    write_frames(session, np.arange(20) / 10)
    assert session.bytes_written > 1000
    assert session.duration_s == pytest.approx(2.0)
    session.finish()


def test_a_source_file_has_its_first_time_and_people_have_their_names(tmp_path: Path) -> None:
    from dataclasses import replace

    session = session_writer(
        tmp_path / "s", video=False, source={"description": "x", "path": "/x.mp4"}
    )
    session.add(annotated(replace(face(3), name="Ada"), t_s=2.5))
    session.add(annotated(face(3), face(1), t_s=2.6))
    session.finish()
    assert about(tmp_path / "s")["source"]["start_s"] == 2.5
    assert [(one["id"], one["name"]) for one in about(tmp_path / "s")["people"]] == [
        (1, None),
        (3, "Ada"),
    ]


def test_everything_is_brought_onto_the_disk_and_described_as_time_goes_by(tmp_path: Path) -> None:
    now = [0.0]
    session = session_writer(tmp_path / "s", clock=lambda: now[0])
    for second in range(8):
        now[0] = second
        write_frames(session, [second])
    assert about(tmp_path / "s")["frames"]["written"] >= 5
    session.finish()


@pytest.fixture
def held_for(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let session.json be held by another program for so many tries to replace it."""
    left, replaced = [0], Path.replace

    def replace(file: Path, target: Path) -> Path:
        if left[0] and target.name == "session.json":
            left[0] -= 1
            raise PermissionError(13, "Access is denied")
        return replaced(file, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(session_json, "_PATIENCE_S", (0.0,) * 3)
    return lambda tries: left.__setitem__(0, tries)


def test_a_description_that_another_program_holds_for_long_does_not_end_the_recording(
    tmp_path: Path, held_for: Callable[[int], None]
) -> None:
    now = [0.0]
    session = session_writer(tmp_path / "s", clock=lambda: now[0])
    write_frames(session, [0.0])
    held_for(1000)
    for second in range(1, 8):
        now[0] = second
        write_frames(session, [second])
    session.add_marker(Marker(1.0, "now"))
    session.pause(7.5)
    session.resume(8.5)
    assert about(tmp_path / "s")["frames"]["written"] == 0
    held_for(0)
    now[0] = 11.0
    write_frames(session, [11.0])
    said = about(tmp_path / "s")
    assert (said["state"], said["frames"]["written"]) == ("recording", 9)
    assert ([one["text"] for one in said["markers"]], len(said["pauses"])) == (["now"], 1)
    assert session.finish().frames == 9


def test_a_description_that_another_program_holds_for_a_moment_is_completed_all_the_same(
    tmp_path: Path, held_for: Callable[[int], None]
) -> None:
    session = session_writer(tmp_path / "s", video=False)
    write_frames(session, [0.0, 0.1])
    held_for(3)
    session.finish()
    assert about(tmp_path / "s")["state"] == "finished"


def test_a_description_that_cannot_be_completed_is_one_sentence_and_what_was_written_stays(
    tmp_path: Path, held_for: Callable[[int], None]
) -> None:
    session = session_writer(tmp_path / "s", video=False)
    write_frames(session, [0.0, 0.1])
    held_for(1000)
    with pytest.raises(SessionError, match=r"session.json cannot be written \(Access is denied"):
        session.finish()
    assert about(tmp_path / "s")["state"] == "recording"
    assert len(rows(tmp_path / "s")) == 2
    assert not list((tmp_path / "s").glob("*.part"))


def test_a_folder_that_vanishes_is_one_sentence_within_a_second(tmp_path: Path) -> None:
    now = [0.0]
    session = session_writer(tmp_path / "s", clock=lambda: now[0])
    write_frames(session, [0.0, 0.1])
    shutil.rmtree(tmp_path / "s")
    now[0] = 1.0
    with pytest.raises(SessionError, match="cannot be written"):
        write_frames(session, [1.0])
    assert session.abort("gone").frames == 0


def test_a_place_where_no_folder_can_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for numbered in (False, True):
        with pytest.raises(SessionError, match="cannot be created"):
            session_writer(tmp_path / "file" / "s", numbered=numbered)


def write_sound(file: Path, samples: np.ndarray) -> None:
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48000)
        sound.writeframes(samples.astype(np.int16).tobytes())


def test_the_microphones_file_becomes_the_videos_sound(tmp_path: Path) -> None:
    session = session_writer(tmp_path / "s", clean=True)
    write_frames(session, np.arange(30) / 30)
    tone = np.sin(np.arange(48000) * 2 * np.pi * 440 / 48000) * 20000
    write_sound(tmp_path / "s" / "sound.wav", tone)
    session.finish()
    assert not (tmp_path / "s" / "sound.wav").exists()
    for name in ("video.mp4", "clean.mp4"):
        with av.open(str(tmp_path / "s" / name)) as container:
            assert container.streams.audio[0].codec_context.name == "aac"
            heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        assert len(heard) / 48000 == pytest.approx(1.0, abs=0.1)
        spectrum = np.abs(np.fft.rfft(heard[4800:43200]))
        assert spectrum.argmax() * 48000 / 38400 == pytest.approx(440, abs=3)
        assert len(times_s(tmp_path / "s" / name)) == 30


def test_sound_that_there_is_no_room_for_in_the_video_stays_and_that_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remux, "room_bytes", lambda folder: 0)
    session = session_writer(tmp_path / "s")
    write_frames(session, np.arange(30) / 30)
    write_sound(tmp_path / "s" / "sound.wav", np.zeros(48000))
    sentence = f"There is no room to add the sound to {tmp_path / 's' / 'video.mp4'}."
    with pytest.raises(SessionError) as refused:
        session.finish(note=sentence)
    assert refused.value.user_message == about(tmp_path / "s")["note"] == sentence
    assert (tmp_path / "s" / "sound.wav").stat().st_size > 90_000


def test_frames_that_wait_for_their_masks_are_not_written_after_one_that_could_not_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, number = CsvSink.add, count()

    def fail_once(sink: CsvSink, *frame: object) -> None:
        if next(number) == 2:
            raise SessionError("The disk is full.")
        add(sink, *frame)  # type: ignore[arg-type]

    monkeypatch.setattr(CsvSink, "add", fail_once)
    session = session_writer(tmp_path / "s", video=False, mask=MaskOptions("solid"))
    with pytest.raises(SessionError, match="The disk is full"):
        write_frames(session, np.arange(40) / 30)
    assert session.abort("The disk is full.").frames == len(rows(tmp_path / "s")) == 2
