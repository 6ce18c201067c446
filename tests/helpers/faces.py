"""Labelled faces without pictures of anybody."""

from collections.abc import Mapping, Sequence

import numpy as np

from fercam.core.emotions import EMOTIONS
from fercam.training.engine.dataset import SPLITS, VOTES, FaceSet


def face_set(
    emotions: Sequence[str],
    splits: Sequence[str] = (),
    votes: Sequence[Mapping[str, int]] = (),
) -> FaceSet:
    """Return a face of noise for each emotion; all of the training part unless told."""
    count = len(emotions)
    pixels = np.random.default_rng(1).integers(0, 256, (count, 48, 48), dtype=np.uint8)
    table = np.zeros((count, len(VOTES)), np.uint8)
    for row, given in zip(table, votes, strict=False):
        for name, number in given.items():
            row[VOTES.index(name)] = number
    return FaceSet(
        pixels,
        np.array([EMOTIONS.index(emotion) for emotion in emotions], np.int64),
        np.array([SPLITS.index(split) for split in splits or ["train"] * count], np.int64),
        table,
    )
