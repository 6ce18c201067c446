"""What a model is made from: a data set somebody chose, and how to read it."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataChoice:
    """A data set: `path` is a folder, a fer2013.csv or an array file, `title` what people call it.

    `class_names` maps folder names that are not known to emotions, or to "" for those to be left
    out. `detect` looks for the face in small pictures too. `faces` is how many there are, 0 where
    that is not known.
    """

    path: Path
    title: str
    class_names: dict[str, str] = field(default_factory=dict)
    detect: bool = False
    faces: int = field(default=0, compare=False)
