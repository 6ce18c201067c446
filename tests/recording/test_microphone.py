"""Sound goes with the pictures, in step; without the package it is one sentence."""

import struct
import sys
import threading
import tracemalloc
import wave
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from helpers.capture import START_NS, Ear, about, captured, until

from fercam.core.errors import SessionError
from fercam.recording import microphone
from fercam.recording.capture_clock import CaptureClock
from fercam.recording.microphone import Heard, Microphone, Samples, SoundSource, SoundTrack
from fercam.recording.options import RecordOptions
from fercam.recording.recorder import NOTHING_HEARD, Recorder
from fercam.recording.sound import SOUND_FILE

RATE_HZ = 48_000
BLOCK = 480


class Tone(SoundSource):
    """A room that is silent but for a tone between two moments."""

    rate_hz = RATE_HZ

    def __init__(self, from_s: float, to_s: float) -> None:
        self.from_s, self.to_s = from_s, to_s
        self.started = threading.Event()
        self.stopped = False
        self._heard: Heard | None = None

    def start(self, heard: Heard) -> None:
        self._heard = heard
        self.started.set()

    def stop(self) -> None:
        self.stopped = True

    def play(self, from_s: float, to_s: float, clock_error: float = 0.0) -> None:
        """Let it be heard; its clock goes wrong by a share of the time."""
        assert self._heard is not None
        t_s = from_s
        while t_s < to_s - 1e-9:
            moments_s = t_s + np.arange(BLOCK) / RATE_HZ
            loud = (moments_s >= self.from_s) & (moments_s < self.to_s)
            samples = (12_000 * np.sin(2 * np.pi * 440 * moments_s) * loud).astype(np.int16)
            self._heard(START_NS + round(t_s * (1 + clock_error) * 1e9), samples)
            t_s += BLOCK / RATE_HZ


def loud_s(samples: Samples, rate_hz: int) -> tuple[float, float]:
    """Return from when to when it is loud."""
    loud = np.flatnonzero(np.abs(samples.astype(float)) > 3000)
    return loud[0] / rate_hz, loud[-1] / rate_hz


def read_wave(file: Path) -> Samples:
    with wave.open(str(file)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (1, RATE_HZ)
        return np.frombuffer(sound.readframes(sound.getnframes()), np.int16)


@pytest.fixture
def tone() -> Tone:
    return Tone(1.0, 1.5)


@pytest.fixture
def clock() -> CaptureClock:
    return CaptureClock()


def track(tone: Tone, clock: CaptureClock, folder: Path) -> SoundTrack:
    made = SoundTrack(tone, clock)
    clock.begin(START_NS)
    made.open(folder)
    return made


def test_sound_begins_with_the_first_picture(
    tone: Tone, clock: CaptureClock, tmp_path: Path
) -> None:
    sound = SoundTrack(tone, clock)
    tone.play(0.0, 0.6)  # nobody records yet
    sound.write_heard()
    clock.begin(START_NS + 505_000_000)
    sound.open(tmp_path)
    tone.play(0.6, 2.0)
    sound.write_heard()
    sound.close()
    samples = read_wave(tmp_path / SOUND_FILE)
    assert samples.size == pytest.approx(1.495 * RATE_HZ, abs=2)
    assert loud_s(samples, RATE_HZ) == pytest.approx((0.495, 0.995), abs=0.002)
    assert tone.stopped


def test_a_first_sound_that_comes_late_has_silence_before_it(
    clock: CaptureClock, tmp_path: Path
) -> None:
    tone = Tone(0.0, 9.0)
    sound = track(tone, clock, tmp_path)
    tone.play(0.02, 0.12)  # sooner than two clocks may differ later on
    sound.close()
    start_s, end_s = loud_s(read_wave(tmp_path / SOUND_FILE), RATE_HZ)
    assert (start_s, end_s) == pytest.approx((0.02, 0.12), abs=0.002)


def test_of_the_sound_before_the_first_picture_only_the_last_seconds_are_kept(
    clock: CaptureClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tone = Tone(0.0, 60.0)
    sound = SoundTrack(tone, clock)
    tone.play(0.0, 60.0)
    with monkeypatch.context() as at_60_s:
        at_60_s.setattr("time.monotonic_ns", lambda: START_NS + 60_000_000_000)
        sound.write_heard()
    clock.begin(START_NS)
    sound.open(tmp_path)
    sound.close()
    samples = read_wave(tmp_path / SOUND_FILE)
    assert loud_s(samples, RATE_HZ) == pytest.approx((40.0, 60.0), abs=0.02)


def test_the_file_can_be_read_at_any_moment(
    tone: Tone, clock: CaptureClock, tmp_path: Path
) -> None:
    sound = track(tone, clock, tmp_path)
    for second in range(3):
        tone.play(second, second + 1)
        sound.write_heard()
        assert read_wave(tmp_path / SOUND_FILE).size == (second + 1) * RATE_HZ
        assert sound.bytes_written == 2 * (second + 1) * RATE_HZ
    sound.close()


def test_rests_are_left_out(tone: Tone, clock: CaptureClock, tmp_path: Path) -> None:
    sound = track(tone, clock, tmp_path)
    clock.rest(START_NS + 200_000_000)
    clock.go_on(START_NS + 900_000_000)
    tone.play(0.0, 2.0)
    sound.close()
    samples = read_wave(tmp_path / SOUND_FILE)
    assert loud_s(samples, RATE_HZ) == pytest.approx((0.3, 0.8), abs=0.01)
    assert samples.size == pytest.approx(1.3 * RATE_HZ, abs=0.01 * RATE_HZ)


def test_a_gap_becomes_silence(tone: Tone, clock: CaptureClock, tmp_path: Path) -> None:
    sound = track(tone, clock, tmp_path)
    tone.play(0.0, 0.3)
    tone.play(0.8, 2.0)
    sound.close()
    assert loud_s(read_wave(tmp_path / SOUND_FILE), RATE_HZ) == pytest.approx((1.0, 1.5), abs=0.01)


def test_a_long_gap_takes_no_memory(clock: CaptureClock, tmp_path: Path) -> None:
    tone = Tone(200.0, 201.0)
    sound = track(tone, clock, tmp_path)
    tone.play(0.0, 0.3)
    tone.play(200.0, 201.0)
    tracemalloc.start()
    sound.write_heard()
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    sound.close()
    assert most_bytes < 2_000_000  # the gap is 19 MB
    assert loud_s(read_wave(tmp_path / SOUND_FILE), RATE_HZ)[0] == pytest.approx(200.0, abs=0.01)


@pytest.mark.parametrize("clock_error", [0.002, -0.002])
def test_a_sound_card_whose_clock_is_wrong_stays_in_step(
    clock: CaptureClock, tmp_path: Path, clock_error: float
) -> None:
    tone = Tone(60.0, 60.5)
    sound = track(tone, clock, tmp_path)
    tone.play(0.0, 62.0, clock_error)
    sound.close()
    start_s, _ = loud_s(read_wave(tmp_path / SOUND_FILE), RATE_HZ)
    assert start_s == pytest.approx(60.0 * (1 + clock_error), abs=0.04)


@pytest.mark.parametrize("name", ["video.mp4", "clean.mp4"])
def test_the_finished_videos_have_their_sound_in_step(
    tone: Tone, tmp_path: Path, name: str
) -> None:
    ear = Ear()
    recorder = Recorder(
        RecordOptions(folder=tmp_path / "s", microphone=True), about, ear, sound=lambda: tone
    )
    recorder.start()
    assert tone.started.wait(20)
    for number in range(60):
        tone.play(number / 30, (number + 1) / 30 - 1e-6)
        recorder.offer(captured(number / 30))
        until(lambda: len(recorder._inbox) < 3)
    recorder.stop()
    assert recorder.join(20)
    assert ear.last.warning == ear.last.failure == ""
    assert not (tmp_path / "s" / SOUND_FILE).exists()
    with av.open(str(tmp_path / "s" / name)) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == "aac"
        blocks = [
            (float(block.time or 0), block.to_ndarray()[0]) for block in container.decode(stream)
        ]
    loud = [t_s for t_s, samples in blocks if np.abs(samples).max() > 0.1]
    assert loud[0] == pytest.approx(1.0, abs=0.045)  # two AAC frames
    assert loud[-1] == pytest.approx(1.5, abs=0.045)


def no_microphone() -> SoundSource:
    class Broken(Tone):
        def start(self, heard: Heard) -> None:
            raise SessionError("There is no microphone.")

    return Broken(0, 0)


def test_without_a_microphone_the_pictures_are_recorded_all_the_same(tmp_path: Path) -> None:
    ear = Ear()
    recorder = Recorder(
        RecordOptions(folder=tmp_path / "s", microphone=True), about, ear, sound=no_microphone
    )
    recorder.start()
    recorder.offer(captured(0.0))
    recorder.stop()
    assert recorder.join(20)
    assert ear.last.warning == "There is no microphone. Recording goes on without sound."
    assert (tmp_path / "s" / "video.mp4").exists()
    assert not ear.last.failure


def recording(folder: Path, tone: Tone, ear: Ear) -> Recorder:
    """Return a recorder that hears the tone and has its first picture."""
    recorder = Recorder(
        RecordOptions(folder=folder, microphone=True), about, ear, sound=lambda: tone
    )
    recorder.start()
    assert tone.started.wait(20)
    recorder.offer(captured(0.0))
    return recorder


def test_sound_that_cannot_be_written_is_heard_no_more_and_the_pictures_go_on(
    tone: Tone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(wave.Wave_write, "writeframes", full)
    ear = Ear()
    recorder = recording(tmp_path / "s", tone, ear)
    tone.play(0.0, 0.1)
    until(lambda: "Recording goes on without sound." in ear.last.warning)
    assert "No space left" in ear.last.warning
    assert tone.stopped
    recorder.offer(captured(0.2))
    recorder.stop()
    assert recorder.join(20)
    assert ear.last.summary is not None and ear.last.summary.frames == 2


def test_when_the_sound_file_is_full_the_pictures_go_on_and_the_sound_so_far_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    struct.pack("<L", 36 + 2 * microphone.MOST_SAMPLES)  # how a file says how long it is
    monkeypatch.setattr(microphone, "MOST_SAMPLES", RATE_HZ)
    tone, ear = Tone(0.2, 9.0), Ear()
    recorder = recording(tmp_path / "s", tone, ear)
    tone.play(0.0, 2.0)
    until(lambda: "holds no more. Recording goes on without sound." in ear.last.warning)
    assert tone.stopped
    recorder.offer(captured(2.0))
    recorder.stop()
    assert recorder.join(20)
    assert ear.last.failure == "" and ear.last.summary is not None
    assert ear.last.summary.frames == 2
    with av.open(str(tmp_path / "s" / "video.mp4")) as container:
        sounds = [block.to_ndarray()[0] for block in container.decode(audio=0)]
    assert sum(block.size for block in sounds) / RATE_HZ == pytest.approx(1.0, abs=0.05)


def test_a_microphone_of_which_nothing_comes_any_more_is_mentioned_until_it_is_back(
    tone: Tone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone, "SILENT_AFTER_S", 0.2)
    ear = Ear()
    recorder = recording(tmp_path / "s", tone, ear)
    until(lambda: ear.last.warning == NOTHING_HEARD)

    def is_back() -> bool:
        tone.play(0.0, 0.1)
        return ear.last.warning == ""

    until(is_back)
    recorder.stop()
    assert recorder.join(20)
    assert ear.last.failure == ""


class FakeStream:
    """What sounddevice opens: delivers one block at once."""

    heard_at_s = 9.98

    def __init__(self, callback: Callable[..., None], **about: Any) -> None:
        self.callback, self.about = callback, about
        self.closed = False

    def start(self) -> None:
        moments = SimpleNamespace(currentTime=10.0, inputBufferAdcTime=self.heard_at_s)
        self.callback(np.full((BLOCK, 1), 7, np.int16), BLOCK, moments, None)

    def close(self) -> None:
        self.closed = True


class PortAudioError(Exception):
    pass


@pytest.mark.parametrize(
    ("heard_at_s", "age_ns"),
    [(9.98, 20_000_000), (0.0, 10_000_000), (10.5, 10_000_000)],  # or else as long as a block
)
def test_the_microphone_says_when_its_samples_were_heard(
    monkeypatch: pytest.MonkeyPatch, heard_at_s: float, age_ns: int
) -> None:
    monkeypatch.setattr(FakeStream, "heard_at_s", heard_at_s)
    fake = SimpleNamespace(InputStream=FakeStream, PortAudioError=PortAudioError)
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    heard: list[tuple[int, Samples]] = []
    ear = Microphone()
    import time

    before_ns = time.monotonic_ns()
    ear.start(lambda t_ns, samples: heard.append((t_ns, samples)))
    ((t_ns, samples),) = heard
    assert 0 <= t_ns - (before_ns - age_ns) <= time.monotonic_ns() - before_ns
    assert samples.tolist() == [7] * BLOCK
    stream = ear._stream
    ear.stop()
    ear.stop()
    assert stream.closed


def refusing(**_: Any) -> FakeStream:
    raise PortAudioError("device in use")


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (None, "needs the package sounddevice"),
        (SimpleNamespace(InputStream=refusing, PortAudioError=PortAudioError), "device in use"),
    ],
)
def test_what_is_missing_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, module: object, words: str
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    with pytest.raises(SessionError, match=words):
        Microphone().start(lambda t_ns, samples: None)
