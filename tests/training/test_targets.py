"""What a network is taught: labels, votes, teachers; rare emotions count for more."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from helpers.faces import face_set

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import TrainingError, UsageError
from fercam.training.config import RECIPES, TrainingConfig
from fercam.training.engine.augment import AUGMENTATIONS, augment
from fercam.training.engine.batches import Batches
from fercam.training.engine.builder import build
from fercam.training.engine.dataset import FaceSet, network_input
from fercam.training.engine.targets import Teachers, blended, class_balance, targets_of
from fercam.training.runs import best_model

SAD, NEUTRAL = EMOTIONS.index("sad"), EMOTIONS.index("neutral")


def config(folder: Path, **settings: object) -> TrainingConfig:
    return replace(TrainingConfig(folder / "data", folder), batch_size=8, **settings)


def test_votes_soften_the_label_and_faces_without_votes_keep_theirs() -> None:
    faces = face_set(["sad", "sad"], votes=[{"sad": 6, "neutral": 2, "unknown": 2}, {}])
    targets = blended(faces, votes_share=0.5, smoothing=0.0)
    assert targets[0, [SAD, NEUTRAL]].tolist() == [0.875, 0.125]
    assert targets[1, SAD] == 1
    smoothed = blended(faces, votes_share=0.0, smoothing=0.07)
    assert smoothed[0, [SAD, NEUTRAL]] == pytest.approx([0.94, 0.01])


def test_rare_emotions_weigh_more_and_the_mean_face_weighs_one() -> None:
    targets = blended(face_set(["happy"] * 90 + ["disgust"] * 10), 0, 0)
    weights = class_balance(targets, balance=0.5)
    happy, disgust = (weights[EMOTIONS.index(name)] for name in ("happy", "disgust"))
    assert disgust / happy == pytest.approx(3)
    assert weights[SAD] == 0
    assert (targets @ weights).mean() == pytest.approx(1)
    assert class_balance(targets, balance=0)[EMOTIONS.index("happy")] == pytest.approx(1)


def test_a_teacher_without_a_network_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="There is no trained network in"):
        targets_of(config(tmp_path, teachers=(tmp_path / "none",)), face_set(["sad"]))


def said(network: keras.Model, faces: FaceSet) -> np.ndarray:
    """What a network answers to faces and their mirror images, on average."""
    both = [network(network_input(pixels)) for pixels in (faces.pixels, faces.pixels[:, :, ::-1])]
    return np.mean(both, axis=0)


def test_a_teacher_is_asked_once_and_again_when_it_has_learned_more_or_sees_other_faces(
    tmp_path: Path,
) -> None:
    faces, (before, later) = face_set(["sad", "happy"]), (build("seed-small") for _ in range(2))
    before.save(best_model(tmp_path))
    teaching = config(tmp_path, teachers=(tmp_path,), teacher_share=1.0)
    first = targets_of(teaching, faces)
    assert first == pytest.approx(said(before, faces), abs=1e-5)
    (kept,) = tmp_path.glob("answers-*.npy")
    np.save(kept, first[::-1])
    assert np.array_equal(targets_of(teaching, faces), first[::-1])
    others = face_set(["sad"] * 3)
    assert targets_of(teaching, others) == pytest.approx(said(before, others), abs=1e-5)
    later.save(best_model(tmp_path))
    assert targets_of(teaching, faces) == pytest.approx(said(later, faces), abs=1e-5)


def test_a_teacher_named_twice_counts_twice(tmp_path: Path) -> None:
    faces, networks = face_set(["sad", "happy"]), [build("seed-small") for _ in range(2)]
    for network, name in zip(networks, "ab", strict=True):
        (tmp_path / name).mkdir()
        network.save(best_model(tmp_path / name))
    teachers = tuple(tmp_path / name for name in "aab")
    shown = network_input(faces.pixels)
    answers = [np.asarray(network(shown)) for network in networks]
    teaching = config(tmp_path, teachers=teachers, teacher_share=1.0, teachers_see="changed")
    taught = Teachers(teaching).blended(targets_of(teaching, faces), shown)
    assert taught == pytest.approx((2 * answers[0] + answers[1]) / 3, abs=1e-5)


def test_teachers_may_answer_for_every_picture_that_is_shown(tmp_path: Path) -> None:
    faces, network = face_set(["sad", "happy"]), build("seed-small")
    network.save(best_model(tmp_path))
    teaching = config(tmp_path, teachers=(tmp_path,), teacher_share=0.75, teachers_see="changed")
    plain = targets_of(teaching, faces)
    assert np.array_equal(plain, blended(faces, 0, 0)), "the teacher's share comes later"
    shown = network_input(faces.pixels // 2)
    taught = Teachers(teaching).blended(plain, shown)
    assert taught == pytest.approx(0.25 * plain + 0.75 * np.asarray(network(shown)), abs=1e-5)
    once = replace(teaching, teachers_see="plain")
    assert Teachers(once).blended(plain, shown) is plain


@pytest.mark.parametrize("workers", [0, 1])
def test_an_epoch_is_all_of_its_batches_whoever_makes_them(tmp_path: Path, workers: int) -> None:
    faces = face_set([EMOTIONS[i % 7] for i in range(50)])
    settings = config(tmp_path, augmentation="webcam", mixup=0.2)
    with (
        Batches(faces, replace(settings, workers=workers)) as made,
        Batches(faces, settings) as own,
    ):
        for number, given in enumerate(made.epoch(2)):
            for one, other in zip(given, own.batch(2, number), strict=True):
                assert np.array_equal(one, other)
    assert number + 1 == len(made)


def test_batches_depend_on_seed_and_epoch_alone_and_hold_every_face_once(tmp_path: Path) -> None:
    faces = face_set([EMOTIONS[i % 7] for i in range(20)])
    changed = config(tmp_path, augmentation="webcam", mixup=0.2)
    with Batches(faces, changed) as batches, Batches(faces, changed) as again:
        x, y, weights = batches.batch(3, 1)
        for one, other in zip((x, y, weights), again.batch(3, 1), strict=True):
            assert np.array_equal(one, other)
        assert not np.array_equal(x, batches.batch(4, 1)[0])
    assert (x.dtype, x.shape, y.shape) == (np.float32, (7, 48, 48, 1), (7, 7))
    assert y.sum(axis=1) == pytest.approx(np.ones(7))

    with Batches(faces, config(tmp_path)) as plain:
        given = [plain.batch(0, number) for number in range(len(plain))]
    with Batches(faces, config(tmp_path, seed=7)) as others:
        assert not np.array_equal(others.batch(0, 0)[0], given[0][0])
    assert {len(x) for x, _, _ in given} == {7}
    assert [plain.count(number) for number in range(3)] == [7, 7, 6]
    assert [weights.mean() for _, _, weights in given] == pytest.approx([1.0] * 3)
    seen = np.concatenate([x[weights > 0] for x, _, weights in given])
    assert sorted(seen[:, 0, 0, 0]) == sorted(faces.pixels[:, 0, 0].astype(np.float32))


def test_what_is_mixed_of_two_faces_is_taught_in_the_same_shares(tmp_path: Path) -> None:
    faces = face_set([EMOTIONS[i % 7] for i in range(28)])
    brightness = 10 * np.arange(7)
    faces.pixels[:] = brightness[faces.labels][:, None, None]
    with Batches(faces, config(tmp_path, mixup=2.0)) as batches:
        given = [batches.batch(0, number) for number in range(len(batches))]
    for x, y, _ in given:
        assert x[:, 0, 0, 0] == pytest.approx(y @ brightness, abs=1e-4)
    assert all(((y > 0).sum(axis=1) == 2).any() for _, y, _ in given)
    shares = {float(y[(y > 0).sum(axis=1) == 2].max()) for _, y, _ in given}
    assert len(shares) == len(given), "each batch has a share of its own"


def test_faces_of_a_batch_count_by_how_rare_their_emotion_is(tmp_path: Path) -> None:
    faces = face_set(["happy"] * 6 + ["disgust"] * 2)
    with Batches(faces, config(tmp_path, balance=1.0)) as batches:
        _, y, weights = batches.batch(0, 0)
    happy, disgust = (y[:, EMOTIONS.index(name)] == 1 for name in ("happy", "disgust"))
    assert weights[disgust] == pytest.approx([2.0] * 2)
    assert weights[happy] == pytest.approx([2 / 3] * 6)


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_changed_faces_stay_faces_and_leave_the_given_ones_alone(kind: str) -> None:
    faces = face_set(["sad"] * 30).pixels
    before = faces.copy()
    changed = augment(faces, kind, np.random.default_rng(1))
    assert (changed.shape, changed.dtype) == (faces.shape, np.uint8)
    assert np.array_equal(faces, before)
    assert np.array_equal(changed, augment(faces, kind, np.random.default_rng(1)))
    assert (kind == "none") == np.array_equal(changed, faces)


def test_settings_that_nothing_can_be_done_with_are_refused(tmp_path: Path) -> None:
    for name in ("epochs", "batch_size", "validate_every"):
        with pytest.raises(UsageError, match=f"'{name}' cannot be 0"):
            config(tmp_path).with_settings({name: "0"})
    assert config(tmp_path).with_settings({"workers": "0", "seed": "0"}).seed == 0
    for name, text in {
        "votes_share": "2", "averaging": "1", "validation_share": "1", "seed": str(2**32),
    }.items():  # fmt: skip
        with pytest.raises(UsageError, match=f"'{name}' is .* at most"):
            config(tmp_path).with_settings({name: text})
    for text in ("nan", "inf"):
        with pytest.raises(UsageError, match=f"'{text}' is not a value for 'learning_rate'"):
            config(tmp_path).with_settings({"learning_rate": text})


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_sets_what_a_run_knows(recipe: str, tmp_path: Path) -> None:
    given = TrainingConfig(tmp_path, tmp_path).with_settings(
        {name: str(value) for name, value in RECIPES[recipe].items()}
    )
    assert given == TrainingConfig(tmp_path, tmp_path, **RECIPES[recipe])
