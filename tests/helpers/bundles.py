"""A real, tiny model bundle: bright faces are happy, dark ones sad, gray ones a weak neutral."""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from fercam.core.emotions import EMOTIONS
from fercam.detection.crop import CROP_SIDE, FACE_PX
from fercam.inference.bundle import FLOAT, INT8, KERAS, Card, write_card

# In a process of its own, so that tests of the running program never have TensorFlow loaded.
# 4.6 is the gain: a white face is 95 % happy, a black one 95 % sad.
BUILD = f"""
import sys
from pathlib import Path
import keras
import numpy as np
import tensorflow as tf

folder = Path(sys.argv[1])
model = keras.Sequential([
    keras.Input(({FACE_PX}, {FACE_PX}, 1), name="face"),
    keras.layers.Rescaling(1 / 127.5, offset=-1.0),
    keras.layers.Flatten(),
    keras.layers.Dense(7, activation="softmax", name="emotion"),
])
pixels = {FACE_PX} * {FACE_PX}
weights = np.zeros((pixels, 7), np.float32)
weights[:, {EMOTIONS.index("happy")}] = 4.6 / pixels
weights[:, {EMOTIONS.index("sad")}] = -4.6 / pixels
bias = np.zeros(7, np.float32)
bias[{EMOTIONS.index("neutral")}] = 0.5
model.layers[-1].set_weights([weights, bias])
model.save(folder / "{KERAS}")
for name, optimizations in (("{FLOAT}", []), ("{INT8}", [tf.lite.Optimize.DEFAULT])):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = optimizations
    (folder / name).write_bytes(converter.convert())
"""

CARD = Card(
    name="tiny",
    architecture="tiny",
    parameters=FACE_PX * FACE_PX * 7 + 7,
    classes=EMOTIONS,
    input=f"gray 0..255, (n, {FACE_PX}, {FACE_PX}, 1) float32",
    crop_side=CROP_SIDE,
    face_px=FACE_PX,
    temperature=1.0,
    sure_threshold=0.5,
    data={"name": "none: the weights are written by hand"},
    metrics={"test": {"accuracy": 1.0}},
    licence="the same as FerCam's",
    intended_use="tests of FerCam",
    limits="knows nothing but brightness",
)


@cache
def _model_files() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", BUILD, folder],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        )
        assert done.returncode == 0, done.stderr
        return {name: (Path(folder) / name).read_bytes() for name in (INT8, FLOAT, KERAS)}


def make_tiny_bundle(folder: Path, **card_overrides: Any) -> Path:
    """Write the tiny bundle into `folder`, its card changed as asked, and return the folder.

    The first call of a test run takes some seconds (TensorFlow converts the network).
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _model_files().items():
        (folder / name).write_bytes(content)
    write_card(folder, replace(CARD, **{"name": folder.name, **card_overrides}))
    return folder
