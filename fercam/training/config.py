"""What a training run is asked to do."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Schedule = Literal["constant", "cosine"]

VALIDATION_SHARE = 0.1
SEED = 1


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One run. The defaults are those of the notebook FerCam grew from.

    `dropout_scale` multiplies every dropout rate of the architecture while it trains: 1 is the
    architecture as published, 0 trains without dropout, which learns faster on a short budget.
    `initializer` is how the hidden weights start: `he_normal` suits ReLU networks and gets them off
    the first plateau sooner. `flip` mirrors half of the pictures at random.
    `validation_share` of the training pictures is split off to choose the best epoch.
    """

    dataset: Path
    run_dir: Path
    architecture: str = "seed"
    epochs: int = 100
    batch_size: int = 128
    learning_rate: float = 1e-3
    schedule: Schedule = "constant"
    patience: int = 7
    dropout_scale: float = 1.0
    initializer: str = "glorot_uniform"
    flip: bool = False
    validation_share: float = VALIDATION_SHARE
    seed: int = SEED
    resume: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as JSON types."""
        return {
            name: str(value) if isinstance(value, Path) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainingConfig":
        """Return the configuration that `to_json` wrote."""
        paths = {name: Path(values[name]) for name in ("dataset", "run_dir")}
        return cls(**{**values, **paths})
