"""Models of the user's own: put there whole, renamed, described, deleted and brought back."""

import errno
import shutil
from pathlib import Path

import pytest
from helpers.bundles import make_tiny_bundle

from fercam import paths
from fercam.core.errors import ModelError, UsageError
from fercam.inference.bundle import find_bundle, list_bundles, load_bundle
from fercam.training.own_models import OwnModels, free_name


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's models folder; only `shipped` came with FerCam."""
    make_tiny_bundle(tmp_path / "app" / "shipped")
    monkeypatch.setattr(paths, "resource_dir", lambda name: tmp_path / "app")
    monkeypatch.setattr(paths, "user_models_dir", lambda: tmp_path / "data" / "models")
    return tmp_path / "data" / "models"


def names() -> list[str]:
    return [folder.name for folder in list_bundles()]


def test_a_finished_model_is_installed_under_a_free_name(home: Path, tiny_bundle: Path) -> None:
    folder = OwnModels().install(tiny_bundle, "Shipped")
    assert folder == home / "Shipped-2"
    assert find_bundle("Shipped-2").card.name == "Shipped-2"
    load_bundle(folder, verify_all=True)
    assert [path.name for path in home.parent.iterdir()] == ["models"]


def test_a_model_that_is_there_already_is_not_copied_again(home: Path, tiny_bundle: Path) -> None:
    own = OwnModels()
    assert own.install(tiny_bundle, "mine") == own.install(tiny_bundle, "again")
    assert names() == ["shipped", "mine"]


def test_a_disk_that_is_full_leaves_nothing_behind(
    home: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(source: Path, target: Path) -> None:
        target.mkdir()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", copy)
    with pytest.raises(ModelError, match="No space left"):
        OwnModels().install(tiny_bundle, "mine")
    assert not list(home.iterdir())
    assert [path.name for path in home.parent.iterdir()] == ["models"]


def test_a_damaged_model_is_not_installed(home: Path, tmp_path: Path) -> None:
    broken = make_tiny_bundle(tmp_path / "broken")
    (broken / "model_float.tflite").write_bytes(b"")
    with pytest.raises(ModelError, match="does not match its card"):
        OwnModels().install(broken, "mine")
    assert not home.exists()


def test_a_model_is_renamed_and_described_on_its_card(home: Path, tiny_bundle: Path) -> None:
    own = OwnModels()
    own.install(tiny_bundle, "mine")
    own.describe("mine", " learned from my face ")
    assert own.rename("mine", "my face") == home / "my face"
    card = find_bundle("my face").card
    assert (card.name, card.description) == ("my face", "learned from my face")
    entry = own.entries()[-1]
    assert (entry.name, entry.own, entry.problem) == ("my face", True, "")
    assert own.rename("my face", "My Face").name == "My Face"


@pytest.mark.parametrize("wished", ["", ".", "../mine", "a/b", "a\\b", "x.", ".x", "a:b"])
def test_a_name_that_would_be_no_good_folder_is_refused(
    home: Path, tiny_bundle: Path, wished: str
) -> None:
    own = OwnModels()
    own.install(tiny_bundle, "mine")
    with pytest.raises(UsageError, match="cannot be a model's name"):
        own.rename("mine", wished)
    assert names() == ["shipped", "mine"]


def test_a_name_is_given_once(home: Path, tiny_bundle: Path) -> None:
    own = OwnModels()
    own.install(tiny_bundle, "mine")
    with pytest.raises(UsageError, match="already"):
        own.rename("mine", "SHIPPED")
    assert free_name("shipped") == "shipped-2"
    assert free_name("a face/of mine?") == "a-face-of-mine"


@pytest.mark.parametrize("name", ["shipped", "..", "nobody", ""])
def test_only_models_of_the_users_own_are_changed(home: Path, name: str) -> None:
    own = OwnModels()
    for change in (
        lambda: own.rename(name, "other"),
        lambda: own.describe(name, "words"),
        lambda: own.delete(name),
    ):
        with pytest.raises(ModelError, match=r"came with FerCam|no model"):
            change()
    assert names() == ["shipped"]
    assert find_bundle("shipped").card.description == ""


def test_a_deleted_model_comes_back_until_the_end(home: Path, tiny_bundle: Path) -> None:
    own = OwnModels()
    own.install(tiny_bundle, "mine")
    deleted = own.delete("mine")
    assert names() == ["shipped"]
    assert own.restore(deleted) == home / "mine"
    load_bundle(home / "mine", verify_all=True)
    own.delete("mine")
    own.empty_trash()
    assert not list(home.iterdir())


def test_a_model_whose_name_is_taken_meanwhile_comes_back_under_another(
    home: Path, tiny_bundle: Path
) -> None:
    own = OwnModels()
    own.install(tiny_bundle, "mine")
    deleted = own.delete("mine")
    own.install(tiny_bundle, "mine")
    assert own.restore(deleted).name == "mine_2"
    assert find_bundle("mine_2").card.name == "mine_2"
    own.empty_trash()


def test_a_model_that_cannot_be_understood_is_listed_with_what_is_wrong(home: Path) -> None:
    (home / "odd").mkdir(parents=True)
    (home / "odd" / "card.json").write_text("[]")
    entry = OwnModels().entries()[-1]
    assert (entry.name, entry.card) == ("odd", None)
    assert "is damaged" in entry.problem
