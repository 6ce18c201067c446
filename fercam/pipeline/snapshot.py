"""One picture kept, with the numbers beside it."""

import json
from datetime import datetime
from pathlib import Path

import cv2

from fercam import paths
from fercam.core.errors import SessionError, reason_of
from fercam.core.values import AnnotatedFrame, Image
from fercam.feed.message import message
from fercam.overlay.layout import OverlayOptions, lay_out
from fercam.overlay.raster import paint


def save_snapshot(
    annotated: AnnotatedFrame, kind: str, options: OverlayOptions, folder: Path | None = None
) -> list[Path]:
    """Write a frame as PNG and its faces as JSON, in the words of the feeds (`feed.message`).

    `kind` is a key of `settings.SNAPSHOT`. Returns the files.

    `folder` is by default the one for snapshots among the user's pictures.

    Raises:
        SessionError: nothing could be written; nothing half-written is left.
    """
    folder = folder or paths.snapshots_dir()
    moment = datetime.fromtimestamp(annotated.frame.t_wall_s)
    name = f"FerCam {moment:%Y-%m-%d %H-%M-%S}.{moment.microsecond // 1000:03d}"
    image = annotated.frame.image
    pictures: dict[str, Image] = {}
    if kind in ("annotated", "both"):
        pictures[f"{name}.png"] = paint(image, lay_out(annotated, options))
    if kind in ("clean", "both"):
        pictures[f"{name} clean.png" if kind == "both" else f"{name}.png"] = image
    contents = {file: _png(picture) for file, picture in pictures.items()}
    contents[f"{name}.json"] = (json.dumps(message(annotated), indent=2) + "\n").encode()
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in contents.items():
            written.append(folder / file)
            written[-1].write_bytes(content)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise SessionError(
            f"The snapshot cannot be written to {folder} ({reason_of(error)})."
        ) from error
    return written


def _png(picture: Image) -> bytes:
    return bytes(cv2.imencode(".png", picture)[1])
