"""Every architecture takes gray 48x48 faces of 0..255, scales them itself, says seven things."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from fercam.core.errors import TrainingError, UsageError
from fercam.training.config import TrainingConfig
from fercam.training.engine.builder import (
    ARCHITECTURES,
    Options,
    build,
    for_training,
    for_use,
)

MODELS = Path(__file__).parents[2] / "models"
LITE0 = Options(backbone="EfficientNetLite0", enlarged_px=64)
OPTIONS = {"transfer": Options(backbone="MobileNetV2", enlarged_px=64)}
PARAMETERS = {
    "seed": (4_232_199,) * 2,
    "fercam": (1e6, 5e6),
    "fercam-nano": (1e5, 3e5),
    "residual": (1e7, 1.2e7),
}


def lite0_config(folder: Path) -> TrainingConfig:
    return TrainingConfig(
        folder,
        folder,
        architecture="transfer",
        backbone=LITE0.backbone,
        enlarged_px=LITE0.enlarged_px,
    )


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture_keeps_the_contract(name: str) -> None:
    model = build(name, OPTIONS.get(name, Options()))
    faces = np.random.default_rng(1).integers(0, 256, (2, 48, 48, 1)).astype(np.float32)
    before = model.get_weights()
    answer = np.asarray(model(faces))
    assert all(map(np.array_equal, before, model.get_weights())), "asking teaches nothing"
    assert answer.shape == (2, 7)
    assert answer.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    low, high = PARAMETERS.get(name, (1e4, 5e6))
    assert low <= model.count_params() <= high


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no architecture 'x'; choose one of: seed, "):
        build("x")
    with pytest.raises(UsageError, match="no backbone 'Nonsense'"):
        build("transfer", Options(backbone="Nonsense"))


def test_a_network_starts_from_the_weights_of_another_of_its_kind(tmp_path: Path) -> None:
    first = build("fercam-nano")
    first.save(tmp_path / "first.keras")
    second = build("fercam-nano", Options(weights=tmp_path / "first.keras"))
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        assert np.array_equal(one, other)
    with pytest.raises(TrainingError, match="does not fit"):
        build("seed-small", Options(weights=tmp_path / "first.keras"))


@pytest.mark.parametrize(
    ("architecture", "backbone"), [("seed", ""), ("transfer", "EfficientNetLite0")]
)
def test_weights_that_a_network_cannot_take_are_refused_rather_than_left_out(
    architecture: str, backbone: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"cannot start from net\.h5: it takes .* a \.keras file"):
        build(
            architecture,
            Options(backbone=backbone, weights=tmp_path / "net.h5"),
        )


def test_a_trained_network_answers_the_same_when_it_is_put_to_use(tmp_path: Path) -> None:
    start = build("transfer", replace(LITE0, normalised=False))
    start.save(tmp_path / "start.keras")
    config = replace(lite0_config(tmp_path), weights=tmp_path / "start.keras")
    trained = for_training(config)
    used = for_use(trained, config)
    faces = np.random.default_rng(1).integers(0, 256, (4, 48, 48, 1)).astype(np.float32)
    answer = np.asarray(trained(faces))
    assert np.asarray(start(faces)) == pytest.approx(answer, abs=1e-5)
    assert np.asarray(used(faces)) == pytest.approx(answer, abs=1e-5)
    assert [sum(w.shape == (1, 1, 32, 16) for w in m.weights) for m in (trained, used)] == [0, 1]


def test_batch_normalisation_is_folded_into_the_network_that_is_put_to_use(tmp_path: Path) -> None:
    config = lite0_config(tmp_path)
    trained = for_training(config)
    rng = np.random.default_rng(1)
    for layer in trained.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shift = rng.uniform(-0.1, 0.1, (2, layer.gamma.shape[0]))
            layer.set_weights([1 + shift[0], shift[0], shift[1], 0.12 + shift[1]])
    blocks = rng.integers(0, 256, (4, 6, 6, 1))
    faces = blocks.repeat(8, axis=1).repeat(8, axis=2).astype(np.float32)
    answer = np.asarray(trained(faces))
    used = for_use(trained, config)
    for layer in used.layers:
        assert not isinstance(layer, keras.layers.BatchNormalization)
    assert np.asarray(used(faces)) == pytest.approx(answer, abs=1e-4)
    assert np.ptp(answer, axis=0).max() > 1e-3, "the faces are told apart"

    trained.save(tmp_path / "trained.keras")
    again = build("transfer", replace(LITE0, weights=tmp_path / "trained.keras", normalised=False))
    assert np.asarray(again(faces)) == pytest.approx(answer, abs=1e-4)


@pytest.mark.parametrize("name", ["fercam", "fercam-nano"])
def test_training_goes_on_from_a_shipped_model_as_it_is(name: str, tmp_path: Path) -> None:
    shipped = MODELS / name / "model.keras"
    start = for_training(TrainingConfig(tmp_path, tmp_path, architecture=name, weights=shipped))
    faces = np.random.default_rng(1).integers(0, 256, (4, 48, 48, 1)).astype(np.float32)
    expected = np.asarray(keras.models.load_model(shipped, compile=False)(faces))
    assert np.asarray(start(faces)) == pytest.approx(expected, abs=1e-5)
