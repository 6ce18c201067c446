"""Faces a second in training: FerCam's trainer beside the code of the notebook it grew from.

    python benchmarks/training_speed.py [--batches 12] [--rounds 3]

Both train the same network, `seed`, on the same generated faces with batches of 128: the notebook
with `model.fit` on float32 arrays of x/255, FerCam as `fercam train --arch seed` does it. Each
takes turns in a process of its own; the first batches, in which all is set up, do not count.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BATCH = 128
WARM_UP = 3
AIMS = {True: 3.0, False: 1.0}
"""How many times the notebook's speed is wanted, with and without bfloat16 in the processor."""


def notebook(batches: int) -> float:
    """Return faces a second of the notebook's own way."""
    import keras
    import numpy as np
    from keras import layers

    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(1)
    x = rng.integers(0, 256, (batches * BATCH, 48, 48, 1)).astype(np.float32) / 255
    y = keras.utils.to_categorical(rng.integers(0, 7, len(x)), 7)
    model = keras.Sequential([keras.Input((48, 48, 1))])
    for filters in (128, 256, 512, 512):
        model.add(layers.Conv2D(filters, (3, 3), activation="relu"))
        model.add(layers.MaxPooling2D((2, 2)))
        model.add(layers.Dropout(0.4))
    model.add(layers.Flatten())
    for units, rate in ((512, 0.4), (256, 0.3)):
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dropout(rate))
    model.add(layers.Dense(7, activation="softmax"))
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[: WARM_UP * BATCH], y[: WARM_UP * BATCH], batch_size=BATCH, verbose=0)
    began = time.perf_counter()
    model.fit(x, y, batch_size=BATCH, verbose=0)
    return len(x) / (time.perf_counter() - began)


def fercam(batches: int) -> float:
    """Return faces a second of FerCam's trainer: data, steps and what it tells of them."""
    import numpy as np

    from fercam.training.config import TrainingConfig
    from fercam.training.engine import trainer
    from fercam.training.engine.dataset import VOTES, FaceSet

    rng = np.random.default_rng(1)
    train, validation = (WARM_UP + batches) * BATCH, 7
    faces = FaceSet(
        rng.integers(0, 256, (train + validation, 48, 48)).astype(np.uint8),
        rng.integers(0, 7, train + validation),
        np.array([0] * train + [1] * validation),
        np.zeros((train + validation, len(VOTES)), np.uint8),
    )
    moments: list[float] = []

    def emit(event: str, **values: object) -> None:
        if event == "batch" and values["batch"] == WARM_UP + batches:
            moments.append(time.perf_counter())

    class Control:
        """Is asked after every batch."""

        asked = 0

        def wait_while_paused(self) -> None:
            self.asked += 1
            if self.asked == WARM_UP:
                moments.append(time.perf_counter())

        def stop_asked(self) -> bool:
            return False

    with tempfile.TemporaryDirectory() as run_dir:
        config = TrainingConfig(Path("generated"), Path(run_dir), "seed", epochs=1)
        model = trainer.network(config)
        trainer.train(model, config, faces, emit, Control(), "speed", lambda parameters: None)  # type: ignore[arg-type]
    began, ended = moments
    return batches * BATCH / (ended - began)


WAYS = {"notebook": notebook, "fercam": fercam}


def bfloat16() -> bool:
    """Return whether the processor multiplies bfloat16 (AMX or AVX512-BF16)."""
    cpu = Path("/proc/cpuinfo")
    flags = cpu.read_text() if cpu.exists() else ""
    return "amx_bf16" in flags or "avx512_bf16" in flags


def main() -> int:
    """Print one line of JSON; return 1 where the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--batches", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(WAYS[options.way](options.batches)))  # noqa: T201
        return 0
    speeds: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way, found in speeds.items():
            line = [sys.executable, __file__, "--way", way, "--batches", str(options.batches)]
            env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
            ended = subprocess.run(line, env=env, capture_output=True, text=True, check=True)
            found.append(round(json.loads(ended.stdout.splitlines()[-1]), 1))
    times = max(speeds["fercam"]) / max(speeds["notebook"])
    aim = AIMS[bfloat16()]
    result = {
        "faces_per_s": speeds,
        "times_the_notebooks": round(times, 2),
        "aim": aim,
        "bfloat16": bfloat16(),
        "cores": os.cpu_count(),
    }
    print(json.dumps(result))  # noqa: T201
    return 0 if times >= aim else 1


if __name__ == "__main__":
    raise SystemExit(main())
