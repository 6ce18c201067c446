"""Finished training runs without training: the tiny bundle's answers to faces of one gray."""

import json
import shutil
from pathlib import Path

import numpy as np

from fercam.core.emotions import EMOTIONS
from fercam.inference.bundle import FLOAT, INT8, change_card, read_card
from fercam.inference.litert import LiteRtClassifier
from fercam.training.config import TrainingConfig
from fercam.training.engine.metrics import measure
from fercam.training.results import ANSWERS, RESULTS

SHOWN = {"happy": 8, "sad": 6, "neutral": 4, "fear": 2}
"""How many faces there are of each; those of fear are as bright as happy ones, so mistaken."""
GRAY = {"happy": 220, "sad": 20, "neutral": 128, "fear": 250}


def make_run(
    folder: Path,
    bundle: Path | None,
    name: str = "mine",
    results: bool = True,
    called: str = "",
    **config: object,
) -> Path:
    """Write a run of three epochs; `bundle` is copied as its model `name`, None leaves it
    unfinished; `called` is what somebody called it before it began.
    """
    folder.mkdir(parents=True)
    asked = TrainingConfig(Path("faces"), folder, **config)  # type: ignore[arg-type]
    (folder / "run.json").write_text(json.dumps({"config": asked.to_json(), "name": called}))
    (folder / "history.csv").write_text(
        "epoch,loss,accuracy,val_loss,val_accuracy,val_balanced\n"
        "1,1.5,0.4,1.4,0.5,0.4\n2,1.2,0.5,1.1,0.7,0.6\n3,1.0,0.6,1.3,0.6,0.5\n"
    )
    if bundle is None:
        (folder / "last_model.keras").write_bytes(b"")
        return folder
    model = Path(shutil.copytree(bundle, folder / name))
    change_card(model, name=name, data={"name": "faces", "fingerprint": "abc"})
    if results:
        write_outcome(folder, model)
    return folder


def write_outcome(folder: Path, model: Path) -> None:
    """Write what the engine writes when a run is finished."""
    names = [emotion for emotion, count in SHOWN.items() for _ in range(count)]
    labels = np.array([EMOTIONS.index(name) for name in names], np.int64)
    grays = np.array([GRAY[name] + place % 5 for place, name in enumerate(names)], np.uint8)
    pixels = np.broadcast_to(grays[:, None, None], (len(names), 48, 48)).copy()
    answers = {
        form: LiteRtClassifier(model / file).classify(pixels)
        for form, file in (("keras", FLOAT), ("int8", INT8))
    }
    np.savez_compressed(
        folder / ANSWERS, pixels=pixels, labels=labels, split=np.array("test"), **answers
    )
    figures = measure(answers["int8"], labels, 0.5)
    bins = {
        "ece": figures["ece"],
        "bins": [
            {"confidence": 0.5, "right": 0.4, "faces": 12},
            {"confidence": 0.9, "right": 0.95, "faces": 8},
        ],
    }
    record = {
        **figures,
        "split": "test",
        "model": read_card(model).name,
        "fingerprint": "abc",
        "reliability": {"truth": "the labels", "faces": 20, "before": bins, "after": bins},
    }
    (folder / RESULTS).write_text(json.dumps(record))
    change_card(model, metrics={"test": figures, "validation": figures})
