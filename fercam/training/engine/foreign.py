"""Opening network files that others made, without running anything that is in them.

Every file is looked at before Keras sees it: what it is by its first bytes, and then the
description of its layers, which may name nothing but Keras's own.
"""

import json
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import keras

from fercam.core.errors import ModelError, UsageError

ACCEPTED = ".keras, .h5, .json with .h5, or .tflite"
ONE_AT_A_TIME = "Import one network at a time; only .json and .h5 go together."

_NOT_IN_BUNDLES = {
    "Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer",
    "StringLookup", "IntegerLookup", "TextVectorization",
}  # fmt: skip
"""Keras's own, but they run code from the file or read other files."""
_HOMES = (
    keras, keras.layers, keras.initializers, keras.regularizers, keras.constraints,
    keras.dtype_policies,
)  # fmt: skip
_PLAIN = {
    "Functional", "Policy",  # public once, and still what files call them
    "__keras_tensor__", "__tuple__", "__tensor__", "__numpy__", "__slice__", "__ellipsis__",
}  # fmt: skip
LOADING_FAILS = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError,
    NotImplementedError, zipfile.BadZipFile, zlib.error, RecursionError,
)  # fmt: skip
"""What Keras, h5py and zipfile raise on damaged files."""


def kind_of(file: Path) -> str:
    """Return what a file is by its content: `keras`, `h5`, `json` or `tflite`.

    Raises:
        ModelError: it is missing, or is nothing that can be imported (a pickle, for instance).
    """
    if not file.is_file():
        raise ModelError(f"There is no file at {file}.")
    with file.open("rb") as content:
        start = content.read(64)
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return "h5"
    if start[4:8] == b"TFL3":
        return "tflite"
    if start.lstrip().startswith(b"{"):
        return "json"
    if start.startswith(b"PK"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(file) as archive:
            if {"config.json", "metadata.json", "model.weights.h5"} <= set(archive.namelist()):
                return "keras"
    pickle = " A pickle can run code, so it is never opened." * _looks_pickled(file, start)
    raise ModelError(f"{file.name} is damaged or no network file ({ACCEPTED}).{pickle}")


def open_keras(files: Sequence[Path], work: Path) -> keras.Model:
    """Return the network in one .keras or .h5 file, or in a .json and an .h5 file.

    Files are copied into the folder `work` first, so that what is looked at is what is loaded.
    Where the .h5 file describes its layers itself, the .json file is not needed and not used.

    Raises:
        ModelError: a file is damaged, holds only half, or names what is not Keras's own.
        UsageError: these files do not belong together.
    """
    by_kind: dict[str, Path] = {}
    for file in files:
        kind = kind_of(file)
        if kind in by_kind:
            raise UsageError(ONE_AT_A_TIME)
        by_kind[kind] = file
    if len(files) > 1 and set(by_kind) != {"json", "h5"}:
        raise UsageError(ONE_AT_A_TIME)
    main = by_kind.get("h5") or files[0]
    copies = {kind: work / f"model.{kind}" for kind in by_kind}
    for kind, file in by_kind.items():
        shutil.copyfile(file, copies[kind])
    try:
        if "keras" in copies:
            return _open_archive(copies["keras"], main.name)
        if "h5" not in copies:
            raise ModelError(
                f"{main.name} holds no weights; name its .h5 file too: "
                f"fercam models import {main.name} {main.stem}.h5"
            )
        return _open_h5(copies["h5"], copies.get("json"), " + ".join(file.name for file in files))
    except LOADING_FAILS as error:
        raise ModelError(f"Keras cannot read {main.name}; it may be damaged.") from error


def float32(model: keras.Model) -> keras.Model:
    """Return the same network computing in float32, itself if it does already."""
    if all(layer.compute_dtype == "float32" for layer in layers_of(model)):
        return model

    def plain(layer: Any) -> Any:
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    copy = keras.models.clone_model(model, clone_function=plain, recursive=True)
    copy.set_weights(model.get_weights())
    return copy


def layers_of(model: keras.Model) -> Iterator[Any]:
    """Yield the layers in order, those of networks within the network too."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from layers_of(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield layer


def _open_archive(file: Path, name: str) -> keras.Model:
    with zipfile.ZipFile(file) as archive:
        config = json.loads(archive.read("config.json"))
        about = json.loads(archive.read("metadata.json"))
    if _is_2(about.get("keras_version")):
        raise ModelError(f"{name} was saved by Keras 2; save it as .h5 there and import that.")
    # never loaded (compile=False), and often of the author's own
    config.pop("compile_config", None)
    _check(config, name)
    return keras.models.load_model(file, compile=False, safe_mode=True)


def _open_h5(file: Path, description: Path | None, name: str) -> keras.Model:
    with h5py.File(file, "r+") as content:
        whole = "model_config" in content.attrs
        if not whole and description is None:
            raise ModelError(f"{name} holds weights only; name the .json file of its layers too.")
        text = content.attrs["model_config"] if whole else _text(description)
        config = json.loads(text)
        _check(config, name)
        version = (content.attrs if whole else config).get("keras_version")
        if _is_2(version):
            _make_whole(content, json.dumps(_as_keras_2_said(config)))
            whole = True
        named = "layer_names" in content.attrs
    if whole:
        return keras.models.load_model(file, compile=False, safe_mode=True)
    model = keras.models.model_from_json(text)
    model.load_weights(file if named else file.rename(file.with_name("model.weights.h5")))
    return model


def _text(description: Path | None) -> str:
    return "" if description is None else description.read_text(encoding="utf-8")


def _is_2(version: str | bytes | None) -> bool:
    text = version.decode() if isinstance(version, bytes) else str(version)
    return text.startswith("2.")


def _make_whole(content: h5py.File, description: str) -> None:
    """Put the layers' description where Keras 3 looks for it, and understands that of Keras 2."""
    if "model_weights" not in content:
        parts = list(content)
        group = content.create_group("model_weights")
        for name, value in content.attrs.items():
            group.attrs[name] = value
        for name in parts:
            content.move(name, f"model_weights/{name}")
    content.attrs["model_config"] = description


def _as_keras_2_said(config: Any) -> Any:
    """Return a description in the plain words of Keras 2, which its last versions added to.

    Number types other than float32 go too: they are a matter of the machine it was trained on.
    """
    if isinstance(config, list):
        return [_as_keras_2_said(value) for value in config]
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "Policy":
        return "float32"
    dropped = {"module", "registered_name", "build_config"} if "class_name" in config else set()
    return {key: _as_keras_2_said(config[key]) for key in config if key not in dropped}


def _check(config: Any, name: str) -> None:
    """Refuse a description that names anything but Keras's own harmless parts."""
    for part in _parts(config):
        what, module = part["class_name"], part.get("module")
        own = module in (None, "keras") or str(module).startswith("keras.")
        if what in _NOT_IN_BUNDLES:
            raise ModelError(
                f"{name} has a {what} layer, which can run code from the file; "
                "it is not imported: build the network without it."
            )
        if not own or not (what in _PLAIN or any(_has_class(home, what) for home in _HOMES)):
            shown = part.get("config") if what == "function" else what
            raise ModelError(
                f"{name} uses '{str(shown)[:40]}', which is not Keras's own; only networks of "
                "Keras's own layers can be imported."
            )


def _parts(config: Any) -> Iterator[dict[str, Any]]:
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        for value in config.values():
            yield from _parts(value)
    elif isinstance(config, list):
        for value in config:
            yield from _parts(value)


def _has_class(home: Any, name: Any) -> bool:
    return isinstance(name, str) and isinstance(getattr(home, name, None), type)


def _looks_pickled(file: Path, start: bytes) -> bool:
    return start.startswith(b"\x80") or file.suffix.lower() in (".pkl", ".pickle", ".pt", ".pth")
