"""What is known of a data set, as the Data page shows it: more of it as it comes in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fercam.core.emotions import EMOTIONS
from fercam.core.words import counted
from fercam.training.data_choice import DataChoice
from fercam.training.job import Event

Counts = Mapping[str, Mapping[str, int]]
"""Faces per split and emotion."""
NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about a data set that people should know: what it is, what will be done about it,
    the names of the files concerned (the first of them, where there are many), and a picture that
    shows it.
    """

    what: str
    done_about_it: str
    files: tuple[str, ...] = ()
    sheet: Path | None = None


@dataclass(frozen=True, slots=True)
class DataReport:
    """A data set as far as it is known.

    While it is looked at, `stage` says in words what is being done and `done` of `of` how far that
    is (None: not known); `counts` are then of the emotions alone, under an empty split. Once
    `finished`, `used` are the faces per split that a model will be made from, `unknown` the
    classes whose names mean no emotion with their pictures, `problem` is a sentence that people
    should read first, and `usable` says whether a model can be made at all.
    """

    choice: DataChoice
    stage: str = ""
    done: int = 0
    of: int | None = None
    counts: Counts = field(default_factory=dict)
    used: Counts = field(default_factory=dict)
    trouble: tuple[Trouble, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=dict)
    sheets: Mapping[str, Path] = field(default_factory=dict)
    problem: str = ""
    usable: bool = False
    finished: bool = False

    @property
    def faces(self) -> int:
        """How many faces were read so far."""
        return sum(sum(row.values()) for row in self.counts.values())

    def after(self, event: Event) -> "DataReport":
        """Return what is known after an event of the engine's command `report`."""
        if event["event"] == "progress":
            counts = {"": event["counts"]} if "counts" in event else self.counts
            return replace(
                self, stage=event["stage"], done=event["done"], of=event["of"], counts=counts
            )
        if event["event"] != "done":
            return self
        full = event["report"] or NONE
        sheets = {name: Path(file) for name, file in event["sheets"].items()}
        return replace(
            self,
            stage="",
            counts=full.get("counts", {}),
            used=full.get("prepared_counts", {}),
            trouble=_troubles(full, sheets) if full else (),
            unknown=event["unknown"],
            sheets={emotion: sheets[emotion] for emotion in EMOTIONS if emotion in sheets},
            problem=event["problem"],
            usable=event["usable"],
            finished=True,
        )


def _troubles(full: Mapping[str, Any], sheets: Mapping[str, Path]) -> tuple[Trouble, ...]:
    skipped, left_out = full["skipped"], full["left_out"]
    unreadable, faceless = skipped["unreadable"], skipped["without_face"]
    exact, near = full["exact_copies"], full["near_copies"]
    conflicts, noise = full["conflicts"]["groups"], full["not_a_face"]
    found: list[Trouble] = []
    if count := unreadable["count"]:
        what = counted(count, "file that cannot be read", "files that cannot be read")
        files = [f"{one['where']}: {one['reason']}" for one in unreadable["first"]]
        found.append(Trouble(what, "Left out.", _and_more(files, count)))
    if count := faceless["count"]:
        what = counted(count, "photo without a face", "photos without a face")
        files = [one["where"] for one in faceless["first"]]
        found.append(Trouble(what, "Left out.", _and_more(files, count)))
    if exact or near:
        what = f"{counted(exact, 'exact copy', 'exact copies')}, "
        what += counted(near, "near copy", "near copies")
        done = "Copies never stand on both sides of a split."
        if left_out["copies_of_test"]:
            said = ("copy of a test picture is", "copies of test pictures are")
            done += f" {counted(left_out['copies_of_test'], *said)} left out of training."
        found.append(Trouble(what, done, (), sheets.get("copies")))
    if conflicts:
        what = counted(conflicts, "group of copies", "groups of copies") + " with several emotions"
        done = "Kept as they are: look which is right, and mend it in the folder."
        found.append(Trouble(what, done, (), sheets.get("conflicts")))
    if noise:
        what = counted(noise, "picture") + " that most taggers call no face"
        done = f"Left out of training: {left_out['not_a_face']:,}."
        found.append(Trouble(what, done))
    return tuple(found)


def _and_more(files: list[str], count: int) -> tuple[str, ...]:
    more = count - len(files)
    return (*files, f"… and {more:,} more") if more else tuple(files)
