"""What is built holds everything that runs, and the small package runs without the rest."""

import os
import runpy
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from fercam.core.errors import TrainingError
from fercam.training import job

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


LEAN = """
import sys
for name in {missing!r}:
    sys.modules[name] = None  # as if it were not installed
from fercam.cli import main
sys.exit(main(sys.argv[1:]))
"""


def lean(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run FerCam's command line without the libraries that build.spec leaves out."""
    missing = [*not_in_lean(), "matplotlib.figure", "matplotlib.pyplot"]
    missing.remove("matplotlib")  # its font and portrait are part of every package
    return subprocess.run(
        [sys.executable, "-c", LEAN.format(missing=missing), *arguments],
        env=os.environ | {"HOME": str(home), "XDG_DATA_HOME": "", "PYTHONPATH": str(ROOT)},
        cwd=home,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )


def not_in_lean() -> list[str]:
    """Return what build.spec leaves out of the small package, by import name."""
    text = (ROOT / "build.spec").read_text(encoding="utf-8")
    words = text.partition("NOT_IN_LEAN = (")[2].partition(")")[0]
    return [word.strip().strip('"') for word in words.replace("\n", "").split(",") if word.strip()]


def test_the_small_package_does_everything_but_training_and_parquet(tmp_path: Path) -> None:
    session = tmp_path / "x y"
    for arguments in (
        ("analyze", "demo", "--duration", "0.5", "-o", str(session)),
        ("report", str(session)),
        ("report", str(session), "--pdf"),
        *(("export", str(session), "--format", form) for form in ("csv", "json", "srt")),
        ("models", "list"),
    ):
        done = lean(tmp_path, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    refused = lean(tmp_path, "export", str(session), "--format", "parquet")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "Parquet is not part of this copy" in refused.stderr
    refused = lean(tmp_path, "train", str(tmp_path), "-o", str(tmp_path / "run"))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "install the package with training" in refused.stderr
    assert not (tmp_path / "run").exists()


def test_the_small_package_is_built_without_installing_what_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(ROOT / "packaging")
    build = runpy.run_path(str(ROOT / "packaging" / "build.py"))
    lean, full = (
        {build["distribution"](line) for line in build["requirements"](kind)}
        for kind in ("lean", "full")
    )
    distributions = packages_distributions()
    left_out = {name for module in not_in_lean() for name in distributions[module]}
    assert lean & left_out == {"matplotlib"}, "its font and portrait are part of it"
    tensorflow = "tensorflow" if sys.platform == "darwin" else "tensorflow-cpu"
    assert {tensorflow, "scipy"} <= full


def test_without_its_libraries_the_engine_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert job.engine_available()
    monkeypatch.setattr(job, "ENGINE_LIBRARIES", ("keras", "surely_not_installed"))
    assert not job.engine_available()
    with pytest.raises(TrainingError, match="without training"):
        job.EngineJob({"command": "networks"})
