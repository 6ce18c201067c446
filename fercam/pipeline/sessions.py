"""A whole source into a session folder, every frame of it: what `fercam analyze` does."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from fercam import paths
from fercam.capture.registry import open_source
from fercam.capture.source import FrameSource
from fercam.capture.stream import shown_address
from fercam.capture.suffixes import VIDEO_SUFFIXES, files_in
from fercam.core.errors import FerCamError, SourceError, UsageError
from fercam.core.files import sha256_of
from fercam.core.values import AnnotatedFrame, Frame
from fercam.inference.bundle import INT8, find_bundle
from fercam.overlay.layout import OverlayOptions, lay_out
from fercam.overlay.raster import paint
from fercam.pipeline.analyzer import Analyzer, make_recognizer
from fercam.recording.session import SessionWriter, stamped_folder
from fercam.recording.summary import SessionSummary

ShowProgress = Callable[[int, int | None], None]
"""Is told the frames done and, where it is known, how many there are."""

STOPPED = "Stopped before the end."
"""What a session says that was given up."""

WAITING_FRAMES = 8
"""Analysed frames that may wait to be written; bounds the memory when encoding is slower."""


@dataclass(frozen=True, slots=True)
class AnalyzeOptions:
    """How to analyse. `duration_s` is needed for sources that never end and
    never repeat themselves."""

    model: str | None = None
    video: bool = True
    clean: bool = False
    sound: bool = False
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class AnalyzedSession:
    """What came of it. `broken_off` says why the source ended early, `left_out` what could not be
    read in between; empty if nothing of the kind."""

    folder: Path
    summary: SessionSummary
    broken_off: str
    left_out: str

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON types."""
        return {
            "frames": self.summary.frames,
            "people": self.summary.people,
            "duration_s": round(self.summary.duration_s, 3),
            "shares": {name: round(share, 4) for name, share in self.summary.shares.items()},
            "sure_share": round(self.summary.sure_share, 4),
            "processed_fps": round(self.summary.processed_fps, 1),
            "broken_off": self.broken_off or None,
            "left_out": self.left_out or None,
        }


def expand_sources(sources: Sequence[str]) -> list[str]:
    """Return `sources` with each folder of videos replaced by the videos in it, by name.

    Raises:
        SourceError: a folder cannot be read.
    """
    expanded: list[str] = []
    for source in sources:
        folder = Path(source)
        videos = files_in(folder, VIDEO_SUFFIXES) if folder.is_dir() else []
        expanded += sorted(map(str, videos)) or [source]
    return expanded


def shown_source(source: str) -> str:
    """Return a source as people may see it: an address without user and password."""
    return shown_address(source) if "://" in source else source


def session_folders(sources: Sequence[str], out: Path | None) -> list[Path]:
    """Return a folder for each source of a batch: in `out`, or in a stamped one among the user's
    sessions where that is None.
    """
    parent = out or stamped_folder(paths.sessions_dir(), datetime.now())
    names: dict[str, str] = {}  # by what those file systems compare that know no capitals
    for source in sources:
        name = stem = _folder_name(source)
        number = 1
        while name.casefold() in names:
            number += 1
            name = f"{stem}~{number}"
        names[name.casefold()] = name
    return [parent / name for name in names.values()]


def _folder_name(source: str) -> str:
    """Return a source's name with nothing in it that a file system refuses."""
    _, is_address, address = shown_source(source).partition("://")
    name = address if is_address else Path(source).stem
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "_", name).rstrip(" .") or "source"


def analyze(
    source_spec: str, folder: Path | None, options: AnalyzeOptions, show: ShowProgress
) -> AnalyzedSession:
    """Analyse every frame of a source and write the session `folder`, None for a new one among the
    user's sessions.

    Raises:
        SourceError: nothing could be read; no folder is left behind.
        SessionError: the folder is in use or cannot be written.
        ModelError: the model cannot be used.
        UsageError: an endless source without `duration_s`, or sound from a source without any.
    """
    source = open_source(source_spec, paced=False)
    is_file = Path(source_spec).is_file()
    if options.duration_s is None and source.round_s is not None:
        options = replace(options, duration_s=source.round_s)
    if options.duration_s is None and source.endless:
        raise UsageError(f"{source.description} never ends: say how long with --duration.")
    if options.sound and not (is_file and not source.stills and options.video):
        raise UsageError("--sound needs a video file as its source, and no --no-video.")
    bundle = find_bundle(options.model)
    analyzer = Analyzer(make_recognizer(bundle), stills=source.stills)
    reading = _ReadingAhead(source)
    try:
        reading.open()
        writer = SessionWriter(
            folder or stamped_folder(paths.sessions_dir(), datetime.now()),
            source=_describe(source_spec, source),
            model_name=bundle.card.name,
            model_sha256=bundle.card.sha256[INT8],
            settings={"sound": options.sound, "duration_s": options.duration_s},
            video=options.video,
            clean=options.clean,
            sound_from=Path(source_spec) if options.sound else None,
            fps_hint=source.fps,
            numbered=folder is None,
        )
        return _write_all(reading, analyzer, writer, options, show)
    finally:
        reading.close()
        analyzer.close()


def _write_all(
    reading: "_ReadingAhead",
    analyzer: Analyzer,
    writer: SessionWriter,
    options: AnalyzeOptions,
    show: ShowProgress,
) -> AnalyzedSession:
    broken_off = ""
    done = 0
    try:
        with _Writing(writer, paints=options.video) as writing:
            try:
                while (frame := reading.read()) is not None and _within(frame, options.duration_s):
                    writing.add(analyzer.analyze(frame))
                    done += 1
                    show(done, reading.source.frame_count)
            except SourceError as error:
                broken_off = error.user_message
            except KeyboardInterrupt:
                broken_off = STOPPED
        if not done:
            raise SourceError(broken_off or "The source holds no frame that can be read.")
    except (FerCamError, KeyboardInterrupt) as error:
        writer.abort(getattr(error, "user_message", STOPPED))
        raise
    left_out = reading.source.left_out
    summary = writer.finish(note=" ".join(filter(None, (broken_off, left_out))))
    return AnalyzedSession(writer.folder, summary, broken_off, left_out)


def _describe(source_spec: str, source: FrameSource) -> dict[str, object]:
    described: dict[str, object] = {"description": source.description}
    file = Path(source_spec)
    if file.exists():
        described["path"] = str(file.resolve())
    if file.is_file():
        described["sha256"] = sha256_of(file)
    return described


def _within(frame: Frame, duration_s: float | None) -> bool:
    return duration_s is None or frame.t_media_s < duration_s


class _ReadingAhead:
    """Reads a source on a thread of its own, one frame ahead: decoding overlaps with analysis."""

    def __init__(self, source: FrameSource) -> None:
        self.source = source
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fercam-reader")
        self._next: Future[Frame | None] | None = None

    def open(self) -> None:
        """Open the source; raises what that raises."""
        self._thread.submit(self.source.open).result()

    def read(self) -> Frame | None:
        """Return the next frame, None at the end; raises what reading raises."""
        frame = (self._next or self._thread.submit(self.source.read)).result()
        self._next = None if frame is None else self._thread.submit(self.source.read)
        return frame

    def close(self) -> None:
        """Close the source once it is done with the frame it reads."""
        self._thread.submit(self.source.close).result()
        self._thread.shutdown()


class _Writing:
    """Paints and writes on a second thread, so that encoding and analysis use a core each."""

    def __init__(self, writer: SessionWriter, paints: bool) -> None:
        self._writer = writer
        self._paints = paints
        self._options = OverlayOptions()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fercam-writer")
        self._waiting: deque[Future[None]] = deque()

    def add(self, annotated: AnnotatedFrame) -> None:
        """Hand a frame over; waits while too many are waiting, and raises what writing raised."""
        if len(self._waiting) >= WAITING_FRAMES:
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._write, annotated))

    def _write(self, annotated: AnnotatedFrame) -> None:
        painted = None
        if self._paints:
            painted = paint(annotated.frame.image, lay_out(annotated, self._options))
        self._writer.add(annotated, painted)

    def __enter__(self) -> "_Writing":
        return self

    def __exit__(self, *_: object) -> None:
        interrupt: KeyboardInterrupt | None = None
        over = False
        while not over:  # nobody may close the files under the frame that is being written
            try:
                self._thread.shutdown(cancel_futures=interrupt is not None)
                over = True
            except KeyboardInterrupt as error:
                interrupt = error
        if interrupt is not None:
            raise interrupt
        for written in self._waiting:
            written.result()
