"""`fercam record`: a session from a camera without the window."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fercam import cli
from fercam.pipeline import choices, headless
from fercam.pipeline.events import RecordingStatus
from fercam.recording.session_json import read_session_json
from fercam.recording.summary import SessionSummary

TAKES_CONTROL_C = """
import signal, sys
from fercam import cli
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(cli.main())
"""
"""FerCam's command line; what a script starts in the background would ignore Ctrl-C."""


FAILS_INSIDE = """
import sys
from pathlib import Path
from fercam import cli, paths
from fercam.capture.demo import DemoSource
def fail(source):
    raise ValueError("twelve monkeys")
DemoSource.read = fail
log = Path(sys.argv.pop(1)) / "fercam.log"
paths.log_file = lambda: log
sys.exit(cli.main())
"""
"""A source that fails in a way nobody expected."""


def test_so_many_seconds_are_recorded(
    tmp_path: Path, tiny_bundle: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "s"
    command = ["record", "demo", "--duration", "1", "-o", str(out), "--model", str(tiny_bundle)]
    assert cli.main([*command, "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["session"] == str(out)
    assert answer["duration_s"] == pytest.approx(1, abs=0.15)
    assert answer["people"] == 1
    assert answer["dropped"] == read_session_json(out).dropped
    assert sorted(file.name for file in out.iterdir()) == [
        "clean.mp4", "frames.csv", "session.json", "video.mp4",
    ]  # fmt: skip
    assert cli.main(command) == 1  # the folder is in use now
    captured = capfd.readouterr()
    assert captured.out == "" and len(captured.err.splitlines()) == 1


def test_the_numbers_alone(
    tmp_path: Path, tiny_bundle: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "s"
    status = cli.main(
        ["record", "demo:none", "--duration", "0.5", "--no-video", "--no-clean",
         "-o", str(out), "--model", str(tiny_bundle)]
    )  # fmt: skip
    assert status == 0
    assert "no face seen" in capfd.readouterr().out
    assert sorted(file.name for file in out.iterdir()) == ["frames.csv", "session.json"]


def test_masks_and_quality_are_written_down(tmp_path: Path, tiny_bundle: Path) -> None:
    out = tmp_path / "s"
    assert not cli.main(
        ["record", "demo", "--duration", "0.5", "--mask", "emoji", "--quality", "small",
         "-o", str(out), "--model", str(tiny_bundle)]
    )  # fmt: skip
    settings = read_session_json(out).settings
    assert (settings["quality"], settings["mask"]["style"]) == ("small", "emoji")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("no such thing",), 1),
        (("demo", "--model", "no such model"), 1),
        (("demo", "--duration", "0"), 2),
        (("demo", "--mask", "paint"), 2),
        (("demo", "--quality", "superb"), 2),
    ],
)
def test_what_cannot_be_recorded_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int
) -> None:
    assert cli.main(["record", *arguments, "-o", str(tmp_path / "s")]) == status
    captured = capfd.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_without_a_camera_the_demo_is_not_recorded_in_its_stead(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(choices, "default_choice", lambda: ("demo", "No camera was found."))
    assert cli.main(["record", "--duration", "1"]) == 1
    assert "No camera found" in capfd.readouterr().err


def test_what_fails_inside_is_one_line_for_people_and_whole_in_the_log(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    line = ["record", "demo", "-o", str(tmp_path / "s"), "--model", str(tiny_bundle)]
    done = subprocess.run(
        [sys.executable, "-c", FAILS_INSIDE, str(tmp_path), *line],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "fercam: Something went wrong inside FerCam (ValueError); see the log.\n"
    )
    assert "twelve monkeys" in (tmp_path / "fercam.log").read_text()


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("No picture came for 60 seconds.", "fercam: No picture came for 60 seconds.\n"),
        ("The source is over.", ""),
        ("", ""),
    ],
)
def test_what_ended_a_recording_before_its_time_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    note: str,
    said: str,
) -> None:
    counted = SessionSummary(30, 0, 0, 0, 1.0, {}, 0.0, 30.0)
    status = RecordingStatus(folder=tmp_path, summary=counted, note=note)
    monkeypatch.setattr(headless, "record", lambda *about: (status, ""))
    assert cli.main(["record", "demo"]) == 0
    assert capfd.readouterr().err == said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal for one process")
def test_control_c_saves(tmp_path: Path, tiny_bundle: Path) -> None:
    out = tmp_path / "s"
    command = [sys.executable, "-c", TAKES_CONTROL_C, "record", "demo", "-o", str(out)]
    with subprocess.Popen(
        [*command, "--model", str(tiny_bundle), "--json"],
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        deadline_s = time.monotonic() + 60
        while not (out / "frames.csv").exists() or (out / "frames.csv").stat().st_size < 2000:
            assert time.monotonic() < deadline_s and child.poll() is None
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        answer, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    assert json.loads(answer)["frames"] == read_session_json(out).written > 0
    assert read_session_json(out).state == "finished"
