"""Model bundles: what a card says, what is refused and how it is told."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.bundles import CARD as TINY
from helpers.bundles import make_tiny_bundle

from fercam import paths
from fercam.core.emotions import EMOTIONS, FER2013_CSV_ORDER
from fercam.core.errors import ModelError
from fercam.inference import bundle as bundles
from fercam.inference.bundle import (
    CARD,
    FLOAT,
    INT8,
    KERAS,
    Card,
    find_bundle,
    list_bundles,
    load_bundle,
    write_card,
)


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A copy of the tiny bundle that a test may damage."""
    return Path(shutil.copytree(tiny_bundle, tmp_path / "seed"))


@pytest.fixture
def homes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Path]:
    """Empty folders of the shipped and of the user's models."""
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    monkeypatch.setattr(paths, "resource_dir", lambda name: shipped)
    monkeypatch.setattr(paths, "user_models_dir", lambda: own)
    return shipped, own


def change_card(bundle: Path, **changes: Any) -> None:
    card = json.loads((bundle / CARD).read_text())
    (bundle / CARD).write_text(json.dumps(card | changes))


def refusal(bundle: Path, verify_all: bool = False) -> str:
    with pytest.raises(ModelError) as caught:
        load_bundle(bundle, verify_all)
    assert "\n" not in str(caught.value)
    return caught.value.user_message


def test_a_whole_bundle_is_loaded_with_its_card(bundle: Path) -> None:
    loaded = load_bundle(bundle, verify_all=True)
    assert loaded.path == bundle
    assert loaded.card.classes == EMOTIONS
    assert sorted(loaded.card.sha256) == sorted([INT8, FLOAT, KERAS])
    assert loaded.verified_file(FLOAT) == bundle / FLOAT


def test_a_card_is_the_same_after_writing_and_reading() -> None:
    values = json.loads(json.dumps(TINY.to_json()))
    assert values["crop"] == {"side": 0.94, "face_px": 48}
    assert Card.from_json(values) == TINY
    assert Card.from_json(values | {"of a newer FerCam": 1}) == TINY


def test_a_card_may_tell_of_a_folder_whose_name_is_no_text(bundle: Path) -> None:
    write_card(bundle, replace(TINY, data={"name": "\udcff"}))
    assert load_bundle(bundle).card.data["name"] == "\udcff"


def test_a_damaged_network_is_refused(bundle: Path) -> None:
    (bundle / INT8).write_bytes((bundle / INT8).read_bytes()[:-1] + b"?")
    assert refusal(bundle) == (
        "The model 'seed' is damaged: model.tflite does not match its card; install it again."
    )


def test_other_files_are_checked_when_asked_or_used(bundle: Path) -> None:
    (bundle / KERAS).write_bytes(b"?")
    loaded = load_bundle(bundle)
    with pytest.raises(ModelError, match=r"model\.keras does not match its card"):
        loaded.verified_file(KERAS)
    assert "'seed' is damaged: model.keras does not match" in refusal(bundle, verify_all=True)


@pytest.mark.parametrize("name", [INT8, CARD])
def test_a_missing_file_is_named(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    assert refusal(bundle) == f"The model 'seed' is damaged: {name} is missing; install it again."


def test_a_network_the_card_does_not_list_is_not_trusted(bundle: Path) -> None:
    change_card(bundle, sha256={})
    assert "its card does not list model.tflite" in refusal(bundle)


def test_the_same_emotions_in_another_order_are_refused(bundle: Path) -> None:
    change_card(bundle, classes=FER2013_CSV_ORDER)
    assert refusal(bundle).startswith(
        "The model 'seed' cannot be used: its emotions are in another order"
    )
    change_card(bundle, classes=["cat", "dog"])
    assert "its emotions are not FerCam's seven" in refusal(bundle)


@pytest.mark.parametrize("temperature", [0, -1, math.nan, math.inf])
def test_a_temperature_must_be_positive(bundle: Path, temperature: float) -> None:
    change_card(bundle, temperature=temperature)
    assert "its temperature is not a number above 0" in refusal(bundle)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan])
def test_a_threshold_must_be_a_probability(bundle: Path, threshold: float) -> None:
    change_card(bundle, sure_threshold=threshold)
    assert "its threshold for 'sure' is not between 0 and 1" in refusal(bundle)


@pytest.mark.parametrize("crop", [{"side": 0.94, "face_px": 64}, {"side": 1.2, "face_px": 48}])
def test_a_model_for_another_crop_is_refused(bundle: Path, crop: dict[str, float]) -> None:
    change_card(bundle, crop=crop)
    assert "faces cut out in another way" in refusal(bundle)


def test_a_card_may_not_reach_outside_its_folder(bundle: Path) -> None:
    card = json.loads((bundle / CARD).read_text())
    change_card(bundle, sha256=card["sha256"] | {"../other": "0"})
    assert "outside the model's folder" in refusal(bundle, verify_all=True)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_card_that_is_no_json_cannot_be_read(bundle: Path, text: bytes) -> None:
    (bundle / CARD).write_bytes(text)
    assert "card.json cannot be read" in refusal(bundle)


@pytest.mark.parametrize("text", ["null", "[]", '"seed"', "7"])
def test_a_card_that_is_no_card_cannot_be_understood(bundle: Path, text: str) -> None:
    (bundle / CARD).write_text(text)
    assert "its card cannot be understood" in refusal(bundle)


def test_a_card_may_say_nothing_of_its_own(bundle: Path) -> None:
    card = json.loads((bundle / CARD).read_text())
    del card["description"]
    (bundle / CARD).write_text(json.dumps(card))
    assert load_bundle(bundle).card.description == ""


def test_changing_a_card_does_not_make_a_damaged_file_good(bundle: Path) -> None:
    with (bundle / INT8).open("ab") as network:
        network.write(b"x")
    assert bundles.change_card(bundle, description="mine").description == "mine"
    assert "does not match its card" in refusal(bundle)


@pytest.mark.parametrize("entry", sorted(TINY.to_json().keys() - {"description"}))
def test_every_entry_of_a_card_is_needed(bundle: Path, entry: str) -> None:
    card = json.loads((bundle / CARD).read_text())
    del card[entry]
    (bundle / CARD).write_text(json.dumps(card))
    assert f"its card does not say '{entry}'" in refusal(bundle)


def test_a_folder_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nothing") == f"There is no model at {tmp_path / 'nothing'}."


def test_writing_a_card_leaves_the_card_alone(bundle: Path) -> None:
    (bundle / INT8).write_bytes(b"another network")
    before = set(bundle.iterdir())
    write_card(bundle, TINY)
    assert set(bundle.iterdir()) == before
    load_bundle(bundle, verify_all=True)


def test_the_users_models_come_after_the_shipped_and_win_by_name(homes: tuple[Path, Path]) -> None:
    shipped, own = homes
    assert list_bundles() == []
    for folder in (shipped / "b", shipped / "a", own / "0", own / "b"):
        make_tiny_bundle(folder)
    (own / "no model").mkdir()
    assert list_bundles() == [shipped / "a", own / "b", own / "0"]
    assert find_bundle(None).path == shipped / "a"
    assert find_bundle("b").path == own / "b"


def test_a_model_is_found_by_its_folder_too(homes: tuple[Path, Path], bundle: Path) -> None:
    assert find_bundle(str(bundle)).path == bundle


def test_an_unknown_model_is_answered_with_those_there_are(homes: tuple[Path, Path]) -> None:
    with pytest.raises(ModelError, match="There is no model; import one or train one"):
        find_bundle(None)
    with pytest.raises(ModelError, match="no model 'x'; the models are: none is installed"):
        find_bundle("x")
    make_tiny_bundle(homes[0] / "seed")
    with pytest.raises(ModelError, match=r"There is no model 'x'; the models are: seed\."):
        find_bundle("x")
