"""What a session comes to, counted while it is written."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from fercam.core.emotions import EMOTIONS
from fercam.core.values import AnnotatedFrame


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """The sums of one session.

    `people` counts different faces, `face_rows` faces over all frames. `shares` says which part
    of the face rows with a prediction surely had each label (0..1) and `sure_share` their sum: the
    rest was not sure. All are 0 without a prediction. `processed_fps` is frames per second of real
    time.
    """

    frames: int
    dropped: int
    people: int
    face_rows: int
    duration_s: float
    shares: Mapping[str, float]
    sure_share: float
    processed_fps: float


class SummaryCounter:
    """Adds frames up; `result` may be asked for at any time."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()
        self._frames = 0
        self._face_rows = 0
        self._predicted = 0
        self._labels: Counter[str] = Counter()
        self._people: dict[int, str] = {}

    @property
    def frames(self) -> int:
        """How many frames were added."""
        return self._frames

    @property
    def people(self) -> dict[int, str]:
        """The ids of everyone seen so far, in order, with the latest name (empty without one);
        faces without an id are left out."""
        return dict(sorted(self._people.items()))

    def add(self, annotated: AnnotatedFrame) -> None:
        """Count one frame and its faces."""
        self._frames += 1
        for face in annotated.faces:
            self._face_rows += 1
            if face.detection.track_id:
                known = self._people.get(face.detection.track_id, "")
                self._people[face.detection.track_id] = face.name or known
            if face.prediction is not None:
                self._predicted += 1
                self._labels[face.prediction.label] += face.prediction.sure

    def result(self, duration_s: float, dropped: int = 0) -> SessionSummary:
        """Return the sums so far for a session of `duration_s` seconds of media."""
        predicted = max(1, self._predicted)
        elapsed_s = time.monotonic() - self._started_s
        return SessionSummary(
            frames=self._frames,
            dropped=dropped,
            people=len(self._people),
            face_rows=self._face_rows,
            duration_s=duration_s,
            shares={name: self._labels[name] / predicted for name in EMOTIONS},
            sure_share=self._labels.total() / predicted,
            processed_fps=self._frames / elapsed_s if elapsed_s > 0 else 0.0,
        )
