"""The window, and what it runs on: cameras and speed."""

import argparse
import json

from fercam.commands.output import complain, say

Arguments = argparse.Namespace


def window(options: Arguments) -> int:
    """Open the window."""
    from fercam.app import run

    return run(options.source, options.model)


def engine(arguments: list[str]) -> int:
    """Be the training engine's process."""
    from importlib import import_module

    return int(import_module("fercam.training.engine.__main__").main(arguments))


def devices(options: Arguments) -> int:
    """List the cameras."""
    from fercam.capture.cameras import camera_modes, list_cameras

    cameras = list_cameras()
    for camera in cameras:
        modes = camera_modes(camera)
        if options.json:
            keys = [mode.key for mode in modes]
            say(json.dumps({"index": camera.index, "name": camera.name, "modes": keys}))
        else:
            got = ", ".join(mode.key.removesuffix("@0") for mode in modes) or "in use or refused"
            say(f"{camera.index}: {camera.name} ({got})")
    if not cameras:
        complain("No camera found. Plug one in, or try `fercam --source demo`.")
    return int(not cameras)


def bench(options: Arguments) -> int:
    """Measure speed and memory."""
    from fercam.pipeline.bench import bench_stages, bench_window
    from fercam.pipeline.bench_live import bench_live

    result = bench_stages(options.source, options.model)
    result["window"] = bench_window("demo", options.model)
    if options.live:
        result["live"] = bench_live(options.source, options.model, options.duration)
    if options.json:
        say(json.dumps(result))
        return 0
    say(f"{result['source']} {result['size']}, {result['faces_per_frame']} faces a frame")
    for stage, cost in result["stages_ms"].items():
        say(f"{stage:>8}  median {cost['median']:7.2f} ms   p95 {cost['p95']:7.2f} ms")
    cost = result["frame_ms"]
    say(f"{'frame':>8}  median {cost['median']:7.2f} ms   p95 {cost['p95']:7.2f} ms")
    say(f"{result['fps']} frames per second, {result['peak_memory_mb']} MB at the peak")
    window = result["window"]
    say(
        f"window after {window['window_s']:.2f} s, first label after "
        f"{window['first_label_s']:.2f} s, {window['memory_mb']:.0f} MB"
    )
    for name, live in result.get("live", {}).items():
        say(
            f"{name}: {live['painted_per_s']:.1f} pictures painted a second, longest gap "
            f"{live['longest_gap_ms']:.0f} ms, label {live['label_age_ms']:.0f} ms old (95 % under "
            f"{live['label_age_p95_ms']:.0f} ms), {live['cores']:.0%} of one core"
        )
    return 0
