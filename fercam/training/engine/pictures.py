"""What a finished run shows: curves, confusions, calibration, and the faces it gets wrong."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from sklearn.metrics import classification_report, confusion_matrix

from fercam.core.emotions import EMOTIONS
from fercam.training.engine.dataset import SPLITS, FaceSet
from fercam.training.engine.metrics import (
    ECE_BINS,
    Probabilities,
    calibration_error,
    confidence_bins,
)
from fercam.training.runs import best_epoch

History = list[dict[str, float]]

TRAINED, VALIDATED, QUIET = "#8a94a6", "#2563a8", "#b8bec9"
PAIRS, FACES_A_PAIR = 4, 8
DPI = 120


def write_pictures(
    run_dir: Path,
    part: FaceSet,
    raw: Probabilities,
    calibrated: Probabilities,
    history: History,
    choose_by: Literal["loss", "balanced"],
) -> None:
    """Write the pictures and the classification report of a run into its folder.

    `raw` and `calibrated` (n, 7) are the answers to the faces of `part`, all of one split, before
    and after temperature; `history` are the figures of each epoch, of which the best by
    `choose_by` is marked.
    """
    split = SPLITS[part.splits[0]].replace("_", " ")
    best = best_epoch(history, choose_by)
    drawn = {
        "confusion_matrix": _confusion(part, calibrated, split),
        "reliability": _reliability(*_as_fitted(part, raw, calibrated), split),
        "most_confused": _most_confused(part, calibrated, split),
    }
    if history:  # else its file was lost
        drawn["accuracy"] = _curves(history, "accuracy", best)
        drawn["loss"] = _curves(history, "loss", best)
    for name, figure in drawn.items():
        figure.savefig(run_dir / f"{name}.png", dpi=DPI, bbox_inches="tight", pad_inches=0.12)
    _write_classification_report(run_dir, part, calibrated)


def _curves(history: History, name: Literal["accuracy", "loss"], best: int) -> Figure:
    figure, axes = _plot(7, 4.2)
    epochs = [row["epoch"] for row in history]
    marker = "o" if len(history) == 1 else None
    axes.plot(epochs, [row[name] for row in history], marker=marker, color=TRAINED,
              label="training")  # fmt: skip
    axes.plot(epochs, [row[f"val_{name}"] for row in history], marker=marker, color=VALIDATED,
              label="validation")  # fmt: skip
    kept = next(row[f"val_{name}"] for row in history if row["epoch"] == best)
    axes.axvline(best, color=QUIET, ls=":", zorder=0)
    figure_text = f"{kept:.1%}" if name == "accuracy" else f"{kept:.3f}"
    axes.plot([best], [kept], "o", color=VALIDATED, label=f"kept: epoch {best}, {figure_text}")
    axes.set(title=f"{name.capitalize()} of each epoch", xlabel="epoch", ylabel=name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if name == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="y", alpha=0.3)
    figure.legend(frameon=False, loc="outside lower center", ncols=3)
    return figure


def _confusion(part: FaceSet, answers: Probabilities, split: str) -> Figure:
    counts = _counts(part, answers)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = _plot(7.4, 6.6)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (true, said), count in np.ndenumerate(counts):
        axes.text(said, true, f"{shares[true, said]:.0%}\n{count}", ha="center", va="center",
                  fontsize=9, color="white" if shares[true, said] > 0.55 else "black")  # fmt: skip
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.tick_params(length=0)
    right = np.trace(counts) / counts.sum()
    axes.set(
        title=f"{len(part):,} {split} faces, {right:.1%} right",
        xlabel="what the network says",
        ylabel="what the label says",
    )
    axes.spines[:].set_visible(False)
    return figure


def _as_fitted(
    part: FaceSet, raw: Probabilities, calibrated: Probabilities
) -> tuple[FaceSet, Probabilities, Probabilities]:
    """Return the faces that confidence is meant for: where people voted, those they agree on, with
    what they said for their label.
    """
    majority = part.majority()
    agreed = majority >= 0
    if not agreed.any():
        return part, raw, calibrated
    named = replace(part, labels=majority)
    return named.where(agreed), raw[agreed], calibrated[agreed]


def _reliability(
    part: FaceSet, raw: Probabilities, calibrated: Probabilities, split: str
) -> Figure:
    truth = "what most taggers said" if (part.majority() >= 0).any() else "truth"
    figure = Figure(figsize=(6, 6.6), layout="constrained")
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    top.plot([0, 1], [0, 1], color=QUIET, ls="--", label="as often right as it says")
    lines = {"before temperature": (raw, TRAINED), "after temperature": (calibrated, VALIDATED)}
    for name, (answers, colour) in lines.items():
        confidence, right = answers.max(axis=1), answers.argmax(axis=1) == part.labels
        bins = confidence_bins(confidence)
        filled = np.unique(bins)
        error = calibration_error(answers, part.labels)
        top.plot([confidence[bins == b].mean() for b in filled],
                 [right[bins == b].mean() for b in filled], "o-", ms=4, color=colour,
                 label=f"{name}: calibration error {error:.3f}")  # fmt: skip
    counts = np.bincount(confidence_bins(calibrated.max(axis=1)), minlength=ECE_BINS)
    centres = (np.arange(ECE_BINS) + 0.5) / ECE_BINS
    below.bar(centres, counts, 0.9 / ECE_BINS, color=VALIDATED)
    top.set(title=f"Confidence and {truth}, {len(part):,} {split} faces", ylabel="share right",
            xlim=(0, 1), ylim=(0, 1.02))  # fmt: skip
    below.set(xlabel="confidence", ylabel="faces (after)")
    below.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    top.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    top.legend(frameon=False, loc="upper left")
    for axes in (top, below):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
    return figure


def _most_confused(part: FaceSet, answers: Probabilities, split: str) -> Figure:
    """Draw a row of faces for each of the most frequent confusions, the surest mistakes first."""
    wrong = _counts(part, answers)
    np.fill_diagonal(wrong, 0)
    pairs = [np.unravel_index(place, wrong.shape)
             for place in np.argsort(-wrong, axis=None, kind="stable")[:PAIRS]
             if wrong.flat[place]]  # fmt: skip
    if not pairs:
        figure, axes = _plot(7, 1.2)
        axes.set_axis_off()
        axes.text(0.5, 0.5, f"None of the {len(part):,} {split} faces was mistaken.", ha="center")
        return figure
    figure = Figure(figsize=(FACES_A_PAIR * 1.05, len(pairs) * 1.45 + 0.5), layout="constrained")
    figure.suptitle(f"Most frequent confusions of {len(part):,} {split} faces, the surest first")
    rows = figure.subfigures(len(pairs), 1, squeeze=False)[:, 0]
    said, confidence = answers.argmax(axis=1), answers.max(axis=1)
    for row, (true, taken) in zip(rows, pairs, strict=True):
        found = np.flatnonzero((part.labels == true) & (said == taken))
        surest = found[np.argsort(-confidence[found], kind="stable")]
        count = wrong[true, taken]
        row.suptitle(f"{EMOTIONS[true]} taken for {EMOTIONS[taken]}: {count}", fontsize=10)
        for place, axes in enumerate(row.subplots(1, FACES_A_PAIR)):
            axes.set_axis_off()
            if place < len(surest):
                face = surest[place]
                axes.imshow(part.pixels[face], cmap="gray", vmin=0, vmax=255)
                axes.text(0.5, -0.04, f"{confidence[face]:.0%}", transform=axes.transAxes,
                          ha="center", va="top", fontsize=8, color="#555555")  # fmt: skip
    return figure


def _write_classification_report(run_dir: Path, part: FaceSet, answers: Probabilities) -> None:
    def report(**form: Any) -> Any:
        return classification_report(
            part.labels,
            answers.argmax(axis=1),
            labels=range(len(EMOTIONS)),
            target_names=EMOTIONS,
            zero_division=0,
            **form,
        )

    (run_dir / "classification_report.txt").write_text(report(digits=3), encoding="utf-8")
    (run_dir / "classification_report.json").write_text(
        json.dumps(report(output_dict=True), indent=2) + "\n", encoding="utf-8"
    )


def _plot(width_in: float, height_in: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _counts(part: FaceSet, answers: Probabilities) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(
        confusion_matrix(part.labels, answers.argmax(axis=1), labels=range(len(EMOTIONS)))
    )
