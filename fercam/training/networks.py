"""The networks that can be trained, in words and figures, without building them."""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fercam import paths
from fercam.training.run_list import list_runs
from fercam.training.runs import read_events


@dataclass(frozen=True, slots=True)
class Network:
    """An architecture: its name, what it is, its weights, the megabytes of its model in eight bits.

    `ms_per_face` is how long this computer takes for one face, `trains_per_s` how many faces a
    second it trained on in the newest run; None where that is not known yet.
    """

    name: str
    title: str
    parameters: int
    size_mb: float
    ms_per_face: float | None = None
    trains_per_s: float | None = None


NETWORKS: tuple[Network, ...] = (
    Network("seed", "The notebook's network", 4_232_199, 4.3),
    Network("seed-small", "The notebook's smaller network", 839_047, 0.8),
    Network("mini-xception", "A tiny network of 2017", 51_255, 0.2),
    Network("fercam", "FerCam's own: the best answers", 4_316_071, 4.4),
    Network("fercam-nano", "FerCam's own for weak computers", 177_007, 0.3),
    Network("fercam-mini", "FerCam's own, a third as large", 1_286_567, 1.3),
    Network("residual", "A large network to teach others", 11_164_327, 11.2),
    Network("transfer", "EfficientNet-Lite0 on larger faces", 3_358_391, 4.2),
)


def known(runs_dir: Path) -> list[Network]:
    """Return the networks with what was measured of them on this computer."""
    measured = _measured()
    trained = _trained(runs_dir)
    return [
        replace(
            network,
            ms_per_face=measured.get(network.name),
            trains_per_s=trained.get(network.name),
        )
        for network in NETWORKS
    ]


def keep(event: dict[str, Any]) -> None:
    """Remember what the engine measured of one network."""
    file = _cache()
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        measured = {**_measured(), event["name"]: event["ms_per_face"]}
        file.write_text(json.dumps(measured), encoding="utf-8")


def _measured() -> dict[str, float]:
    with suppress(OSError, ValueError, AttributeError):
        stored = json.loads(_cache().read_text(encoding="utf-8"))
        return {str(name): float(value) for name, value in stored.items()}
    return {}


def _cache() -> Path:
    return paths.user_cache_dir() / "networks.json"


def _trained(runs_dir: Path) -> dict[str, float]:
    speeds: dict[str, float] = {}
    for run in reversed(list_runs(runs_dir)):
        faces, epoch, pace_s = 0, 0, 0.0
        for event in read_events(run.folder):
            if event.get("event") == "start":
                faces = int(event.get("train", 0))
            elif event.get("event") == "epoch" and event.get("seconds"):
                pace_s = float(event["seconds"]) / max(event["epoch"] - epoch, 1)
                epoch = event["epoch"]
        if faces and pace_s:
            speeds[run.config.architecture] = faces / pace_s
    return speeds
