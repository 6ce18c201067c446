"""Does this copy of FerCam work here, and does it answer as its models did when they were trained?

Part by part, in words. Nothing leaves the computer and nothing stays on the disk.
"""

import importlib
import json
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from xml.etree import ElementTree

from fercam import __version__, paths
from fercam.core.chores import Chores
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import FerCamError
from fercam.core.processor import processor_name
from fercam.logs import logger

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fercam.core.values import FaceCrop

LIBRARIES = {
    "numpy": "numpy",
    "opencv-python-headless": "cv2",
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "PyQt6": "",  # is loaded by who shows this, or not at all
    "av": "av",
    "pyarrow": "pyarrow",
    "pyqtgraph": "",
}
"""What FerCam cannot do without, and what is loaded to see whether it can be."""
OPTIONAL = ("tensorflow", "tensorflow-cpu", "keras")
"""What training needs on top."""
FLOAT_SAME = 1e-3
"""No probability of the float form may differ by more from the Keras form."""
CROP_SAME_GRAY = 1.0
"""The mean difference of a crop's pixels (0..255) from the stored one, at most."""
BOX_SAME_PX = 1.0
AGAIN = "install FerCam again."
REMAKE = "python benchmarks/check_faces.py"


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


class CheckFailed(FerCamError):
    """A part is not as it should be."""


def self_check() -> Iterator[Checked]:
    """Look at every part and yield what came of it, as it comes; takes a few seconds."""
    for part, look in _parts():
        try:
            words, ok = look(), True
        except FerCamError as error:
            words, ok = error.user_message, False
        except Exception as error:
            logger.error("the self-check of %s failed", part, exc_info=error)
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
    yield "Faces", _faces
    folders = sorted(path.parent for path in paths.resource_dir("models").glob("*/card.json"))
    for folder in folders:
        yield f"Model {folder.name}", partial(_shipped_model, folder)
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
    told = versions()
    return ", ".join(f"{name} {told[name]}" for name in OPTIONAL if name in told) or "there"


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


def _check_dir() -> Path:
    return paths.resource_dir("assets") / "check"


@cache
def _stored() -> dict[str, Any]:
    try:
        stored: dict[str, Any] = json.loads((_check_dir() / "answers.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CheckFailed(f"The stored answers are missing or damaged; {AGAIN}") from error
    return stored


def _crops() -> "tuple[FaceCrop, ...]":
    """Return the faces of the shipped pictures, found and cut out as live.

    Raises:
        FerCamError: the detector or a picture is missing, or a face is not where it was.
    """
    import numpy as np

    from fercam.capture.images import frame_of, read_image
    from fercam.detection.crop import FACE_PX
    from fercam.pipeline.analyzer import FaceFinder

    strip = read_image(_check_dir() / "crops.png")[..., 0]
    crops = []
    for number, face in enumerate(_stored()["faces"]):
        # a finder for each: these are not one scene
        found = FaceFinder().find(frame_of(read_image(_check_dir() / face["picture"]), number))
        boxes = [detection.raw_box_px for detection in found.detections]
        if len(boxes) != 1 or np.abs(np.subtract(boxes[0], face["box"])).max() > BOX_SAME_PX:
            raise CheckFailed(
                f"The face in {face['picture']} is not found where it is; the face detector does "
                f"not work as it should here, {AGAIN}"
            )
        stored = strip[:, number * FACE_PX : (number + 1) * FACE_PX]
        if np.abs(found.crops[0].pixels.astype(float) - stored).mean() > CROP_SAME_GRAY:
            raise CheckFailed(f"The face in {face['picture']} is not cut out as it was; {AGAIN}")
        crops.append(found.crops[0])
    return tuple(crops)


def _faces() -> str:
    return f"{len(_crops())} of {len(_stored()['faces'])} found and cut out as in training"


def _shipped_model(folder: Path) -> str:
    import numpy as np

    from fercam.inference.bundle import KERAS, load_bundle

    bundle = load_bundle(folder, verify_all=True)
    about = _stored()["models"].get(folder.name)
    if about is None or about["keras_sha256"] != bundle.card.sha256.get(KERAS):
        raise CheckFailed(
            f"No answers are stored of this very model; in a copy of the source `{REMAKE}` makes "
            f"them, otherwise {AGAIN}"
        )
    expected = np.array(about["answers"])
    exact, live = _answers(bundle, "float"), _answers(bundle, "int8")
    apart = float(np.abs(exact - expected).max())
    if not apart <= FLOAT_SAME:
        raise CheckFailed(
            f"Its float form differs by {apart:.1e} from what it answered when it was trained "
            f"({FLOAT_SAME:.0e} is allowed); {AGAIN}"
        )
    labels = live.argmax(axis=1), expected.argmax(axis=1)
    for number, (given, right) in enumerate(zip(*labels, strict=True)):
        if given != right:
            picture = _stored()["faces"][number]["picture"]
            raise CheckFailed(
                f"Its live form says {EMOTIONS[given]} for {picture}, which should be "
                f"{EMOTIONS[right]}; {AGAIN}"
            )
    return (
        f"files as on its card, {bundle.card.sha256[KERAS][:12]}; float differs by {apart:.1e} "
        f"from training, live says the same on {len(live)} of {len(live)} faces"
    )


def _answers(bundle: Any, runtime: str) -> "NDArray[np.float32]":
    """Return what the recognizer answers (n, 7) with one of the runtimes, nothing smoothed."""
    import numpy as np

    from fercam.pipeline.analyzer import make_recognizer

    crops = _crops()
    recognizer = make_recognizer(bundle, runtime, smoothing_s=0.0)
    try:
        given = recognizer.recognize(crops, [float(number) for number in range(len(crops))])
        return np.stack([prediction.raw for prediction in given])
    finally:
        recognizer.close()


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
        self._chores = Chores("check", logger.error)

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
