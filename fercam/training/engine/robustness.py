"""What a picture may have gone through before a network sees it, always in the same measure."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from fercam.detection.crop import FACE_PX
from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.metrics import balanced_accuracy

Face = NDArray[np.uint8]


def robustness(
    faces: FaceSet, classify: Callable[[NDArray[np.uint8]], NDArray[np.float32]]
) -> dict[str, dict[str, float]]:
    """Return accuracy and balanced accuracy on the same faces after each of `DEGRADATIONS`."""
    table = {}
    for name, degrade in DEGRADATIONS.items():
        predicted = classify(np.stack([degrade(face) for face in faces.pixels])).argmax(axis=1)
        table[name] = {
            "accuracy": float((predicted == faces.labels).mean()),
            "balanced_accuracy": balanced_accuracy(faces.labels, predicted),
        }
    return table


def _darkened(face: Face) -> Face:
    return np.asarray(cv2.convertScaleAbs(face, alpha=0.4), np.uint8)


def _blurred(face: Face) -> Face:
    return np.asarray(cv2.GaussianBlur(face, (0, 0), 1.2), np.uint8)


def _turned(face: Face, degrees: float) -> Face:
    centre = (FACE_PX - 1) / 2
    matrix = cv2.getRotationMatrix2D((centre, centre), degrees, 1.0)
    return np.asarray(
        cv2.warpAffine(face, matrix, (FACE_PX, FACE_PX), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _half_size(face: Face) -> Face:
    half = (FACE_PX // 2, FACE_PX // 2)
    small = cv2.resize(face, half, interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(small, (FACE_PX, FACE_PX), interpolation=cv2.INTER_LINEAR), np.uint8
    )


def _jpeg(face: Face) -> Face:
    _, packed = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


DEGRADATIONS: dict[str, Callable[[Face], Face]] = {
    "as it is": lambda face: face,
    "darkened to 0.4": _darkened,
    "blurred, sigma 1.2 px": _blurred,
    "turned 15° left": lambda face: _turned(face, 15.0),
    "turned 15° right": lambda face: _turned(face, -15.0),
    "half size": _half_size,
    "JPEG quality 30": _jpeg,
}
"""Name in tables: change of one face, (48, 48) uint8 in and out."""
