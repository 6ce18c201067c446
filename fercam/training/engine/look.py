"""A first look at a data set: its report, told as it comes in, before anybody trains on it."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from fercam.core.errors import DataError
from fercam.training.config import SEED, VALIDATION_SHARE
from fercam.training.engine import dataset, readers, report
from fercam.training.engine.duplicates import near_groups

Emit = Callable[..., None]

TELL_EVERY_S = 0.2
READING, COMPARING, DRAWING = "Reading the pictures", "Looking for copies", "Drawing the sheets"
FEW = 100
TOLD_FILES = 200
"""Files that are told by name, so that nobody's memory grows with the data set; all are in
data.json."""


def look(path: Path, class_names: Mapping[str, str], detect: bool, out: Path, emit: Emit) -> None:
    """Write data.json and the sheets of a data set into the folder `out`.

    Emits `progress` (stage, done, of, counts per emotion so far) and at last `done` with the
    report (of `skipped` files their `count` and the `first`), `unknown` classes (pictures per
    name), which are left out, `problem`, one sentence if nothing can be trained on it or should
    not be without a thought, and whether it is `usable`.

    Raises:
        DataError: nothing usable there.
    """
    unknown = readers.unknown_classes(path, class_names)
    names = {**class_names, **dict.fromkeys(unknown, "")}
    try:
        faces = readers.load(path, detect, names, _Teller(emit))
    except DataError as error:
        if not unknown:
            raise
        problem = error.user_message
        emit("done", report=None, unknown=unknown, problem=problem, usable=False, sheets={})
        return
    emit("progress", stage=COMPARING, done=0, of=None)
    near = near_groups(faces.pixels)
    problem = ""
    try:
        prepared = dataset.prepare(faces, VALIDATION_SHARE, SEED, near)
    except DataError as error:
        prepared, problem = None, error.user_message
    full = report.report(faces, prepared, near)
    emit("progress", stage=DRAWING, done=0, of=None)
    used = faces if prepared is None else prepared
    trained_on = len(used.part("train"))
    if prepared is not None and trained_on < FEW:
        problem = f"{trained_on} training pictures are few: expect to see them learned by heart."
    sheets = report.sample_sheets(used.part("train"), out / "samples")
    sheets |= report.group_sheets(faces, near, out)
    text = json.dumps(full, indent=2) + "\n"  # ASCII: names need not be Unicode
    (out / "data.json").write_text(text, encoding="utf-8")
    usable = prepared is not None
    skipped = {
        kind: {"count": len(files), "first": files[:TOLD_FILES]}
        for kind, files in full["skipped"].items()
    }
    told = {**full, "skipped": skipped, "conflicts": {"groups": full["conflicts"]["groups"]}}
    emit("done", report=told, unknown=unknown, problem=problem, usable=usable, sheets=sheets)


class _Teller:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._next_s = 0.0

    def __call__(self, progress: readers.Progress) -> None:
        now_s = time.monotonic()
        if now_s >= self._next_s or progress.done == progress.of:
            self._next_s = now_s + TELL_EVERY_S
            self._emit(
                "progress",
                stage=READING,
                done=progress.done,
                of=progress.of,
                counts=dict(progress.counts),
            )
