"""Face detection in stills, where there is time to look at several sizes."""

from fercam.core.values import Detection, Image
from fercam.detection.boxes import iou, shared_area
from fercam.detection.crop import crop_face
from fercam.detection.detector import FaceDetector
from fercam.detection.yunet import YuNetDetector, work_size

WORK_SIDES_PX = (320, 640, 1280)
"""A face that fills the picture is framed best in a small copy; a crowd needs a large one."""

SAME_FACE_IOU = 0.3
SAME_FACE_COVERED = 0.6


class PhotoDetector(FaceDetector):
    """Runs YuNet at several sizes and keeps, of the boxes on one face, the best scored.

    Raises:
        ModelError: YuNet's model file is not installed.
    """

    def __init__(self) -> None:
        self._detectors = {side: YuNetDetector(side) for side in WORK_SIDES_PX}

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of a BGR image (H, W, 3), boxes clipped to it, best score first."""
        height, width = image.shape[:2]
        # a small picture cannot be enlarged to every side, and once at a size is enough
        sizes = {work_size(width, height, side): side for side in WORK_SIDES_PX}
        found = [face for side in sizes.values() for face in self._detectors[side].detect(image)]
        kept: list[Detection] = []
        for face in sorted(found, key=lambda face: -face.score):
            if not any(_same_face(face, other) for other in kept):
                kept.append(face)
        return kept

    def largest_face_crop(self, image: Image) -> Image | None:
        """Return the largest face of a BGR image as (48, 48) gray, None if there is none."""
        faces = self.detect(image)
        if not faces:
            return None
        largest = max(faces, key=lambda face: face.box_px.width * face.box_px.height)
        return crop_face(image, largest.raw_box_px)


def _same_face(a: Detection, b: Detection) -> bool:
    one, other = a.raw_box_px, b.raw_box_px
    smaller = min(one[2] * one[3], other[2] * other[3])
    return iou(one, other) > SAME_FACE_IOU or shared_area(one, other) > SAME_FACE_COVERED * smaller
