"""Hides faces in the files: blurred, covered, or behind an emoji of what they express."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fercam.core.errors import UsageError
from fercam.core.values import AnnotatedFrame, Box, Face, Image
from fercam.recording.emoji import draw_emoji

STAYS_S = 1.0
"""So long the place of a face that is no longer found stays hidden."""
AHEAD_S = 0.5
"""So long before a face is first found its place is hidden already."""
_MOSAIC_CELLS = 5  # across a blurred face: what is left of it tells nobody apart
_SOLID_BGR = (38, 34, 32)


@dataclass(frozen=True, slots=True)
class MaskOptions:
    """How to hide faces: `style` is a key of `MASKS`; the people `but` are left as they are.

    Raises:
        UsageError: there is no such style.
    """

    style: str = "blur"
    but: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.style not in MASKS:
            raise UsageError(f"There is no mask {self.style!r}; there are {', '.join(MASKS)}.")


class Masker:
    """Hides the faces of frames that come in the order of time.

    All of a face's box is hidden and some of what is around it. A face whose number is not known
    yet counts as one to hide. One that is lost stays hidden where it was for a second, so that a
    picture in which the detector misses it does not show it. One that is found in a frame still
    `coming` is hidden where it will be. What remains visible is a face that was there for longer
    than the coming frames tell, one that moved quickly meanwhile, and one that is never found.
    """

    def __init__(self, options: MaskOptions) -> None:
        self._options = options
        self._seen: list[tuple[float, Face]] = []

    def hide(
        self, annotated: AnnotatedFrame, coming: Iterable[AnnotatedFrame] = ()
    ) -> AnnotatedFrame:
        """Return the frame with a picture in which the faces are hidden, and those of the frames
        `coming` next, in order of time."""
        faces = self._to_hide(annotated, coming)
        image = mask_faces(annotated.frame.image, faces, self._options.style)
        return replace(annotated, frame=replace(annotated.frame, image=image))

    def see(self, annotated: AnnotatedFrame) -> None:
        """Take note of the faces of a frame that is not shown."""
        self._found(annotated)

    def cover(
        self, painted: Image, annotated: AnnotatedFrame, coming: Iterable[AnnotatedFrame] = ()
    ) -> Image:
        """Return a picture that was painted already with the frame's faces hidden."""
        return mask_faces(painted, self._to_hide(annotated, coming), self._options.style)

    def _to_hide(self, annotated: AnnotatedFrame, coming: Iterable[AnnotatedFrame]) -> list[Face]:
        hidden = self._found(annotated)
        for later in coming:
            if later.frame.t_media_s - annotated.frame.t_media_s > AHEAD_S:
                break
            here = {face.detection.track_id for face in hidden} - {0}
            hidden += [
                face
                for face in self._hideable(later)
                if face.detection.track_id not in here
                and not any(_same_place(face, other) for other in hidden)
            ]
        return hidden

    def _hideable(self, annotated: AnnotatedFrame) -> list[Face]:
        but = self._options.but
        return [face for face in annotated.faces if face.detection.track_id not in but]

    def _found(self, annotated: AnnotatedFrame) -> list[Face]:
        """Return the faces of the frame and those that were lost a moment ago."""
        now_s = annotated.frame.t_media_s
        hidden = self._hideable(annotated)
        here = {face.detection.track_id for face in annotated.faces} - {0}
        lost = [
            (at_s, face)
            for at_s, face in self._seen
            if 0 <= now_s - at_s <= STAYS_S
            and face.detection.track_id not in here
            and not any(_same_place(face, other) for other in hidden)
        ]
        self._seen = [*lost, *((now_s, face) for face in hidden)]
        return [face for _, face in self._seen]


def _same_place(lost: Face, face: Face) -> bool:
    (x, y), box = lost.detection.box_px.centre, face.detection.box_px
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


def mask_faces(image: Image, faces: Iterable[Face], style: str) -> Image:
    """Return a new picture (H, W, 3) BGR in which all of the faces' boxes are hidden."""
    masked = image.copy()
    for face in faces:
        MASKS[style](masked, face)
    return masked


def _blur(image: Image, face: Face) -> None:
    part, ellipse = _ellipse(image, face.detection.box_px)
    if part.size == 0:
        return
    height, width = part.shape[:2]
    cell = max(1.0, face.detection.box_px.side / _MOSAIC_CELLS)
    few = max(1, round(width / cell)), max(1, round(height / cell))
    coarse = cv2.resize(part, few, interpolation=cv2.INTER_AREA)
    soft = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    part[:] = cv2.copyTo(soft, ellipse, part.copy())


def _solid(image: Image, face: Face) -> None:
    part, ellipse = _ellipse(image, face.detection.box_px)
    if part.size == 0:
        return
    part[:] = cv2.copyTo(np.full_like(part, _SOLID_BGR), ellipse, part.copy())


def _emoji(image: Image, face: Face) -> None:
    box = face.detection.box_px
    label = face.prediction.label if face.prediction is not None else ""
    x, y = box.centre
    draw_emoji(image, label, round(x), round(y), int(np.hypot(box.width, box.height)) + 4)


MASKS: dict[str, Callable[[Image, Face], None]] = {"blur": _blur, "solid": _solid, "emoji": _emoji}
"""The ways to hide a face, each drawing into the picture."""


def _ellipse(image: Image, box: Box) -> tuple[Image, NDArray[np.uint8]]:
    """Return a view of the part of the picture around a box, and a picture of the ellipse through
    the box's corners: 255 inside it."""
    (x, y), half = box.centre, np.sqrt(0.5)
    rx, ry = int(box.width * half) + 3, int(box.height * half) + 3
    left, top = max(0, int(x) - rx), max(0, int(y) - ry)
    part = image[top : max(0, int(y) + ry + 1), left : max(0, int(x) + rx + 1)]
    ellipse = np.zeros(part.shape[:2], np.uint8)
    if ellipse.size:
        cv2.ellipse(
            ellipse, (int(x) - left, int(y) - top), (rx, ry), 0, 0, 360, 255, cv2.FILLED
        )  # fmt: skip
    return part, ellipse
