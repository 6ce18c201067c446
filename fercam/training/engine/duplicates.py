"""Which pictures are copies of each other: exact ones, and near ones by a perceptual hash."""

import hashlib
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Groups = NDArray[np.int64]

HASH_DISTANCE = 3
"""Bits of 64 by which the hashes of near copies may differ; up to it, four 16-bit bands suffice to
find every pair, since one of them must be equal."""
CORRELATION = 0.9
"""Least correlation of the pixels of near copies: equal hashes alone are met by chance."""


def exact_groups(pixels: Pixels) -> Groups:
    """Return (n,) group numbers: equal pictures share one, whatever their order.

    `pixels` is (n, h, w) uint8.
    """
    # hashes, since sorting whole pictures takes twenty times as long
    hashes = [hashlib.sha1(face.tobytes(), usedforsecurity=False).digest() for face in pixels]
    _, group = np.unique(np.array(hashes), return_inverse=True)
    return group.astype(np.int64)


def near_groups(pixels: Pixels) -> Groups:
    """Return (n,) group numbers: exact and near copies (other contrast, size, sharpness) share one.

    Near copies are found by the DCT hash of Zauner (2010, "Implementation and Benchmarking of
    Perceptual Image Hash Functions") and confirmed by the correlation of their pixels.
    """
    parent = exact_groups(pixels)
    _, first = np.unique(parent, return_index=True)
    linked = list(range(len(first)))

    def root(group: int) -> int:
        while linked[group] != group:
            linked[group] = linked[linked[group]]
            group = linked[group]
        return group

    distinct = pixels[first]
    for one, other in _similar_pairs(perceptual_hashes(distinct)):
        if _correlation(distinct[one], distinct[other]) >= CORRELATION:
            low, high = sorted((root(one), root(other)))
            linked[high] = low
    return np.array([root(group) for group in parent], np.int64)


def joined(one: Groups, other: Groups) -> Groups:
    """Return (n,) group numbers: what shares a group in either shares one."""
    group = np.arange(len(one))
    while True:
        before = group
        for numbers in (one, other):
            least = np.full(numbers.max(initial=-1) + 1, len(one))
            np.minimum.at(least, numbers, group)
            group = least[numbers]
        if np.array_equal(group, before):
            return group


def perceptual_hashes(pixels: Pixels) -> NDArray[np.uint64]:
    """Return (n,) 64-bit hashes; the more alike two pictures look, the fewer bits differ."""
    hashes = np.empty(len(pixels), np.uint64)
    for number, face in enumerate(pixels):
        small = cv2.resize(face, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
        low = cv2.dct(small)[:8, :8].ravel()
        low[0] = 0  # the mean brightness says nothing about the picture
        hashes[number] = np.packbits(low > np.median(low)).view(np.uint64)[0]
    return hashes


def _similar_pairs(hashes: NDArray[np.uint64]) -> set[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    for band in range(4):
        key = (hashes >> np.uint64(16 * band)) & np.uint64(0xFFFF)
        order = np.argsort(key, kind="stable")
        edges = np.flatnonzero(np.diff(key[order], prepend=-1, append=-1).astype(bool))
        for start, end in pairwise(edges):
            rows = order[start:end]
            distance = np.bitwise_count(hashes[rows, None] ^ hashes[rows])
            near = np.argwhere(np.triu(distance <= HASH_DISTANCE, 1))
            pairs.update((int(rows[i]), int(rows[j])) for i, j in near)
    return pairs


def _correlation(one: Pixels, other: Pixels) -> float:
    a, b = (face.astype(np.float64).ravel() - face.mean() for face in (one, other))
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else float(np.array_equal(one, other))
