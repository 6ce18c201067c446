"""What came of a run, and whether its model is better than another. No Keras here."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import TrainingError
from fercam.core.files import NO_ARRAYS
from fercam.inference.bundle import FLOAT, INT8, ModelBundle

RESULTS = "results.json"
ANSWERS = "answers.npz"

SAME_ANSWER = 1e-3
"""Largest difference of any probability that the live runtime's float form may show."""
SAME_LABELS = 0.95
"""Share of faces on which the form that runs live must name the same emotion as training did, or
one that training gave almost the same probability (`TIE`): its weights are rounded to eight bits.
"""
TIE = 0.05
CHECKED_FACES = 300
BATCH = 64

Faces = NDArray[np.uint8]
"""(n, 48, 48) gray."""
Probabilities = NDArray[np.float32]
"""(n, 7), in the order of `EMOTIONS`."""
Labels = NDArray[np.int64]
"""(n,), indices into `EMOTIONS`."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence: its mean (0..1), the share of them that is right, how many."""

    confidence: float
    right: float
    faces: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many faces of the emotion `true` were taken for `said` (indices into `EMOTIONS`)."""

    true: int
    said: int
    faces: int


@dataclass(frozen=True, slots=True, eq=False)
class RunResults:
    """A finished run's figures on the faces of `split`, as `measure` of the engine gives them.

    `truth` says what the reliability, before and after its temperature, was measured against.
    """

    folder: Path
    split: str
    model: str
    fingerprint: str
    figures: dict[str, Any]
    truth: str
    before: tuple[Bin, ...]
    after: tuple[Bin, ...]

    @property
    def counts(self) -> NDArray[np.int64]:
        """(7, 7) faces: rows are what they show, columns what they were taken for."""
        return np.array(self.figures["confusion_matrix"], np.int64)

    @property
    def confusions(self) -> list[Confusion]:
        """All confusions, the most frequent first."""
        return [
            Confusion(int(true), int(said), int(self.counts[true, said]))
            for true, said in zip(
                *np.unravel_index(np.argsort(-self.counts, axis=None, kind="stable"), (7, 7)),
                strict=True,
            )
            if true != said and self.counts[true, said]
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Faces that a run did not train on, their labels, and what its network says of them: `keras`
    as training ran it, `int8` as it runs live, calibrated.
    """

    split: str
    pixels: Faces
    labels: Labels
    keras: Probabilities
    int8: Probabilities

    def faces_of(self, true: int, said: int) -> Faces:
        """Return the faces of one emotion that were taken for another, the surest first."""
        found = np.flatnonzero((self.labels == true) & (self.int8.argmax(axis=1) == said))
        return self.pixels[found[np.argsort(-self.int8[found, said], kind="stable")]]


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """How far the live runtime is from training on `faces` faces: the `largest_difference` of any
    probability in float, and the share of `same_labels` in the form that runs live.
    """

    faces: int
    largest_difference: float
    same_labels: float
    passed: bool

    @property
    def sentence(self) -> str:
        """What was found, for people."""
        if not self.passed:
            return (
                "This model answers differently live than it did in training (by up to "
                f"{self.largest_difference:.3f}, the same emotion on {self.same_labels:.1%} of "
                f"{self.faces} faces), so it cannot be used. Train it again."
            )
        return (
            f"Live it answers as it did in training: the same emotion on {self.same_labels:.1%} of "
            f"{self.faces} faces, and unrounded no probability differs by {SAME_ANSWER} or more."
        )


@dataclass(frozen=True, slots=True, eq=False)
class ModelComparison:
    """A run's model and the present one on the faces of `split`.

    `accuracy` and `balanced` are shares 0..1, new and old; `recall` maps each emotion that there
    are faces of to both shares of them found, and to how many they are. `clear` says whether the
    difference in accuracy is more than chance explains (McNemar, 1947, doi:10.1007/BF02295996, at
    5 %). `held_out` is whether the present model is known not to have trained on these faces.
    `differing` holds those on which only one of the two is right, `only_new` which one.
    """

    new: str
    old: str
    split: str
    faces: int
    accuracy: tuple[float, float]
    balanced: tuple[float, float]
    recall: dict[str, tuple[float, float, int]]
    clear: bool
    held_out: bool
    differing: Faces
    only_new: NDArray[np.bool_]

    @property
    def sentence(self) -> str:
        """Which of the two is better, for people."""
        gap = self.accuracy[0] - self.accuracy[1]
        figures = f"{self.accuracy[0]:.1%} right against {self.accuracy[1]:.1%}"
        if not self.clear:
            return (
                f"No clear difference between {self.new} and {self.old} on {self.faces:,} faces: "
                f"{figures}."
            )
        better = "better" if gap > 0 else "worse"
        return f"{self.new} is {better} than {self.old} on {self.faces:,} faces: {figures}."

    @property
    def caution(self) -> str:
        """What speaks against trusting the comparison; empty if nothing does."""
        doubts = []
        if not self.held_out:
            doubts.append(
                f"It is not known whether {self.old} was trained on these faces. If it was, it "
                "looks better here than it is."
            )
        if self.split == "validation":
            doubts.append(
                f"These faces also chose the best epoch of {self.new}, so it looks a little better "
                "here than it is. A folder called test would tell more."
            )
        return " ".join(doubts)

    def moved(self, better: bool) -> list[str]:
        """Return the emotions that the new model finds more (or less) often by two points."""
        gaps = {name: new - old for name, (new, old, _) in self.recall.items()}
        sign = 1 if better else -1
        return [name for name in sorted(gaps, key=lambda n: -sign * gaps[n])
                if sign * gaps[name] >= 0.02]  # fmt: skip


def read_results(folder: Path) -> RunResults | None:
    """Return a run's figures, None if it has kept none.

    Raises:
        TrainingError: they cannot be read.
    """
    try:
        record = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        reliability = record["reliability"]
        results = RunResults(
            folder=folder,
            split=record["split"].replace("_", " "),
            model=record["model"],
            fingerprint=record["fingerprint"],
            figures=record,
            truth=reliability["truth"],
            before=tuple(Bin(**given) for given in reliability["before"]["bins"]),
            after=tuple(Bin(**given) for given in reliability["after"]["bins"]),
        )
        if results.counts.shape != (len(EMOTIONS), len(EMOTIONS)):
            raise ValueError("not a matrix of seven emotions")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(f"The figures of the run {folder.name} cannot be read.") from error
    return results


def read_answers(folder: Path) -> Answers:
    """Return what a run's network says of faces it was not trained on.

    Raises:
        TrainingError: there are none, or they cannot be read.
    """
    try:
        with (folder / ANSWERS).open("rb") as file, np.load(file, allow_pickle=False) as given:
            answers = Answers(
                str(given["split"]).replace("_", " "),
                *(given[name] for name in ("pixels", "labels", "keras", "int8")),
            )
    except NO_ARRAYS as error:
        raise TrainingError(
            f"The run {folder.name} has kept no faces to check its model on."
        ) from error
    return answers


def self_check(
    bundle: ModelBundle, answers: Answers, stop: Callable[[], bool] = lambda: False
) -> SelfCheck:
    """Return how far the live runtime is from what training said of the same faces.

    Raises:
        ModelError: a file of the bundle is missing or damaged.
    """
    from fercam.inference.litert import LiteRtClassifier

    count = len(answers.labels)
    chosen = np.unique(np.linspace(0, count - 1, min(count, CHECKED_FACES)).astype(np.int64))
    pixels, expected = answers.pixels[chosen], answers.keras[chosen]
    given = {}
    for form in (FLOAT, INT8):
        classifier = LiteRtClassifier(bundle.verified_file(form))
        try:
            given[form] = in_batches(classifier.classify, pixels, stop)
        finally:
            classifier.close()
    difference = float(np.abs(given[FLOAT] - expected).max())
    said = given[INT8].argmax(axis=1)
    near = expected.max(axis=1) - expected[np.arange(len(said)), said] <= TIE
    return SelfCheck(
        len(chosen),
        difference,
        float((said == expected.argmax(axis=1)).mean()),
        passed=bool(difference <= SAME_ANSWER and near.mean() >= SAME_LABELS),
    )


def compare(
    results: RunResults,
    answers: Answers,
    present: ModelBundle,
    stop: Callable[[], bool] = lambda: False,
) -> ModelComparison:
    """Return how a run's model does beside the present one on faces the run was not trained on.

    Raises:
        ModelError: a file of the present bundle is missing or damaged.
    """
    from fercam.inference.registry import RUNTIMES

    classifier = RUNTIMES["int8"](present)
    try:
        old_answers = in_batches(classifier.classify, answers.pixels, stop)
    finally:
        classifier.close()
    labels = answers.labels
    new, old = (given.argmax(axis=1) == labels for given in (answers.int8, old_answers))
    recall = {
        EMOTIONS[one]: (
            float(new[labels == one].mean()),
            float(old[labels == one].mean()),
            int((labels == one).sum()),
        )
        for one in np.unique(labels)
    }
    only_new, only_old = int((new & ~old).sum()), int((old & ~new).sum())
    differ = new != old
    return ModelComparison(
        new=results.model,
        old=present.card.name,
        split=answers.split,
        faces=len(labels),
        accuracy=(float(new.mean()), float(old.mean())),
        balanced=(
            float(np.mean([shares[0] for shares in recall.values()])),
            float(np.mean([shares[1] for shares in recall.values()])),
        ),
        recall=recall,
        # with the continuity correction; 3.84 is where a chi-square of one degree leaves 5 %
        clear=max(abs(only_new - only_old) - 1, 0) ** 2 > 3.84 * max(only_new + only_old, 1),
        held_out=present.card.data.get("fingerprint") == results.fingerprint,
        differing=answers.pixels[differ],
        only_new=new[differ],
    )


def in_batches(
    classify: Callable[[Faces], Probabilities], faces: Faces, stop: Callable[[], bool]
) -> Probabilities:
    """Return what `classify` says of many faces, 64 at a time.

    Raises:
        TrainingError: `stop` said so.
    """
    parts = []
    for start in range(0, len(faces), BATCH):
        if stop():
            raise TrainingError("Stopped.")
        parts.append(classify(faces[start : start + BATCH]))
    return np.concatenate(parts)


def write_csv(results: RunResults, out: Path) -> None:
    """Write the figures of each emotion, and what its faces were taken for, as a table."""
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["emotion", "faces", "precision", "recall", "f1", *(f"taken_for_{n}" for n in EMOTIONS)]
        )
        for name, counts in zip(EMOTIONS, results.counts, strict=True):
            given = results.figures["per_class"][name]
            shares = (f"{given[key]:.4f}" for key in ("precision", "recall", "f1"))
            writer.writerow([name, given["faces"], *shares, *counts])
