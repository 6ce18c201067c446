"""A processor that is too old is told so before a library dies of it."""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fercam import cli
from fercam.core import processor
from fercam.core.processor import ProcessorError

QEMU = os.environ.get("FERCAM_QEMU") or shutil.which("qemu-x86_64-static")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def lacks(monkeypatch: pytest.MonkeyPatch):
    """Play an x86 processor without some instructions."""

    def play(*names: str, known: bool = True) -> None:
        monkeypatch.setattr(platform, "machine", lambda: "x86_64")
        monkeypatch.setattr(processor, "_has", lambda name: (name not in names) if known else None)

    return play


def test_this_processor_is_new_enough() -> None:
    processor.require_for_all()
    processor.require_for_training()


def test_without_sse4_nothing_runs_and_without_avx_no_training(lacks) -> None:
    lacks("avx")
    processor.require_for_all()
    with pytest.raises(ProcessorError, match="too old for training"):
        processor.require_for_training()
    lacks("sse4_2", "avx")
    with pytest.raises(ProcessorError, match="too old for FerCam"):
        processor.require_for_all()


def test_where_nobody_tells_and_on_other_machines_it_is_tried(
    lacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacks(known=False)
    processor.require_for_all()
    lacks("sse4_2", "avx")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    processor.require_for_all()
    processor.require_for_training()


def test_commands_refuse_in_one_line_but_tell_their_version(
    lacks, capsys: pytest.CaptureFixture[str]
) -> None:
    lacks("sse4_2")
    assert cli.main(["--version"]) == 0
    capsys.readouterr()
    assert cli.main(["devices"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "fercam: This processor is too old for FerCam: it lacks SSE4.2, which processors have "
        "since about 2009; use another computer."
    ]


def test_nothing_heavy_is_loaded_before_the_processor_is_asked() -> None:
    script = (
        "import sys, json, fercam.cli\n"
        "fercam.cli.require_for_all = lambda: print(json.dumps(sorted(sys.modules))) or exit(0)\n"
        "fercam.cli.main(['devices'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    heavy = {"numpy", "cv2", "av", "PyQt6", "pyarrow", "ai_edge_litert", "tensorflow", "ctypes"}
    assert heavy & set(json.loads(done.stdout)) == set()


def played(model: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run FerCam on another processor."""
    assert QEMU is not None
    return subprocess.run(
        [QEMU, "-cpu", model, sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


@pytest.mark.slow
@pytest.mark.skipif(QEMU is None, reason="needs qemu-user-static (or FERCAM_QEMU=<its path>)")
def test_on_real_old_processors() -> None:
    oldest = played("Conroe", "main.py", "self-check")
    assert oldest.returncode == 1
    assert "lacks SSE4.2" in oldest.stderr and oldest.stdout == ""
    old = played("Nehalem", "main.py", "self-check")
    assert old.returncode == 0, old.stderr
    assert "Training: not on this processor" in old.stdout
    request = json.dumps({"command": "train", "config": {}})
    training = played("Nehalem", "-m", "fercam.training.engine", request)
    assert "TensorFlow needs AVX" in json.loads(training.stdout)["message"]
