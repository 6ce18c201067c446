"""Model bundles: a folder with a network in three forms and the card that describes it."""

import json
import math
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from fercam import paths
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import ModelError
from fercam.core.files import sha256_of
from fercam.detection.crop import CROP_SIDE, FACE_PX

INT8 = "model.tflite"
"""What runs live (int8 dynamic range)."""
FLOAT = "model_float.tflite"
"""The same network in float32."""
KERAS = "model.keras"
"""What training goes on from (float32, without optimizer)."""
CARD = "card.json"


@dataclass(frozen=True, slots=True)
class Card:
    """What a bundle says about itself.

    `crop_side` (times the face box's larger side) and `face_px` are the crop it was trained for.
    Its probabilities are softmax(log p / `temperature`); a prediction whose confidence reaches
    `sure_threshold` (0..1) is sure. `metrics` are per split. `sha256` maps the bundle's files to
    their hashes; `write_card` fills it in. `description` is what a person wrote about it.
    """

    name: str
    architecture: str
    parameters: int
    classes: tuple[str, ...]
    input: str
    crop_side: float
    face_px: int
    temperature: float
    sure_threshold: float
    data: dict[str, Any]
    metrics: dict[str, dict[str, Any]]
    licence: str
    intended_use: str
    limits: str
    sha256: dict[str, str] = field(default_factory=dict)
    description: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the card as JSON types; the crop's geometry is the object `crop`."""
        values = asdict(self)
        crop = {"side": values.pop("crop_side"), "face_px": values.pop("face_px")}
        return {**values, "classes": list(self.classes), "crop": crop}

    @classmethod
    def from_json(cls, values: Any) -> "Card":
        """Return the card that `to_json` gave; entries of a newer FerCam are passed over.

        Raises:
            ValueError: something is missing or is not what it should be; the text says what.
        """
        try:
            crop = values["crop"]
            return cls(
                classes=tuple(str(name) for name in values["classes"]),
                parameters=int(values["parameters"]),
                crop_side=float(crop["side"]),
                face_px=int(crop["face_px"]),
                temperature=float(values["temperature"]),
                sure_threshold=float(values["sure_threshold"]),
                data=dict(values["data"]),
                metrics={str(split): dict(given) for split, given in values["metrics"].items()},
                sha256={str(file): str(given) for file, given in values["sha256"].items()},
                description=str(values.get("description", "")),
                **{name: str(values[name]) for name in _TEXTS},
            )
        except KeyError as error:
            raise ValueError(f"its card does not say '{error.args[0]}'") from error
        except (TypeError, AttributeError, ValueError, OverflowError) as error:
            raise ValueError("its card cannot be understood") from error


INPUT = "(n, 48, 48, 1) float32, gray 0..255; scaling is a layer inside the network"
"""What every network of FerCam's takes, as its card says it."""
_TEXTS = ("name", "architecture", "input", "licence", "intended_use", "limits")


@dataclass(frozen=True, slots=True)
class ModelBundle:
    """A bundle whose card was checked."""

    path: Path
    card: Card

    def verified_file(self, name: str) -> Path:
        """Return one of the bundle's files, its hash checked.

        Raises:
            ModelError: the card does not list it, it is missing, or it does not match the card.
        """
        if name not in self.card.sha256:
            raise _refused(self.path, f"its card does not list {name}")
        file = self.path / name
        if not file.is_file():
            raise _damaged(self.path, f"{name} is missing")
        if sha256_of(file) != self.card.sha256[name]:
            raise _damaged(self.path, f"{name} does not match its card")
        return file


def read_card(path: Path) -> Card:
    """Return the card in a bundle's folder, none of its files checked.

    Raises:
        ModelError: it is missing or cannot be understood.
    """
    try:
        return Card.from_json(json.loads((path / CARD).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise _damaged(path, f"{CARD} is missing") from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise _damaged(path, f"{CARD} cannot be read") from error
    except ValueError as error:
        raise _damaged(path, str(error)) from error


def load_bundle(path: Path, verify_all: bool = False) -> ModelBundle:
    """Return the bundle in a folder, its card and the network that runs live checked.

    The other files are checked only when asked (`verify_all`) or when they are used
    (`verified_file`): hashing all of a large model would delay every start.

    Raises:
        ModelError: the bundle is missing, damaged or does not fit; one plain line.
    """
    if not path.is_dir():
        raise ModelError(f"There is no model at {path}.")
    card = read_card(path)
    _check_fit(path, card)
    bundle = ModelBundle(path, card)
    for name in dict.fromkeys((INT8, *(sorted(card.sha256) if verify_all else ()))):
        bundle.verified_file(name)
    return bundle


def list_bundles() -> list[Path]:
    """Return the folders of the models at hand, those that came with FerCam first.

    A model of the user's own takes the place of a shipped one of the same name.
    """
    found: dict[str, Path] = {}
    for home in (paths.resource_dir("models"), paths.user_models_dir()):
        for card in sorted(home.glob(f"*/{CARD}")):
            found[card.parent.name] = card.parent
    return list(found.values())


def find_bundle(name_or_path: str | None = None) -> ModelBundle:
    """Load a bundle by its name or folder; None means the first one of `list_bundles`.

    Raises:
        ModelError: there is no such bundle (the message lists those there are), or it is refused.
    """
    bundles = list_bundles()
    known = ", ".join(path.name for path in bundles) or "none is installed"
    if name_or_path is None:
        if not bundles:
            raise ModelError("There is no model; import one or train one.")
        return load_bundle(bundles[0])
    for path in bundles:
        if path.name == name_or_path:
            return load_bundle(path)
    path = Path(os.path.expanduser(name_or_path))  # noqa: PTH111  (`~nobody` is a name like others)
    if not path.is_dir():
        raise ModelError(f"There is no model '{name_or_path}'; the models are: {known}.")
    return load_bundle(path.resolve())


def write_card(folder: Path, card: Card) -> None:
    """Write card.json with the hashes of the model files in `folder`, all of it or nothing."""
    files = (folder / name for name in (INT8, FLOAT, KERAS))
    _write(folder, replace(card, sha256={f.name: sha256_of(f) for f in files if f.is_file()}))


def change_card(folder: Path, **changes: Any) -> Card:
    """Change what a bundle's card says and return it; the hashes stay, so that a file that does not
    match them is still found out.

    Raises:
        ModelError: the card cannot be read.
    """
    card = replace(read_card(folder), **changes)
    _write(folder, card)
    return card


def _write(folder: Path, card: Card) -> None:
    text = json.dumps(card.to_json(), indent=2) + "\n"  # ASCII: names need not be Unicode
    draft = folder / f"{CARD}.new"
    draft.write_text(text, encoding="utf-8")
    draft.replace(folder / CARD)


def _check_fit(path: Path, card: Card) -> None:
    if card.classes != EMOTIONS:
        same = sorted(card.classes) == sorted(EMOTIONS)
        fault = "are in another order" if same else "are not FerCam's seven"
        raise _refused(path, f"its emotions {fault} ({', '.join(EMOTIONS)})")
    if not (0 < card.temperature < math.inf):
        raise _refused(path, "its temperature is not a number above 0")
    if not (0 <= card.sure_threshold <= 1):
        raise _refused(path, "its threshold for 'sure' is not between 0 and 1")
    if (card.crop_side, card.face_px) != (CROP_SIDE, FACE_PX):
        raise _refused(path, "it was trained for faces cut out in another way")
    if any(Path(name).name != name for name in card.sha256):
        raise _refused(path, "its card names files outside the model's folder")


def _refused(path: Path, fault: str) -> ModelError:
    return ModelError(f"The model '{path.name}' cannot be used: {fault}; choose another model.")


def _damaged(path: Path, fault: str) -> ModelError:
    return ModelError(f"The model '{path.name}' is damaged: {fault}; install it again.")
