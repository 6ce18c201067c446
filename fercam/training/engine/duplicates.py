"""Which pictures are copies of each other: exact ones, and near ones by a perceptual hash."""

import hashlib
from collections.abc import Iterator
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
AT_ONCE = 2000
"""Pictures that are correlated with one at a time, to bound the memory."""


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
    exact = exact_groups(pixels)
    _, first = np.unique(exact, return_index=True)
    distinct = pixels[first]
    hashes = perceptual_hashes(distinct)
    group = np.arange(len(distinct))
    for rows in _buckets(hashes):
        for at, row in enumerate(rows[:-1], 1):
            # never all pairs: the frames of one still face are one group after a few looks
            others = rows[at:][group[rows[at:]] != group[row]]
            others = others[np.bitwise_count(hashes[others] ^ hashes[row]) <= HASH_DISTANCE]
            for start in range(0, len(others), AT_ONCE):
                some = others[start : start + AT_ONCE]
                alike = some[_correlations(distinct[row], distinct[some]) >= CORRELATION]
                if len(alike):
                    joining = np.unique(group[np.append(alike, row)])
                    group[np.isin(group, joining)] = joining[0]
    return np.asarray(group[exact], np.int64)


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


def _buckets(hashes: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """Yield the rows whose hashes have a band in common, two or more at a time."""
    for band in range(4):
        key = (hashes >> np.uint64(16 * band)) & np.uint64(0xFFFF)
        order = np.argsort(key, kind="stable")
        edges = np.flatnonzero(np.diff(key[order], prepend=-1, append=-1).astype(bool))
        for start, end in pairwise(edges):
            if end - start > 1:
                yield order[start:end]


def _correlations(one: Pixels, others: Pixels) -> NDArray[np.float64]:
    """Return (n,) how alike a picture is to each of (n, h, w); nothing is like an even gray."""
    a = one.astype(np.float64).ravel()
    b = others.astype(np.float64).reshape(len(others), -1)
    a -= a.mean()
    b -= b.mean(axis=1, keepdims=True)
    size = np.linalg.norm(a) * np.linalg.norm(b, axis=1)
    alike: NDArray[np.float64] = np.divide(b @ a, size, out=np.zeros(len(b)), where=size > 0)
    return alike
