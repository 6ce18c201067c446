"""Results as the pipeline makes them, without running it."""

import numpy as np

from fercam.core.emotions import EMOTIONS
from fercam.core.values import AnnotatedFrame, Box, Detection, Doubt, Face, Frame, Prediction


def frame(number: int = 0, t_s: float | None = None, size: tuple[int, int] = (320, 240)) -> Frame:
    """Return a gray frame of `size` (width, height) with a gradient, read-only."""
    width, height = size
    image = np.empty((height, width, 3), np.uint8)
    image[:] = np.linspace(40, 200, width).astype(np.uint8)[None, :, None]
    image.setflags(write=False)
    return Frame(number, number, 1_700_000_000.0, number / 30 if t_s is None else t_s, image)


def face(
    track_id: int = 1,
    box: tuple[int, int, int, int] = (100, 80, 60, 80),
    label: str | None = "happy",
    confidence: float = 0.83,
    sure: bool = True,
) -> Face:
    """Return a face; `label` None means that the network has not seen it yet."""
    detection = Detection(
        Box(*box), tuple(map(float, box)), 0.9, np.zeros((5, 2), np.float32), track_id
    )
    if label is None:
        return Face(detection)
    shares = np.full(7, (1 - confidence) / 6, np.float32)
    shares[EMOTIONS.index(label)] = confidence
    doubt = None if sure else Doubt.LOW_CONFIDENCE
    return Face(detection, Prediction(track_id, shares, shares, label, doubt))


def annotated(*faces: Face, **about: object) -> AnnotatedFrame:
    """Return a frame (see `frame`) with faces."""
    return AnnotatedFrame(frame(**about), faces)  # type: ignore[arg-type]
