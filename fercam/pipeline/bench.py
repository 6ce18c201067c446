"""How fast and how heavy FerCam is on this machine: what `fercam bench` reports."""

import sys
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import psutil

from fercam.capture.registry import open_source
from fercam.capture.source import FrameSource
from fercam.core.errors import SourceError
from fercam.core.stats import StageTimer
from fercam.core.values import Frame
from fercam.inference.bundle import find_bundle
from fercam.overlay.layout import OverlayOptions, lay_out
from fercam.overlay.raster import paint
from fercam.pipeline.analyzer import Analyzer, make_recognizer
from fercam.pipeline.bench_live import read_line, started_window

MOST_FRAMES = 600
READ_AHEAD = 16
WINDOW_STARTS = 3


def bench_stages(source_spec: str, model: str | None) -> dict[str, Any]:
    """Return the cost of every stage, frame by frame, of a source read as fast as it goes.

    `frame_ms` is detect + track + crop + infer + draw of one frame; `fps` also counts reading.

    Raises:
        SourceError: the source cannot be read or has too few frames.
        ModelError: the model cannot be used.
    """
    source = open_source(source_spec, paced=False)
    timer = StageTimer()
    analyzer = Analyzer(make_recognizer(find_bundle(model)), stills=source.stills, timer=timer)
    options = OverlayOptions()
    totals_ms: list[float] = []
    faces: list[int] = []
    size = ""
    try:
        source.open()
        started_s = time.perf_counter()
        for number, frame in enumerate(islice(_read_ahead(source, timer), MOST_FRAMES)):
            if number == READ_AHEAD:  # the first frames warm everything up
                timer.clear()
                totals_ms.clear()
                faces.clear()
                started_s = time.perf_counter()
            start_ns = time.perf_counter_ns()
            result = analyzer.analyze(frame)
            with timer.time("draw"):
                paint(frame.image, lay_out(result, options))
            totals_ms.append((time.perf_counter_ns() - start_ns) / 1e6)
            faces.append(len(result.faces))
            size = f"{frame.image.shape[1]}x{frame.image.shape[0]}"
        elapsed_s = time.perf_counter() - started_s
    finally:
        source.close()
        analyzer.close()
    if not totals_ms:
        raise SourceError(f"There are no frames in {source_spec} to measure.")
    return {
        "source": source_spec,
        "size": size,
        "frames": len(totals_ms),
        "faces_per_frame": round(float(np.mean(faces)), 2),
        "fps": round(len(totals_ms) / elapsed_s, 1),
        "frame_ms": {
            "median": round(float(np.median(totals_ms)), 3),
            "p95": round(float(np.percentile(totals_ms, 95)), 3),
        },
        "stages_ms": {
            stage: {"median": round(cost.median_ms, 3), "p95": round(cost.p95_ms, 3)}
            for stage, cost in timer.summary().items()
        },
        "peak_memory_mb": round(_peak_memory_mb(psutil.Process())),
    }


def bench_window(source_spec: str, model: str | None) -> dict[str, Any]:
    """Return how long the window takes to be visible and to show its first label, and its memory.

    Starts the window three times in a process of its own (medians are returned), without a screen
    where there is none.

    Raises:
        SourceError: no label appeared within a minute; the source may show no face.
    """
    runs = [_one_window(source_spec, model) for _ in range(WINDOW_STARTS)]
    return {
        key: round(float(np.median([run[key] for run in runs])), 3)
        for key in ("window_s", "first_label_s", "memory_mb")
    }


def _read_ahead(source: FrameSource, timer: StageTimer) -> Iterator[Frame]:
    """Yield frames read a few at a time: decoding goes on behind a read, and would else take the
    processor from the stages that are measured."""
    while True:
        frames: list[Frame] = []
        while len(frames) < READ_AHEAD:
            with timer.time("read"):
                frame = source.read()
            if frame is None:
                yield from frames
                return
            frames.append(frame)
        yield from frames


def _one_window(source_spec: str, model: str | None) -> dict[str, float]:
    # from here on, since a process knows its own start to a second only
    timings = {"FERCAM_TIMINGS": str(time.time())}
    with started_window(source_spec, model, timings) as window:
        taken_s = read_line(window)
        time.sleep(2)  # let it run: buffers of every stage are in use by then
        return {**taken_s, "memory_mb": _peak_memory_mb(psutil.Process(window.pid))}


def _peak_memory_mb(process: psutil.Process) -> float:
    info = process.memory_info()
    peak = getattr(info, "peak_wset", None)
    if peak is None and sys.platform == "linux":
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:  # noqa: PTH123
            peak = next(int(line.split()[1]) * 1024 for line in status if line[:6] == "VmHWM:")
    return float(peak or info.rss) / 1e6
