"""The face detectors there are, by name."""

from collections.abc import Callable

from fercam.detection.detector import FaceDetector
from fercam.detection.photo import PhotoDetector
from fercam.detection.yunet import YuNetDetector

DETECTORS: dict[str, Callable[[], FaceDetector]] = {
    "yunet": YuNetDetector,
    "yunet-photo": PhotoDetector,
}
