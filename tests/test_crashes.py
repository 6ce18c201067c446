"""What stopped the program is kept until its next start; a report of it tells on nobody."""

import getpass
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fercam import paths
from fercam.people.neutrals import save_neutral
from fercam.pipeline import crash_report
from fercam.pipeline.crash_report import save_report, without_names

BEGIN = """
import os, signal, sys, threading
from pathlib import Path
from fercam import crashes, paths
paths.log_file = lambda: Path(sys.argv[1]) / "log" / "fercam.log"
before = crashes.watch()
sys.stdout.write("[" + before + "]")
sys.stdout.flush()
"""


def run(folder: Path, then: str) -> "subprocess.CompletedProcess[str]":
    """Start a program that watches for crashes, says what the last one left, and goes on."""
    return subprocess.run(
        [sys.executable, "-c", BEGIN + then, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a signal stands in for a damaged library")
def test_what_a_library_did_is_told_at_the_next_start_and_only_there(tmp_path: Path) -> None:
    died = run(tmp_path, "os.kill(os.getpid(), signal.SIGSEGV)")
    assert (died.returncode, died.stdout) == (-signal.SIGSEGV, "[]")
    told = run(tmp_path, "crashes.end_well()").stdout
    assert "Fatal Python error: Segmentation fault" in told
    assert run(tmp_path, "crashes.end_well()").stdout == "[]"


@pytest.mark.parametrize(
    "where", ["boom()", "t = threading.Thread(target=boom); t.start(); t.join(); os._exit(3)"]
)
def test_an_unexpected_exception_is_one_line_for_people_and_whole_in_the_log(
    tmp_path: Path, where: str
) -> None:
    died = run(tmp_path, f"def boom():\n    raise ValueError('twelve\\nmonkeys')\n{where}")
    assert died.returncode in (1, 3)
    (line,) = died.stderr.splitlines()
    assert line.startswith(
        "fercam: Something went wrong inside FerCam (ValueError: twelve monkeys)"
    )
    assert "Traceback" in (tmp_path / "log" / "fercam.log").read_text()
    assert "twelve" in run(tmp_path, "crashes.end_well()").stdout


def test_what_was_survived_is_not_called_a_crash(tmp_path: Path) -> None:
    run(tmp_path, "sys.excepthook(ValueError, ValueError('x'), None); crashes.end_well()")
    assert run(tmp_path, "").stdout == "[]"


def test_two_windows_share_the_file(tmp_path: Path) -> None:
    inner = "import subprocess; subprocess.run([sys.executable, '-c', %r, sys.argv[1]])" % (
        BEGIN + "crashes.end_well()"
    )
    run(tmp_path, inner + "\nsys.excepthook(ValueError, ValueError('of the first'), None)\n")
    assert "of the first" in run(tmp_path, "crashes.end_well()").stdout


def test_a_log_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file where the folder should be")
    done = run(tmp_path, "crashes.logger.error('lost'); crashes.end_well(); print('goes on')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]goes on\n", "")


def test_a_missing_part_of_the_program_is_one_line(tmp_path: Path) -> None:
    died = run(tmp_path, "import fercam.no_such_part")
    assert (died.returncode, len(died.stderr.splitlines())) == (1, 1)
    assert "is missing" in died.stderr and "install it again" in died.stderr


def test_a_report_has_versions_the_crash_and_the_log_but_no_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/anna"))
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    monkeypatch.setattr(platform, "node", lambda: "annas-laptop")
    monkeypatch.setattr(paths, "log_file", lambda: tmp_path / "fercam.log")
    monkeypatch.setattr(paths, "user_neutrals_file", lambda: tmp_path / "neutrals.json")
    save_neutral("Berta Müller", [0.0] * 7)  # type: ignore[arg-type]
    paths.log_file().write_text(
        "an old line\n"
        * 1000
        + "WARNING cannot read /home/anna/Videos/Anna and Otto/video.mp4 (in use)\n"
        "WARNING C:\\Users\\ANNA\\Videos\\Berta Müller\\clean.mp4: gone\n"
        "ERROR rtsp://anna:secret@camera.local/1 does not answer on ANNAS-LAPTOP\n"
        "ERROR the resting face of berta müller\n",
        encoding="utf-8",
    )
    save_report('File "/home/anna/FerCam/fercam/app.py", line 3 in run', tmp_path / "report.txt")
    text = (tmp_path / "report.txt").read_text(encoding="utf-8")
    for secret in ("anna", "otto", "berta", "secret", "müller", "video.mp4"):
        assert secret not in text.lower(), secret
    assert 'File "~/FerCam/fercam/app.py", line 3' in text
    assert "WARNING cannot read (a path)(in use)" in text
    assert text.startswith("FerCam ") and "numpy " in text and "Python " in text
    assert text.count("an old line") == crash_report.LOG_LINES - 4


def test_a_report_of_a_copy_without_a_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "log_file", lambda: tmp_path / "none.log")
    assert crash_report.crash_report("it stopped").endswith("(there is none)\n")


@pytest.mark.parametrize("text", ["1/2 of it", "a or/and b", "30 fps", "Fatal Python error: 11"])
def test_what_is_no_path_stays(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "nobody-in-particular")
    assert without_names(text) == text
