"""Trains the network that FerCam ships, with JAX, on a GPU: in minutes; processors are too slow.

    distil.py DATA FOLDER [--minutes M]

Large networks that each learned all faces but a quarter teach of that quarter (cross-fitting; Dao
et al., 2021, arXiv:2104.09732): asked about faces that they know by heart they would only repeat
the labels' mistakes. The network learns from what these teachers say of every changed and mixed
picture (Beyer et al., 2022, arXiv:2106.05237) and from the labels and votes themselves.

DATA is the data set. FOLDER gets the teachers and `fercam.keras`, for soup.py to go on with;
teachers that it has already are not trained again. With --minutes, the learning rate follows the
clock instead of the number of epochs, nearly half of the time for the teachers.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np
from changed_faces import changed
from heads import HEADS, counts_of, targets_of, tell
from jax import Array
from keras import layers
from numpy.typing import NDArray

from fercam.detection.crop import FACE_PX
from fercam.training.config import VALIDATION_SHARE
from fercam.training.engine import builder, readers
from fercam.training.engine.dataset import SPLITS, FaceSet, network_input, prepare
from fercam.training.engine.duplicates import near_groups

FOLDS = 4
SEEDS = (1, 2, 3)
"""Teachers of each fold."""
BATCH = 512
MIXUP = 0.4

State = dict[str, Any]
Rows = NDArray[np.int64]
Targets = Array
"""(n, 4, 7) for the four `HEADS`; all zero for the majority where there is none."""


@dataclass(frozen=True)
class Recipe:
    """How a network learns; `averaging` is the momentum of the mean of its weights, `own_share` how
    much of what it learns comes from labels and votes, the rest coming from teachers."""

    architecture: str
    epochs: int
    learning_rate: float
    weight_decay: float
    averaging: float
    own_share: float


TEACHER = Recipe("residual", 120, 2e-3, 0.1, 0.998, 1)
PUPIL = Recipe("fercam", 665, 2e-3, 0.05, 0.9995, 0.35)


def main(data: Path, folder: Path, minutes: float | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    faces, folds = read(data, folder)
    train, validation = on_device(faces.part("train")), faces.part("validation")
    begun, seconds = time.monotonic(), 60 * minutes if minutes else float("inf")
    teacher, taught = teachers(folder, train, validation, folds, begun + 0.45 * seconds)
    mean = pupil(train, validation, folds, teacher, taught, begun + seconds)
    work = folder / "fercam.part.keras"
    as_shipped(mean).save(work)
    work.replace(folder / "fercam.keras")


def read(data: Path, folder: Path) -> tuple[FaceSet, Rows]:
    """Return prepared faces, and the fold of each face of the train part, copies in one fold."""
    kept = folder / "faces.npz"
    if not kept.exists():
        faces = prepare(readers.load(data, False, {}), VALIDATION_SHARE, seed=1)
        faces = faces.where(faces.splits <= SPLITS.index("validation"))
        groups = near_groups(faces.part("train").pixels)
        of_group = np.random.default_rng(1).permutation(groups.max() + 1) % FOLDS
        arrays = {"pixels": faces.pixels, "labels": faces.labels, "votes": faces.votes}
        work = folder / "faces.part.npz"
        np.savez(work, splits=faces.splits, folds=of_group[groups], **arrays)
        work.replace(kept)
    with np.load(kept) as file:
        arrays = dict(file)
    folds = arrays.pop("folds")
    return FaceSet(**arrays), folds


def network(architecture: str) -> keras.Model:
    """Return a network of ours with four heads: (n, 48, 48, 1) gray in, (n, 28) logits out."""
    face = keras.Input((FACE_PX, FACE_PX, 1))
    features = builder.ARCHITECTURES[architecture](face, builder.Options())
    return keras.Model(face, layers.Dense(len(HEADS) * 7, dtype="float32", name="heads")(features))


def started(recipe: Recipe, seed: int) -> tuple[keras.Model, State]:
    """Return a network that computes in bfloat16, and the state that its training starts with."""
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = network(recipe.architecture)
    keras.config.set_dtype_policy("float32")
    weights = [variable.value for variable in model.trainable_variables]
    rest = [variable.value for variable in model.non_trainable_variables]
    return model, {
        "weights": weights,
        "rest": rest,
        "mean": jax.tree.map(jnp.copy, (weights, rest)),
        "moments": [(jnp.zeros_like(w), jnp.zeros_like(w)) for w in weights],
        "step": jnp.zeros((), jnp.int32),
    }


Learn = Callable[[State, Array, Targets, Array, Array], tuple[State, Array]]


def learner(model: keras.Model, recipe: Recipe) -> Learn:
    """Return a function that makes one step with AdamW (Loshchilov and Hutter, 2019,
    arXiv:1711.05101): state, faces, targets, weights of faces, rate 0..1 in; state and loss out.
    """
    decays = [
        recipe.weight_decay * variable.path.endswith("kernel")
        for variable in model.trainable_variables
    ]

    def loss(weights: Any, rest: Any, x: Array, y: Targets, counts: Array) -> Any:
        logits, rest = model.stateless_call(weights, rest, x[..., None], training=True)
        answers = jax.nn.log_softmax(logits.reshape(y.shape))
        return -(counts * (answers * y).sum(axis=(1, 2))).mean(), rest

    def learn(state: State, x: Array, y: Targets, counts: Array, rate: Array) -> Any:
        gradient = jax.value_and_grad(loss, has_aux=True)
        (error, rest), slopes = gradient(state["weights"], state["rest"], x, y, counts)
        step = state["step"] + 1
        rate = rate * recipe.learning_rate
        weights, moments = [], []
        for weight, slope, moment, decay in zip(
            state["weights"], slopes, state["moments"], decays, strict=True
        ):
            first = 0.9 * moment[0] + 0.1 * slope
            second = 0.999 * moment[1] + 0.001 * slope**2
            ahead = (first / (1 - 0.9**step)) / (jnp.sqrt(second / (1 - 0.999**step)) + 1e-7)
            weights.append(weight - rate * (ahead + decay * weight))
            moments.append((first, second))
        # young means forget faster, so that the first weights do not stay in them
        kept = jnp.minimum(recipe.averaging, (1 + step) / (10 + step))
        mean = jax.tree.map(
            lambda old, new: (kept * old + (1 - kept) * new).astype(old.dtype),
            state["mean"],
            (weights, rest),
        )
        parts = {"weights": weights, "rest": rest, "mean": mean, "moments": moments, "step": step}
        return parts, error

    return learn


Teach = Callable[[Any, Array, Array], Targets]
Epoch = Callable[[State, dict[str, Array], Any, dict[str, Array]], tuple[State, Array]]


def course(model: keras.Model, recipe: Recipe, teach: Teach | None = None) -> Any:
    """Return an `Epoch`, not compiled yet: state, faces, teachers and batches in, state and losses
    out."""
    learn = learner(model, recipe)

    def epoch(
        state: State, data: dict[str, Array], teachers: Any, batches: dict[str, Array]
    ) -> tuple[State, Array]:
        def step(state: State, batch: dict[str, Array]) -> tuple[State, Array]:
            rows, share = batch["rows"], batch["share"][:, None, None]
            x = changed(data["pixels"][rows].astype(jnp.float32), batch["key"])
            x = share * x + (1 - share) * x[::-1]
            y, counts = data["targets"][rows], data["counts"][rows]
            y = share * y + (1 - share) * y[::-1]
            counts = batch["share"] * counts + (1 - batch["share"]) * counts[::-1]
            if teach is not None:
                # less than 1 where most people did not agree: there teachers alone say it
                known = recipe.own_share * y.sum(axis=-1, keepdims=True)
                y = recipe.own_share * y + (1 - known) * teach(teachers, batch["fold"], x)
            return learn(state, x, y, counts, batch["rate"])

        return jax.lax.scan(step, state, batches)

    return jax.jit(epoch, donate_argnums=0)


def compiled(
    epoch: Any, state: State, data: dict[str, Array], teachers: Any, parts: Sequence[Rows]
) -> Epoch:
    """Return it compiled, so that this does not count as time for training."""
    batches = batches_of(parts, Clock(1, 0, float("inf")), np.random.default_rng(0))
    return cast(Epoch, epoch.lower(state, data, teachers, batches).compile())


def on_device(faces: FaceSet) -> dict[str, Array]:
    targets = targets_of(faces)
    return {
        "pixels": jnp.asarray(faces.pixels),
        "targets": jnp.asarray(targets),
        "counts": jnp.asarray(counts_of(targets)),
    }


@dataclass
class Clock:
    """How far a training is, 0..1: by epochs or, where `until` (monotonic) comes first, by time."""

    epochs: int
    begun: float
    until: float
    done: int = 0

    def rates(self, steps: int) -> NDArray[np.float32]:
        """Return the learning rates of the coming epoch, rising over the first twentieth and then
        falling along a cosine."""
        by_time = (time.monotonic() - self.begun) / (self.until - self.begun)
        by_epochs = self.done / self.epochs
        each = max(1 / self.epochs, by_time / max(self.done, 1))
        self.done += 1
        at = np.minimum(max(by_epochs, by_time) + each * np.arange(steps) / steps, 1)
        return np.minimum(at * 20, (1 + np.cos(np.pi * at)) / 2).astype(np.float32)

    def __str__(self) -> str:
        return f"{self.done} epochs in {time.monotonic() - self.begun:.0f} s"

    def over(self) -> bool:
        return self.done >= self.epochs or time.monotonic() >= self.until


def batches_of(parts: Sequence[Rows], clock: Clock, rng: np.random.Generator) -> dict[str, Array]:
    """Return the batches of an epoch, each of rows of one part (fold) alone."""
    rows, folds = [], []
    for fold, part in enumerate(parts):
        size = min(BATCH, len(part))
        some = rng.permutation(part)[: len(part) // size * size].reshape(-1, size)
        rows.append(some)
        folds += [fold] * len(some)
    order = rng.permutation(len(folds))
    all_rows = np.concatenate(rows)[order]
    share = rng.beta(MIXUP, MIXUP, all_rows.shape)
    share[:, ::2] = 1  # half of the faces stay alone, for that is how they will be met
    return {
        "rows": jnp.asarray(all_rows),
        "share": jnp.asarray(share, jnp.float32),
        "fold": jnp.asarray(np.array(folds)[order]),
        "rate": jnp.asarray(clock.rates(len(folds))),
        "key": jax.random.split(jax.random.key(int(rng.integers(2**31))), len(folds)),
    }


Answers = Callable[[Any, NDArray[np.uint8]], NDArray[np.float32]]


def examiner(model: keras.Model) -> Answers:
    """Return a function from variables and faces (n, 48, 48) to logits (n, 4, 7)."""
    call = jax.jit(lambda variables, x: model.stateless_call(*variables, x, training=False)[0])

    def answers(variables: Any, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        filled = np.resize(pixels, (-(-len(pixels) // BATCH), BATCH, *pixels.shape[1:]))
        logits = np.concatenate([call(variables, network_input(part)) for part in filled])
        return logits[: len(pixels)].reshape(-1, len(HEADS), 7)

    return answers


def teachers(
    folder: Path, data: dict[str, Array], validation: FaceSet, folds: Rows, until: float
) -> tuple[keras.Model, list[list[Any]]]:
    """Return the teachers' network and its variables, for each of `SEEDS` those of all folds."""
    model, state = started(TEACHER, 0)
    answers = examiner(model)
    parts = [np.flatnonzero(folds != fold) for fold in range(FOLDS)]
    fewest = min(len(part) for part in parts)  # all with as many batches: compiled once
    files = {
        (seed, fold): folder / f"teacher-{fold}-{seed}.npz"
        for seed in SEEDS
        for fold in range(FOLDS)
    }
    missing = [who for who, file in files.items() if not file.exists()]
    if missing:
        epoch = compiled(course(model, TEACHER), state, data, None, [parts[0][:fewest]])
    for at, (seed, fold) in enumerate(missing):
        rng, now = np.random.default_rng((seed, fold)), time.monotonic()
        part = rng.permutation(parts[fold])[:fewest]
        _, state = started(TEACHER, 100 * seed + fold)
        clock = Clock(TEACHER.epochs, now, now + (until - now) / (len(missing) - at))
        while not clock.over():
            state, loss = epoch(state, data, None, batches_of([part], clock, rng))
            jax.block_until_ready(loss)
        file = files[seed, fold]
        keep(file, state["mean"])
        tell(f"{file.stem}, {clock}", answers(state["mean"], validation.pixels), validation)
    return model, [[restored(files[seed, fold]) for fold in range(FOLDS)] for seed in SEEDS]


def pupil(
    data: dict[str, Array],
    validation: FaceSet,
    folds: Rows,
    teacher: keras.Model,
    taught: list[list[Any]],
    until: float,
) -> Any:
    """Return the mean of the pupil's variables at the end of its training."""
    stacked = [jax.tree.map(lambda *folds: jnp.stack(folds), *school) for school in taught]

    def teach(stacked: Any, fold: Array, x: Array) -> Targets:
        def answer(school: Any) -> Array:
            variables = jax.tree.map(lambda folds: folds[fold], school)
            logits, _ = teacher.stateless_call(*variables, x[..., None], training=False)
            return jax.nn.softmax(logits.reshape(-1, len(HEADS), 7))

        return jnp.mean(jnp.stack([answer(school) for school in stacked]), axis=0)

    model, state = started(PUPIL, 1)
    answers = examiner(model)
    parts = [np.flatnonzero(folds == fold) for fold in range(FOLDS)]
    epoch = compiled(course(model, PUPIL, teach), state, data, stacked, parts)
    rng, clock = np.random.default_rng(1), Clock(PUPIL.epochs, time.monotonic(), until)
    while not clock.over():
        state, loss = epoch(state, data, stacked, batches_of(parts, clock, rng))
        jax.block_until_ready(loss)
        if clock.done % 50 == 0 or clock.over():
            tell(f"fercam, {clock}", answers(state["mean"], validation.pixels), validation)
    return state["mean"]


def as_shipped(variables: Any) -> keras.Model:
    """Return the network with its last head, `blend`, alone: (n, 7) softmax out."""
    trained, shipped = network(PUPIL.architecture), builder.build(PUPIL.architecture)
    kept = [*trained.trainable_variables, *trained.non_trainable_variables]
    for variable, value in zip(kept, [*variables[0], *variables[1]], strict=True):
        variable.assign(value)
    for layer, given in zip(shipped.layers[:-1], trained.layers[:-1], strict=True):
        layer.set_weights(given.get_weights())
    shipped.layers[-1].set_weights([part[..., -7:] for part in trained.layers[-1].get_weights()])
    return shipped


def keep(file: Path, variables: Any) -> None:
    """Write variables, all of them or nothing."""
    work = file.with_suffix(".part.npz")
    weights, rest = variables
    np.savez(work, *weights, **{f"rest_{at:03}": value for at, value in enumerate(rest)})
    work.replace(file)


def restored(file: Path) -> Any:
    with np.load(file) as stored:
        rest = [jnp.asarray(stored[name]) for name in sorted(stored) if name.startswith("rest_")]
        weights = [jnp.asarray(stored[f"arr_{at}"]) for at in range(len(stored.files) - len(rest))]
    return weights, rest


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float)
    arguments = parser.parse_args()
    if jax.default_backend() == "cpu":
        sys.stderr.write("JAX finds no GPU here: this will take weeks.\n")
    main(arguments.data, arguments.folder, arguments.minutes)
