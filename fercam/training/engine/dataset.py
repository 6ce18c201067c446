"""Labelled faces and their splits: what goes into a network, and what must not leak."""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import DataError
from fercam.training.engine.duplicates import Groups, exact_groups, joined, near_groups

SPLITS = ("train", "validation", "test", "private_test")

VOTES = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear",
         "contempt", "unknown", "not_a_face")  # fmt: skip
"""What FER+ taggers could say of a face (Barsoum et al., 2016, arXiv:1608.01041)."""
FEWEST = 10
"""Training pictures below which nothing is trained."""
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
    where nobody voted; bursts (n,) int64, equal for faces that were taken in one go and must not
    be parted, None where that is not known.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    splits: NDArray[np.int64]
    votes: NDArray[np.uint8]
    skipped: tuple[Skipped, ...] = field(default=())
    bursts: Groups | None = None

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
            bursts=None if self.bursts is None else self.bursts[keep],
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
    face, are dropped. Validation is drawn by group of copies and of faces taken in one go, so these
    never stand on both sides, and so that every emotion with two groups or more has faces on both;
    a validation part that the data set brings along is kept as it is. `near` are the pictures'
    `near_groups`, where they are known already.

    Raises:
        DataError: too few training pictures to split, or all of one emotion.
    """
    groups = near_groups(faces.pixels) if near is None else near
    if faces.bursts is not None:
        groups = joined(groups, faces.bursts)
    train = faces.splits == SPLITS.index("train")
    dropped = train & (np.isin(groups, groups[~train]) | faces.not_a_face())
    _check_enough(faces.labels[train & ~dropped])
    splits = faces.splits.copy()
    if not np.any(faces.splits == SPLITS.index("validation")):
        kept = train & ~dropped
        chosen = _draw_validation(groups[kept], faces.labels[kept], validation_share, seed)
        splits[train & np.isin(groups, chosen)] = SPLITS.index("validation")
    prepared = replace(faces, splits=splits).where(~dropped)
    if not len(prepared.part("validation")):
        raise DataError(
            "Every emotion was taken in one go, so nothing is left to check the model with; take "
            "some of them a second time."
        )
    return prepared


def _check_enough(labels: NDArray[np.int64]) -> None:
    if len(labels) < FEWEST:
        raise DataError(
            f"{len(labels)} training pictures are too few to train and validate on; "
            f"{FEWEST} are the least."
        )
    if len(np.unique(labels)) == 1:
        raise DataError(
            f"All training pictures show one emotion ({EMOTIONS[labels[0]]}); a model needs at "
            "least two to tell them apart."
        )


def _draw_validation(groups: Groups, labels: NDArray[np.int64], share: float, seed: int) -> Groups:
    """Return the groups that make up a share of all; those of an emotion that has but one stay."""
    members = [np.unique(groups[labels == label]) for label in np.unique(labels)]
    alone = np.concatenate([own for own in members if len(own) == 1] or [np.empty(0, np.int64)])
    candidates = np.unique(groups)
    chosen = np.random.default_rng(seed).permutation(candidates)[: round(len(candidates) * share)]
    chosen = np.setdiff1d(chosen, alone)
    for own in members:
        free = np.setdiff1d(own, alone)
        if len(own) > 1 and len(free) and not np.isin(own, chosen).any():
            chosen = np.append(chosen, free[-1])
        elif len(own) > 1 and np.isin(own, chosen).all():
            chosen = np.setdiff1d(chosen, own[:1])
    return chosen


def network_input(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return faces (n, 48, 48) uint8 as (n, 48, 48, 1) float32 of 0..255, what networks take."""
    return pixels[..., np.newaxis].astype(np.float32)
