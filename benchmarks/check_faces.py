"""Make what `fercam self-check` compares with: python benchmarks/check_faces.py

Writes assets/check/ anew: pictures of faces, and what the Keras form of every shipped model answers
to them on the way that training pictures go (files of 48x48 pixels, read by the training reader).
Run it after models/ has changed. The pictures are the demo's portrait (US Navy, public domain),
pulled about so that it looks different; of many those are taken that no shipped model finds hard to
tell and whose crop does not hang on a rounding.
"""

import json
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from fercam import paths
from fercam.capture.demo import demo_image
from fercam.core.emotions import EMOTIONS
from fercam.core.values import Image
from fercam.detection.crop import CROP_SIDE, crop_face
from fercam.detection.yunet import YuNetDetector
from fercam.inference.bundle import CARD, KERAS, load_bundle
from fercam.training.engine import readers
from fercam.training.engine.evaluate import keras_classifier

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "check"
SIDE_PX = 176
FACES = 8
CLEAR = 0.12
"""The two strongest emotions of a face that is easy to tell differ by more than this."""
FROM_ROUNDING_PX = 0.1
"""No edge of a crop lies nearer to where it would be rounded the other way."""


def variants() -> Iterator[tuple[str, Image]]:
    """Yield pictures (SIDE_PX, SIDE_PX) gray by name."""
    portrait = cv2.cvtColor(demo_image("", 0)[75:315, 207:447], cv2.COLOR_BGR2GRAY)
    shapes = {
        "calm": (0, 0, 0),
        "smile": (-9, 0, 0),
        "frown": (9, 0, 0),
        "open": (0, 16, 0),
        "brows-up": (0, 8, -9),
        "brows-down": (3, 0, 8),
        "grin": (-12, 8, -4),
        "startled": (2, 22, -12),
    }
    lights = {"": (1.0, 0), "bright": (1.25, 12), "dim": (0.45, 8), "flat": (0.5, 90)}
    for shape, pulled in shapes.items():
        for light, (gain, lift) in lights.items():
            for side in ("", "mirrored"):
                image = cv2.resize(
                    _pulled(portrait, *pulled), (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA
                )
                image = np.clip(image * gain + lift, 0, 255).astype(np.uint8)
                image = image[:, ::-1] if side else image
                yield "-".join(word for word in (shape, light, side) if word), image.copy()


def _pulled(face: Image, corners_px: float, mouth_px: float, brows_px: float) -> Image:
    """Move the corners of the mouth and the brows down (up below 0) and open the mouth."""
    y, x = np.mgrid[: face.shape[0], : face.shape[1]].astype(np.float32)

    def near(centre_x: float, centre_y: float, wide: float, high: float) -> Image:
        return np.exp(-(((x - centre_x) / wide) ** 2) - ((y - centre_y) / high) ** 2)

    corners = near(100, 150, 11, 14) + near(142, 150, 11, 14)
    brows = near(90, 82, 20, 9) + near(146, 82, 20, 9)
    down = corners_px * corners + brows_px * brows
    down += mouth_px * near(121, 164, 24, 13) - mouth_px / 3 * near(121, 140, 24, 9)
    return cv2.remap(face, x, y - down.astype(np.float32), cv2.INTER_LINEAR)


def steady(box: tuple[float, float, float, float]) -> bool:
    """Tell whether a hair's difference in the box would cut out the same square."""
    x, y, width, height = box
    side = max(width, height) * CROP_SIDE
    edges = (side, x + (width - round(side)) / 2, y + (height - round(side)) / 2)
    return all(abs(edge - math.floor(edge) - 0.5) > FROM_ROUNDING_PX for edge in edges)


def main() -> None:
    """Write assets/check anew."""
    detector = YuNetDetector()
    found: list[tuple[str, Image, tuple[float, float, float, float], Image]] = []
    for name, image in variants():
        coloured = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        faces = detector.detect(coloured)
        if len(faces) == 1 and steady(faces[0].raw_box_px):
            box = faces[0].raw_box_px
            found.append((name, image, box, crop_face(coloured, box)))
    pixels = as_training_reads([crop for *_, crop in found])
    answers = {}
    for card in sorted(paths.resource_dir("models").glob(f"*/{CARD}")):
        bundle = load_bundle(card.parent, verify_all=True)
        classify = keras_classifier(bundle.verified_file(KERAS), bundle.card.temperature)
        answers[card.parent.name] = bundle.card.sha256[KERAS], classify(pixels)
    chosen = choose([given for _, given in answers.values()])
    for old in FOLDER.glob("*.png"):
        old.unlink()
    FOLDER.mkdir(exist_ok=True)
    for number in chosen:
        cv2.imwrite(str(FOLDER / f"{found[number][0]}.png"), found[number][1])
    cv2.imwrite(str(FOLDER / "crops.png"), np.hstack([found[number][3] for number in chosen]))
    told = {
        "faces": [
            {"picture": f"{found[n][0]}.png", "box": [round(v, 2) for v in found[n][2]]}
            for n in chosen
        ],
        "models": {
            name: {
                "keras_sha256": sha256,
                "answers": [[round(float(p), 6) for p in given[n]] for n in chosen],
            }
            for name, (sha256, given) in answers.items()
        },
    }
    (FOLDER / "answers.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for name, (_, given) in answers.items():
        print(name, [EMOTIONS[given[n].argmax()] for n in chosen])  # noqa: T201


def as_training_reads(crops: list[Image]) -> Image:
    """Return crops (n, 48, 48) as the training reader gives them back."""
    with tempfile.TemporaryDirectory() as folder:
        for number, crop in enumerate(crops):
            file = Path(folder) / "neutral" / f"{number:03}.png"
            file.parent.mkdir(exist_ok=True)
            cv2.imwrite(str(file), crop)
        return readers.load(Path(folder)).pixels


def choose(answers: list[np.ndarray]) -> list[int]:
    """Return the numbers of FACES faces that are easy to tell for all models, labels mixed."""
    clear = [np.diff(np.sort(given, axis=1)[:, -2:], axis=1)[:, 0] > CLEAR for given in answers]
    rest = np.flatnonzero(np.all(clear, axis=0)).tolist()
    seen = {(m, e): 0 for m in range(len(answers)) for e in range(len(EMOTIONS))}
    chosen: list[int] = []
    while rest and len(chosen) < FACES:
        labels = {n: [(m, int(given[n].argmax())) for m, given in enumerate(answers)] for n in rest}
        best = min(rest, key=lambda n: sum(seen[label] for label in labels[n]))
        chosen.append(best)
        rest.remove(best)
        for label in labels[best]:
            seen[label] += 1
    return sorted(chosen)


if __name__ == "__main__":
    main()
