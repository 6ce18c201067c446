"""What just happened can still be saved, from a bounded memory and without holding anything up."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.capture import about, captured, labelled, until
from helpers.results import face

from fercam.core.values import AnnotatedFrame, Face
from fercam.recording import kept, replay
from fercam.recording.kept import TAG
from fercam.recording.options import RecordOptions, SaveRule, SessionAbout
from fercam.recording.replay import ReplayBuffer
from fercam.recording.session import SessionWriter
from fercam.recording.session_json import read_session_json


class Buffer(ReplayBuffer):
    """A replay buffer that remembers what it said."""

    def __init__(self, most_bytes: int = 10**8, runs_on_s: float = 0.0) -> None:
        self.said: list[tuple[str, bool]] = []
        super().__init__(
            about, lambda words, failed: self.said.append((words, failed)),
            most_bytes=most_bytes, runs_on_s=runs_on_s,
        )  # fmt: skip

    def offer_all(self, frames: list[AnnotatedFrame]) -> None:
        """Offer frames, each when the one before is kept."""
        for annotated in frames:
            newest = self._kept[-1] if self._kept else None
            self.offer(annotated)
            until(lambda before=newest: self._kept and self._kept[-1] is not before)


@pytest.fixture
def make() -> Iterator[Callable[..., Buffer]]:
    made: list[Buffer] = []

    def make_one(**more: float) -> Buffer:
        made.append(Buffer(**more))  # type: ignore[arg-type]
        return made[-1]

    yield make_one
    for buffer in made:
        buffer.close()
        assert buffer.join(20)
    until(lambda: not any("replay" in thread.name for thread in threading.enumerate()))


def from_now(t_s: float, *faces: Face) -> AnnotatedFrame:
    """Return a frame captured so many seconds from now."""
    annotated = captured(0.0, *faces)
    t_ns = time.monotonic_ns() + round(t_s * 1e9)
    return replace(annotated, frame=replace(annotated.frame, t_capture_ns=t_ns))


def seconds(start: float, end: float, *faces: Face, rate: int = 10) -> list[AnnotatedFrame]:
    return [
        captured(number / rate, *faces) for number in range(round(start * rate), round(end * rate))
    ]


def test_it_keeps_so_many_seconds_and_no_more(make: Callable[..., Buffer]) -> None:
    buffer = make()
    buffer.set(2.0, (), RecordOptions())
    buffer.offer_all(seconds(0, 1))
    assert buffer.seconds == pytest.approx(0.9)
    buffer.offer_all(seconds(1, 5))
    assert buffer.seconds == pytest.approx(2.0)


def test_it_takes_so_much_memory_and_no_more(make: Callable[..., Buffer]) -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 255, (120, 160, 3), dtype=np.uint8)
    frames = [replace(one, frame=replace(one.frame, image=noise)) for one in seconds(0, 5)]
    buffer = make(most_bytes=200_000)
    buffer.set(30.0, (), RecordOptions())
    buffer.offer_all(frames)
    assert 150_000 < buffer.bytes <= 200_000
    assert buffer.seconds < 4
    assert buffer.bytes == sum(len(kept.jpeg) for kept in buffer._kept)


def test_what_just_happened_becomes_a_session_with_a_marker(
    make: Callable[..., Buffer], tmp_path: Path
) -> None:
    buffer = make()
    buffer.set(1.0, (), RecordOptions(folder=tmp_path / "s"))
    buffer.offer_all(seconds(0, 3, face(1)))
    buffer.save()
    until(lambda: buffer.said)
    words, failed = buffer.said[0]
    assert not failed and str(tmp_path / "s") in words
    info = read_session_json(tmp_path / "s")
    assert (info.state, info.tags, info.written) == ("finished", (TAG,), 11)
    assert [marker.text for marker in info.markers] == ["Saved by hand"]
    for name in ("video.mp4", "clean.mp4"):
        with av.open(str(tmp_path / "s" / name)) as container:
            decoded = list(container.decode(video=0))
        assert [float(one.time or 0) for one in decoded] == pytest.approx(
            np.arange(11) / 10, abs=0.002
        )
    grays = [int(one.to_ndarray(format="gray")[60, 80]) for one in decoded]
    expected = [int(captured(2.9 - 1 + n / 10).frame.image[0, 0, 0]) for n in range(11)]
    assert grays == pytest.approx(expected, abs=4)


def test_masks_and_the_choice_of_files_hold_for_the_replay_too(
    make: Callable[..., Buffer], tmp_path: Path
) -> None:
    buffer = make()
    options = RecordOptions(video=False, mask_style="solid", folder=tmp_path / "s")
    buffer.set(5.0, (), options)
    buffer.offer_all(seconds(0, 0.5, face(1, box=(60, 40, 40, 40))))
    buffer.save()
    until(lambda: buffer.said)
    names = sorted(file.name for file in (tmp_path / "s").iterdir())
    assert names == ["clean.mp4", "frames.csv", "session.json"]
    with av.open(str(tmp_path / "s" / "clean.mp4")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="bgr24")
    wall = captured(0).frame.image[0, 0].astype(int)
    assert np.abs(picture[60, 80].astype(int) - wall).max() > 4  # the face is covered
    assert np.abs(picture[5, 5].astype(int) - wall).max() <= 4


def test_a_rule_saves_by_itself_and_marks_the_event(
    make: Callable[..., Buffer], tmp_path: Path
) -> None:
    buffer = make()
    rule = SaveRule("happy", above=0.8, for_s=0.2)
    buffer.set(5.0, [rule], RecordOptions(video=False, clean=False, folder=tmp_path / "s"))
    buffer.offer_all(seconds(0, 2, labelled(face(1), 0.2)))
    assert buffer.said == []
    buffer.offer_all(seconds(2, 2.3, labelled(face(1), 0.95)))
    until(lambda: buffer.said)
    info = read_session_json(tmp_path / "s")
    assert [marker.text for marker in info.markers] == ["Person 1 looks happy, 95%"]
    assert info.markers[0].t_s == pytest.approx(2.2)


def test_what_happens_while_a_replay_runs_on_is_a_part_of_it(
    make: Callable[..., Buffer], tmp_path: Path
) -> None:
    buffer = make(runs_on_s=60.0)
    rules = [SaveRule(emotion, above=0.8, for_s=0) for emotion in ("happy", "neutral")]
    buffer.set(5.0, rules, RecordOptions(video=False, clean=False, folder=tmp_path / "s"))
    faces = labelled(face(1), 0.95), labelled(face(1), 0.05)
    buffer.offer_all([captured(n / 10, seen) for n, seen in enumerate(faces)])
    buffer.close()
    assert buffer.join(20)
    info = read_session_json(tmp_path / "s")
    assert [marker.text for marker in info.markers] == ["Person 1 looks happy, 95%"]
    assert info.written == 2


def test_only_one_is_saved_at_a_time(
    make: Callable[..., Buffer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    add = SessionWriter.add
    monkeypatch.setattr(
        SessionWriter, "add", lambda self, *frame: go_on.wait(20) and add(self, *frame)
    )
    buffer = make()
    buffer.set(5.0, (), RecordOptions(video=False, clean=False, folder=tmp_path / "s"))
    buffer.offer_all(seconds(0, 1))
    buffer.save()
    buffer.save()
    buffer.save("Person 1 looks happy")  # a rule's, which nobody waits for
    assert len(buffer.said) == 1 and "still being saved" in buffer.said[0][0]
    go_on.set()
    until(lambda: len(buffer.said) == 2)
    assert not buffer.said[1][1]


def test_a_source_that_is_changed_is_forgotten(make: Callable[..., Buffer]) -> None:
    buffer = make()
    buffer.set(5.0, (), RecordOptions())
    buffer.offer_all(seconds(0, 1))
    buffer.clear()
    assert (buffer.seconds, buffer.bytes) == (0.0, 0)
    buffer.save()
    assert buffer.said == [("There is nothing to save yet: no picture was kept.", True)]


def test_a_frame_of_the_source_before_that_comes_late_is_not_kept(
    make: Callable[..., Buffer], monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer, compressing, go_on = make(), threading.Event(), threading.Event()

    def slowly(annotated: AnnotatedFrame) -> kept.KeptFrame:
        compressing.set()
        assert go_on.wait(20)
        return kept.keep(annotated)

    monkeypatch.setattr(replay, "keep", slowly)
    buffer.set(5.0, (), RecordOptions())
    buffer.offer(from_now(0.0))
    assert compressing.wait(20)
    buffer.clear()
    go_on.set()
    fresh = from_now(0.1)
    buffer.offer_all([fresh])
    assert [one.t_capture_ns for one in buffer._kept] == [fresh.frame.t_capture_ns]


def test_a_rule_begins_anew_with_another_source(
    make: Callable[..., Buffer], tmp_path: Path
) -> None:
    buffer = make(runs_on_s=60.0)
    options = RecordOptions(video=False, clean=False, folder=tmp_path / "s")
    buffer.set(30.0, [SaveRule("happy", above=0.8, for_s=0.5)], options)
    happy = labelled(face(1), 0.95)
    buffer.offer_all([from_now(number / 10, happy) for number in range(4)])
    buffer.clear()
    buffer.offer_all([from_now(0.3 + number / 10, happy) for number in range(5)])
    assert buffer._wanted is None
    buffer.offer_all([from_now(0.9, happy)])
    assert buffer._wanted is not None


def test_zero_seconds_keep_nothing_and_need_no_thread(make: Callable[..., Buffer]) -> None:
    buffer = make()
    buffer.set(0.0, (), RecordOptions())
    assert not buffer.keeps
    buffer.set(3.0, (), RecordOptions())
    assert buffer.keeps
    buffer.set(0.0, (), RecordOptions())
    assert not buffer.keeps
    until(lambda: not any("replay" in thread.name for thread in threading.enumerate()))


def test_a_full_disk_or_a_folder_in_use_is_one_sentence(
    make: Callable[..., Buffer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = make()
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine").touch()
    buffer.set(5.0, (), RecordOptions(folder=tmp_path / "s"))
    buffer.offer_all(seconds(0, 0.5))
    buffer.save()
    until(lambda: buffer.said)
    assert buffer.said[0][1]
    assert buffer.join(20)
    monkeypatch.setattr(kept, "room_bytes", lambda folder: 10)
    buffer.save()
    until(lambda: len(buffer.said) == 2)
    assert "too full" in buffer.said[1][0]


def test_offering_takes_no_time(make: Callable[..., Buffer]) -> None:
    buffer = make()
    buffer.set(5.0, (), RecordOptions())
    large = captured(0.0, size=(3840, 2160))
    start_s = time.perf_counter()
    for _ in range(100):
        buffer.offer(large)
    assert time.perf_counter() - start_s < 0.5  # compressing them would take seconds


def test_who_is_watched_is_asked_only_when_saving() -> None:
    asked: list[int] = []

    def ask() -> SessionAbout:
        asked.append(1)
        return about()

    buffer = ReplayBuffer(ask, lambda *_: None)
    buffer.set(5.0, (), RecordOptions())
    buffer.offer(captured(0.0))
    until(lambda: buffer.bytes)
    buffer.close()
    assert asked == []


def wanted_by_a_rule(make: Callable[..., Buffer], folder: Path) -> Buffer:
    """Return a buffer that a rule wants to save to this folder, but not yet."""
    buffer = make(runs_on_s=60.0)
    rule = SaveRule("happy", above=0.8, for_s=0.2)
    buffer.set(5.0, [rule], RecordOptions(video=False, clean=False, folder=folder))
    buffer.offer_all(seconds(0, 1, labelled(face(1), 0.95)))
    return buffer


def test_what_a_rule_wanted_is_saved_though_the_window_closes_before_its_time(
    make: Callable[..., Buffer], tmp_path: Path
) -> None:
    buffer = wanted_by_a_rule(make, tmp_path / "s")
    buffer.close()
    assert buffer.join(20)
    assert read_session_json(tmp_path / "s").written == 10


def test_what_a_rule_wanted_is_saved_though_another_source_is_watched_before_its_time(
    make: Callable[..., Buffer], tmp_path: Path
) -> None:
    buffer = wanted_by_a_rule(make, tmp_path / "s")
    buffer.clear(lambda: replace(about(), source={"description": "The one before"}))
    assert buffer.seconds == 0.0
    assert buffer.join(20)
    info = read_session_json(tmp_path / "s")
    assert (info.written, info.source["description"]) == (10, "The one before")


def test_a_rule_that_saved_does_not_save_again_because_a_setting_was_changed(
    make: Callable[..., Buffer], tmp_path: Path
) -> None:
    buffer = make(runs_on_s=60.0)
    rules = [SaveRule("happy", above=0.8, for_s=0.2)]
    options = RecordOptions(video=False, clean=False, folder=tmp_path / "s")
    happy = labelled(face(1), 0.95)
    buffer.set(5.0, rules, options)
    buffer.offer_all([from_now(number / 10 - 1, happy) for number in range(5)])
    buffer.clear()  # it saves
    buffer.set(9.0, list(rules), options)
    buffer.offer_all([from_now(number / 10, happy) for number in range(5)])
    assert buffer._wanted is None
    buffer.set(9.0, [replace(rules[0], above=0.9)], options)
    buffer.offer_all([from_now(0.5 + number / 10, happy) for number in range(5)])
    assert buffer._wanted is not None
