"""The live runtime: LiteRT (TensorFlow Lite) with XNNPACK, on the processor."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import ModelError
from fercam.detection.crop import FACE_PX
from fercam.inference.classifier import EmotionClassifier

THREADS = 2


class LiteRtClassifier(EmotionClassifier):
    """Runs a .tflite file: (n, 48, 48, 1) float32 gray of 0..255 in, softmax (n, 7) out.

    `temperature` calibrates the probabilities: softmax(log p / temperature), Guo et al. 2017,
    arXiv:1706.04599.

    Raises:
        ModelError: the file cannot be read, is no such network, or answers something else.
    """

    def __init__(self, model_file: Path, temperature: float = 1.0) -> None:
        self._temperature = temperature
        try:
            content = model_file.read_bytes()
        except OSError as error:
            raise ModelError(f"The model file {model_file} cannot be read.") from error
        try:
            with _quiet_stderr():
                self._interpreter: Any = Interpreter(model_content=content, num_threads=THREADS)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"{model_file.name} is not a model that LiteRT can run; install it again."
            ) from error
        self._batch = 0
        inputs = self._interpreter.get_input_details()
        outputs = self._interpreter.get_output_details()
        shapes = [tuple(part["shape"][1:]) for part in (*inputs, *outputs)]
        if shapes != [(FACE_PX, FACE_PX, 1), (len(EMOTIONS),)]:
            raise ModelError(
                f"{model_file.name} does not turn one gray face of {FACE_PX}x{FACE_PX} pixels "
                f"into {len(EMOTIONS)} probabilities; choose another model."
            )
        if any(part["dtype"] != np.float32 for part in (*inputs, *outputs)):
            raise ModelError(
                f"{model_file.name} does not take and give float numbers; choose another model."
            )
        self._input = inputs[0]["index"]
        self._output = outputs[0]["index"]

    def classify(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (n, 7) probabilities in the order of `EMOTIONS` for faces (n, 48, 48) gray."""
        count = len(faces)
        if count == 0:
            return np.zeros((0, len(EMOTIONS)), np.float32)
        if count != self._batch:
            shape = (count, FACE_PX, FACE_PX, 1)
            self._interpreter.resize_tensor_input(self._input, shape)
            self._interpreter.allocate_tensors()
            self._batch = count
        self._interpreter.set_tensor(self._input, faces[..., np.newaxis].astype(np.float32))
        self._interpreter.invoke()
        probabilities: NDArray[np.float32] = self._interpreter.get_tensor(self._output)
        return tempered(probabilities, self._temperature)

    def close(self) -> None:
        """Release the runtime; harmless when closed already."""
        self._interpreter = None


def tempered(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return (n, 7) probabilities made softer (temperature above 1) or sharper (below 1)."""
    if temperature == 1:
        return probabilities
    logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    softened: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return softened


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Swallow the line that LiteRT writes past Python, where errors for people are expected."""
    try:
        kept = os.dup(2)
    except OSError:  # a windowed program has no stderr
        yield
        return
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
