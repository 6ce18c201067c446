"""Training faces changed at random, as webcams, heads and compression change them."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from fercam.detection.crop import FACE_PX
from fercam.training.config import Augmentation

Faces = NDArray[np.uint8]

TURN_DEG = 15.0
SHIFT_PX = 3.0
SCALE = (0.88, 1.12)
CONTRAST, OFFSET, GAMMA = (0.6, 1.4), (-30, 30), (0.7, 1.4)
DIM, GRAIN = (0.25, 0.6), (1, 6)
BLUR_PX = (0.5, 1.2)
SHRUNK_PX = (20, 40)
JPEG_QUALITY = (20, 70)
ERASED_PX = (6, 20)
LIT, DIMMED, ERASED = 0.5, 0.2, 0.25
"""Shares of the faces, the second of those that are lit otherwise."""
BLURRED, SHRUNK, COMPRESSED = 0.1, 0.2, 0.3
"""Up to which number of 0..1, drawn once, a face gets one of these flaws; no face gets two."""
GRAYS = np.arange(256.0)


def augment(faces: Faces, kind: Augmentation, rng: np.random.Generator) -> Faces:
    """Return changed copies of faces (n, 48, 48) uint8; same generator state, same result."""
    return AUGMENTATIONS[kind](faces, rng)


def _flip(faces: Faces, rng: np.random.Generator) -> Faces:
    changed = faces.copy()
    mirrored = rng.random(len(faces)) < 0.5
    changed[mirrored] = changed[mirrored, :, ::-1]
    return changed


def _webcam(faces: Faces, rng: np.random.Generator) -> Faces:
    return np.stack([_filmed(face, rng) for face in _flip(faces, rng)])


def _filmed(face: Faces, rng: np.random.Generator) -> Faces:
    face = _moved(face, rng)
    if rng.random() < LIT:
        face = _lit(face, rng)
    flaw = rng.random()
    if flaw < BLURRED:
        face = np.asarray(cv2.GaussianBlur(face, (0, 0), rng.uniform(*BLUR_PX)), np.uint8)
    elif flaw < SHRUNK:
        face = _shrunk(face, rng)
    elif flaw < COMPRESSED:
        face = _compressed(face, rng)
    if rng.random() < ERASED:
        _erase(face, rng)
    return face


def _moved(face: Faces, rng: np.random.Generator) -> Faces:
    centre = (FACE_PX - 1) / 2
    matrix = cv2.getRotationMatrix2D(
        (centre, centre), rng.uniform(-TURN_DEG, TURN_DEG), rng.uniform(*SCALE)
    )
    matrix[:, 2] = matrix[:, 2] + rng.uniform(-SHIFT_PX, SHIFT_PX, 2)
    return np.asarray(
        cv2.warpAffine(face, matrix, (FACE_PX, FACE_PX), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _lit(face: Faces, rng: np.random.Generator) -> Faces:
    """Other brightness, contrast and gamma; now and then low light with its noise."""
    light = ((GRAYS - 128) * rng.uniform(*CONTRAST) + 128 + rng.uniform(*OFFSET)).clip(0, 255)
    light = 255 * (light / 255) ** rng.uniform(*GAMMA)
    if rng.random() >= DIMMED:
        return light.astype(np.uint8)[face]
    dark = (light * rng.uniform(*DIM)).astype(np.float32)[face]
    noise = rng.standard_normal(face.shape, np.float32) * np.float32(rng.uniform(*GRAIN))
    return np.asarray((dark + noise).clip(0, 255), np.uint8)


def _shrunk(face: Faces, rng: np.random.Generator) -> Faces:
    """As a face farther away looks."""
    small_px = int(rng.integers(*SHRUNK_PX))
    small = cv2.resize(face, (small_px, small_px), interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(small, (FACE_PX, FACE_PX), interpolation=cv2.INTER_LINEAR), np.uint8
    )


def _compressed(face: Faces, rng: np.random.Generator) -> Faces:
    _, jpeg = cv2.imencode(
        ".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*JPEG_QUALITY))]
    )
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8)


def _erase(face: Faces, rng: np.random.Generator) -> None:
    """Cover a rectangle (Zhong et al., 2020, "Random Erasing", arXiv:1708.04896)."""
    height, width = rng.integers(*ERASED_PX, 2)
    top, left = rng.integers(0, FACE_PX - height), rng.integers(0, FACE_PX - width)
    face[top : top + height, left : left + width] = rng.integers(0, 256)


AUGMENTATIONS: dict[Augmentation, Callable[[Faces, np.random.Generator], Faces]] = {
    "none": lambda faces, rng: faces,
    "flip": _flip,
    "webcam": _webcam,
}
