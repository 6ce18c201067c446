"""What is built holds everything that runs."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_every_package_is_named_in_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    there = {
        ".".join(init.parent.relative_to(ROOT).parts) for init in ROOT.glob("fercam/**/__init__.py")
    }
    assert set(project["tool"]["setuptools"]["packages"]) == there | {
        "fercam.assets",
        "fercam.models",
    }


def test_every_dependency_has_a_pin_without_an_address() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    names = {pin.split("==")[0].lower().replace("_", "-") for pin in pins}
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {spec.split(">")[0].lower() for spec in wanted} <= names
    assert all("==" in pin and "/" not in pin for pin in pins)
