"""Pictures one by one: what `fercam predict` reports."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fercam.capture.images import frame_of, read_image
from fercam.core.errors import SourceError
from fercam.feed.message import face_json
from fercam.inference.bundle import find_bundle
from fercam.pipeline.analyzer import Analyzer, make_recognizer

SAID = ("box", "score", "label", "confidence", "sure", "probabilities")
"""What is said of each face."""


def predict_pictures(pictures: Sequence[Path], model: str | None) -> Iterator[dict[str, Any]]:
    """Yield one JSON object per picture: image, width, height, faces, error (None if readable).

    Raises:
        ModelError: the model cannot be used.
    """
    analyzer = Analyzer(make_recognizer(find_bundle(model)), stills=True)
    try:
        for number, picture in enumerate(pictures):
            try:
                frame = frame_of(read_image(picture), number)
            except SourceError as error:
                yield _answer(picture, None, None, [], error.user_message)
                continue
            height, width = frame.image.shape[:2]
            seen = [face_json(face) for face in analyzer.analyze(frame).faces]
            faces = [{key: face[key] for key in SAID} for face in seen]
            yield _answer(picture, width, height, faces, None)
    finally:
        analyzer.close()


def _answer(
    picture: Path, width: int | None, height: int | None, faces: list[Any], error: str | None
) -> dict[str, Any]:
    return {
        "image": str(picture),
        "width": width,
        "height": height,
        "faces": faces,
        "error": error,
    }
