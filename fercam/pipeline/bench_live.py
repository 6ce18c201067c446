"""How the window keeps up with a source that delivers in real time: `fercam bench --live`."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from fercam.capture.registry import open_source
from fercam.core.children import own_command
from fercam.core.errors import SourceError
from fercam.core.values import Image
from fercam.overlay.raster import letterboxed

WIDTH_PX, HEIGHT_PX, FPS = 1280, 720, 30
GRIDS = {"one": (1, 1), "six": (3, 2)}
"""By name: how many copies of the source stand side by side, and one above the other."""
WINDOW_TIMEOUT_S = 60.0
SPARE_S = 5.0
"""The videos are so much longer than what is measured."""


def bench_live(source_spec: str, model: str | None, duration_s: float) -> dict[str, Any]:
    """Return how the window fares with the source at 1280x720 and 30 fps, once and tiled six times.

    By name of `GRIDS`: `painted_per_s`, `longest_gap_ms` between two paints, `label_age_ms` and
    `label_age_p95_ms` from capture to paint, and `cores`, the processor time the program took.

    Raises:
        SourceError: the source cannot be read, or no label appeared within a minute.
    """
    with tempfile.TemporaryDirectory(prefix="fercam-bench-") as folder:
        answers = {}
        for name, grid in GRIDS.items():
            video = Path(folder) / f"{name}.mp4"
            write_tiled(source_spec, video, grid, duration_s + SPARE_S)
            with started_window(str(video), model, {"FERCAM_BENCH_S": str(duration_s)}) as window:
                answers[name] = read_line(window, duration_s + WINDOW_TIMEOUT_S)
        return answers


def write_tiled(source_spec: str, video: Path, grid: tuple[int, int], duration_s: float) -> None:
    """Write a source, again and again, as a 1280x720 video in which it stands `grid` times.

    Raises:
        SourceError: the source cannot be read.
    """
    with av.open(str(video), "w") as container:
        stream = container.add_stream("libx264", Fraction(FPS), {"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        tiles = (_tiled(image, *grid) for image in _images(source_spec))
        for image in islice(tiles, round(duration_s * FPS)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())


@contextmanager
def started_window(
    source_spec: str, model: str | None, environment: dict[str, str]
) -> Iterator["subprocess.Popen[str]"]:
    """Start the window in a process of its own, without a screen where there is none."""
    environment = {**os.environ, **environment}
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [*own_command(), "--source", source_spec, *(["--model", model] if model else [])]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as window:
        try:
            yield window
        finally:
            window.terminate()


def read_line(
    window: "subprocess.Popen[str]", timeout_s: float = WINDOW_TIMEOUT_S
) -> dict[str, Any]:
    """Return the next line of figures that the window writes.

    Raises:
        SourceError: it wrote none in time.
    """
    assert window.stderr is not None
    give_up = threading.Timer(timeout_s, window.kill)
    give_up.start()
    try:
        for line in window.stderr:
            if line.startswith("{"):
                return dict(json.loads(line))
    finally:
        give_up.cancel()
    raise SourceError("The window showed no label; choose a source with a face in it.")


def _images(source_spec: str) -> Iterator[Image]:
    """Yield the source's pictures without end."""
    source = open_source(source_spec, paced=False)
    images: list[Image] = []
    try:
        source.open()
        while len(images) < 20 * FPS and (frame := source.read()) is not None:
            images.append(letterboxed(frame.image, (WIDTH_PX, HEIGHT_PX), bar=90))
    finally:
        source.close()
    if not images:
        raise SourceError(f"There are no frames in {source_spec} to measure.")
    return cycle(images)


def _tiled(image: Image, columns: int, rows: int) -> Image:
    if (columns, rows) == (1, 1):
        return image
    narrow = image[:, WIDTH_PX // 6 : -WIDTH_PX // 6]  # the gray at the sides is no use in a tile
    tile = cv2.resize(narrow, (-(-WIDTH_PX // columns), -(-HEIGHT_PX // rows)))
    whole = np.tile(tile, (rows, columns, 1))[:HEIGHT_PX, :WIDTH_PX]
    return np.ascontiguousarray(whole)
