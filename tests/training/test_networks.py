"""What is said of the networks is so."""

import json
from pathlib import Path

import pytest
from helpers.training import epoch_event, start_event

from fercam import paths
from fercam.training import networks
from fercam.training.config import TrainingConfig
from fercam.training.networks import NETWORKS, Network


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "user_cache_dir", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "networks.json"


def named(known: list[Network], name: str) -> Network:
    return next(network for network in known if network.name == name)


def test_the_list_is_the_builders_own_and_its_parameters_are_right() -> None:
    from fercam.training.engine import builder, speed

    assert [network.name for network in NETWORKS] == list(builder.ARCHITECTURES)
    built = {name: speed.network(name).count_params() for name in builder.ARCHITECTURES}
    assert {network.name: network.parameters for network in NETWORKS} == built


def test_what_was_measured_here_is_remembered(tmp_path: Path, cache: Path) -> None:
    assert named(networks.known(tmp_path), "seed").ms_per_face is None
    networks.keep({"name": "seed", "ms_per_face": 2.5})
    networks.keep({"name": "fercam", "ms_per_face": 1.5})
    assert named(networks.known(tmp_path), "seed").ms_per_face == 2.5
    cache.write_text("broken")
    assert named(networks.known(tmp_path), "fercam").ms_per_face is None


def test_the_newest_run_says_how_quickly_a_network_learns_here(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    folder.mkdir(parents=True)
    config = TrainingConfig(Path("faces"), folder, "seed")
    (folder / "run.json").write_text(json.dumps({"config": config.to_json()}))
    events = [start_event(), epoch_event(1, 1.0, 1.0)]
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, events)))
    known = networks.known(tmp_path / "runs")
    assert named(known, "seed").trains_per_s == pytest.approx(100.0)
    assert named(known, "fercam").trains_per_s is None


@pytest.mark.slow
def test_the_child_measures_every_network() -> None:
    from fercam.training.job import networks_job

    with networks_job() as job:
        found = {event["name"]: event for event in job.events() if event["event"] == "network"}
    for network in NETWORKS:
        assert found[network.name]["size_mb"] == pytest.approx(network.size_mb, abs=0.1)
        assert found[network.name]["ms_per_face"] > 0
