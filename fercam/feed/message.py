"""What a feed says about one frame; README.md beside this file documents it."""

from typing import Any

from fercam.core.emotions import EMOTIONS
from fercam.core.values import AnnotatedFrame, Face

SCHEMA = 1
"""Grows when a field changes its meaning or goes; new fields may come without that."""

_DIGITS = 4


def message(annotated: AnnotatedFrame) -> dict[str, Any]:
    """Return a frame's results as plain, rounded values that JSON can hold.

    Times are seconds (six decimals), boxes whole pixels of the unmirrored frame, scores and
    probabilities 0..1 (four decimals). What the network has not said yet is None.
    """
    frame = annotated.frame
    height, width = frame.image.shape[:2]
    return {
        "schema": SCHEMA,
        "frame": frame.frame_id,
        "t_wall_s": round(frame.t_wall_s, 6),
        "t_media_s": round(frame.t_media_s, 6),
        "width": width,
        "height": height,
        "faces": [face_json(face) for face in annotated.faces],
    }


def face_json(face: Face) -> dict[str, Any]:
    """Return one face as such values."""
    box, prediction = face.detection.box_px, face.prediction
    who_and_where = {
        "person": face.detection.track_id,
        "name": face.name,
        "box": [box.x, box.y, box.width, box.height],
        "score": round(float(face.detection.score), _DIGITS),
    }
    if prediction is None:
        unknown = ("label", "confidence", "sure", "doubt", "probabilities")
        return who_and_where | dict.fromkeys(unknown)
    shares = [round(float(share), _DIGITS) for share in prediction.smoothed]
    return who_and_where | {
        "label": prediction.label,
        "confidence": round(prediction.confidence, _DIGITS),
        "sure": prediction.sure,
        "doubt": None if prediction.doubt is None else str(prediction.doubt),
        "probabilities": dict(zip(EMOTIONS, shares, strict=True)),
    }
