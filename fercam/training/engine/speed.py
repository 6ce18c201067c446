"""How large the networks are and how quickly they answer on this computer."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fercam.detection.crop import FACE_PX
from fercam.inference.litert import LiteRtClassifier
from fercam.training.engine import builder
from fercam.training.engine.export import rounded, to_tflite
from fercam.training.engine.transfer import EFFICIENTNET_LITE0

ANSWERS = 20


def network(name: str) -> Any:
    """Return an untrained network as it is shipped."""
    backbone = EFFICIENTNET_LITE0 if name == "transfer" else ""
    return builder.build(name, builder.Options(backbone=backbone, normalised=False))


def measure_networks() -> Iterator[dict[str, Any]]:
    """Yield for each architecture its name, its parameters, the megabytes of its model in eight
    bits and the milliseconds that the quickest of its answers to a face took.
    """
    for name in builder.ARCHITECTURES:
        model = network(name)
        content = rounded(to_tflite(model))
        yield {
            "name": name,
            "parameters": model.count_params(),
            "size_mb": round(len(content) / 1e6, 1),
            "ms_per_face": round(_ms_per_face(content), 2),
        }


def _ms_per_face(content: bytes) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.tflite"
        file.write_bytes(content)
        classifier = LiteRtClassifier(file)
    face = np.zeros((1, FACE_PX, FACE_PX), np.uint8)
    took = []
    for _ in range(ANSWERS):
        began = time.perf_counter()
        classifier.classify(face)
        took.append(time.perf_counter() - began)
    classifier.close()
    return min(took) * 1000
