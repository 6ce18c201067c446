"""benchmarks/ship.py: what a shipped model's card says that a user's own does not."""

import importlib
from pathlib import Path

import pytest
from helpers.bundles import make_tiny_bundle

from fercam import paths
from fercam.inference.bundle import load_bundle

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_a_shipped_model_tells_its_terms_and_what_it_is_weak_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.setattr(paths, "resource_dir", lambda name: tmp_path / name)
    ship = importlib.import_module("ship")
    asked = []
    monkeypatch.setattr(ship.check_faces, "main", lambda: asked.append("faces"))
    trained = make_tiny_bundle(tmp_path / "runs" / "fercam", limits="Knows only brightness.")
    make_tiny_bundle(tmp_path / "models" / "fercam", limits="The one before.")
    ship.main([trained])
    card = load_bundle(tmp_path / "models" / "fercam", verify_all=True).card
    assert "GPL" in card.licence and "FER2013" in card.licence
    assert card.limits.startswith("Knows only brightness.") and "fear" in card.limits
    assert asked == ["faces"]
