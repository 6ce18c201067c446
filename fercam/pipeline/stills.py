"""Pictures one by one: what `fercam predict` reports."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fercam.capture.images import frame_of, read_image
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import SourceError
from fercam.core.values import Face
from fercam.inference.bundle import find_bundle
from fercam.pipeline.analyzer import Analyzer, make_recognizer


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
            faces = [_face(face) for face in analyzer.analyze(frame).faces]
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


def _face(face: Face) -> dict[str, Any]:
    box, prediction = face.detection.box_px, face.prediction
    assert prediction is not None, "every face of a still is classified"
    return {
        "box": [box.x, box.y, box.width, box.height],
        "score": round(face.detection.score, 4),
        "label": prediction.label,
        "confidence": round(prediction.confidence, 4),
        "sure": prediction.sure,
        "probabilities": {
            emotion: round(float(share), 4)
            for emotion, share in zip(EMOTIONS, prediction.smoothed, strict=True)
        },
    }
