"""Labelled faces and their splits: what goes into a network, and what must not leak."""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import DataError
from fercam.training.engine.duplicates import Groups, exact_groups, near_groups

SPLITS = ("train", "validation", "test", "private_test")

VOTES = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear",
         "contempt", "unknown", "not_a_face")  # fmt: skip
"""What FER+ taggers could say of a face (Barsoum et al., 2016, arXiv:1608.01041)."""
MAJORITY = 5
"""Votes of ten for one of the seven emotions that make it the face's majority label."""

_VOTE_OF_EMOTION = [VOTES.index(emotion) for emotion in EMOTIONS]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A picture or row that could not be used, and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """Labelled faces.

    pixels (n, 48, 48) uint8 gray; labels (n,) int64, indices into `EMOTIONS`; splits (n,) int64,
    indices into `SPLITS`; votes (n, 10) uint8, how many people chose each of `VOTES`, all zero
    where nobody voted.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    splits: NDArray[np.int64]
    votes: NDArray[np.uint8]
    skipped: tuple[Skipped, ...] = field(default=())

    def part(self, split: str) -> "FaceSet":
        """Return the faces of one split."""
        return self.where(self.splits == SPLITS.index(split))

    def where(self, keep: NDArray[np.bool_]) -> "FaceSet":
        """Return the faces for which `keep` (n,) is true."""
        return replace(
            self,
            pixels=self.pixels[keep],
            labels=self.labels[keep],
            splits=self.splits[keep],
            votes=self.votes[keep],
        )

    def __len__(self) -> int:
        return len(self.labels)

    def fingerprint(self) -> str:
        """Return a SHA-256 over everything in it: equal sets, equal fingerprints."""
        digest = hashlib.sha256(self.pixels.tobytes())
        for part in (self.labels, self.splits, self.votes):
            digest.update(part.tobytes())
        return digest.hexdigest()

    def emotion_votes(self) -> NDArray[np.float32]:
        """Return (n, 7) votes for each of `EMOTIONS`."""
        return self.votes[:, _VOTE_OF_EMOTION].astype(np.float32)

    def majority(self) -> NDArray[np.int64]:
        """Return (n,) the emotion that at least `MAJORITY` people voted for; -1 where none is."""
        votes = self.emotion_votes()
        return np.where(votes.max(axis=1) >= MAJORITY, votes.argmax(axis=1), -1)

    def not_a_face(self) -> NDArray[np.bool_]:
        """Return (n,) whether most of those who voted saw no face."""
        no_face = self.votes[:, VOTES.index("not_a_face")].astype(np.int64)
        return np.asarray(no_face * 2 > self.votes.sum(axis=1), np.bool_)

    def copies_of_training(self, split: str) -> NDArray[np.bool_]:
        """Return for each face of a split whether it is an exact copy of a training picture."""
        groups = exact_groups(self.pixels)
        training = groups[self.splits == SPLITS.index("train")]
        return np.isin(groups[self.splits == SPLITS.index(split)], training)


def prepare(
    faces: FaceSet, validation_share: float, seed: int, near: Groups | None = None
) -> FaceSet:
    """Return `faces` with leaks closed and a validation part split off the training part.

    Training pictures that are copies or near copies of test pictures, or that most taggers call no
    face, are dropped. Validation is drawn by group of copies, so copies never stand on both sides;
    a validation part that the data set brings along is kept as it is. `near` are the pictures'
    `near_groups`, where they are known already.

    Raises:
        DataError: too few training pictures to split.
    """
    groups = near_groups(faces.pixels) if near is None else near
    train = faces.splits == SPLITS.index("train")
    dropped = train & (np.isin(groups, groups[~train]) | faces.not_a_face())
    splits = faces.splits.copy()
    if not np.any(faces.splits == SPLITS.index("validation")):
        candidates = np.unique(groups[train & ~dropped])
        chosen = np.random.default_rng(seed).permutation(candidates)
        chosen = chosen[: round(len(candidates) * validation_share)]
        splits[train & np.isin(groups, chosen)] = SPLITS.index("validation")
    prepared = replace(faces, splits=splits).where(~dropped)
    if not len(prepared.part("train")) or not len(prepared.part("validation")):
        raise DataError(
            f"{int(train.sum())} training pictures are too few to train and validate on."
        )
    return prepared


def network_input(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return faces (n, 48, 48) uint8 as (n, 48, 48, 1) float32 of 0..255, what networks take."""
    return pixels[..., np.newaxis].astype(np.float32)
