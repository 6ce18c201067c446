"""Networks of others come in as bundles that answer as they did, and bundles go out unchanged."""

import json
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import h5py
import keras
import numpy as np
import pytest
from helpers.training import InterruptedJob
from keras import layers

from fercam import cli, paths
from fercam.core.emotions import EMOTIONS, FER2013_CSV_ORDER
from fercam.core.errors import FerCamError, ModelError, TrainingError, UsageError
from fercam.inference.bundle import FLOAT, INT8, ModelBundle, load_bundle
from fercam.training import job
from fercam.training.engine import adapt, checks, export, exporters
from fercam.training.engine.evaluate import classifier_of
from fercam.training.engine.exporters import FORMATS, export_model
from fercam.training.engine.importer import import_model

FACES = np.random.default_rng(5).integers(0, 256, (10, 48, 48)).astype(np.uint8)
AS_TRAINED = FACES[..., np.newaxis].astype(np.float32) / 255
"""The ten faces as the notebook feeds them."""


@pytest.fixture(autouse=True)
def models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "user" / "models"
    monkeypatch.setattr(paths, "user_models_dir", lambda: home)
    return home


def network(
    *first: Any,
    shape: Sequence[int | None] = (48, 48, 1),
    outputs: int = 7,
    activation: str | None = "softmax",
) -> keras.Model:
    """The notebook's kind of network, small."""
    keras.utils.set_random_seed(2)
    return keras.Sequential(
        [
            keras.Input(tuple(shape)),
            *first,
            layers.Conv2D(4, 3, strides=4, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.4),
            layers.Flatten(),
            # strong, so that faces differ in their answers
            layers.Dense(outputs, activation=activation, kernel_initializer="he_normal"),
        ]
    )


def saved(model: keras.Model, file: Path) -> Path:
    model.save(file)
    return file


def pair(model: keras.Model, folder: Path) -> list[Path]:
    """Save as the notebook does."""
    description = folder / "emotiondetector.json"
    with description.open("w") as json_file:
        json_file.write(model.to_json())
    return [description, saved(model, folder / "emotiondetector.h5")]


def answers(bundle: Path, runtime: str = "float") -> np.ndarray:
    return classifier_of(load_bundle(bundle, verify_all=True), runtime)(FACES)


def refusal(*files: Path, **told: Any) -> str:
    """Return the line with which files are refused; nothing may be left of them."""
    with pytest.raises(FerCamError) as refused:
        import_model(files, **told)
    home = paths.user_models_dir()
    assert list(home.parent.glob("**/*")) in ([], [home])
    return refused.value.user_message


def test_a_pair_as_the_notebook_saves_it_answers_as_in_the_notebook(
    tmp_path: Path, models_dir: Path
) -> None:
    model = network()
    expected = model.predict(AS_TRAINED, verbose=0)
    assert np.ptp(expected, axis=0).max() > 0.05  # faces differ
    bundle, imported = import_model(pair(model, tmp_path))
    assert bundle == models_dir / "emotiondetector"
    for runtime in ("keras", "float"):
        np.testing.assert_allclose(answers(bundle, runtime), expected, atol=1e-4)
    np.testing.assert_allclose(answers(bundle, "int8"), expected, atol=0.05)
    assert (imported.scale, imported.faces) == ("0..1", 32)
    assert imported.largest_difference < 1e-4
    assert imported.same_labels >= 30
    assert [fact in " ".join(imported.assumptions) for fact in ("0..1", *EMOTIONS)] == [True] * 8


def test_the_card_says_that_little_is_known(tmp_path: Path) -> None:
    model = network()
    bundle, _ = import_model([saved(model, tmp_path / "a net.keras")], scale="0..1")
    card = load_bundle(bundle).card
    assert (card.name, card.architecture) == ("a-net", "imported")
    assert (card.temperature, card.sure_threshold, card.metrics) == (1.0, 1.0, {})
    assert card.parameters == model.count_params()
    assert card.data["name"] == "a net.keras"
    assert "has not measured it" in card.limits


KERAS_2 = """
import sys
from pathlib import Path
import numpy as np
import tf_keras
from tf_keras import layers

folder = Path(sys.argv[1])
tf_keras.utils.set_random_seed(2)
model = tf_keras.Sequential([
    layers.Conv2D(4, 3, strides=4, activation="relu", input_shape=(48, 48, 1)),
    layers.BatchNormalization(),
    layers.MaxPooling2D(2),
    layers.Dropout(0.4),
    layers.Flatten(),
    layers.Dense(16),
    layers.Activation("relu"),
    layers.Dense(7, activation="softmax"),
])
model.compile("adam", "categorical_crossentropy")
(folder / "old.json").write_text(model.to_json())
model.save_weights(folder / "old.h5")
model.save(folder / "whole.h5")
model.save(folder / "new.keras")
np.save(folder / "expected.npy", model.predict(np.load(folder / "faces.npy"), verbose=0))
"""


@pytest.fixture(scope="module")
def keras_2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec("tf_keras") is None:
        pytest.skip("tf_keras, which saves as Keras 2 did, is not installed")
    folder = tmp_path_factory.mktemp("keras2")
    np.save(folder / "faces.npy", AS_TRAINED)
    done = subprocess.run(
        [sys.executable, "-c", KERAS_2, folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`:UserWarning")  # as Keras 2 did
@pytest.mark.parametrize("files", [("old.json", "old.h5"), ("whole.h5",), ("old.json", "whole.h5")])
def test_what_keras_2_saved_answers_as_it_did(keras_2: Path, files: tuple[str, ...]) -> None:
    bundle, _ = import_model([keras_2 / file for file in files])
    np.testing.assert_allclose(answers(bundle), np.load(keras_2 / "expected.npy"), atol=1e-4)


def test_a_keras_file_of_keras_2_is_refused_with_the_way_out(keras_2: Path) -> None:
    assert "save it as .h5 there" in refusal(keras_2 / "new.keras")


def test_weights_in_keras_3s_own_form_go_with_their_json(tmp_path: Path) -> None:
    model = network()
    description, _ = pair(model, tmp_path)
    model.save_weights(tmp_path / "only.weights.h5")
    bundle, _ = import_model([description, tmp_path / "only.weights.h5"])
    np.testing.assert_allclose(answers(bundle), model.predict(AS_TRAINED, verbose=0), atol=1e-4)


@pytest.mark.parametrize("kind", ["keras", "h5", "json"])
def test_a_lambda_is_refused_without_running_it(tmp_path: Path, kind: str) -> None:
    marker = tmp_path / "marker"
    place = str(marker)
    runs = layers.Lambda(lambda x: (open(place, "w").close(), x)[1])  # noqa: PTH123
    model = network(runs)
    if kind == "json":
        files = pair(model, tmp_path)
        with h5py.File(files[1], "r+") as content:
            del content.attrs["model_config"]
    else:
        files = [saved(model, tmp_path / f"model.{kind}")]
    marker.unlink()  # building the network ran it
    if kind != "json":
        keras.models.load_model(files[0], safe_mode=False, compile=False)(AS_TRAINED)
        assert marker.exists()  # the file does hold what is feared
        marker.unlink()
    assert "Lambda" in refusal(*files)
    assert not marker.exists()


@keras.saving.register_keras_serializable(package="somebody")
class Mine(layers.Layer):
    def call(self, x: Any) -> Any:
        return x


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_layers_that_are_not_keras_s_own_are_refused(tmp_path: Path, suffix: str) -> None:
    line = refusal(saved(network(Mine()), tmp_path / f"model{suffix}"))
    assert "Mine', which is not Keras's own" in line


def test_a_class_of_another_module_is_refused_whatever_its_name(tmp_path: Path) -> None:
    description, weights = pair(network(), tmp_path)
    config = json.loads(description.read_text())
    config["config"]["layers"][1]["module"] = "os"
    with h5py.File(weights, "r+") as content:
        content.attrs["model_config"] = json.dumps(config)
    assert "not Keras's own" in refusal(weights)


@pytest.mark.parametrize(
    "classes",
    [
        FER2013_CSV_ORDER,
        ("Happiness", "anger", "sadness", "fearful", "disgusted", "surprised", "calm"),
    ],
)
def test_another_class_order_ends_up_in_ours(tmp_path: Path, classes: tuple[str, ...]) -> None:
    from fercam.core.emotions import emotion_index

    model = network()
    bundle, imported = import_model([saved(model, tmp_path / "m.keras")], classes=classes)
    theirs = model.predict(AS_TRAINED, verbose=0)
    expected = np.zeros_like(theirs)
    for column, name in enumerate(classes):
        expected[:, emotion_index(name)] = theirs[:, column]
    for runtime in ("keras", "float"):
        np.testing.assert_allclose(answers(bundle, runtime), expected, atol=1e-4)
    np.testing.assert_allclose(answers(bundle, "int8"), expected, atol=0.05)
    assert not any("classes" in sentence for sentence in imported.assumptions)


def test_classes_that_are_not_the_seven_are_refused(tmp_path: Path) -> None:
    file = saved(network(), tmp_path / "m.keras")
    assert "not one of the seven" in refusal(file, classes=["contempt", *EMOTIONS[1:]])
    assert "each once" in refusal(file, classes=["anger", *EMOTIONS[:6]])


@pytest.mark.parametrize("outputs", [6, 8])
def test_more_or_fewer_than_seven_outputs_are_refused(tmp_path: Path, outputs: int) -> None:
    line = refusal(saved(network(outputs=outputs), tmp_path / "m.keras"))
    assert f"gives (any number, {outputs})" in line


@pytest.mark.parametrize("shape", [(48, 48, 2), (1, 48, 48)])
def test_a_shape_that_cannot_be_fed_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    model = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(7, "softmax")])
    shown = ", ".join(map(str, shape))
    assert f"takes (any number, {shown})" in refusal(saved(model, tmp_path / "m.keras"))


def test_two_inputs_and_flat_inputs_are_refused(tmp_path: Path) -> None:
    one, other = keras.Input((48, 48, 1)), keras.Input((48, 48, 1))
    both = layers.Dense(7, activation="softmax")(layers.Flatten()(layers.Add()([one, other])))
    assert "one input" in refusal(saved(keras.Model([one, other], both), tmp_path / "two.keras"))
    flat = keras.Sequential([keras.Input((2304,)), layers.Dense(7, activation="softmax")])
    assert "takes (any number, 2304)" in refusal(saved(flat, tmp_path / "flat.keras"))


@pytest.mark.parametrize("shape", [(64, 64, 1), (32, 40, 1), (48, 48, 3)])
def test_other_sizes_and_colour_are_fed_as_opencv_would(
    tmp_path: Path, shape: tuple[int, int, int]
) -> None:
    model = network(shape=shape)
    bundle, _ = import_model([saved(model, tmp_path / "m.h5")], scale="-1..1")
    sized = [cv2.resize(face.astype(np.float32), shape[1::-1]) for face in FACES]
    fed = np.repeat(np.stack(sized)[..., np.newaxis] / 127.5 - 1, shape[2], axis=3)
    np.testing.assert_allclose(answers(bundle), model.predict(fed, verbose=0), atol=1e-4)


def _brightness() -> layers.Layer:
    normalise = layers.BatchNormalization()
    normalise.build((None, 48, 48, 1))
    normalise.moving_mean.assign([128.0])
    normalise.moving_variance.assign([4000.0])
    return normalise


@pytest.mark.parametrize(
    "first",
    [lambda: layers.Rescaling(1 / 255), lambda: layers.Rescaling(1 / 127.5, -1), _brightness],
)
def test_a_network_that_scales_by_itself_is_given_pictures_as_they_are(
    tmp_path: Path, first: Callable[[], layers.Layer]
) -> None:
    model = network(first())
    bundle, imported = import_model([saved(model, tmp_path / "m.keras")])
    assert imported.scale == "0..255"
    assert any("0..255" in sentence for sentence in imported.assumptions)
    expected = model.predict(AS_TRAINED * 255, verbose=0)
    np.testing.assert_allclose(answers(bundle), expected, atol=1e-4)


def test_a_network_without_softmax_is_given_one_or_refused(tmp_path: Path) -> None:
    model = network(activation=None)
    bundle, imported = import_model([saved(model, tmp_path / "linear.keras")])
    expected = np.exp(model.predict(AS_TRAINED, verbose=0))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(answers(bundle), expected, atol=1e-4)
    assert any("softmax" in sentence for sentence in imported.assumptions)
    sigmoid = saved(network(activation="sigmoid"), tmp_path / "sigmoid.keras")
    with pytest.raises(ModelError, match="do not add up to 1"):
        import_model([sigmoid])


def test_a_network_in_another_precision_comes_in_as_float32(tmp_path: Path) -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = network(keras.Sequential([layers.Rescaling(1.0)]))
    finally:
        keras.config.set_dtype_policy("float32")
    bundle, _ = import_model([saved(model, tmp_path / "m.keras")])
    np.testing.assert_allclose(answers(bundle), model.predict(AS_TRAINED, verbose=0), atol=0.02)


def test_pickles_are_refused_and_not_opened(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "marker",)

    for name in ("model.pkl", "model.keras", "model.h5"):
        (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
        assert "pickle can run code" in refusal(tmp_path / name)
    assert not (tmp_path / "marker").exists()


def test_what_is_missing_or_damaged_is_said_in_one_line(tmp_path: Path) -> None:
    description, weights = pair(network(), tmp_path)
    assert "no file" in refusal(tmp_path / "none.h5")
    assert "name its .h5 file too" in refusal(description)
    assert "one network at a time" in refusal(weights, weights)
    whole = saved(network(), tmp_path / "m.keras").read_bytes()
    for name, content in {
        "cut.keras": whole[: len(whole) // 2],
        "directory.keras": whole.replace(b"PK\x01\x02", b"PK\x09\x09"),
        "noise.h5": b"\x89HDF\r\n\x1a\n" + bytes(500),
        "cut.h5": weights.read_bytes()[:9000],
        "text.json": b"{nothing",
        "empty.keras": b"",
        "noise.tflite": b"\0\0\0\0TFL3" + bytes(200),
    }.items():
        (tmp_path / name).write_bytes(content)
        files = [tmp_path / name]
        if name.endswith(".json"):
            with h5py.File(weights, "r+") as pair_content:
                del pair_content.attrs["model_config"]
            assert "weights only" in refusal(weights)
            files.append(weights)
        line = refusal(*files, scale="0..255")
        assert "damaged" in line or "not a model" in line, (name, line)


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    file = saved(network(), tmp_path / "m.keras")
    bundle, _ = import_model([file], name="mine")
    kept = (bundle / FLOAT).read_bytes()
    for name in ("mine", "fercam"):
        with pytest.raises(UsageError, match="already"):
            import_model([file], name=name)
    assert (bundle / FLOAT).read_bytes() == kept
    with pytest.raises(UsageError, match="cannot be a model's name"):
        import_model([file], name="../up")


def test_a_litert_file_comes_in_only_as_it_is(tmp_path: Path, tiny_bundle: Path) -> None:
    file = tiny_bundle / INT8
    assert "model.tflite is a .tflite file" in refusal(file)
    assert "--scale 0..255" in refusal(file)
    assert "cannot be put in another order" in refusal(
        file, scale="0..255", classes=FER2013_CSV_ORDER
    )
    bundle, imported = import_model([file], scale="0..255", name="lite")
    np.testing.assert_array_equal(answers(bundle, "int8"), answers(tiny_bundle, "int8"))
    assert imported.scale == "0..255"


def test_a_litert_file_that_cannot_come_in_is_not_asked_about(tmp_path: Path) -> None:
    (tmp_path / "noise.tflite").write_bytes(b"\0\0\0\0TFL3" + bytes(200))
    assert "noise.tflite is not a model" in refusal(tmp_path / "noise.tflite")
    six = export.to_tflite(network(outputs=6))
    (tmp_path / "six.tflite").write_bytes(six)
    assert "six.tflite does not turn one gray face" in refusal(tmp_path / "six.tflite")


@pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")  # Keras, for tf2onnx
@pytest.mark.parametrize("file_format", FORMATS)
def test_every_format_gives_the_original_back(
    tmp_path: Path, tiny_bundle: Path, file_format: str
) -> None:
    if file_format == "onnx" and not (find_spec("tf2onnx") and find_spec("onnxruntime")):
        pytest.skip("tf2onnx and onnxruntime are not installed")
    tolerance = 0.02 if file_format == "tflite" else 1e-4
    bundle = load_bundle(tiny_bundle)
    exported = export_model(bundle, file_format, tmp_path / "out")
    assert list(exported.files) == sorted(tmp_path.glob("out/*"), reverse=True)
    assert exported.largest_difference < tolerance
    assert exported.faces == 32
    if file_format == "onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(exported.files[0])
        (given,) = session.get_inputs()
        again = session.run(None, {given.name: AS_TRAINED * 255})[0]
    else:
        back, _ = import_model(exported.files, scale="0..255", name="back")
        again = answers(back, "int8" if "tflite" in file_format else "float")
    np.testing.assert_allclose(again, answers(tiny_bundle), atol=tolerance)


def test_an_imported_network_goes_out_again(tmp_path: Path) -> None:
    model = network(shape=(40, 40, 3), activation=None)
    file = saved(model, tmp_path / "m.keras")
    bundle, _ = import_model([file], classes=FER2013_CSV_ORDER)
    files = export_model(load_bundle(bundle), "json+h5", tmp_path).files
    assert [file.name for file in files] == ["emotiondetector.json", "emotiondetector.h5"]
    again, imported = import_model(files)
    assert imported.scale == "0..255"
    np.testing.assert_allclose(answers(again), answers(bundle), atol=1e-4)


def test_exports_are_named_as_the_notebooks_files_or_as_told(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    bundle = load_bundle(tiny_bundle)
    assert export_model(bundle, "keras", tmp_path).files == (
        tmp_path / "final_emotion_model.keras",
    )
    told = tmp_path / "new" / "mine.keras"
    assert export_model(bundle, "keras", told).files == (told,)
    with pytest.raises(UsageError, match="is there already"):
        export_model(bundle, "keras", told)
    with pytest.raises(UsageError, match=r"ends in \.tflite"):
        export_model(bundle, "tflite", told)


def test_an_export_that_answers_otherwise_is_not_kept(
    tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upside_down(bundle: ModelBundle, file: Path) -> Any:
        right = FORMATS["tflite-float"].write(bundle, file)
        return lambda faces: right(255 - faces)

    wrong = exporters.Format(upside_down, "{name}", (".tflite",))
    monkeypatch.setitem(FORMATS, "wrong", wrong)
    with pytest.raises(ModelError, match="answers otherwise"):
        export_model(load_bundle(tiny_bundle), "wrong", tmp_path)
    assert not list(tmp_path.glob("*.tflite")) + list(tmp_path.glob(".export*"))


def test_an_import_that_answers_otherwise_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = adapt.wrap

    def unscaled(model: keras.Model, scale: str, *rest: Any, **more: Any) -> keras.Model:
        return right(model, "0..255", *rest, **more)

    monkeypatch.setattr(adapt, "wrap", unscaled)
    assert "answers otherwise" in refusal(saved(network(), tmp_path / "m.keras"))


def test_the_check_looks_at_faces_and_noise_that_never_change() -> None:
    faces = checks.sample_faces()
    assert faces.shape == (checks.COUNT, 48, 48)
    smoothness = np.abs(np.diff(faces.astype(float), axis=2)).mean(axis=(1, 2))
    assert (smoothness[: checks.COUNT // 2] < 30).all()
    assert (smoothness[checks.COUNT // 2 :] > 60).all()


def test_app_and_engine_know_the_same_formats_and_scales() -> None:
    assert tuple(FORMATS) == tuple(job.EXPORT_FORMATS)
    assert tuple(adapt.SCALES) == job.IMPORT_SCALES


@pytest.mark.skipif(sys.platform != "linux", reason="sets the user's folder through XDG_DATA_HOME")
def test_the_command_line_takes_in_gives_out_and_removes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    home = tmp_path / "FerCam" / "models"
    monkeypatch.setattr(paths, "user_models_dir", lambda: home)

    def fercam(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        status = cli.main([str(argument) for argument in arguments])
        return (status, *capfd.readouterr())

    files = pair(network(), tmp_path)
    status, out, _ = fercam("models", "import", *files, "--name", "mine", "--scale", "-1..1")
    assert status == 0, out
    assert "Assumed: Its classes are in this order: angry" in out
    assert "largest difference" in out
    assert load_bundle(home / "mine").card.data["scale"] == "-1..1"
    status, out, _ = fercam("models", "export", "mine", "--format", "h5", "-o", tmp_path / "x.h5")
    assert (status, out.splitlines()[0]) == (0, str(tmp_path / "x.h5"))
    assert "largest difference" in out
    status, out, err = fercam("models", "export", "mine", "--format", "h5", "-o", tmp_path / "x.h5")
    assert (status, out, len(err.splitlines())) == (2, "", 1) and "is there already" in err
    inside = tmp_path / "x.h5" / "y.h5"  # a file is no folder
    status, out, err = fercam("models", "export", "mine", "--format", "h5", "-o", inside)
    assert (status, out) == (1, "") and err.startswith(f"fercam: {inside.parent} cannot be used (")
    for wrong in (
        ("models", "remove", ".."),
        ("models", "remove", "fercam"),
        ("models", "export", "none", "--format", "h5"),
    ):
        status, out, err = fercam(*wrong)
        assert (status, out, len(err.splitlines())) == (1, "", 1), wrong
    assert "came with FerCam" in fercam("models", "remove", "fercam")[2]
    assert fercam("models", "remove", "mine")[0] == 0
    assert list(home.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="sets the user's folder through XDG_DATA_HOME")
def test_an_import_that_is_broken_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    home = tmp_path / "FerCam" / "models"
    file = saved(network(), tmp_path / "m.keras")
    with job.import_job([file]) as child:
        while not list(home.glob(".import-*")):  # it is at it
            assert child._process.poll() is None
            time.sleep(0.01)
        child.stop()
        with pytest.raises(TrainingError):
            list(child.events())
    assert list(home.iterdir()) == []


UNHEARD = """
import signal
import time
from fercam.training.engine.control import break_off_when_stdin_closes, last_step
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    break_off_when_stdin_closes()
    time.sleep(30)
except KeyboardInterrupt:
    print("interrupted")
try:
    last_step()
except KeyboardInterrupt:
    print("broken off")
"""


def test_what_was_broken_off_is_not_kept_though_the_interrupt_was_lost() -> None:
    said = subprocess.run(
        [sys.executable, "-c", UNHEARD],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.split("\n") == ["interrupted", "broken off", ""]


CHECKED = {"event": "done", "faces": 32, "largest_difference": 0.0, "same_labels": 32}


@pytest.mark.parametrize(
    ("what", "line", "done"),
    [
        ("import_job", "import m.keras", {"bundle": "models/m", "assumptions": []}),
        ("export_job", "export m --format h5", {"files": ["models/m"], "temperature": 1.0}),
    ],
)
def test_control_c_says_what_became_of_the_work(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    what: str,
    line: str,
    done: dict,
) -> None:
    monkeypatch.setattr(job, what, lambda *_: InterruptedJob([{**CHECKED, **done}]))
    assert cli.main(["models", *line.split()]) == 0
    said = capsys.readouterr()
    assert "models/m" in said.out and not said.err
    monkeypatch.setattr(job, what, lambda *_: InterruptedJob(TrainingError("It died.")))
    assert cli.main(["models", *line.split()]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "fercam: Stopped.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("import",),
        ("import", "x.h5", "--scale", "0..2"),
        ("import", "x.h5", "--classes", "angry,happy"),
        ("import", "x.h5", "--classes", "angry,disgust,fear,happy,neutral,sad,bored"),
        ("export", "fercam", "--format", "docx"),
        ("export", "fercam"),
        ("remove",),
    ],
)
def test_wrong_use_is_status_2_and_one_line(
    arguments: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models", *arguments]) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
