"""Tries the frozen program as a person would have it: python packaging/smoke_test.py FOLDER

It runs from a folder whose name has a space and an umlaut and in which nothing can be written, in
an empty home folder, with nothing on PATH, and on Linux, where one may, without a network. Nothing
of the checkout is used, and only Python's own library. Ends with 1 as soon as something fails.
"""

import argparse
import json
import os
import queue
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
NOBODY = 65534
WINDOW_STARTS = 4
PATIENCE_S = 120.0
"""So long may anything take that should take seconds: the machine may be busy."""


class Failed(Exception):
    """Something is not as it should be; the message says what."""


class Program:
    """The frozen program in its sealed place. As root it runs as nobody, whom file modes bind."""

    def __init__(self, frozen: Path, place: Path) -> None:
        self.folder = place / "Fer Cäm"
        program = self.folder / frozen.name
        shutil.copytree(frozen, program, symlinks=True)
        inside = program / "Contents" / "MacOS" if frozen.suffix == ".app" else program
        self.path = inside / f"fercam{'.exe' if sys.platform == 'win32' else ''}"
        self.training = any(one.is_dir() for one in self.folder.rglob("tensorflow"))
        self.home = place / "home"
        self.home.mkdir()
        (place / "nothing").mkdir()
        for entry in (self.folder, *self.folder.rglob("*")):
            if not entry.is_symlink():
                entry.chmod(entry.stat().st_mode & ~0o222)
        self.delivered = self.files()
        place.chmod(0o755)
        self.root = hasattr(os, "geteuid") and os.geteuid() == 0
        if self.root:
            os.chown(self.home, NOBODY, NOBODY)
        self._before, self.offline = self._fence()
        kept = ("SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "WINDIR")  # Windows cannot do without
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "APPDATA": str(self.home / "AppData" / "Roaming"),
            "LOCALAPPDATA": str(self.home / "AppData" / "Local"),
            "PATH": str(place / "nothing"),
            "LANG": "C.UTF-8",
        }

    def files(self) -> set[tuple[Path, int, float]]:
        """Return every file of the program, its size, and when it was changed."""
        told = ((one, one.lstat()) for one in self.folder.rglob("*"))
        return {(one, about.st_size, about.st_mtime) for one, about in told}

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start the program without waiting for it."""
        return subprocess.Popen(
            [*self._before, str(self.path), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            cwd=self.home,
            env=self.environment | environment,
        )

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run a command to its end and return what it said, on stderr where it should fail."""
        child = self.start(*arguments)
        try:
            out, err = child.communicate(timeout=4 * PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            raise Failed(f"{' '.join(arguments)} does not end") from None
        if child.returncode != status:
            raise Failed(f"{' '.join(arguments)} ended with {child.returncode}: {out}{err}")
        return err if status else out

    def _fence(self) -> tuple[list[str], bool]:
        """Return what to write before the program, and whether that keeps it off the network."""
        unshare, setpriv = shutil.which("unshare"), shutil.which("setpriv")
        if sys.platform != "linux" or unshare is None:
            return [], False
        if self.root:
            fence = [unshare, "--net"]
            if setpriv:
                who = f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"
                fence += [setpriv, *who]
        else:
            fence = [unshare, "--map-current-user", "--net"]
        true = shutil.which("true") or "true"
        works = subprocess.run([*fence, true], check=False, capture_output=True)
        return (fence, True) if works.returncode == 0 else ([], False)


def test_self_check(program: Program) -> str:
    """Every part says that it is well, and the models answer as they were trained to."""
    checked = [json.loads(line) for line in program.run("self-check", "--json").splitlines()]
    if not checked or not all(one["ok"] for one in checked):
        raise Failed(f"the self-check is not content: {checked}")
    there = next(one["words"] for one in checked if one["part"] == "Training")
    if program.training == there.startswith("not"):
        raise Failed(f"the package and its self-check disagree about training: {there}")
    return f"{len(checked)} parts"


def test_untouched(program: Program) -> str:
    """Nothing was written beside the program."""
    if program.files() != program.delivered:
        raise Failed(f"files changed: {program.files() ^ program.delivered}")
    try:
        (program.folder / "trace").touch()
    except OSError:
        return "sealed"
    (program.folder / "trace").unlink()
    return "sealed for nobody, who ran it" if program.root else "but it could have been written"


def test_analyze(program: Program) -> str:
    """The demo becomes a session, its report and exports."""
    session = program.home / "x y"
    program.run("analyze", "demo", "--duration", "3", "-o", str(session))
    rows = (session / "frames.csv").read_text(encoding="utf-8").splitlines()[1:]
    if len(rows) < 60 or not all("," in row for row in rows):
        raise Failed(f"only {len(rows)} rows from three seconds")
    program.run("report", str(session))
    program.run("report", str(session), "--pdf")
    for form in ("csv", "json", "mp4", "srt", "vtt"):
        program.run("export", str(session), "--format", form)
    said = program.run(
        "export", str(session), "--format", "parquet", status=int(not program.training)
    )
    if not program.training and "Parquet is not part" not in said:
        raise Failed(f"Parquet is refused without a reason: {said}")
    return f"{len(rows)} faces"


def test_record(program: Program) -> str:
    """Three seconds of the demo are recorded without the window."""
    session = program.home / "recorded"
    program.run("record", "demo", "--duration", "3", "-o", str(session))
    return _recorded(session)


def test_window(program: Program) -> str:
    """The window opens, paints labels, records three seconds by key, and closes by key."""
    with _screen() as display:
        window, said = _window(program, display)
        times = _timings(said)
        keys = shutil.which("xdotool")
        if not display or not keys:
            _close(window)
            return f"labels after {times['first_label_s']} s; not recorded without xdotool"
        _press(keys, display, "r")
        time.sleep(3.5)
        _press(keys, display, "r")
        home = program.home / "Videos" / "FerCam"
        _until("the recording is finished", lambda: any(_finished(one) for one in _folders(home)))
        _press(keys, display, "ctrl+q")
        if window.wait(PATIENCE_S) != 0:
            raise Failed(f"the window ended with {window.returncode}")
        (session,) = _folders(home)
        return f"labels after {times['first_label_s']} s, {_recorded(session)}"


def test_start_times(program: Program) -> str:
    """How long the window takes when its files were read before."""
    times = []
    with _screen() as display:
        for _ in range(WINDOW_STARTS):
            window, said = _window(program, display)
            times.append(_timings(said))
            _close(window)
    best = {name: min(one[name] for one in times) for name in times[0]}
    worst = {name: max(one[name] for one in times) for name in times[0]}
    return (
        f"window {best['window_s']} s, first label {best['first_label_s']} s "
        f"(slowest of {WINDOW_STARTS}: {worst['window_s']}, {worst['first_label_s']})"
    )


def test_training(program: Program) -> str:
    """A network trains for an epoch on noise and is then used; or it is said why it cannot be."""
    faces = program.home / "faces"
    _write_faces(faces)
    arguments = ("train", str(faces), "--arch", "seed-small", "--epochs", "1")
    if not program.training:
        said = program.run(*arguments, status=1)
        if "training" not in said or "package" not in said:
            raise Failed(f"it is not said what is missing: {said}")
        return "is not part of it, and says so"
    out = program.home / "run"
    lines = program.run(*arguments, "-o", str(out), "--json").splitlines()
    done = json.loads(lines[-1])
    bundle = Path(done["bundle"])
    session = program.home / "mine"
    program.run("analyze", "demo", "--duration", "1", "--model", str(bundle), "-o", str(session))
    return f"{bundle.name} answers"


TESTS: tuple[Callable[[Program], str], ...] = (
    test_self_check, test_analyze, test_record, test_window, test_start_times, test_training,
    test_untouched,
)  # fmt: skip


def _window(program: Program, display: str) -> "tuple[subprocess.Popen[str], queue.Queue[str]]":
    where = {"DISPLAY": display} if display else {"QT_QPA_PLATFORM": "offscreen"}
    now = f"{time.time():.3f}"
    window = program.start("--source", "demo", FERCAM_TIMINGS=now, **where)
    said: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        assert window.stderr is not None
        for line in window.stderr:
            said.put(line)

    threading.Thread(target=listen, daemon=True).start()
    return window, said


def _timings(said: "queue.Queue[str]") -> dict[str, float]:
    lines, end = [], time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            lines.append(said.get(timeout=1))
        except queue.Empty:
            continue
        if lines[-1].startswith("{"):
            return dict(json.loads(lines[-1]))
    raise Failed(f"no labelled frame was painted: {lines}")


def _close(window: "subprocess.Popen[str]") -> None:
    """Interrupt the window as Ctrl+C does; Windows has no way to do so from outside."""
    if sys.platform == "win32":
        window.terminate()
        window.wait(PATIENCE_S)
    else:
        window.send_signal(signal.SIGINT)
        if window.wait(PATIENCE_S) != 0:
            raise Failed(f"the window ended with {window.returncode}")


@contextmanager
def _screen() -> Iterator[str]:
    """Lend a screen of our own: its name, or none where there is no Xvfb."""
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        yield ""
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            xvfb,
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            "1280x800x24",
            "-ac",
            "-nolisten",
            "tcp",
        ],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise Failed("Xvfb does not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def _press(keys: str, display: str, key: str) -> None:
    """Press a key in the window; without a window manager it must be given the focus first."""
    find = [keys, "search", "--sync", "--onlyvisible", "--name", "FerCam", "windowfocus", "--sync"]
    environment = os.environ | {"DISPLAY": display}
    subprocess.run(find, env=environment, check=True, timeout=PATIENCE_S, capture_output=True)
    subprocess.run([keys, "key", key], env=environment, check=True, timeout=PATIENCE_S)


def _folders(home: Path) -> list[Path]:
    return [one for one in home.iterdir() if one.is_dir()] if home.is_dir() else []


def _finished(session: Path) -> bool:
    try:
        return bool(json.loads((session / "session.json").read_text())["state"] == "finished")
    except (OSError, ValueError):
        return False


def _recorded(session: Path) -> str:
    about = json.loads((session / "session.json").read_text(encoding="utf-8"))
    if about["state"] != "finished" or not 2 < about["duration_s"] < 10:
        raise Failed(f"the recording is {about['state']} after {about['duration_s']} s")
    for name in ("video.mp4", "frames.csv"):
        if not (session / name).stat().st_size:
            raise Failed(f"{name} is empty")
    return f"{about['frames']['written']} frames recorded"


def _until(what: str, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise Failed(f"waited in vain until {what}")
        time.sleep(0.1)


def _write_faces(folder: Path) -> None:
    """Write ten pictures of blocks for each emotion, 48x48, gray, all different."""
    chance = random.Random(7)
    for emotion in EMOTIONS:
        (folder / emotion).mkdir(parents=True)
        for number in range(10):
            blocks = [[chance.randrange(256) for _ in range(8)] for _ in range(8)]
            rows = (bytes(blocks[y // 6][x // 6] for x in range(48)) for y in range(48))
            pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
            head = struct.pack(">IIBBBBB", 48, 48, 8, 0, 0, 0, 0)
            parts = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
            png = b"\x89PNG\r\n\x1a\n" + b"".join(
                struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data))
                for kind, data in parts
            )  # fmt: skip
            (folder / emotion / f"{number}.png").write_bytes(png)


def main() -> int:
    """Run all tests; return 0 if they pass."""
    parser = argparse.ArgumentParser(description="Try a frozen program.")
    parser.add_argument("folder", type=Path, help="the program's folder, or its .app")
    frozen = parser.parse_args().folder.resolve()
    place = Path(tempfile.mkdtemp(prefix="fercam-smoke-"))
    try:
        program = Program(frozen, place)
        _say(f"{frozen}: {'no network' if program.offline else 'THE NETWORK COULD NOT BE CUT OFF'}")
        for test in TESTS:
            start = time.monotonic()
            what = test.__name__.removeprefix("test_").replace("_", " ")
            try:
                came = test(program)
            except Failed as failure:
                _say(f"FAILED {what}: {failure}")
                return 1
            _say(f"ok {what}: {came} ({time.monotonic() - start:.1f} s)")
        return 0
    finally:
        for folder in (place, *(entry for entry in place.rglob("*") if entry.is_dir())):
            if not folder.is_symlink():
                folder.chmod(0o755)
        shutil.rmtree(place, ignore_errors=True)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
