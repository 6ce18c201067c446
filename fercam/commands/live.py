"""The window, recording without it, and what both run on: cameras and speed."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from fercam.commands.output import complain, looked, say
from fercam.core.errors import SessionError, SourceError
from fercam.core.words import clock, counted, people

if TYPE_CHECKING:
    from fercam.pipeline.events import RecordingStatus

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
    from fercam.capture.cameras import list_cameras
    from fercam.capture.modes import camera_modes

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


def record(options: Arguments) -> int:
    """Record a session without the window."""
    from tqdm import tqdm

    from fercam.pipeline.choices import default_choice
    from fercam.pipeline.events import RecordOptions, WatchOptions
    from fercam.pipeline.headless import record as record_session

    source, stand_in = (options.source, None) if options.source else default_choice()
    if stand_in is not None:
        raise SourceError("No camera found: plug one in, or name a source, such as demo.")
    wanted = RecordOptions(
        video=not options.no_video,
        clean=not options.no_clean,
        quality=options.quality,
        mask_style=options.mask,
        microphone=options.microphone,
        duration_s=options.duration,
        folder=options.out,
    )
    with tqdm(bar_format="{desc}", disable=None, file=sys.stderr) as line:
        status, lost = record_session(
            source,
            WatchOptions(options.model),
            wanted,
            lambda status: line.set_description_str(_progress(status, options.duration)),
        )
    return _tell_recorded(status, lost, as_json=options.json)


def _progress(status: "RecordingStatus", duration_s: float | None) -> str:
    whole = f" of {clock(duration_s)}" if duration_s else ""
    words = f"● {clock(status.seconds)}{whole} · {status.bytes / 1e6:.1f} MB"
    dropped = f" · {status.dropped} dropped" if status.dropped else ""
    return f"{words}{dropped} {status.warning}".strip()


def _tell_recorded(status: "RecordingStatus", lost: str, as_json: bool) -> int:
    from fercam.pipeline.live import OVER

    summary = status.summary
    if summary is None or not summary.frames:
        raise SessionError(status.failure or lost or status.note or "Nothing was recorded.")
    shares = {name: round(share, 4) for name, share in summary.shares.items()}
    if as_json:
        about = {
            "session": str(status.folder),
            "frames": summary.frames,
            "dropped": summary.dropped,
            "people": summary.people,
            "duration_s": round(summary.duration_s, 3),
            "shares": shares,
            "sure_share": round(summary.sure_share, 4),
            "note": status.note or None,
        }
        say(json.dumps(about))
    else:
        seen_people = people(summary.people)
        say(
            f"{clock(summary.duration_s)} recorded: {counted(summary.frames, 'frame')}, "
            f"{summary.dropped} dropped, {seen_people}; {looked(summary)}"
        )
        say(f"Session: {status.folder}")
    if status.warning:
        complain(status.warning)
    if status.note not in OVER.values():  # something else ended it
        complain(status.note)
    if status.failure or lost:
        raise SessionError(f"{status.failure or lost} What was recorded is in {status.folder}.")
    return 0


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
            f"{live['longest_gap_ms']:.0f} ms, label {live['label_age_ms']:.0f} ms old (95% under "
            f"{live['label_age_p95_ms']:.0f} ms), {live['cores']:.0%} of one core"
        )
    return 0
