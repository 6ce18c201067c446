"""The face detectors there are, by name."""

from collections.abc import Callable

from fercam.detection.detector import FaceDetector
from fercam.detection.following import FollowingDetector
from fercam.detection.photo import PhotoDetector
from fercam.detection.yunet import YuNetDetector

DETECTORS: dict[str, Callable[[], FaceDetector]] = {
    "yunet": YuNetDetector,
    "yunet-following": FollowingDetector,
    "yunet-photo": PhotoDetector,
}
