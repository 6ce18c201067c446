"""One frame through every stage, on the caller's thread: what files, stills and bench use."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fercam.core.stats import StageTimer
from fercam.core.values import AnnotatedFrame, Detection, Face, FaceCrop, Frame, Prediction
from fercam.detection.crop import crop_face
from fercam.detection.quality import measure
from fercam.detection.registry import DETECTORS
from fercam.detection.tracker import FaceTracker
from fercam.inference.bundle import ModelBundle
from fercam.inference.recognizer import EmotionRecognizer
from fercam.inference.registry import RUNTIMES
from fercam.inference.smoothing import EmotionSmoother
from fercam.people.identity import PeopleBook


@dataclass(frozen=True, slots=True, eq=False)
class FoundFaces:
    """The faces of one frame, each with its crop, before the network has seen them."""

    frame: Frame
    detections: Sequence[Detection]
    crops: Sequence[FaceCrop]
    active_ids: frozenset[int]


class FaceFinder:
    """Detects, follows, recognises and crops faces. One instance belongs to one thread.

    `stills` says that frames are unrelated pictures: nothing is followed from one to the next, and
    faces are numbered in their order.
    """

    def __init__(self, stills: bool = False, timer: StageTimer | None = None) -> None:
        self._detector = DETECTORS["yunet-photo" if stills else "yunet-following"]()
        self._timer = timer or StageTimer()
        self._stills = stills
        self._tracker = FaceTracker()
        self._people = PeopleBook()

    def find(self, frame: Frame) -> FoundFaces:
        """Return the faces of a frame with their people's numbers, crops and quality."""
        with self._timer.time("detect"):
            seen = self._detector.detect(frame.image)
        with self._timer.time("track"):
            detections, active_ids = self._number(frame, seen)
        with self._timer.time("crop"):
            crops = [_crop(frame, face) for face in detections]
        return FoundFaces(frame, detections, crops, active_ids)

    def _number(
        self, frame: Frame, seen: Sequence[Detection]
    ) -> tuple[list[Detection], frozenset[int]]:
        if self._stills:
            numbered = [replace(face, track_id=number) for number, face in enumerate(seen, 1)]
            return numbered, frozenset()
        tracked = self._tracker.update(seen, frame.t_media_s)
        people = self._people.update(frame.image, tracked, frame.t_media_s)
        return people, self._people.active_ids


def _crop(frame: Frame, face: Detection) -> FaceCrop:
    pixels = crop_face(frame.image, face.raw_box_px)
    return FaceCrop(frame.frame_id, face.track_id, pixels, measure(frame.image, face, pixels))


def annotate(
    found: FoundFaces,
    predictions: Sequence[Prediction],
    second: Sequence[Prediction] | None = None,
    names: Mapping[int, str] | None = None,
) -> AnnotatedFrame:
    """Return the frame with each face and its prediction, which come in the order of the crops.

    So do the `second` predictions of another model; `names` are people's by number.
    """
    others: Sequence[Prediction | None] = second or [None] * len(found.crops)
    faces = tuple(
        Face(detection, prediction, crop, other, (names or {}).get(detection.track_id, ""))
        for detection, prediction, crop, other in zip(
            found.detections, predictions, found.crops, others, strict=True
        )
    )
    return AnnotatedFrame(found.frame, faces, time.monotonic_ns())


def make_recognizer(
    bundle: ModelBundle, runtime: str = "int8", smoothing_s: float | None = None
) -> EmotionRecognizer:
    """Return a recognizer for a bundle; `smoothing_s` replaces the usual time constant.

    Raises:
        ModelError: the bundle's network cannot be run.
    """
    smoother = EmotionSmoother() if smoothing_s is None else EmotionSmoother(smoothing_s)
    return EmotionRecognizer(RUNTIMES[runtime](bundle), bundle.card.sure_threshold, smoother)


class Analyzer:
    """Every stage for one frame after the other, none skipped."""

    def __init__(
        self,
        recognizer: EmotionRecognizer,
        *,
        stills: bool = False,
        timer: StageTimer | None = None,
    ) -> None:
        self.timer = timer or StageTimer()
        self._finder = FaceFinder(stills, self.timer)
        self._recognizer = recognizer
        self._stills = stills

    def analyze(self, frame: Frame) -> AnnotatedFrame:
        """Return the frame with its faces and what each expresses."""
        if self._stills:
            self._recognizer.forget_except(frozenset())
        found = self._finder.find(frame)
        with self.timer.time("infer"):
            predictions = self._recognizer.recognize(
                found.crops, [frame.t_media_s] * len(found.crops)
            )
            self._recognizer.forget_except(found.active_ids)
        return annotate(found, predictions)

    def close(self) -> None:
        """Release the runtime."""
        self._recognizer.close()
