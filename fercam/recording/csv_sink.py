"""frames.csv: one row per face and frame, and one row for a frame without a face."""

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import SessionError, reason_of
from fercam.core.values import AnnotatedFrame, Face, Image
from fercam.recording.quality import DEFAULT_QUALITY
from fercam.recording.sink import Sink

COLUMNS: tuple[str, ...] = (
    "frame", "time_s", "face", "x", "y", "w", "h", "score", "label", "confidence", "sure",
    *EMOTIONS,
)  # fmt: skip


class CsvSink(Sink):
    """The rows of a frame reach the system at once and together, so a crash loses none."""

    file_name = "frames.csv"

    def __init__(
        self, folder: Path, fps_hint: float | None = None, quality: str = DEFAULT_QUALITY
    ) -> None:
        super().__init__(folder, fps_hint, quality)
        self._frame = 0
        self._first_s: float | None = None
        self._whole_bytes = 0
        try:
            self._file = self.path.open("wb", buffering=0)
        except OSError as error:
            raise self._failed(error) from error
        self._write([COLUMNS])

    def add(self, annotated: AnnotatedFrame, painted: Image | None = None) -> None:
        """Write the rows of one frame; the picture plays no part."""
        media_s = annotated.frame.t_media_s
        if self._first_s is None:
            self._first_s = media_s
        start = [str(self._frame), f"{media_s - self._first_s:.6f}"]
        rows = [start + _face_cells(face) for face in annotated.faces]
        self._write(rows or [start + [""] * (len(COLUMNS) - len(start))])
        self._frame += 1

    def close(self) -> None:
        """Close the table."""
        try:
            self._file.close()
        except OSError as error:
            raise self._failed(error) from error

    def _write(self, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        waiting = memoryview(text.getvalue().encode())
        try:
            while waiting:  # a disk that is nearly full takes a part
                waiting = waiting[self._file.write(waiting) or 0 :]
            self._whole_bytes = self._file.tell()
        except OSError as error:
            with suppress(OSError):  # then the table ends in half a row, which readers tolerate
                self._file.truncate(self._whole_bytes)
                self._file.seek(self._whole_bytes)
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> SessionError:
        return SessionError(f"The table {self.path} cannot be written ({reason_of(error)}).")


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
