"""Boxes as detectors give them: (x, y, w, h) in pixels, perhaps reaching out of the picture."""

from fercam.core.values import Box

RawBox = tuple[float, float, float, float]


def box_inside(raw_box_px: RawBox, width: int, height: int) -> Box:
    """Return a box in whole pixels, clipped to a picture of this size but never empty."""
    x, y, box_width, box_height = raw_box_px
    left = min(max(round(x), 0), width - 1)
    top = min(max(round(y), 0), height - 1)
    right = min(max(round(x + box_width), left + 1), width)
    bottom = min(max(round(y + box_height), top + 1), height)
    return Box(left, top, right - left, bottom - top)


def shared_area(a: RawBox, b: RawBox) -> float:
    """Return the area that two boxes share, in square pixels."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)


def iou(a: RawBox, b: RawBox) -> float:
    """Return the intersection over the union of two boxes, 0..1."""
    shared = shared_area(a, b)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
