"""Do the shipped models answer here, on the live path, as they did when they were trained?"""

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fercam import paths
from fercam.core.emotions import EMOTIONS
from fercam.core.errors import FerCamError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fercam.core.values import FaceCrop, Image
    from fercam.inference.bundle import ModelBundle

FLOAT_SAME = 1e-3
"""No probability of the float form may differ by more from the Keras form."""
CROP_SAME_GRAY = 1.0
"""The mean difference of a crop's pixels (0..255) from the stored one, at most."""
BOX_SAME_PX = 1.0
AGAIN = "install FerCam again."
REMAKE = "python benchmarks/check_faces.py"


class CheckFailed(FerCamError):
    """A part is not as it should be."""


class FaceCheck:
    """The shipped pictures and what is stored of them, read when they are first asked for."""

    @cached_property
    def stored(self) -> dict[str, Any]:
        """What `benchmarks/check_faces.py` stored.

        Raises:
            CheckFailed: it is not there.
        """
        try:
            text = (self._folder / "answers.json").read_text(encoding="utf-8")
            stored: dict[str, Any] = json.loads(text)
        except (OSError, ValueError) as error:
            raise CheckFailed(f"The stored answers are missing or damaged; {AGAIN}") from error
        return stored

    @cached_property
    def crops(self) -> "list[FaceCrop]":
        """The faces of the pictures, found and cut out as live.

        Raises:
            FerCamError: the detector or a picture is missing, or a face is not where it was.
        """
        from fercam.capture.images import read_image

        strip = read_image(self._folder / "crops.png")[..., 0]
        return [self._crop(number, strip) for number in range(len(self.stored["faces"]))]

    @property
    def _folder(self) -> Path:
        return paths.resource_dir("assets") / "check"

    def _crop(self, number: int, strip: "Image") -> "FaceCrop":
        import numpy as np

        from fercam.capture.images import frame_of, read_image
        from fercam.detection.crop import FACE_PX
        from fercam.pipeline.analyzer import FaceFinder

        face = self.stored["faces"][number]
        image = read_image(self._folder / face["picture"])
        found = FaceFinder().find(frame_of(image, number))  # one each: they are not one scene
        boxes = [detection.raw_box_px for detection in found.detections]
        if len(boxes) != 1 or np.abs(np.subtract(boxes[0], face["box"])).max() > BOX_SAME_PX:
            raise CheckFailed(
                f"The face in {face['picture']} is not found where it is: the face detector does "
                f"not work as it should here; {AGAIN}"
            )
        stored = strip[:, number * FACE_PX : (number + 1) * FACE_PX]
        if np.abs(found.crops[0].pixels.astype(float) - stored).mean() > CROP_SAME_GRAY:
            raise CheckFailed(f"The face in {face['picture']} is not cut out as it was; {AGAIN}")
        return found.crops[0]

    def found(self) -> str:
        """Look for the faces, say how many there are."""
        return f"{len(self.crops)} found and cut out as they were"

    def compare(self, folder: Path) -> str:
        """Compare what a shipped model answers with what its Keras form answered.

        Raises:
            FerCamError: they differ, or the model is damaged.
        """
        import numpy as np

        from fercam.inference.bundle import KERAS, load_bundle

        bundle = load_bundle(folder, verify_all=True)
        about = self.stored["models"].get(folder.name)
        if about is None or about["keras_sha256"] != bundle.card.sha256.get(KERAS):
            raise CheckFailed(
                "No answers are stored of this very model; in a copy of the source, "
                f"`{REMAKE}` makes them, otherwise {AGAIN}"
            )
        expected = np.array(about["answers"])
        exact, live = self._answers(bundle, "float"), self._answers(bundle, "int8")
        apart = float(np.abs(exact - expected).max())
        if not apart <= FLOAT_SAME:
            raise CheckFailed(
                f"Its float form differs by {apart:.1e} from what it answered when it was trained "
                f"({FLOAT_SAME:.0e} is allowed); {AGAIN}"
            )
        for number in np.flatnonzero(live.argmax(axis=1) != expected.argmax(axis=1)):
            raise CheckFailed(
                f"Its live form says {EMOTIONS[live[number].argmax()]} for "
                f"{self.stored['faces'][number]['picture']}, which should be "
                f"{EMOTIONS[expected[number].argmax()]}; {AGAIN}"
            )
        return (
            f"files as on its card ({KERAS} {about['keras_sha256'][:12]}), float within "
            f"{apart:.1e} of training, live the same emotion on all {len(live)} faces"
        )

    def _answers(self, bundle: "ModelBundle", runtime: str) -> "NDArray[np.float32]":
        """Return what the recognizer answers (n, 7) with one of the runtimes, nothing smoothed."""
        import numpy as np

        from fercam.pipeline.analyzer import make_recognizer

        recognizer = make_recognizer(bundle, runtime, smoothing_s=0.0)
        try:
            given = recognizer.recognize(self.crops, [float(n) for n in range(len(self.crops))])
            return np.stack([prediction.raw for prediction in given])
        finally:
            recognizer.close()
