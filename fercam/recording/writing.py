"""What a recording and a replay have in common: making the writer, painting, writing."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from fercam import paths
from fercam.core.values import AnnotatedFrame, Image
from fercam.overlay.layout import lay_out
from fercam.overlay.raster import paint
from fercam.recording.masking import MaskOptions
from fercam.recording.options import RecordOptions, SessionAbout
from fercam.recording.session import SessionWriter, stamped_folder


def session_folder(options: RecordOptions) -> Path:
    """Return the folder a session goes to, named after this moment where none is given."""
    return options.folder or stamped_folder(paths.sessions_dir(), datetime.now())


def make_writer(
    folder: Path, about: SessionAbout, options: RecordOptions, **more: Any
) -> SessionWriter:
    """Return a writer for frames of a live source; `more` goes to it as it is.

    Raises:
        SessionError: the folder is in use or cannot be created.
    """
    mask = MaskOptions(options.mask_style, options.mask_but) if options.mask_style else None
    return SessionWriter(
        folder,
        source=about.source,
        model_name=about.model_name,
        model_sha256=about.model_sha256,
        settings=about.settings,
        video=options.video,
        clean=options.clean,
        quality=options.quality,
        mask=mask,
        fps_hint=about.fps,
        numbered=options.folder is None,
        **more,
    )


def write(
    writer: SessionWriter, annotated: AnnotatedFrame, t_s: float, options: RecordOptions
) -> None:
    """Write a frame, captured `t_s` seconds after the first one, with its labels.

    Raises:
        SessionError: a file cannot be written.
    """

    def painted(shown: AnnotatedFrame) -> Image:
        return paint(shown.frame.image, lay_out(shown, options.overlay))

    timed = replace(annotated, frame=replace(annotated.frame, t_media_s=t_s))
    writer.add(timed, painted if options.video else None)
