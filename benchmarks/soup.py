"""Makes the network of distil.py better, with PyTorch, on a processor: an hour on two cores with
AMX (without it, days). PyTorch needs a C++ compiler.

    soup.py DATA NETWORK FOLDER [--teacher FILE SHARE ...]

Training on from where it stands makes the network worse, but the mean of its weights and those that
training on twice gave is better than any of them (Wortsman et al., 2022, arXiv:2203.05482). It is
taught by labels and votes and by what it says itself, as it was given, of changed and mixed
pictures and their mirror images, together with the teachers.

DATA is the data set, NETWORK a .keras file. FOLDER gets `fercam.keras`, for `fercam train
--weights` to go on with; pictures and runs that it has already, made from the same, are not made
again. A teacher is a .tflite file; the network counts what the shares (0..1) of its teachers leave.
"""

import argparse
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from heads import BLEND, HEADS, Floats, counts_of, say, targets_of, tell
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from fercam.core.files import sha256_of
from fercam.inference import litert
from fercam.training.config import VALIDATION_SHARE
from fercam.training.engine import readers
from fercam.training.engine.adjust import best_score
from fercam.training.engine.augment import augment
from fercam.training.engine.dataset import FaceSet, prepare

COPIES = 12
"""Changed copies of each face."""
MIXED, MIXUP = 1 / 3, 0.4
"""Share of the copies that are mixed with another face, and of which beta distribution."""
MIXED_AGAIN = 4
"""One in so many of a batch is mixed once more, with its neighbour."""
WEIGHT = 0.2
"""What each run counts in the mean, the given network the rest."""
BATCH, WEIGHT_DECAY, AVERAGING = 128, 0.05, 0.9995
OWN_SHARE = 0.35
"""How much labels and votes count; what was said, learned by `blend` alone, counts the rest."""
AT_ONCE = 8
"""Faces that a teacher is asked about together: fastest."""
RESTRAINT = 1e-3
"""What the squares of shifts cost while they are fitted."""


@dataclass(frozen=True)
class Run:
    """How the network goes on: up to `learning_rate`, and on along a cosine to `end`, 1 being its
    foot.
    """

    seed: int
    learning_rate: float
    epochs: int
    end: float


RUNS = (Run(13, 4e-4, 30, 0.5), Run(12, 3e-4, 16, 1))

Pixels = NDArray[np.uint8]
Teachers = Mapping[Path, float]
State = dict[str, Tensor]


def main(data: Path, given: Path, folder: Path, teachers: Teachers) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    faces = prepare(readers.load(data, False, {}), VALIDATION_SHARE, seed=1)
    train, validation = faces.part("train"), faces.part("validation")
    model = keras.models.load_model(given, compile=False)
    network = Network(model)
    made_from = [train.fingerprint(), sha256_of(given)]
    made_from += [f"{sha256_of(file)} {share}" for file, share in teachers.items()]
    work = folder / sha256("\n".join(made_from).encode()).hexdigest()[:12]
    work.mkdir(exist_ok=True)
    calibration = calibrated(said(given, teachers, validation.pixels), validation)
    lesson = Lesson(targets_of(train), changed(work, train.pixels, given, teachers), calibration)
    examine("as given", network, validation)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    states = []
    for run in RUNS:
        kept = work / f"run-{run.seed}.pt"
        network.load_state_dict(before)
        if not kept.exists():
            keep(kept, trained(network, lesson, run))
        states.append(torch.load(kept, weights_only=True))
        network.load_state_dict(states[-1])
        examine(kept.stem, network, validation)
    network.load_state_dict(mean_of(before, states))
    examine("mean", network, validation)
    network.give_back(model)
    model.save(work / "fercam.keras")
    (work / "fercam.keras").replace(folder / "fercam.keras")


def mean_of(before: State, states: Sequence[State]) -> State:
    """Return the mean of weights, each run's counting `WEIGHT`."""
    return {
        name: (1 - len(states) * WEIGHT) * value + WEIGHT * sum(state[name] for state in states)
        for name, value in before.items()
    }


class Network(nn.Module):
    """A Keras network in PyTorch's own layers, many times as fast to train as in Keras's, with
    four `HEADS`, each as the one head it had: (n, 1, 48, 48) gray of 0..255 in, (n, 28) logits out.
    """

    def __init__(self, model: keras.Model) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_layer(layer) for layer in model.layers[1:])
        place = {id(layer.output): at for at, layer in enumerate(model.layers)}
        self._inputs = [
            [place[id(tensor)] for tensor in keras.tree.flatten(layer.input)]
            for layer in model.layers[1:]
        ]
        self.to(memory_format=torch.channels_last)

    def forward(self, faces: Tensor) -> Any:
        values = [faces]
        for layer, places in zip(self.layers, self._inputs, strict=True):
            values.append(layer(*(values[place] for place in places)))
        return values[-1]

    def give_back(self, model: keras.Model) -> None:
        """Change the Keras network that it was made from; its head becomes the last one."""
        for layer, trained in zip(model.layers[1:], self.layers, strict=True):
            if isinstance(trained, nn.Conv2d):
                layer.set_weights([trained.weight.detach().numpy().transpose(2, 3, 1, 0)])
            elif isinstance(trained, nn.BatchNorm2d):
                parts = (trained.weight, trained.bias, trained.running_mean, trained.running_var)
                layer.set_weights([part.detach().numpy() for part in parts])
            elif isinstance(trained, nn.Linear):
                kernel, bias = trained.weight[-7:].T, trained.bias[-7:]
                layer.set_weights([part.detach().numpy().copy() for part in (kernel, bias)])


def _layer(layer: keras.Layer) -> nn.Module:
    """Return a layer of a residual network in PyTorch, with its weights."""
    match layer:
        case keras.layers.Rescaling(scale=scale, offset=offset):
            return _Function(lambda x: x * scale + offset)
        case keras.layers.Conv2D(strides=(strides, _), kernel_size=(size, _)):
            (kernel,) = layer.get_weights()
            convolution: nn.Conv2d
            if strides == 1:
                convolution = nn.Conv2d(*kernel.shape[2:], size, padding=size // 2, bias=False)
            else:
                convolution = _Halving(*kernel.shape[2:], size, strides, bias=False)
            convolution.weight.data = torch.tensor(kernel.transpose(3, 2, 0, 1))
            return convolution
        case keras.layers.BatchNormalization(epsilon=epsilon, momentum=momentum):
            weights = [torch.tensor(part) for part in layer.get_weights()]
            normal = nn.BatchNorm2d(len(weights[0]), epsilon, 1 - momentum)
            normal.weight.data, normal.bias.data, *moments = weights
            normal.running_mean, normal.running_var = moments
            return normal
        case keras.layers.ReLU():
            return nn.ReLU()
        case keras.layers.AveragePooling2D(pool_size=(size, _)):
            return nn.AvgPool2d(size)
        case keras.layers.Add():
            return _Function(torch.add)
        case keras.layers.GlobalAveragePooling2D():
            return _Function(lambda x: x.mean((2, 3)))
        case keras.layers.Dropout(rate=rate):
            return nn.Dropout(rate)
        case keras.layers.Dense():
            kernel, bias = layer.get_weights()
            heads = nn.Linear(len(kernel), len(HEADS) * len(bias))
            heads.weight.data = torch.tensor(np.tile(kernel, len(HEADS)).T)
            heads.bias.data = torch.tensor(np.tile(bias, len(HEADS)))
            return heads
    raise TypeError(f"{layer.name} is no layer of a residual network.")


class _Function(nn.Module):
    def __init__(self, function: Any) -> None:
        super().__init__()
        self.forward = function


class _Halving(nn.Conv2d):
    """A convolution whose strides divide its maps' sides, padded as Keras pads it: an odd pixel
    behind.
    """

    def forward(self, x: Tensor) -> Tensor:
        padding = self.kernel_size[0] - self.stride[0]
        sides = (padding // 2, padding - padding // 2)
        return functional.conv2d(functional.pad(x, sides * 2), self.weight, stride=self.stride)


def logits_of(network: nn.Module, pixels: Pixels) -> Floats:
    """Return (n, 4, 7) what a network answers to faces (n, 48, 48) of 0..255."""
    network.eval()
    with torch.inference_mode():
        parts = torch.tensor(pixels).float()[:, None].split(256)
        logits = torch.cat([network(part).float() for part in parts])
    return np.asarray(logits.numpy().reshape(len(pixels), len(HEADS), -1))


def said(given: Path, teachers: Teachers, pixels: Pixels) -> Floats:
    """Return (n, 7) what the given network and its teachers answer to faces (n, 48, 48) and their
    mirror images: the mean of logarithms of probabilities.
    """
    network = Network(keras.models.load_model(given, compile=False))
    litert.THREADS = 1  # a process for each core asks them
    classifiers = {litert.LiteRtClassifier(file): share for file, share in teachers.items()}
    sums = np.zeros((len(pixels), 7), np.float32)
    for view in (pixels, pixels[:, :, ::-1].copy()):
        with torch.autocast("cpu", torch.bfloat16):
            own = logits_of(network, view)[:, BLEND]
        sums += (1 - sum(teachers.values())) * log_softmax(own, axis=1)
        for classifier, share in classifiers.items():
            for at in range(0, len(view), AT_ONCE):
                answers = classifier.classify(view[at : at + AT_ONCE])
                sums[at : at + AT_ONCE] += share * np.log(np.maximum(answers, 1e-7))
    return sums / 2


def calibrated(answers: Floats, validation: FaceSet) -> Floats:
    """Return (8,) temperature and shifts that fit what was said (n, 7) of validation faces best:
    of the faces that are trained on, those who say it know the labels.
    """
    truth = targets_of(validation)[:, BLEND]

    def lost(fit: Floats) -> float:
        likely = log_softmax(answers / fit[0] + fit[1:], axis=1)
        return float(-(truth * likely).sum(axis=1).mean() + RESTRAINT * fit[1:] @ fit[1:])

    return np.asarray(minimize(lost, np.array([1.0, *np.zeros(7)])).x, np.float32)


def changed(work: Path, pixels: Pixels, given: Path, teachers: Teachers) -> list[Path]:
    """Return files of changed copies of all faces (n, 48, 48), and what is said of them."""
    files = [work / f"faces-{copy:02}.npz" for copy in range(1, COPIES + 1)]
    missing = [(seed, file) for seed, file in enumerate(files) if not file.exists()]
    change = partial(_change, pixels=pixels, given=given, teachers=teachers)
    # a process for each core; begun anew, since PyTorch does not survive a fork
    with get_context("spawn").Pool(None, torch.set_num_threads, (1,)) as pool:
        for file in pool.imap(change, missing):
            say(f"{file.stem} changed")
    return files


def _change(made: tuple[int, Path], pixels: Pixels, given: Path, teachers: Teachers) -> Path:
    """Write a file of faces (n, 48, 48) uint8, the rows that they are mixed of, `first` and
    `second`, the `share` 0.5..1 of the first, and what is `said` (n, 7) of them; return it.
    """
    seed, file = made
    rng, count = np.random.default_rng(seed), len(pixels)
    first, second = rng.permutation(count), rng.permutation(count)
    share = np.where(rng.random(count) < MIXED, rng.beta(MIXUP, MIXUP, count), 1).astype(np.float32)
    share = np.maximum(share, 1 - share)
    shown, other = (augment(pixels[rows], "webcam", rng) for rows in (first, second))
    shares = share[:, np.newaxis, np.newaxis]
    faces = np.round(shares * shown + (1 - shares) * other).astype(np.uint8)
    work = file.with_suffix(".part.npz")
    answers = said(given, teachers, faces)
    np.savez(work, faces=faces, first=first, second=second, share=share, said=answers)
    work.replace(file)
    return file


@dataclass(frozen=True)
class Lesson:
    """What is learned: `targets` (n, 4, 7) of the faces, files of changed copies, and the
    `calibration` (8,) of what is said of these.
    """

    targets: Floats
    copies: list[Path]
    calibration: Floats

    def epoch(self, rng: np.random.Generator) -> Iterable[tuple[Tensor, ...]]:
        """Yield batches of one of the copies: faces (n, 1, 48, 48), targets (n, 4, 7), what was
        said (n, 7), and how much each face counts (n,).
        """
        with np.load(self.copies[rng.integers(len(self.copies))]) as copy:
            arrays = dict(copy)
        share, rows = arrays["share"], (arrays["first"], arrays["second"])
        targets = mixed(share, *(self.targets[part] for part in rows))
        each = counts_of(self.targets)
        counts = mixed(share, *(each[part] for part in rows))
        answers = softmax(arrays["said"] / self.calibration[0] + self.calibration[1:], axis=1)
        order = rng.permutation(len(share))
        for some in order[: len(order) // BATCH * BATCH].reshape(-1, BATCH):
            faces = arrays["faces"][some].astype(np.float32)
            mirrored = rng.random(len(some)) < 0.5
            faces[mirrored] = faces[mirrored, :, ::-1]
            top, left = rng.integers(3, size=2)
            faces = np.pad(faces, ((0, 0), (1, 1), (1, 1)), "edge")
            faces = faces[:, np.newaxis, top : top + 48, left : left + 48]
            parts = (faces, targets[some], answers[some], counts[some])
            again = rng.permutation(BATCH)[: BATCH // MIXED_AGAIN]
            own = rng.beta(MIXUP, MIXUP, len(again)).astype(np.float32)
            for part in parts:
                part[again] = mixed(own, part[again], part[again - 1])
            yield tuple(torch.tensor(part) for part in parts)


def mixed(share: Floats, one: Floats, other: Floats) -> Floats:
    """Return `share` (n,) of each row of one array, and of the other's the rest."""
    shares = share.reshape(-1, *(1,) * (one.ndim - 1))
    return shares * one + (1 - shares) * other


def trained(network: Network, lesson: Lesson, run: Run) -> State:
    """Train a network on from where it stands, with AdamW (Loshchilov and Hutter, 2019,
    arXiv:1711.05101) in bfloat16, and return the mean of its weights at the end.
    """
    torch.manual_seed(run.seed)
    rng, begun = np.random.default_rng(run.seed), time.monotonic()
    network.train()
    kernels = [weight for weight in network.parameters() if weight.ndim > 1]
    rest = [weight for weight in network.parameters() if weight.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": kernels, "weight_decay": WEIGHT_DECAY}, {"params": rest, "weight_decay": 0.0}],
        run.learning_rate,
        fused=True,
    )
    steps = run.epochs * (len(lesson.targets) // BATCH) / run.end
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda at: min(20 * at / steps, (1 + np.cos(np.pi * at / steps)) / 2)
    )
    mean = AveragedModel(network, multi_avg_fn=_average, use_buffers=True)

    @torch.compile
    def loss(faces: Tensor, targets: Tensor, answers: Tensor, counts: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(faces)
        likely = functional.log_softmax(logits.float().view(targets.shape), -1)
        own = -(likely * targets).sum((1, 2))
        taught = -(likely[:, BLEND] * answers).sum(1)
        return (counts * (OWN_SHARE * own + (1 - OWN_SHARE) * taught)).mean()

    for epoch in range(1, run.epochs + 1):
        losses = []
        for faces, *known in lesson.epoch(rng):
            optimizer.zero_grad()
            error = loss(faces.contiguous(memory_format=torch.channels_last), *known)
            error.backward()
            optimizer.step()
            rates.step()
            mean.update_parameters(network)
            losses.append(error.item())
        seconds = time.monotonic() - begun
        say(f"{epoch} epochs in {seconds:.0f} s, loss {np.mean(losses):.4f}")
    state: State = mean.module.state_dict()
    return state


def _average(means: list[Tensor], values: list[Tensor], count: Tensor) -> None:
    """Move means towards values; young ones faster, so that the first weights do not stay."""
    if means[0].is_floating_point():
        kept = min(AVERAGING, (1 + int(count)) / (10 + int(count)))
        torch._foreach_lerp_(means, values, 1 - kept)


def examine(name: str, network: Network, validation: FaceSet) -> None:
    logits = logits_of(network, validation.pixels)
    tell(name, logits, validation)
    say(f"{name}: score {best_score(softmax(logits[:, BLEND], axis=1), validation):.4f}")


def keep(file: Path, state: State) -> None:
    """Write weights, all of them or nothing."""
    work = file.with_suffix(".part")
    torch.save(state, work)
    work.replace(file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("network", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--teacher", nargs=2, action="append", default=[], metavar=("FILE", "SHARE")
    )
    arguments = parser.parse_args()
    teachers = {Path(file): float(share) for file, share in arguments.teacher}
    for file in (arguments.network, *teachers):
        if not file.is_file():
            parser.error(f"there is no file {file}")
    if min(teachers.values(), default=0) < 0 or sum(teachers.values()) > 1:
        parser.error("shares of teachers are 0 or more, and 1 at most together")
    main(arguments.data, arguments.network, arguments.folder, teachers)
