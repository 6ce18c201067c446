"""Detect once, track many: the detector looks now and then, optical flow moves the boxes."""

from dataclasses import replace

import numpy as np

from fercam.core.values import Detection, Image
from fercam.detection.boxes import RawBox, box_inside, iou
from fercam.detection.detector import FaceDetector
from fercam.detection.flow import FaceFlow, Motion, Points
from fercam.detection.yunet import YuNetDetector

LOOK_EVERY = 5
"""With faces known, every this many pictures is looked at: a new one waits 4 frames at most."""
LOOK_EVERY_ALONE = 3
"""The same with nobody known: YuNet then looks twice, but the first face should appear soon."""
LOOK_AGAIN = 2
"""One who came or went may be the detector's doubt; so soon another look settles it."""

SAME_FACE_IOU = 0.3
AGREES_IOU = 0.7
"""From this overlap on, a detection and the face that was moved there are averaged;"""
TRUST = 0.7
"""this is the detection's weight. The moved box has no lag, so neither has the average."""


class FollowingDetector(FaceDetector):
    """Finds faces in the consecutive pictures of one video at a fraction of the cost.

    It looks with `detector` (YuNet if None) at every `LOOK_EVERY`-th picture, and at once when a
    face cannot be followed and when the picture changes as a whole or in size; in between the
    known faces are moved from picture to picture by optical flow (see `flow`). Scores are those of
    the last look.

    Raises:
        ModelError: YuNet's model file is not installed or OpenCV cannot read it.
    """

    def __init__(self, detector: FaceDetector | None = None) -> None:
        self._detector = detector or YuNetDetector()
        self._flow = FaceFlow()
        self._faces: list[Detection] = []
        self._look_in = 0

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of the video's next picture, boxes clipped to it, best score first."""
        motions = self._flow.show(image, [face.raw_box_px for face in self._faces])
        moved: list[Detection] = []
        if motions is not None:
            pairs = zip(self._faces, motions, strict=True)
            moved = [_moved(face, motion, image) for face, motion in pairs if motion is not None]
        self._look_in -= 1
        if self._look_in <= 0 or motions is None or len(moved) < len(self._faces):
            self._look(image, moved)
        else:
            self._faces = moved
        return list(self._faces)

    def _look(self, image: Image, moved: list[Detection]) -> None:
        """Detect anew, joined with the faces that were `moved` into this picture."""
        joined: list[Detection] = []
        strangers = list(moved)
        for face in self._detector.detect(image):
            overlaps = [iou(face.raw_box_px, other.raw_box_px) for other in strangers]
            best = max(overlaps, default=0.0)
            known = strangers.pop(overlaps.index(best)) if best > SAME_FACE_IOU else None
            joined.append(_averaged(face, known, image) if known and best > AGREES_IOU else face)
        settled = not strangers and len(joined) == len(self._faces)
        self._faces = joined
        if settled:
            self._look_in = LOOK_EVERY if joined else LOOK_EVERY_ALONE
        else:
            self._look_in = LOOK_AGAIN


def _moved(face: Detection, motion: Motion, image: Image) -> Detection:
    """Return a face of the last picture where it is in this one."""
    raw_box_px = motion.box(face.raw_box_px)
    return _placed(face, raw_box_px, motion.points(face.landmarks_px, face.raw_box_px), image)


def _averaged(found: Detection, moved: Detection, image: Image) -> Detection:
    """Return the mean of a face as detected and as moved here, which shakes less than either."""
    one, other = np.array(found.raw_box_px), np.array(moved.raw_box_px)
    x, y, width, height = (TRUST * one + (1 - TRUST) * other).tolist()
    landmarks_px = TRUST * found.landmarks_px + (1 - TRUST) * moved.landmarks_px
    return _placed(found, (x, y, width, height), landmarks_px, image)


def _placed(face: Detection, raw_box_px: RawBox, landmarks_px: Points, image: Image) -> Detection:
    landmarks_px = landmarks_px.astype(np.float32)
    landmarks_px.flags.writeable = False
    height, width = image.shape[:2]
    return replace(
        face,
        box_px=box_inside(raw_box_px, width, height),
        raw_box_px=raw_box_px,
        landmarks_px=landmarks_px,
    )
