"""One HTML file that tells all about a finished run."""

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from fercam import __version__, paths
from fercam.core import words
from fercam.core.errors import TrainingError
from fercam.inference.bundle import read_card
from fercam.training.config import SETTINGS
from fercam.training.results import RunResults, read_results
from fercam.training.run_list import RunEntry, read_run
from fercam.training.runs import epochs_done

PICTURES = {
    "confusion_matrix": "What is taken for what",
    "most_confused": "Faces it gets wrong",
    "reliability": "How far its confidence can be trusted",
    "accuracy": "Accuracy while it was trained",
    "loss": "Loss while it was trained",
}
"""The pictures in a run's folder that are shown, with their titles."""


def write_run_report(run_dir: Path, out: Path) -> None:
    """Write a report of a finished run with its pictures inside.

    Raises:
        TrainingError: the run is not finished or has kept no figures.
    """
    entry, results = read_run(run_dir), read_results(run_dir)
    if entry is None or entry.bundle is None or results is None:
        raise TrainingError(f"The run {run_dir.name} has kept no figures to report.")
    card = read_card(entry.bundle)
    template = (paths.resource_dir("assets") / "run_report.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    text = environment.from_string(template).render(
        name=entry.folder.name,
        version=__version__,
        notes=entry.notes,
        results=results,
        figures=_figures(entry, results),
        data=_data(card.data),
        settings=[(name.replace("_", " "), getattr(entry.config, name)) for name in SETTINGS],
        pictures=[
            (title, base64.b64encode((run_dir / f"{name}.png").read_bytes()).decode("ascii"))
            for name, title in PICTURES.items()
            if (run_dir / f"{name}.png").is_file()
        ],
        card=card,
        percent=_percent,
    )
    work = out.with_name(f".{out.name}")
    work.write_text(text, encoding="utf-8")
    work.replace(out)


def _figures(entry: RunEntry, results: RunResults) -> list[tuple[str, str]]:
    given = results.figures
    fresh = given.get("without_copies_of_training")
    rows = [
        ("Accuracy", _percent(given["accuracy"])),
        ("Balanced accuracy", _percent(given["balanced_accuracy"])),
        ("Macro F1", _percent(given["macro_f1"])),
        ("Calibration error", f"{given['ece']:.3f}"),
        ("Sure answers", _percent(given["sure_share"])),
    ]
    if fresh:
        rows.insert(1, ("… without copies of training pictures", _percent(fresh["accuracy"])))
    if given["sure_accuracy"] is not None:
        rows.append(("Sure answers that are right", _percent(given["sure_accuracy"])))
    rows.append(("Architecture", entry.config.architecture))
    rows.append(("Epochs", str(epochs_done(entry.history))))
    if entry.seconds:
        rows.append(("Time", words.clock(entry.seconds)))
    return rows


def _data(data: dict[str, Any]) -> list[tuple[str, str]]:
    titles = {
        "name": "Data set",
        "train": "Training faces",
        "validation": "Validation faces",
        "test": "Test faces",
        "left_out": "Left out",
        "skipped": "Skipped files",
        "fingerprint": "Fingerprint",
    }
    return [(title, str(data[key])) for key, title in titles.items() if key in data]


def _percent(share: float) -> str:
    return f"{share:.1%}"
