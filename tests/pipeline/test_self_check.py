"""`fercam self-check` says of every part whether it is as it should be, and of models whether they
answer as they did when they were trained."""

import json
import shutil
from pathlib import Path

import pytest
from helpers.bundles import make_tiny_bundle

from fercam import cli, paths
from fercam.capture import cameras
from fercam.capture.cameras import Camera
from fercam.detection import yunet
from fercam.pipeline import self_check
from fercam.pipeline.face_check import REMAKE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this computer's own."""
    monkeypatch.setattr(paths, "unwritable", dict)
    monkeypatch.setattr(paths, "user_models_dir", lambda: tmp_path / "own")
    monkeypatch.setattr(paths, "log_file", lambda: tmp_path / "log" / "fercam.log")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the program's files that a test may damage."""
    for name in ("assets", "models"):
        shutil.copytree(ROOT / name, tmp_path / "copy" / name)
    monkeypatch.setattr(paths, "resource_dir", lambda name: tmp_path / "copy" / name)
    return tmp_path / "copy"


def failed() -> dict[str, str]:
    """What is said of the parts that are not as they should be."""
    return {each.part: each.words for each in self_check.self_check() if not each.ok}


def test_this_copy_is_well_and_every_shipped_model_was_compared() -> None:
    said = {each.part: each for each in self_check.self_check()}
    bad = [each.line for each in said.values() if not each.ok]
    assert bad == [], f"if models/ was changed on purpose, run: {REMAKE}"
    shipped = {f"Model {card.parent.name}" for card in ROOT.glob("models/*/card.json")}
    assert shipped == {part for part in said if part.startswith("Model ")}
    for part in shipped:
        apart = float(said[part].words.partition("float within ")[2].split()[0])
        assert apart < 1e-3
        assert "the same emotion on all 8 faces" in said[part].words


def test_the_shipped_faces_are_few_and_of_several_emotions() -> None:
    folder = ROOT / "assets" / "check"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 400_000
    stored = json.loads((folder / "answers.json").read_text())
    for about in stored["models"].values():
        labels = {max(range(7), key=answer.__getitem__) for answer in about["answers"]}
        assert len(labels) >= 3


def test_the_command_says_all_and_is_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["self-check"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == "All is well."
    assert said.err == ""
    assert cli.main(["self-check", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"part", "ok", "words"} == set(lines[0])


def test_a_failed_part_is_one_sentence_and_status_1(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "models" / "fercam-nano" / "model.tflite").write_bytes(b"damaged")
    assert cli.main(["self-check"]) == 1
    said = capsys.readouterr()
    assert "All is well." not in said.out
    assert said.err.splitlines() == [
        "fercam: Model fercam-nano: The model 'fercam-nano' is damaged: model.tflite does not "
        "match its card; install it again."
    ]


def test_a_model_that_answers_otherwise_is_found(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = copy / "assets" / "check" / "answers.json"
    stored = json.loads(file.read_text())
    first = stored["models"]["fercam-nano"]["answers"][0]
    first[0] += 0.002
    file.write_text(json.dumps(stored))
    assert list(failed()) == ["Model fercam-nano"]
    assert "float form differs by 2.0e-03" in failed()["Model fercam-nano"]


def test_a_model_that_was_replaced_needs_new_answers(copy: Path) -> None:
    shutil.rmtree(copy / "models" / "fercam")
    make_tiny_bundle(copy / "models" / "fercam")
    assert REMAKE in failed()["Model fercam"]


@pytest.mark.parametrize(
    ("missing", "part"),
    [
        ("assets/check/answers.json", "Faces"),
        ("assets/check/crops.png", "Faces"),
        ("assets/icons", "Pictures of the window"),
        ("models", "Models"),
    ],
)
def test_what_is_missing_is_named_and_the_rest_is_looked_at(
    copy: Path, missing: str, part: str
) -> None:
    gone = copy / missing
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    if missing == "assets/icons":
        (copy / "assets" / "fercam.svg").unlink()
    said = list(self_check.self_check())
    assert part in [each.part for each in said if not each.ok]
    assert said[-1].part == "Your own models"


def test_a_damaged_icon_is_named(copy: Path) -> None:
    (copy / "assets" / "icons" / "help.svg").write_text("<svg")
    assert failed() == {"Pictures of the window": "help.svg is damaged; install FerCam again."}


def test_a_missing_or_damaged_detector_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no network")
    monkeypatch.setattr(yunet, "model_file", lambda: bad)
    assert "model file is damaged" in failed()["Faces"]
    monkeypatch.undo()
    monkeypatch.setattr(yunet, "MODEL_FILE", "none.onnx")
    assert "is missing" in failed()["Faces"]


def test_a_library_that_cannot_be_loaded_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(self_check.LIBRARIES, "av", "fercam.no_such_module")
    (words,) = failed().values()
    assert words.startswith("av cannot be loaded") and words.endswith("install FerCam again.")


def test_cameras_are_named_and_none_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "list_cameras", lambda: [Camera(2, "HD Webcam")])
    assert "Cameras: 2 HD Webcam" in [each.line for each in self_check.self_check()]
    monkeypatch.setattr(cameras, "list_cameras", list)
    assert failed() == {}


def test_folders_that_cannot_be_written_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "unwritable", lambda: {"log": Path("/log")})
    assert "log (/log)" in failed()["Folders"]


def test_a_damaged_model_of_ones_own_is_found(tmp_path: Path) -> None:
    own = make_tiny_bundle(tmp_path / "own" / "mine")
    assert failed() == {}
    (own / "model_float.tflite").unlink()
    assert "'mine' is damaged" in failed()["Your own models"]
