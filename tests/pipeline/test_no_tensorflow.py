"""The running program never loads TensorFlow, nor the window's process its charts."""

import json
import subprocess
import sys

SCRIPT = """
import json, sys, time
from fercam.pipeline.events import WatchOptions
from fercam.pipeline.live import LivePipeline
from fercam.ui import main_window
from fercam.ui.bridge import Bridge
from fercam.ui.widgets import circumplex, coach_panel, face_view, timeline

pipeline = LivePipeline(Bridge())
pipeline.start("demo", WatchOptions(sys.argv[1]))
deadline = time.monotonic() + 30
while pipeline.newest_result.get() is None and time.monotonic() < deadline:
    time.sleep(0.05)
labelled = pipeline.newest_result.get() is not None
pipeline.close()
pipeline.join(10)
heavy = [m for m in ("tensorflow", "keras", "sklearn", "matplotlib", "scipy") if m in sys.modules]
print(json.dumps([labelled, heavy]))
"""


def test_labelling_live_loads_neither_tensorflow_nor_the_plotting_libraries(tiny_bundle) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tiny_bundle)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [True, []]
