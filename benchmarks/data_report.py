"""How long the look at a data set takes, and what it costs: python benchmarks/data_report.py

    python benchmarks/data_report.py [FOLDER] [--pictures 30000]

Looks at a folder with one folder per emotion, without and with the search for faces, as the Data
page does: the engine's process reads, this one listens. Without FOLDER it looks at generated ones:
the demo's portrait (US Navy, public domain) as 48x48 gray PNGs, each a little different.
"""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import psutil

from fercam.capture.demo import demo_image
from fercam.core.emotions import EMOTIONS
from fercam.training.data_choice import DataChoice
from fercam.training.data_desk import DataDesk
from fercam.training.data_report import DataReport


class Listener:
    """Counts what it hears, and watches the memory of both processes."""

    def __init__(self) -> None:
        self.heard = 0
        self.last: DataReport | None = None
        self.failure = ""
        self.over = threading.Event()
        self.engine_mb = 0.0

    def on_report(self, report: DataReport) -> None:
        self.heard, self.last = self.heard + 1, report
        children = psutil.Process().children()
        self.engine_mb = max([self.engine_mb, *(_mb(child) for child in children)])
        if report.finished:
            self.over.set()

    def on_data_failed(self, message: str) -> None:
        self.failure = message
        self.over.set()


def write_faces(root: Path, count: int) -> None:
    """Write so many pictures, one folder per emotion."""
    random = np.random.default_rng(1)
    portrait = cv2.cvtColor(demo_image("", 0)[75:315, 207:447], cv2.COLOR_BGR2GRAY)
    small = cv2.resize(portrait, (60, 60), interpolation=cv2.INTER_AREA)
    for emotion in EMOTIONS:
        (root / emotion).mkdir(parents=True)
    for number in range(count):
        top, left = random.integers(0, 12, 2)
        noise = random.normal(0, 12, (48, 48))
        face = small[top : top + 48, left : left + 48] * random.uniform(0.6, 1.2) + noise
        file = root / EMOTIONS[number % len(EMOTIONS)] / f"{number:05d}.png"
        cv2.imwrite(str(file), np.clip(face, 0, 255).astype(np.uint8))


def look(folder: Path, detect: bool) -> str:
    """Look at a data set and say how it went."""
    with tempfile.TemporaryDirectory() as home:
        listener = Listener()
        desk = DataDesk(listener, Path(home))
        before_mb, begun = _mb(psutil.Process()), time.monotonic()
        desk.look_at(DataChoice(folder, folder.name, detect=detect))
        listener.over.wait()
        took_s = time.monotonic() - begun
        grown_mb = _mb(psutil.Process()) - before_mb
        desk.close()
        desk.join(10)
    if listener.failure or listener.last is None:
        raise SystemExit(listener.failure)
    how = "with" if detect else "without"
    return (
        f"{how} the search: {took_s:.0f} s for {listener.last.faces:,} faces, {listener.heard} "
        f"reports; the engine took {listener.engine_mb:.0f} MB, the listener grew by "
        f"{grown_mb:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pictures", type=int, default=30_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "faces"
        if options.folder is None:
            write_faces(folder, options.pictures)
        for detect in (False, True):
            sys.stdout.write(look(folder, detect) + "\n")
            sys.stdout.flush()


def _mb(process: psutil.Process) -> float:
    try:
        return process.memory_info().rss / 1e6
    except psutil.Error:
        return 0.0


if __name__ == "__main__":
    main()
