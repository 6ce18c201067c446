"""Which parts of a face mattered for an emotion, by covering them one after the other.

The method is that of Zeiler and Fergus 2014, "Visualizing and understanding convolutional
networks" (ECCV, arXiv:1311.2901), section 4.2: a patch slides over the picture, and where covering
lowers the answer's probability the network had looked. It needs nothing but the live runtime.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from fercam.core.values import Image
from fercam.detection.crop import FACE_PX
from fercam.inference.classifier import EmotionClassifier

PATCH_PX = 12
"""About an eye, or half a mouth: small enough to tell them apart, large enough to hide them."""
STEP_PX = 4
MAX_BATCH = 64
BLUR_PX = 8.0
"""Standard deviation of the blur that covers: nothing of an eye or a mouth is left."""


def importance_map(
    classifier: EmotionClassifier, crop: Image, emotion_index: int
) -> NDArray[np.float32]:
    """Return how much each part of a face mattered for an emotion, (48, 48) float32, -1..1.

    Positive: covering it lowers the emotion's probability (it spoke for it); negative: covering it
    raises it (it spoke against it); the strongest part is 1 or -1. All 0 where nothing mattered.
    `crop` is (48, 48) uint8 gray.

    The patch shows a strongly blurred copy of the face, not one gray: a gray square has edges,
    and on a face lit from the side it is a dark or a bright spot, to both of which a network
    answers. The blur takes the features away and leaves the light.
    """
    covered, places = _covered(crop)
    faces = np.concatenate([crop[np.newaxis], covered])
    batches = np.array_split(faces, -(-len(faces) // MAX_BATCH))
    answers = np.concatenate([classifier.classify(batch)[:, emotion_index] for batch in batches])
    changes = answers[0] - answers[1:]
    total = np.tensordot(changes, places, axes=1)
    importance = total / places.sum(axis=0)
    largest = np.abs(importance).max()
    # the runtime repeats itself to about 1e-7; less than a thousandth means nothing anyway
    if largest < 1e-3:
        return np.zeros(crop.shape, np.float32)
    return np.asarray(importance / largest, np.float32)


def _covered(crop: Image) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the face covered at each place, (n, 48, 48), and the patches, (n, 48, 48) 0 or 1."""
    starts = range(-STEP_PX, FACE_PX - PATCH_PX + STEP_PX + 1, STEP_PX)
    places = np.zeros((len(starts) ** 2, *crop.shape))
    for place, (top, left) in zip(places, ((t, x) for t in starts for x in starts), strict=True):
        place[max(top, 0) : top + PATCH_PX, max(left, 0) : left + PATCH_PX] = 1
    blurred = cv2.GaussianBlur(crop, (0, 0), BLUR_PX, borderType=cv2.BORDER_REPLICATE)
    return np.where(places > 0, blurred, crop).astype(np.uint8), places
