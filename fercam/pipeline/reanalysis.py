"""Another model looks at the faces of a session: the same boxes and people, other answers."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fercam.core.errors import SessionError, UsageError, reason_of
from fercam.core.values import AnnotatedFrame, Detection, Face, FaceCrop, Frame, Image
from fercam.detection.boxes import RawBox, iou
from fercam.detection.crop import crop_face
from fercam.detection.detector import FaceDetector
from fercam.detection.quality import measure
from fercam.detection.registry import DETECTORS
from fercam.inference.bundle import INT8, ModelBundle, find_bundle
from fercam.inference.recognizer import EmotionRecognizer
from fercam.pipeline.analyzer import make_recognizer
from fercam.pipeline.sessions import ShowProgress
from fercam.recording.csv_sink import CsvSink
from fercam.recording.session_json import RECORDING, Analysis
from fercam.sessions.edits import add_analysis, change
from fercam.sessions.leftovers import workshop
from fercam.sessions.pictures import PictureReader
from fercam.sessions.session import ANNOTATED, Session, open_session
from fercam.sessions.table import FrameTable

SAME_FACE = 0.4
"""A face found again shares at least so much (intersection over union) with the old one's box."""
WRONG_PICTURE_S = 0.1
REMEMBERED_S = 1.0
"""A face that was away for longer is smoothed anew."""


def analyse_again(folder: Path, model: str | None, show: ShowProgress) -> Analysis:
    """Let a model look at a session and add what it says to the session.

    The faces and their people stay those of the session, so that both tables agree row by row.

    Raises:
        SessionError: the session holds no pictures of faces without labels on them, is being
            recorded, or cannot be written.
        UsageError: it is the model the session was made with.
        ModelError: the model cannot be used.
    """
    bundle = find_bundle(model)
    session = open_session(folder)
    _check(session, bundle)
    assert session.video is not None
    table_name = _table_name(bundle.card.name)
    reader = PictureReader(session.video, session.video_start_s)
    recognizer = make_recognizer(bundle)
    try:
        with workshop(".analysis-", folder) as part:
            sink = CsvSink(part)
            faces = _Faces(session.table, recognizer)
            for frame in range(session.table.frames):
                sink.add(faces.look(frame, _picture(reader, session.table, frame)))
                show(frame + 1, session.table.frames)
            sink.close()
            (part / CsvSink.file_name).replace(folder / table_name)
    except OSError as error:
        raise SessionError(f"Nothing can be written to {folder} ({reason_of(error)}).") from error
    finally:
        reader.close()
        recognizer.close()
    analysis = Analysis(bundle.card.name, bundle.card.sha256[INT8], table_name)
    change(folder, add_analysis(analysis))
    return analysis


def _table_name(model: str) -> str:
    """Return the name of a model's table, which no other model's table has on any file system."""
    plain = re.sub(r"[^a-z0-9_-]+", "_", model.lower())
    known_by = "" if plain == model else f".{hashlib.sha256(model.encode()).hexdigest()[:8]}"
    return f"frames.{plain}{known_by}.csv"


def _check(session: Session, bundle: ModelBundle) -> None:
    made_with = (session.info.model, session.info.model_sha256)
    if (bundle.card.name, bundle.card.sha256[INT8]) == made_with:
        raise UsageError(f"{session.folder.name} was made with the model {bundle.card.name}.")
    if session.info.state == RECORDING:
        raise SessionError(f"The session {session.folder.name} is not finished yet.")
    if session.video is None or session.video_kind == ANNOTATED:
        raise SessionError(
            f"{session.folder.name} has no video without labels for another model to look at."
        )
    if session.info.settings.get("mask"):
        raise SessionError(f"The faces in {session.folder.name} are hidden; no model can see them.")


def _picture(reader: PictureReader, table: FrameTable, frame: int) -> Image | None:
    """Return the picture of a frame, None where the video was cut."""
    wanted_s = float(table.time_s[frame])
    t_s, image = reader.at(wanted_s)
    return image if abs(t_s - wanted_s) < WRONG_PICTURE_S else None


class _Faces:
    """Looks at the faces of a table, frame by frame."""

    def __init__(self, table: FrameTable, recognizer: EmotionRecognizer) -> None:
        self._table = table
        self._recognizer = recognizer
        self._detector: FaceDetector = DETECTORS["yunet-following"]()
        self._seen_s: dict[int, float] = {}

    def look(self, frame: int, image: Image | None) -> AnnotatedFrame:
        blank = np.zeros((1, 1, 3), np.uint8)
        then = self._table.annotated(frame, blank if image is None else image)
        stored = [face.detection for face in then.faces]
        if image is None:
            return AnnotatedFrame(then.frame, tuple(Face(face) for face in stored))
        found = self._detector.detect(image)
        crops = [self._crop(then.frame, face, found) for face in stored]
        t_s = then.frame.t_media_s
        predictions = self._recognizer.recognize(crops, [t_s] * len(crops))
        self._seen_s.update((face.track_id, t_s) for face in stored)
        self._seen_s = {n: at for n, at in self._seen_s.items() if t_s - at < REMEMBERED_S}
        self._recognizer.forget_except(self._seen_s)
        faces = (Face(face, said) for face, said in zip(stored, predictions, strict=True))
        return AnnotatedFrame(then.frame, tuple(faces))

    def _crop(self, frame: Frame, face: Detection, found: Sequence[Detection]) -> FaceCrop:
        """Cut out a face, by what the detector finds there now: it has the part of the box outside
        the picture and the landmarks, which the table has not.
        """
        best = max(found, key=lambda other: _overlap(face, other), default=face)
        seen = best if _overlap(face, best) >= SAME_FACE else face
        pixels = crop_face(frame.image, seen.raw_box_px)
        quality = measure(frame.image, seen, pixels)
        return FaceCrop(frame.frame_id, face.track_id, pixels, quality)


def _overlap(one: Detection, other: Detection) -> float:
    return iou(_corners(one), _corners(other))


def _corners(face: Detection) -> RawBox:
    box = face.box_px
    return float(box.x), float(box.y), float(box.width), float(box.height)
