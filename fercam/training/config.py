"""What a training run is asked to do."""

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from fercam.core.errors import UsageError

Schedule = Literal["constant", "cosine"]
Optimizer = Literal["adam", "adamw"]
Augmentation = Literal["none", "flip", "webcam"]
Choice = Literal["loss", "balanced"]
Trained = Literal["all", "head"]
Seen = Literal["plain", "changed"]
Precision = Literal["auto", "float32", "mixed_bfloat16"]

ARCHITECTURE = "seed"
VALIDATION_SHARE = 0.1
SEED = 1


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One run. The defaults are those of the notebook FerCam grew from.

    Data: `class_names` and `detect` as in `DataChoice`.

    Network: `weights` is a local file to start from, or else hidden weights start by `initializer`;
    `dropout_scale` multiplies every dropout rate while training; `backbone` and `enlarged_px` are
    for the architecture `transfer`, which sees faces enlarged to that side.

    `trained` says whether all of its weights learn, or its last layer alone: few faces would ruin
    the rest.

    Labels: `votes_share` (0..1) is how much of a face's target comes from the votes of several
    people, where there are any; `smoothing` moves that share of it to all classes alike; `balance`
    (0..1) weights classes by their frequency to the power of minus `balance`; `teachers` are run
    folders whose networks' mean answer makes up `teacher_share` of the target (Hinton et al., 2015,
    arXiv:1503.02531); they answer once for each face as it is, or, if `teachers_see` what is
    "changed", every time for what the network is shown (Beyer et al., 2022, arXiv:2106.05237).

    Pictures: `augmentation` changes them at random; `mixup` is the alpha of Zhang et al. (2018,
    arXiv:1710.09412), 0 for none.

    `workers` processes change the pictures while the network learns; 0 leaves it to a thread, which
    keeps up with a network that learns on the processor, but not with one on a GPU.

    Steps: `learning_rate` stays, or rises over `warmup_epochs` and falls along a cosine;
    `averaging` is the momentum of the running mean of the weights that is validated and kept, 0 for
    none; `patience` is in epochs; every `validate_every` epochs, and at the end, the network is
    validated and kept; `choose_by` is what the best epoch excels in on the validation part: the
    lowest loss, or, once its answers are made even between emotions, the highest mean of
    accuracy and balanced accuracy (over original labels and votes, where there are votes).
    """

    dataset: Path
    run_dir: Path
    architecture: str = ARCHITECTURE
    backbone: str = ""
    weights: Path | None = None
    enlarged_px: int = 96
    dropout_scale: float = 1.0
    initializer: str = "glorot_uniform"
    votes_share: float = 0.0
    smoothing: float = 0.0
    balance: float = 0.0
    teachers: tuple[Path, ...] = ()
    teacher_share: float = 0.5
    teachers_see: Seen = "plain"
    augmentation: Augmentation = "none"
    mixup: float = 0.0
    epochs: int = 100
    batch_size: int = 128
    optimizer: Optimizer = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: Schedule = "constant"
    warmup_epochs: float = 0.0
    averaging: float = 0.0
    patience: int = 7
    validate_every: int = 1
    choose_by: Choice = "loss"
    trained: Trained = "all"
    precision: Precision = "auto"
    workers: int = 0
    validation_share: float = VALIDATION_SHARE
    seed: int = SEED
    resume: bool = False
    class_names: Mapping[str, str] = field(default_factory=dict)
    detect: bool = False

    def absolute(self) -> "TrainingConfig":
        """Return the configuration with paths that hold wherever the program is started."""
        return replace(
            self,
            dataset=self.dataset.absolute(),
            run_dir=self.run_dir.absolute(),
            weights=self.weights and self.weights.absolute(),
            teachers=tuple(folder.absolute() for folder in self.teachers),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as JSON types."""
        values = asdict(self)
        values["teachers"] = [str(folder) for folder in self.teachers]
        return {
            name: str(value) if isinstance(value, Path) else value for name, value in values.items()
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainingConfig":
        """Return the configuration that `to_json` wrote; settings that this FerCam does not know
        are passed over.
        """
        known = {entry.name for entry in fields(cls)}
        return cls(
            **{
                **{name: value for name, value in values.items() if name in known},
                "dataset": Path(values["dataset"]),
                "run_dir": Path(values["run_dir"]),
                "weights": Path(values["weights"]) if values.get("weights") else None,
                "teachers": tuple(Path(folder) for folder in values.get("teachers", ())),
            }
        )

    def with_settings(self, settings: dict[str, str]) -> "TrainingConfig":
        """Return this configuration with some settings, given as text, in place of its own.

        Raises:
            UsageError: there is no such setting, the text is not a value for it, or one makes no
                sense.
        """
        values: dict[str, Any] = {}
        for name, text in settings.items():
            if name not in SETTINGS:
                raise UsageError(f"There is no setting '{name}'; choose: {', '.join(SETTINGS)}.")
            try:
                values[name] = type(getattr(self, name))(text)
            except ValueError as error:
                raise _no_value(name, text) from error
        changed = replace(self, **values)
        changed.require_sensible()
        return changed

    def require_sensible(self) -> None:
        """Make sure that a run can be made with every setting.

        Raises:
            UsageError: one makes no sense.
        """
        for entry in fields(self):
            name, value = entry.name, getattr(self, entry.name)
            if name not in SETTINGS:
                continue
            kind = type(entry.default)
            fits = isinstance(value, int | float if kind is float else kind)
            if not fits:
                raise _no_value(name, value)
            if name in CHOICES and value not in CHOICES[name]:
                raise UsageError(f"'{name}' is one of: {', '.join(CHOICES[name])}.")
            if kind is str:
                continue
            if not math.isfinite(value):
                raise _no_value(name, value)
            if value < 0:
                raise UsageError(f"'{name}' cannot be negative.")
            if value > MOST.get(name, math.inf):
                raise UsageError(f"'{name}' is {MOST[name]} at most.")
            if kind is int and not value and name not in MAY_BE_ZERO:
                raise UsageError(f"'{name}' cannot be 0.")

    def require_same_run(self, began_with: "TrainingConfig") -> None:
        """Make sure that a run that began otherwise can go on like this.

        Raises:
            UsageError: what its epochs depend on is another.
        """
        averages = bool(self.averaging) == bool(began_with.averaging)
        for name in FIXED if averages else (*FIXED, "averaging"):
            before = getattr(began_with, name)
            if getattr(self, name) != before:
                shown = ", ".join(map(str, before)) if isinstance(before, tuple) else before
                began = f"without {name}" if before in (None, "", ()) else f"with {name}={shown}"
                raise UsageError(
                    f"The run began {began} and goes on like that; train anew to change it."
                )

    def require_recipe(self, recipe: str, changed: Collection[str]) -> None:
        """Make sure that a run has the settings of a recipe, apart from those that were `changed`.

        Raises:
            UsageError: it has others.
        """
        defaults = {entry.name: entry.default for entry in fields(self)}
        for name in sorted(set().union(*RECIPES.values()) - set(changed)):
            of_recipe, before = RECIPES[recipe].get(name, defaults[name]), getattr(self, name)
            if before != of_recipe:
                raise UsageError(
                    f"The run goes on with {name}={before}, which is {of_recipe} in the recipe "
                    f"'{recipe}'; leave --recipe out, or train anew."
                )


def _no_value(name: str, given: object) -> UsageError:
    return UsageError(f"'{given}' is not a value for '{name}'.")


CHOICES: dict[str, tuple[str, ...]] = {
    "augmentation": get_args(Augmentation),
    "optimizer": get_args(Optimizer),
    "schedule": get_args(Schedule),
    "choose_by": get_args(Choice),
    "trained": get_args(Trained),
    "teachers_see": get_args(Seen),
    "precision": get_args(Precision),
    "initializer": ("glorot_uniform", "he_normal"),
}
SETTINGS = tuple(
    entry.name
    for entry in fields(TrainingConfig)
    if isinstance(entry.default, int | float | str) and not isinstance(entry.default, bool)
)
"""What a run can be varied in, beside where it reads from and writes to."""
FIXED = (
    "architecture", "backbone", "weights", "teachers", "batch_size", "seed", "validation_share",
    "optimizer", "trained", "enlarged_px", "dropout_scale", "initializer", "precision", "choose_by",
)  # fmt: skip
"""What cannot be changed any more once a run has begun; nor can weights begin to be averaged, or
cease.
"""
MOST = {
    "votes_share": 1, "smoothing": 1, "balance": 1, "teacher_share": 1, "dropout_scale": 2,
    "averaging": 0.99999, "validation_share": 0.9, "seed": 2**32 - 1,
}  # fmt: skip
"""More of these makes no sense."""
MAY_BE_ZERO = ("seed", "workers")
"""The whole numbers among them that may; with none of the others nothing can be done."""


_LABELS = {"votes_share": 0.5, "balance": 0.5, "choose_by": "balanced"}

RECIPES: dict[str, dict[str, Any]] = {
    "notebook": {},
    "strong": {
        **_LABELS,
        "smoothing": 0.02,
        "augmentation": "webcam",
        "mixup": 0.2,
        "epochs": 60,
        "batch_size": 64,
        "optimizer": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 2e-2,
        "schedule": "cosine",
        "warmup_epochs": 1.0,
        "averaging": 0.998,
        "patience": 20,
    },
    "fine-tune": {
        **_LABELS,
        "augmentation": "webcam",
        "epochs": 8,
        "batch_size": 64,
        "optimizer": "adamw",
        "learning_rate": 3e-4,
        "weight_decay": 1e-4,
        "schedule": "cosine",
        "warmup_epochs": 0.5,
        "averaging": 0.99,
        "patience": 8,
    },
    "few faces": {
        "trained": "head",
        "balance": 0.5,
        "augmentation": "webcam",
        "epochs": 20,
        "batch_size": 16,
        "optimizer": "adamw",
        "learning_rate": 5e-3,
        "weight_decay": 1e-4,
        "schedule": "cosine",
        "warmup_epochs": 1.0,
        "patience": 20,
    },
}
"""Sets of settings that belong together: the notebook's own, one for networks trained from scratch
with all we know, one for networks whose weights come from elsewhere, one for a model in use and the
faces of a few people."""


FEW_FACES = 1000


def default_recipe(architecture: str, weights: Path | None, faces: int = 0) -> str:
    """Return the recipe that suits a network, how it starts, and how many faces there are (0: not
    known)."""
    if weights is not None:
        return "few faces" if 0 < faces < FEW_FACES else "fine-tune"
    return "notebook" if architecture.startswith("seed") else "strong"
