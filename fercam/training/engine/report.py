"""What a data set holds, said before anything is trained on it."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.detection.crop import FACE_PX
from fercam.training.engine import readers
from fercam.training.engine.dataset import SPLITS, FaceSet
from fercam.training.engine.duplicates import Groups, exact_groups, near_groups

LISTED = 20
"""Conflicts that are named one by one."""
SHEET_FACES, SHEET_COLUMNS = 40, 8
SHEET_FACE_PX, SHEET_GAP_PX = 2 * FACE_PX, 6
SHEET_GROUPS, GROUP_FACES = 16, 4
SHEET_TEXT_PX, SHEET_WIDE_PX = 18, 960


def write_report(
    everything: FaceSet, prepared: FaceSet, run_dir: Path, near: Groups | None = None
) -> dict[str, Any]:
    """Write data.json and the sheets of what is trained on, samples/, into a run folder and return
    the key figures; `near` as in `report`.
    """
    full = report(everything, prepared, near)
    text = json.dumps(full, indent=2) + "\n"  # ASCII: names need not be Unicode
    (run_dir / "data.json").write_text(text, encoding="utf-8")
    sample_sheets(prepared.part("train"), run_dir / "samples")
    return {**key_figures(full), "report": str(run_dir / "data.json")}


def report(
    everything: FaceSet, prepared: FaceSet | None, near: Groups | None = None
) -> dict[str, Any]:
    """Return, in JSON types, what was read and what of it will be used (nothing for None).

    `counts` and `prepared_counts` are faces per split and emotion, as read and after `prepare`;
    `skipped` are files that cannot be read and photos without a face. Of several copies all but
    the first are counted; near copies are those that are not exact. A conflict is a group of
    copies, exact or near, with different labels; its rows count from 0 in the order of reading.
    `left_out` are training pictures that will be dropped, and why. `near` are the `near_groups` of
    all that was read, where they are known already.
    """
    skipped = [{"where": entry.where, "reason": entry.reason} for entry in everything.skipped]
    exact = exact_groups(everything.pixels)
    near = near_groups(everything.pixels) if near is None else near
    distinct = len(np.unique(exact))
    not_a_face = everything.not_a_face()
    train = everything.splits == SPLITS.index("train")
    copy_of_test = train & np.isin(near, near[~train])
    return {
        "faces": len(everything),
        "counts": _counts(everything),
        "prepared_counts": {} if prepared is None else _counts(prepared),
        "skipped": {
            "unreadable": [entry for entry in skipped if entry["reason"] != readers.NO_FACE],
            "without_face": [entry for entry in skipped if entry["reason"] == readers.NO_FACE],
        },
        "exact_copies": len(everything) - distinct,
        "near_copies": distinct - len(np.unique(near)),
        "conflicts": _conflicts(everything, exact, near),
        "not_a_face": int(not_a_face.sum()),
        "left_out": {
            "copies_of_test": int(copy_of_test.sum()),
            "not_a_face": int((train & not_a_face & ~copy_of_test).sum()),
        },
    }


def key_figures(full: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a `report`, without its lists, for an event."""
    return {
        "faces": full["faces"],
        "per_class": {
            emotion: sum(counts[emotion] for counts in full["counts"].values())
            for emotion in EMOTIONS
        },
        "unreadable": len(full["skipped"]["unreadable"]),
        "without_face": len(full["skipped"]["without_face"]),
        "exact_copies": full["exact_copies"],
        "near_copies": full["near_copies"],
        "conflicts": full["conflicts"]["groups"],
        "not_a_face": full["not_a_face"],
        "left_out": full["left_out"],
    }


def sample_sheets(faces: FaceSet, folder: Path) -> dict[str, str]:
    """Write <emotion>.png for each class there is: up to 40 faces, evenly spread over the class.

    Returns the files by emotion.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    for number, emotion in enumerate(EMOTIONS):
        found = faces.pixels[faces.labels == number]
        if len(found):
            chosen = np.linspace(0, len(found) - 1, min(len(found), SHEET_FACES)).round()
            written[emotion] = _write(_sheet(found[chosen.astype(int)]), folder / f"{emotion}.png")
    return written


def group_sheets(faces: FaceSet, near: Groups, folder: Path) -> dict[str, str]:
    """Write copies.png and conflicts.png: the first groups of copies, and of copies with different
    labels, up to four faces each side by side with their labels under them.

    `near` are the faces' `near_groups`. Returns the files by name, those that there is cause for.
    """
    order = np.argsort(near, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(near[order])) + 1)
    several = [group for group in groups if len(group) > 1]
    chosen = {
        "copies": several,
        "conflicts": [group for group in several if len(np.unique(faces.labels[group])) > 1],
    }
    return {
        name: _write(_group_sheet(faces, found[:SHEET_GROUPS]), folder / f"{name}.png")
        for name, found in chosen.items()
        if found
    }


def _group_sheet(faces: FaceSet, groups: list[NDArray[np.int64]]) -> NDArray[np.uint8]:
    """Lay groups out in lines, as many in a line as fit, a gap between them."""
    lines: list[list[NDArray[np.uint8]]] = [[]]
    for group in groups:
        _, firsts = np.unique(faces.labels[group], return_index=True)  # no label is cut off
        shown = np.concatenate([group[np.sort(firsts)], np.delete(group, firsts)])
        picture = _group(faces, shown[:GROUP_FACES])
        if sum(part.shape[1] for part in lines[-1]) + picture.shape[1] > SHEET_WIDE_PX:
            lines.append([])
        lines[-1].append(picture)
    whole = [np.hstack(line) for line in lines]
    return np.vstack([
        np.pad(line, ((0, 0), (0, SHEET_WIDE_PX - line.shape[1])), constant_values=255)
        for line in whole
    ])  # fmt: skip


def _group(faces: FaceSet, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    cell, size = SHEET_FACE_PX + SHEET_GAP_PX, (SHEET_FACE_PX, SHEET_FACE_PX)
    high, wide = cell + SHEET_TEXT_PX, len(rows) * cell + 2 * SHEET_GAP_PX
    picture = np.full((high, wide), 255, np.uint8)
    for column, row in enumerate(rows):
        left = SHEET_GAP_PX + column * cell
        face = cv2.resize(faces.pixels[row], size, interpolation=cv2.INTER_CUBIC)
        picture[SHEET_GAP_PX:cell, left : left + size[0]] = face
        place, label = (left, high - 6), EMOTIONS[faces.labels[row]]
        cv2.putText(picture, label, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 0, 1, cv2.LINE_AA)
    return picture


def _write(picture: NDArray[np.uint8], file: Path) -> str:
    _, png = cv2.imencode(".png", picture)
    file.write_bytes(png.tobytes())
    return str(file)


def _counts(faces: FaceSet) -> dict[str, dict[str, int]]:
    table = np.zeros((len(SPLITS), len(EMOTIONS)), np.int64)
    np.add.at(table, (faces.splits, faces.labels), 1)
    return {
        split: dict(zip(EMOTIONS, row.tolist(), strict=True))
        for split, row in zip(SPLITS, table, strict=True)
        if row.any()
    }


def _conflicts(faces: FaceSet, exact: Groups, near: Groups) -> dict[str, Any]:
    """Count the groups of copies with several labels, and list the first of them."""
    order = np.lexsort((faces.labels, near))
    same_group = near[order][1:] == near[order][:-1]
    other_label = faces.labels[order][1:] != faces.labels[order][:-1]
    mixed = np.unique(near[order][1:][same_group & other_label])
    groups = [np.flatnonzero(near == group) for group in mixed[:LISTED]]
    return {
        "groups": len(mixed),
        "listed": [
            {
                "exact": bool((exact[rows] == exact[rows[0]]).all()),
                "rows": rows.tolist(),
                "labels": [EMOTIONS[label] for label in faces.labels[rows]],
                "splits": [SPLITS[split] for split in faces.splits[rows]],
            }
            for rows in groups
        ],
    }


def _sheet(faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
    step = SHEET_FACE_PX + SHEET_GAP_PX
    columns = min(len(faces), SHEET_COLUMNS)
    rows = -(-len(faces) // columns)
    sheet = np.full((rows * step + SHEET_GAP_PX, columns * step + SHEET_GAP_PX), 255, np.uint8)
    for number, face in enumerate(faces):
        top, left = (SHEET_GAP_PX + step * place for place in divmod(number, columns))
        large = cv2.resize(face, (SHEET_FACE_PX, SHEET_FACE_PX), interpolation=cv2.INTER_CUBIC)
        sheet[top : top + SHEET_FACE_PX, left : left + SHEET_FACE_PX] = large
    return sheet
