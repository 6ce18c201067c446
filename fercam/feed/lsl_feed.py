"""A stream of the Lab Streaming Layer, with the times of capture, for experiments."""

import math
import time
from typing import Any

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import FeedError
from fercam.core.values import AnnotatedFrame
from fercam.feed.feed import Feed
from fercam.feed.message import message

CHANNELS: tuple[str, ...] = ("person", "confidence", "sure", *EMOTIONS)
"""What one sample holds: a face of a frame; for a frame without a read face person is 0 and the
rest not a number."""


class LslFeed(Feed):
    """One sample a face, each with its time of capture on the clock of the layer.

    Unlike the other feeds it can be heard in the whole local network; that is what it is for.
    """

    title = "Lab Streaming Layer"
    package = "pylsl"

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self._outlet: Any = None
        self._clock: Any = None

    def open(self) -> None:
        """Announce the stream."""
        try:
            import pylsl

            info = pylsl.StreamInfo(
                "FerCam", "Expression", len(CHANNELS), pylsl.IRREGULAR_RATE, "float32", "fercam"
            )
            channels = info.desc().append_child("channels")
            for name in CHANNELS:
                channels.append_child("channel").append_child_value("label", name)
            self._outlet = pylsl.StreamOutlet(info)
            self._clock = pylsl.local_clock
        except ImportError as error:
            raise FeedError(self.unavailable() or f"pylsl does not work ({error}).") from error
        except (OSError, RuntimeError) as error:  # the liblsl it wraps is missing or refuses
            raise FeedError(
                f"The Lab Streaming Layer cannot be used ({error}): install pylsl and liblsl anew."
            ) from error

    def send(self, annotated: AnnotatedFrame) -> None:
        """Hand over one sample a face; the layer keeps a while what listeners have not taken."""
        if self._outlet is None:
            return
        age_s = (time.monotonic_ns() - annotated.frame.t_capture_ns) / 1e9
        for sample in samples(annotated):
            self._outlet.push_sample(sample, self._clock() - age_s)

    def close(self) -> None:
        """End the stream."""
        self._outlet = None  # pylsl ends a stream when its outlet is forgotten

    @property
    def description(self) -> str:
        """The stream's name, and who can hear it."""
        return f'{self.title} "FerCam", open to your local network'


def samples(annotated: AnnotatedFrame) -> list[list[float]]:
    """Return a frame's samples, numbers in the order of `CHANNELS`; at least one."""
    read = [face for face in message(annotated)["faces"] if face["label"] is not None]
    rows = [
        [
            float(face["person"]),
            face["confidence"],
            float(face["sure"]),
            *face["probabilities"].values(),
        ]
        for face in read
    ]
    return rows or [[0.0] + [math.nan] * (len(CHANNELS) - 1)]
