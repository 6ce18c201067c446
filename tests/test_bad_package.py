"""A package with a part missing, a computer without screen, camera or room: one message, go on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
from pytestqt.qtbot import QtBot

from fercam import cli, paths
from fercam.capture import cameras, demo
from fercam.commands import output
from fercam.detection import yunet
from fercam.logs import logger
from fercam.ui import icons
from fercam.ui.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
Watch = Callable[..., MainWindow]


@pytest.fixture
def watch(qtbot: QtBot, tmp_path: Path, tiny_bundle: Path):
    """Open the real window on the demo."""
    windows: list[MainWindow] = []

    def open_one(model: str | None = str(tiny_bundle)) -> MainWindow:
        window = MainWindow(settings_file=tmp_path / "settings.json")
        windows.append(window)
        window.show()
        window.live.begin("demo", model)
        return window

    yield open_one
    for window in windows:
        with qtbot.waitSignal(window.closed, timeout=15_000):
            window.close()
        window.deleteLater()


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the drawings that a test may damage."""
    shutil.copytree(ROOT / "assets", tmp_path / "copy" / "assets")
    monkeypatch.setattr(paths, "resource_dir", lambda name: tmp_path / "copy" / name)
    monkeypatch.setattr(paths, "user_models_dir", lambda: tmp_path / "own")
    for cached in (icons.icon, icons.pixmap, icons._drawing):
        cached.cache_clear()
    yield tmp_path / "copy"
    for cached in (icons.icon, icons.pixmap, icons._drawing):
        cached.cache_clear()


def says(qtbot: QtBot, window: MainWindow, words: str) -> None:
    """Wait until the window says something about its trouble."""
    qtbot.waitUntil(lambda: window.live.banner.kind == "error", timeout=20_000)
    assert words in window.live.banner.text
    assert window.isVisible()


def test_without_the_detector_the_window_says_so(
    qtbot: QtBot, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yunet, "MODEL_FILE", "none.onnx")
    says(qtbot, watch(), "face detector's model file none.onnx is missing")


def test_with_a_damaged_detector_too(
    qtbot: QtBot, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"")
    monkeypatch.setattr(yunet, "model_file", lambda: tmp_path / "bad.onnx")
    says(qtbot, watch(), "face detector's model file is damaged")


@pytest.mark.parametrize("model", ["fercam", None])
def test_without_a_model_it_says_so(
    qtbot: QtBot, watch: Watch, copy: Path, monkeypatch: pytest.MonkeyPatch, model: str | None
) -> None:
    monkeypatch.chdir(copy)  # where no folder has a model's name
    says(qtbot, watch(model), "There is no model")


def test_without_the_demos_portrait_it_says_so(
    qtbot: QtBot, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    demo._scene.cache_clear()
    says(qtbot, watch(), "The demo's portrait is missing")


@pytest.mark.parametrize("damage", ["missing", "damaged", "no letters"])
def test_without_drawings_the_window_works_all_the_same(
    qtbot: QtBot, watch: Watch, copy: Path, damage: str
) -> None:
    for file in (copy / "assets").rglob("*.svg"):
        if damage == "missing":
            file.unlink()
        else:
            file.write_bytes(b"<svg" if damage == "damaged" else b"\xff\xfe")
    window = watch()
    with qtbot.waitSignal(window.live.video.first_label_painted, timeout=20_000):
        pass


def test_folders_that_cannot_be_written_are_said_once(watch: Watch) -> None:
    window = watch()
    window.say_unwritable({})
    assert window.banner.kind == ""
    window.say_unwritable({"log": Path("/log"), "settings": Path("/config")})
    assert window.banner.kind == "warning"
    assert "goes on without keeping: log, settings." in window.banner.text
    window.banner.press()
    assert not window.banner.isVisible()


def test_which_folders_cannot_be_written_is_found_without_leaving_a_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, blocked = tmp_path / "good" / "deep", tmp_path / "file" / "deep"
    (tmp_path / "file").touch()
    monkeypatch.setattr(paths, "log_file", lambda: blocked / "fercam.log")
    monkeypatch.setattr(paths, "settings_file", lambda: good / "settings.json")
    for name in ("user_models_dir", "sessions_dir", "snapshots_dir", "user_cache_dir"):
        monkeypatch.setattr(paths, name, lambda: good)
    assert paths.unwritable() == {"log": blocked}
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def blocked_home(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing can be kept."""
    (tmp_path / "file").touch()
    kinds = ("CONFIG_HOME", "STATE_HOME", "DATA_HOME", "CACHE_HOME", "VIDEOS_DIR", "PICTURES_DIR")
    home = str(tmp_path / "file" / "home")
    return {
        **os.environ, "HOME": home, **{f"XDG_{kind}": f"{home}/{kind}" for kind in kinds},
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip


START = """
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QMessageBox
from fercam import app
from fercam.ui import main_window

class Window(main_window.MainWindow):
    def begin(self, source, model):
        super().begin(source, model)
        self.live.video.first_label_painted.connect(lambda: QTimer.singleShot(300, self.tell))

    def tell(self):
        asked = [box.text() for box in self.findChildren(QMessageBox) if box.isVisible()]
        print(self.banner.text if self.banner.kind else "", *asked, sep="|", flush=True)
        self.close()

app.MainWindow = Window
sys.exit(app.run("demo", sys.argv[1]))
"""


def start(model: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Start the program as people do, until the first label; it then says what it shows."""
    return subprocess.run(
        [sys.executable, "-c", START, str(model)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**environment, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.skipif(sys.platform != "linux", reason="folders are moved as Linux moves them")
def test_where_nothing_can_be_kept_the_program_watches_all_the_same(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    started = start(tiny_bundle, blocked_home(tmp_path))
    assert (started.returncode, started.stderr) == (0, "")
    assert "goes on without keeping: settings, log, models" in started.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="folders are moved as Linux moves them")
def test_after_a_crash_the_next_start_asks_once_and_waits_for_nothing(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    log = tmp_path / "state" / "FerCam" / "log"
    log.mkdir(parents=True)
    (log / "crash.txt").write_text("Fatal Python error: Segmentation fault")
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    question = "FerCam stopped unexpectedly last time."
    assert start(tiny_bundle, environment).stdout.strip() == f"|{question}"
    assert start(tiny_bundle, environment).stdout.strip() == ""
    assert (log / "crash.txt").read_bytes() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize(
    "screen", [{}, {"DISPLAY": ":9876"}, {"QT_QPA_PLATFORM": "none-such"}], ids=str
)
def test_without_a_screen_it_is_one_line_and_no_crash(
    tmp_path: Path, screen: dict[str, str]
) -> None:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    rest = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, "main.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**rest, "XDG_STATE_HOME": str(tmp_path), **screen},
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "display" in line and "`fercam analyze` works without one" in line


def test_without_a_camera_devices_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras, "list_cameras", list)
    assert cli.main(["devices"]) == 1
    assert "No camera found" in capsys.readouterr().err


WITHOUT_STREAMS = """
import os, sys
sys.stdout = sys.stderr = sys.stdin = None
os.close(1); os.close(2)
from fercam.cli import main
from fercam.commands.output import complain, say
say("nobody hears this"); complain("nor this")
folder, picture, model = sys.argv[1:]
done = [
    main(["analyze", "demo", "--duration", "0.2", "-o", folder + "/session", "--model", model]),
    main(["predict", picture, "--model", model]),
    main(["predict", folder + "/none.png", "--model", model]),
    main(["no-such-command"]),
    main(["export", folder + "/session", "--format", "srt"]),
]
with open(folder + "/done", "w") as file:
    file.write(repr(done))
"""


def test_a_windowed_program_without_streams_does_its_work(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    picture = tmp_path / "portrait.png"
    cv2.imwrite(str(picture), demo.demo_image("", 0))
    subprocess.run(
        [sys.executable, "-c", WITHOUT_STREAMS, str(tmp_path), str(picture), str(tiny_bundle)],
        check=True,
        cwd=ROOT,
    )
    assert (tmp_path / "done").read_text() == "[0, 0, 1, 2, 0]"


def test_saying_without_streams_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    output.say("nothing")
    output.complain("nothing")


def test_a_full_disk_loses_a_line_of_the_log_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from fercam import logs

    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(paths, "log_file", lambda: tmp_path / "fercam.log")
    before = logger.level, logger.propagate
    logs.start_logging()
    (handler,) = logger.handlers
    try:
        handler.stream.close()  # type: ignore[attr-defined]
        handler.stream = open(os.devnull)  # type: ignore[attr-defined]  # noqa: PTH123, SIM115
        logger.error("lost")
    finally:
        handler.close()
        logger.setLevel(before[0])
        logger.propagate = before[1]
    assert capsys.readouterr().err == ""


def test_the_version_stands_in_one_place() -> None:
    import re
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "fercam.__version__"}
    from fercam import __version__

    for file in (*ROOT.glob("fercam/**/*.py"), ROOT / "build.spec", ROOT / "main.py"):
        if file != ROOT / "fercam" / "__init__.py":
            found = re.search(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])", file.read_text())
            assert found is None, file
