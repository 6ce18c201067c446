"""Frames kept in memory, compressed, and made a session of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fercam.core.errors import SessionError
from fercam.core.values import AnnotatedFrame, Image
from fercam.recording.disk import STOP_BELOW, room_bytes
from fercam.recording.options import RecordOptions, SessionAbout
from fercam.recording.session_json import Marker

TAG = "replay"
_JPEG_QUALITY = 88
_NO_IMAGE: Image = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class KeptFrame:
    """A frame whose picture is compressed, and without the crops of its faces."""

    annotated: AnnotatedFrame
    jpeg: bytes

    @property
    def t_capture_ns(self) -> int:
        """The moment of capture (monotonic)."""
        return self.annotated.frame.t_capture_ns

    def restored(self) -> AnnotatedFrame:
        """Return the frame with its picture."""
        import cv2

        coded = np.frombuffer(self.jpeg, np.uint8)
        image = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
        image.setflags(write=False)
        return replace(self.annotated, frame=replace(self.annotated.frame, image=image))


def keep(annotated: AnnotatedFrame) -> KeptFrame:
    """Compress a frame."""
    import cv2

    quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    _, coded = cv2.imencode(".jpg", annotated.frame.image, quality)
    faces = tuple(replace(face, crop=None) for face in annotated.faces)
    frame = replace(annotated.frame, image=_NO_IMAGE)
    return KeptFrame(replace(annotated, frame=frame, faces=faces), coded.tobytes())


def save_kept(
    kept: Sequence[KeptFrame],
    event: tuple[int, str],
    about: Callable[[], SessionAbout],
    options: RecordOptions,
) -> str:
    """Write frames as a session, with a marker at the `event` (its moment and what it was); return
    in words how much was saved and where.

    Raises:
        SessionError: it cannot be written; what was is kept.
    """
    from fercam.recording.writing import make_writer, session_folder, write

    folder = session_folder(options)
    if room_bytes(folder) < STOP_BELOW:
        raise SessionError("The disk is too full to save the last seconds.")
    first_ns, last_ns = kept[0].t_capture_ns, kept[-1].t_capture_ns
    writer = make_writer(folder, about(), options, tags=(TAG,))
    try:
        for frame in kept:
            write(writer, frame.restored(), (frame.t_capture_ns - first_ns) / 1e9, options)
        event_ns = min(max(event[0], first_ns), last_ns)
        writer.add_marker(Marker((event_ns - first_ns) / 1e9, event[1]))
    except Exception as error:
        writer.abort(getattr(error, "user_message", "Saving broke off."))
        raise
    return f"{writer.finish().duration_s:.0f} seconds were saved in {writer.folder}"
