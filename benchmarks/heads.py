"""What the networks of distil.py and soup.py learn to answer, all at once, and how well they do."""

import sys

import numpy as np
from numpy.typing import NDArray

from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.targets import blended, class_balance, one_hot

HEADS = ("labels", "votes", "majority", "blend")
"""The original label, how ten people vote, what most of them say, and label and votes in one."""
BLEND = HEADS.index("blend")
VOTES_SHARE = 0.5
"""Of the votes in `blend`."""
BALANCE = 0.35
"""The power of rarity by which faces count."""

Floats = NDArray[np.float32]


def targets_of(faces: FaceSet) -> Floats:
    """Return (n, 4, 7) what the labels and votes say of faces, for the four `HEADS`; all zero for
    the majority where there is none.
    """
    labels, votes = one_hot(faces.labels), blended(faces, 1.0, 0.0)
    majority = faces.majority()
    most = one_hot(np.maximum(majority, 0)) * (majority >= 0)[:, None]
    blend = blended(faces, VOTES_SHARE, 0.0)
    return np.stack([labels, votes, most, blend], axis=1)


def counts_of(targets: Floats) -> Floats:
    """Return (n,) how much each face counts: rare emotions more, 1 on average."""
    blend = targets[:, BLEND]
    return np.asarray(blend @ class_balance(blend, BALANCE), np.float32)


def tell(name: str, logits: Floats, validation: FaceSet) -> None:
    """Print how often the heads (n, 4, 7) are right."""
    majority = validation.majority()
    for head, first in zip(HEADS, logits.argmax(axis=2).T, strict=True):
        right = (first == validation.labels).mean()
        seen = (first == majority)[majority >= 0].mean()
        say(f"{name}, {head}: labels {right:.4f}, majority {seen:.4f}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
