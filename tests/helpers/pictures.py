"""A portrait everyone has: Grace Hopper, in the public domain, from matplotlib's sample data."""

import importlib.util
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from fercam.core.values import Image

PORTRAIT_FACE_PX = (177, 123, 179, 211)
"""Her face in `portrait` as (x, y, width, height)."""


@cache
def portrait() -> Image:
    """Return the portrait, (600, 512, 3) uint8 BGR, one face, read-only."""
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    assert spec.submodule_search_locations
    file = Path(spec.submodule_search_locations[0]) / "mpl-data/sample_data/grace_hopper.jpg"
    image = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    image.flags.writeable = False
    return image  # type: ignore[return-value]
