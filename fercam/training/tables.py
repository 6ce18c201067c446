"""What an evaluation found, in lines of text."""

from collections.abc import Iterator
from typing import Any

from fercam.core.emotions import EMOTIONS

Figures = dict[str, Any]


def evaluation_lines(result: Figures) -> Iterator[str]:
    """Yield the tables of an evaluation's result, line by line."""
    if "copies_of_training" in result:
        yield (
            f"{result['copies_of_training']} exact and {result['near_copies_of_training']} near "
            "copies of training pictures among them"
        )
    yield from _overview(result)
    yield ""
    yield from _classes(result)
    if "runtimes" in result:
        yield ""
        yield from _runtimes(result["runtimes"])
    if "robustness" in result:
        yield ""
        yield from _robustness(result["robustness"], "without_copies_of_training" in result)


def _overview(result: Figures) -> Iterator[str]:
    sets = {"all": result}
    if "without_copies_of_training" in result:
        sets["without exact copies"] = result["without_copies_of_training"]
    rows = {f"labels, {name}": figures for name, figures in sets.items()}
    for name, figures in sets.items():
        if figures["majority"]:
            rows[f"FER+ majority, {name}"] = figures["majority"]
    yield f"{'':36}{'':7}{'':10}{'':10}{'':10}{'calibration error':>27}{'chance':>8}"
    yield (
        f"{'':36}{'faces':>7}{'accuracy':>10}{'balanced':>10}{'macro F1':>10}"
        f"{'as shown':>12}{'temperature 1':>15}{'of it':>8}"
    )
    for name, figures in rows.items():
        yield (
            f"{name:36}{figures['faces']:>7}{figures['accuracy']:>10.3f}"
            f"{figures['balanced_accuracy']:>10.3f}{_or_blank(figures, 'macro_f1'):>10}"
            f"{figures['ece']:>12.3f}{figures['ece_before_temperature']:>15.3f}"
            f"{_or_blank(figures, 'calibration_p'):>8}"
        ).rstrip()


def _or_blank(figures: Figures, name: str) -> str:
    return f"{figures[name]:.3f}" if name in figures else ""


def _classes(result: Figures) -> Iterator[str]:
    yield (
        f"{'':10}{'recall':>8}{'precision':>11}{'F1':>7}{'faces':>7}"
        f"   taken for: {' '.join(EMOTIONS)}"
    )
    for emotion, counts in zip(EMOTIONS, result["confusion_matrix"], strict=True):
        figures = result["per_class"][emotion]
        row = " ".join(
            f"{count:>{len(name)}}" for count, name in zip(counts, EMOTIONS, strict=True)
        )
        yield (
            f"{emotion:10}{figures['recall']:>8.3f}{figures['precision']:>11.3f}"
            f"{figures['f1']:>7.3f}{figures['faces']:>7}   {'':10} {row}"
        )


def _runtimes(runtimes: dict[str, Figures]) -> Iterator[str]:
    yield (
        f"{'':10}{'accuracy':>10}{'balanced':>10}{'calibration error':>19}"
        f"{'same label as keras':>21}{'largest difference':>20}"
    )
    for name, figures in runtimes.items():
        yield (
            f"{name:10}{figures['accuracy']:>10.3f}{figures['balanced_accuracy']:>10.3f}"
            f"{figures['ece']:>19.3f}{figures['agreement_with_keras']:>21.2%}"
            f"{figures['largest_difference']:>20.1e}"
        )


def _robustness(table: dict[str, Figures], without_copies: bool) -> Iterator[str]:
    faces = "without exact copies" if without_copies else "all faces"
    yield f"{faces:24}{'accuracy':>10}{'balanced':>10}"
    for name, figures in table.items():
        yield f"{name:24}{figures['accuracy']:>10.3f}{figures['balanced_accuracy']:>10.3f}"
