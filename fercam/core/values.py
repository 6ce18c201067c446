"""The values that flow from the camera to the screen. All are frozen; a change is `replace`."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(H, W, 3) uint8, BGR; for a face crop (48, 48) uint8, gray."""

Probabilities = NDArray[np.float32]
"""(7,) float32 in the order of `EMOTIONS`, summing to 1."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in whole pixels of the unmirrored frame, inside the frame."""

    x: int
    y: int
    width: int
    height: int

    @property
    def side(self) -> int:
        """The larger side, in pixels."""
        return max(self.width, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle (x, y), in pixels."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source. `t_capture_ns` is monotonic, `t_media_s` the time in the source.

    A live source's media time starts at 0 with its first frame; a file's is its own time stamp.
    """

    frame_id: int
    t_capture_ns: int
    t_wall_s: float
    t_media_s: float
    image: Image


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A face: its box, the detector's score 0..1, five landmarks (5, 2) px (right eye, left eye,
    nose, right and left mouth corner) and, once followed, the id of its person (from 1; 0 before).

    `raw_box_px` is (x, y, w, h) before clipping to the frame: crops are taken around it, so that
    a face at the border keeps its centre and scale.
    """

    box_px: Box
    raw_box_px: tuple[float, float, float, float]
    score: float
    landmarks_px: NDArray[np.float32]
    track_id: int = 0


class Doubt(StrEnum):
    """Why a prediction is not sure; the value is what people read."""

    LOW_CONFIDENCE = "low confidence"
    CLOSE_CALL = "two feelings close together"
    TOO_SMALL = "too small"
    TOO_DARK = "too dark"
    TOO_BRIGHT = "too bright"
    BLURRED = "blurred"
    TURNED_AWAY = "turned away"
    CUT_OFF = "cut off by the border"


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """How well a face can be read; `flaw` is the worst thing about it, None if it is good enough.

    `side_px` is the larger side of its box, `brightness` (0..255) the mean of its crop, `sharpness`
    grows with detail, `yaw_deg` and `roll_deg` are how far it is turned aside and tilted, `cut_off`
    (0..1) is the share of its box outside the picture.
    """

    side_px: float
    brightness: float
    sharpness: float
    yaw_deg: float
    roll_deg: float
    cut_off: float
    flaw: Doubt | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """A face cut out as the training faces are: (48, 48) uint8 gray, and how well it can be read
    (None where that was not measured).
    """

    frame_id: int
    track_id: int
    pixels: Image
    quality: FaceQuality | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What one face expresses. `raw` is this frame's answer, `smoothed` follows the person.

    Where the person's resting face is taken into account, `before` is what `smoothed` would be
    without it.
    """

    track_id: int
    raw: Probabilities
    smoothed: Probabilities
    label: str
    doubt: Doubt | None = None
    before: Probabilities | None = None

    @property
    def sure(self) -> bool:
        """Whether the label may be trusted."""
        return self.doubt is None

    @property
    def confidence(self) -> float:
        """The smoothed probability of the strongest emotion, 0..1."""
        return float(self.smoothed.max())


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A detection with its prediction, which is None until the network has seen the track.

    `second` is what the other of two models says, where two run side by side; `name` is what the
    person is called, empty until somebody types it.
    """

    detection: Detection
    prediction: Prediction | None = None
    crop: FaceCrop | None = None
    second: Prediction | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedFrame:
    """A frame and the faces found in this very frame; `t_done_ns` (monotonic) says when."""

    frame: Frame
    faces: tuple[Face, ...] = field(default=())
    t_done_ns: int = 0

    @property
    def largest(self) -> Face | None:
        """The face nearest to the camera, by its size; None without any."""
        return max(self.faces, key=lambda face: face.detection.box_px.side, default=None)
