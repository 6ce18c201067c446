"""Does this copy of FerCam work here, and does it answer as its models did when they were trained?

Part by part, in words. Nothing leaves the computer and nothing stays on the disk.
"""

import importlib
import logging
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree

from fercam import __version__, paths
from fercam.core.chores import Chores
from fercam.core.errors import FerCamError
from fercam.core.processor import FOR_TRAINING, missing, processor_name
from fercam.pipeline.face_check import AGAIN, CheckFailed, FaceCheck

LIBRARIES = {
    "numpy": "numpy",
    "opencv-python-headless": "cv2",
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "PyQt6": "",  # is loaded by who shows this, or not at all
    "av": "av",
    "pyqtgraph": "",
}
"""What FerCam cannot do without, and what is loaded to see whether it can be."""
OPTIONAL = ("pyarrow", "tensorflow", "tensorflow-cpu", "keras")
"""What Parquet and training need on top."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one part: whether it is as it should be, and a sentence."""

    part: str
    ok: bool
    words: str

    @property
    def line(self) -> str:
        """The part and its sentence, for people."""
        return f"{'' if self.ok else 'FAILED '}{self.part}: {self.words}"


def self_check() -> Iterator[Checked]:
    """Look at every part and yield what came of it, as it comes; takes a few seconds."""
    for part, look in _parts():
        try:
            words, ok = look(), True
        except FerCamError as error:
            words, ok = error.user_message, False
        except Exception as error:  # whatever it is, the other parts are looked at as well
            logging.getLogger("fercam").exception("the self-check of %s failed", part)
            words, ok = f"It does not work ({type(error).__name__}: {error}); {AGAIN}", False
        yield Checked(part, ok, " ".join(words.split()))


def _parts() -> Iterator[tuple[str, Callable[[], str]]]:
    yield "FerCam", lambda: f"{__version__}, Python {platform.python_version()}"
    yield "System", lambda: f"{platform.platform()}, {processor_name()}"
    yield "Libraries", _libraries
    yield "Training", _training
    yield "Pictures of the window", _icons
    yield "Demo", _demo
    yield "Cameras", _cameras
    yield "Folders", _folders
    faces = FaceCheck()
    yield "Faces", faces.found
    folders = sorted(path.parent for path in paths.resource_dir("models").glob("*/card.json"))
    for folder in folders:
        yield f"Model {folder.name}", partial(faces.compare, folder)
    if not folders:
        yield "Models", _no_models
    yield "Your own models", partial(_own_models, folders)


def versions() -> dict[str, str]:
    """Return the version of each library that is there; nothing is loaded for it."""
    found = {}
    for name in (*LIBRARIES, *OPTIONAL):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _libraries() -> str:
    told = versions()
    for name, module in LIBRARIES.items():
        if not module:
            continue
        try:
            loaded = importlib.import_module(module)
        except (ImportError, OSError) as error:
            raise CheckFailed(f"{name} cannot be loaded ({error}); {AGAIN}") from error
        told.setdefault(name, str(getattr(loaded, "__version__", "of unknown version")))
    return ", ".join(f"{name} {given}" for name, given in told.items() if name in LIBRARIES)


def _training() -> str:
    if find_spec("tensorflow") is None or find_spec("keras") is None:
        return "not in this copy; everything else works without"
    if missing(FOR_TRAINING):
        return "not on this processor, which has no AVX; everything else works without"
    told = versions()
    return ", ".join(f"{name} {told[name]}" for name in OPTIONAL[1:] if name in told) or "there"


def _icons() -> str:
    files = sorted(paths.resource_dir("assets").rglob("*.svg"))
    if not files:
        raise CheckFailed(f"They are missing; {AGAIN}")
    for file in files:
        try:
            ElementTree.fromstring(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ElementTree.ParseError) as error:
            raise CheckFailed(f"{file.name} is damaged; {AGAIN}") from error
    return f"{len(files)} drawings"


def _demo() -> str:
    from fercam.capture.demo import demo_image

    height, width = demo_image("", 0).shape[:2]
    return f"{width}x{height}"


def _cameras() -> str:
    from fercam.capture.cameras import list_cameras

    names = [f"{camera.index} {camera.name}" for camera in list_cameras()]
    return ", ".join(names) or "none; plug one in, or try the demo"


def _folders() -> str:
    shut = paths.unwritable()
    if shut:
        named = ", ".join(f"{what} ({folder})" for what, folder in shut.items())
        raise CheckFailed(f"FerCam cannot write here: {named}; allow it or free the disk.")
    return "can be written"


def _no_models() -> str:
    raise CheckFailed(f"The models that come with FerCam are missing; {AGAIN}")


def _own_models(shipped: list[Path]) -> str:
    from fercam.inference.bundle import list_bundles, load_bundle

    own = [folder for folder in list_bundles() if folder not in shipped]
    names = [load_bundle(folder, verify_all=True).path.name for folder in own]
    return f"{', '.join(names)}: files as on their cards" if names else "none"


class CheckListener(Protocol):
    """Is told on the check's own thread."""

    def on_checked(self, checked: Checked) -> None: ...
    def on_check_done(self, failed: int) -> None: ...


class CheckDesk:
    """Checks on a thread of its own and tells a listener, part by part."""

    def __init__(self, listener: CheckListener) -> None:
        self._listener = listener
        self._chores = Chores("check", logging.getLogger("fercam").error)

    def start(self) -> None:
        """Look at every part."""
        self._chores.do(self._run)

    def close(self) -> None:
        """End after the part that is being looked at."""
        self._chores.close()

    def join(self, timeout_s: float) -> bool:
        """Wait after `close`; return whether the thread is done."""
        return self._chores.join(timeout_s)

    def _run(self) -> None:
        failed = 0
        for checked in self_check():
            if self._chores.closing:
                return
            failed += not checked.ok
            self._listener.on_checked(checked)
        self._listener.on_check_done(failed)
