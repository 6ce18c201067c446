"""A session's video drawn anew: the overlay comes from the table, so its style can be chosen."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from fercam.core.errors import SessionError, UsageError
from fercam.core.values import AnnotatedFrame, Image
from fercam.overlay.layout import OverlayOptions, lay_out
from fercam.overlay.raster import paint
from fercam.overlay.shapes import Shape
from fercam.recording.masking import STAYS_S, Masker, MaskOptions
from fercam.recording.remux import finish_video
from fercam.recording.session_json import Marker
from fercam.recording.sound import Sound
from fercam.recording.video_sink import VideoSink
from fercam.sessions.exporter import Exporter, ExportOptions, ShowProgress
from fercam.sessions.pictures import PictureReader
from fercam.sessions.session import ANNOTATED, SOURCE, Session

STYLES: dict[str, OverlayOptions | None] = {
    "labels": OverlayOptions(),
    "bars": OverlayOptions(bars=True),
    "none": None,
}
"""How the overlay may look; None is without one."""

MoreShapes = Callable[[AnnotatedFrame], Sequence[Shape]]
"""Returns what else to draw on a frame."""


class Mp4Exporter(Exporter):
    """The whole session as a video, at its frames' own times, with its sound; markers become
    chapters."""

    suffix = ".mp4"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        frames = range(session.table.frames)
        shown = zip(frames, session.table.time_s.tolist(), strict=True)
        count = session.table.frames
        video = write_pictures(session, options, path.parent, shown, count, progress)
        complete(video, session.info.markers, sound_of(session))
        video.replace(path)


def write_pictures(
    session: Session,
    options: ExportOptions,
    folder: Path,
    shown: Iterable[tuple[int, float]],
    count: int,
    progress: ShowProgress,
    more: MoreShapes = lambda annotated: (),
) -> Path:
    """Write `count` frames `shown`, each as its number in the table and its time in the new video,
    and return the video, in `folder`.

    Raises:
        SessionError: there is no video, not one without labels where other ones are asked for, or
            it cannot be read.
        OSError: the new one cannot be written.
        UsageError: there is no such style or mask.
    """
    draw = Drawing(session, options, more)
    with closing(PictureReader(draw.video, session.video_start_s)) as reader:
        sink = VideoSink(folder, _usual_fps(session))
        try:
            for done, (frame, at_s) in enumerate(shown, start=1):
                annotated = draw(frame, reader)
                timed = replace(annotated, frame=replace(annotated.frame, t_media_s=at_s))
                with _named_by_the_exporter():
                    sink.add(timed)
                progress(done, count)
        finally:
            with _named_by_the_exporter():
                sink.close()
    return sink.path


@contextmanager
def _named_by_the_exporter() -> Iterator[None]:
    """Let the exporter say what cannot be written: it knows the file's name, the sink only that of
    a part."""
    try:
        yield
    except SessionError as error:
        if isinstance(error.__cause__, OSError):
            raise error.__cause__ from None
        raise


class Drawing:
    """Makes pictures of a session's frames, in their order: hidden faces, overlay, and `more`."""

    def __init__(self, session: Session, options: ExportOptions, more: MoreShapes) -> None:
        if options.style not in STYLES:
            raise UsageError(f"There is no style {options.style!r}; there are {', '.join(STYLES)}.")
        if session.video is None:
            raise SessionError("There is no video to draw on, only the numbers.")
        self.video = session.video
        self._overlay = STYLES[options.style]
        if session.video_kind == ANNOTATED:
            if options.style != "labels" or options.person is not None:
                raise SessionError(
                    "The only video there is has its labels drawn in already; they cannot be "
                    "changed."
                )
            self._overlay = None
        self._masker = None
        if options.mask:
            but = frozenset() if options.person is None else frozenset({options.person})
            self._masker = Masker(MaskOptions(options.mask, but))
        self._next = 0  # the frame after the last one drawn
        self._everybody = session.table.with_people(session.info)
        self._person, self._names, self._more = options.person, session.names, more

    def __call__(self, frame: int, reader: PictureReader) -> AnnotatedFrame:
        """Return a frame of the table with its finished picture.

        Raises:
            SessionError: the video cannot be read there.
        """
        _, image = reader.at(float(self._everybody.time_s[frame]))
        annotated = self._everybody.annotated(frame, image, self._names)
        if self._masker is not None:
            if frame != self._next:
                self._see_before(frame, image)
            self._next = frame + 1
            annotated = self._masker.hide(annotated, self._coming(frame, annotated))
        if self._person is not None:
            theirs = (f for f in annotated.faces if f.detection.track_id == self._person)
            annotated = replace(annotated, faces=tuple(theirs))
        shapes = [] if self._overlay is None else lay_out(annotated, self._overlay)
        shapes += self._more(annotated)
        if not shapes:
            return annotated
        picture = paint(annotated.frame.image, shapes)
        return replace(annotated, frame=replace(annotated.frame, image=picture))

    def _see_before(self, frame: int, image: Image) -> None:
        """Let the masker know whose faces were there just before, as it was not shown that."""
        assert self._masker is not None
        first = self._everybody.frame_at(float(self._everybody.time_s[frame]) - STAYS_S)
        for earlier in range(first, frame):
            self._masker.see(self._everybody.annotated(earlier, image))

    def _coming(self, frame: int, now: AnnotatedFrame) -> Iterator[AnnotatedFrame]:
        for later in range(frame + 1, self._everybody.frames):
            yield self._everybody.annotated(later, now.frame.image)


def complete(video: Path, chapters: Sequence[Marker], sound: Sound | None) -> None:
    """Add sound and chapters to a video that was just written.

    Raises:
        SessionError: there is no room for it, or the sound cannot be read.
    """
    if not finish_video(video, chapters, sound=sound):
        raise SessionError("The disk has too little room to finish the video; make some first.")


def sound_of(session: Session) -> Sound | None:
    """Return the session's sound: that of the video shown or, as the clean one may have none, of
    the annotated one."""
    for path, start_s in _heard(session):
        try:
            with av.open(str(path.absolute())) as container:
                if container.streams.audio:
                    first_s = _first_picture_s(container) if session.video_kind == SOURCE else 0.0
                    return Sound(path, start_s + first_s)
        except (av.FFmpegError, OSError, ValueError):
            continue
    return None


def _heard(session: Session) -> Iterator[tuple[Path, float]]:
    if session.video is not None:
        yield session.video, session.video_start_s
    annotated = session.folder / VideoSink.file_name
    if annotated.is_file() and annotated != session.video:
        yield annotated, 0.0


def _first_picture_s(container: av.container.InputContainer) -> float:
    stream = container.streams.video[0]
    first = next(container.decode(stream), None)
    return float(first.time or 0) if first is not None else 0.0


def _usual_fps(session: Session) -> float:
    gaps_s = session.table.frame_s()
    return 1 / max(1e-3, float(np.median(gaps_s))) if len(gaps_s) else 30.0
