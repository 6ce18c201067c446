"""Puts the network `fercam` together from its two branches, which were trained apart.

    join_branches.py LITE0.keras MINI.keras OUT.keras [SHARE]

Its answer is then the geometric mean of theirs, the first counting SHARE (0..1).
"""

import sys
from pathlib import Path

import keras
import numpy as np

from fercam.training.engine.builder import Options, build
from fercam.training.engine.transfer import copy_weights


def main(lite0: Path, mini: Path, out: Path, share: float = 0.5) -> None:
    joined = build("fercam", Options(normalised=False))
    kernels, biases = [], []
    for name, file, weight in (("lite0", lite0, share), ("mini", mini, 1 - share)):
        branch = keras.models.load_model(file, compile=False)
        emotion = branch.get_layer("emotion")
        copy_weights(keras.Model(branch.input, emotion.input), joined.get_layer(name))
        kernel, bias = emotion.get_weights()
        kernels.append(weight * kernel)
        biases.append(weight * bias)
    joined.get_layer("emotion").set_weights([np.concatenate(kernels), sum(biases)])
    joined.save(out)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *map(float, sys.argv[4:5]))
