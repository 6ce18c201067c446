"""The sound that goes with a recording: from the microphone into the session's folder, in step
with the pictures."""

import time
import wave
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fercam.core.errors import SessionError, reason_of
from fercam.recording.capture_clock import CaptureClock

Samples = NDArray[np.int16]
"""(N,) int16, one channel."""

Heard = Callable[[int, Samples], None]
"""Is told the moment of the first sample (monotonic ns) and the samples."""

RATE_HZ = 48_000
LATE_S = 0.03
"""Pictures and sound may be so far apart before silence is put in or sound is left out: two clocks
never agree for long, and a block's moment is known to a few milliseconds only."""
KEPT_S = 20.0
"""Sound that may wait to be written; before the first picture comes it is not needed."""
SILENT_AFTER_S = 5.0
"""A microphone of which nothing came for so long, not even silence, may have been pulled out."""
MOST_SAMPLES = (2**32 - 100) // 2
"""What a sound file can say it holds: 12 hours and 25 minutes."""


class SoundSource(ABC):
    """Hears, on a thread of its own, from `start` to `stop`, `rate_hz` samples a second."""

    rate_hz: int = RATE_HZ

    @abstractmethod
    def start(self, heard: Heard) -> None:
        """Begin to hear.

        Raises:
            SessionError: it cannot be opened; the sentence says what to try.
        """

    @abstractmethod
    def stop(self) -> None:
        """Stop; harmless when stopped."""


class Microphone(SoundSource):
    """The system's microphone, through the package sounddevice."""

    def __init__(self) -> None:
        self._stream: Any = None

    def start(self, heard: Heard) -> None:
        try:
            import sounddevice
        except ImportError as error:
            raise SessionError(
                "Sound needs the package sounddevice: `pip install fercam[microphone]`."
            ) from error
        except OSError as error:  # the package is there, its library is not
            raise SessionError(
                "Sound needs the library PortAudio: install libportaudio2."
            ) from error

        def listen(samples: Samples, count: int, moments: Any, _status: object) -> None:
            age_s = moments.currentTime - moments.inputBufferAdcTime
            if not 0 < age_s < 1:  # some systems do not tell
                age_s = count / self.rate_hz
            heard(time.monotonic_ns() - round(age_s * 1e9), samples[:, 0].copy())

        try:
            self._stream = sounddevice.InputStream(
                samplerate=self.rate_hz, channels=1, dtype="int16", callback=listen
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            self.stop()
            raise SessionError(
                f"The microphone cannot be opened ({error}); look at the system's sound settings."
            ) from error

    def stop(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class SoundTrack:
    """Writes what a source hears to a session's sound file, whose time 0 is the first picture's.

    Belongs to the recorder's thread, and hears from the moment it is made. The file is complete
    after every write. What is heard in a rest of `clock` is left out.

    Raises:
        SessionError: the source cannot be opened.
    """

    def __init__(self, source: SoundSource, clock: CaptureClock) -> None:
        self._source = source
        self._clock = clock
        self._heard: deque[tuple[int, Samples]] = deque()
        self._file: wave.Wave_write | None = None
        self._written = 0
        self._heard_s = time.monotonic()
        source.start(self._hear)

    @property
    def silent(self) -> bool:
        """Whether nothing was heard for a while, not even silence."""
        return time.monotonic() - self._heard_s > SILENT_AFTER_S

    @property
    def bytes_written(self) -> int:
        """The file's size."""
        return 2 * self._written

    def open(self, folder: Path) -> None:
        """Write to this folder from now on.

        Raises:
            SessionError: the file cannot be written.
        """
        from fercam.recording.sound import SOUND_FILE  # with FFmpeg: not before it is needed

        try:
            self._file = wave.open(str(folder / SOUND_FILE), "wb")  # noqa: SIM115
            self._file.setparams((1, 2, self._source.rate_hz, 0, "NONE", ""))
        except OSError as error:
            raise self._failed(error) from error

    def write_heard(self) -> None:
        """Write what was heard since the last time.

        Raises:
            SessionError: the file cannot be written, or is full.
        """
        if self._file is None or self._clock.origin_ns is None:
            newest_ns = time.monotonic_ns()
            while self._heard and newest_ns - self._heard[0][0] > KEPT_S * 1e9:
                self._heard.popleft()
            return
        try:
            for _ in range(len(self._heard)):
                for piece in self._in_step(*self._heard.popleft()):
                    self._write(self._file, piece)
            self._file.writeframes(b"")  # brings the file's header up to date
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Stop hearing and complete the file."""
        self._source.stop()
        with suppress(SessionError):  # the sound up to here is good
            self.write_heard()
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _hear(self, t_ns: int, samples: Samples) -> None:
        self._heard_s = time.monotonic()
        self._heard.append((t_ns, samples))

    def _in_step(self, t_ns: int, samples: Samples) -> Iterator[Samples]:
        """Yield what to write of a block: some silence before it, or less of it, if need be."""
        if self._clock.rests_at(t_ns):
            return
        rate_hz = self._source.rate_hz
        ahead = round(self._clock.recorded_s(t_ns) * rate_hz) - self._written
        if self._written and abs(ahead) <= LATE_S * rate_hz:
            ahead = 0
        for start in range(0, ahead, rate_hz):
            yield np.zeros(min(rate_hz, ahead - start), np.int16)
        yield samples[max(0, -ahead) :]

    def _write(self, file: wave.Wave_write, piece: Samples) -> None:
        if self._written + piece.size > MOST_SAMPLES:
            raise SessionError("The sound file is full and holds no more.")
        file.writeframesraw(piece.astype("<i2").tobytes())
        self._written += piece.size

    def _failed(self, error: OSError) -> SessionError:
        return SessionError(f"The sound cannot be written ({reason_of(error)}).")
