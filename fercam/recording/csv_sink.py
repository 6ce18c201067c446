"""frames.csv: one row per face and frame, and one row for a frame without a face."""

import csv
from pathlib import Path

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import SessionError
from fercam.core.values import AnnotatedFrame, Face, Image
from fercam.recording.sink import Sink

COLUMNS: tuple[str, ...] = (
    "frame", "time_s", "face", "x", "y", "w", "h", "score", "label", "confidence", "sure",
    *EMOTIONS,
)  # fmt: skip


class CsvSink(Sink):
    """Every row reaches the system as soon as it is written, so a crash loses none."""

    file_name = "frames.csv"

    def __init__(self, folder: Path, fps_hint: float | None = None) -> None:
        self._path = folder / self.file_name
        self._frame = 0
        self._first_s: float | None = None
        try:
            # Line buffered: each row is handed to the system at once.
            self._file = self._path.open("w", encoding="utf-8", newline="", buffering=1)
            self._writer = csv.writer(self._file, lineterminator="\n")
            self._writer.writerow(COLUMNS)
        except OSError as error:
            raise self._failed(error) from error

    def add(self, annotated: AnnotatedFrame, painted: Image | None = None) -> None:
        """Write the rows of one frame; the picture plays no part."""
        media_s = annotated.frame.t_media_s
        if self._first_s is None:
            self._first_s = media_s
        start = [str(self._frame), f"{media_s - self._first_s:.6f}"]
        rows = [start + _face_cells(face) for face in annotated.faces]
        try:
            self._writer.writerows(rows or [start + [""] * (len(COLUMNS) - len(start))])
        except OSError as error:
            raise self._failed(error) from error
        self._frame += 1

    def close(self) -> None:
        """Close the table."""
        try:
            self._file.close()
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> SessionError:
        reason = error.strerror or "unknown reason"
        return SessionError(f"The table {self._path} cannot be written ({reason}).")


def _face_cells(face: Face) -> list[str]:
    box, prediction = face.detection.box_px, face.prediction
    place = [face.detection.track_id, box.x, box.y, box.width, box.height]
    cells = [str(number) for number in place] + [f"{face.detection.score:.4f}"]
    if prediction is None:
        return cells + [""] * (3 + len(EMOTIONS))
    return [
        *cells,
        prediction.label,
        f"{prediction.confidence:.6f}",
        str(int(prediction.sure)),
        *(f"{share:.6f}" for share in prediction.smoothed),
    ]
