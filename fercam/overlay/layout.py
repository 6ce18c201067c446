"""Where the boxes, labels and bars of a frame go: a pure function from results to a draw list."""

from collections.abc import Sequence
from dataclasses import dataclass

from fercam.core.emotions import EMOTIONS
from fercam.core.values import AnnotatedFrame, Face, Prediction
from fercam.overlay.metrics import text_width_px
from fercam.overlay.palette import BACKDROP, DIM_TEXT, EMOTION_COLOURS, NOT_SURE, TEXT, Colour
from fercam.overlay.shapes import Bar, Outline, Panel, Shape, Text

_COLOURS = EMOTION_COLOURS["dark"]
_PANEL_ALPHA = 0.68
_MIN_TEXT_PX = 14.0
_TEXT_SHARE = 0.024  # of the frame's shorter side
_UNREADABLE_PX = 5.0
_LONGEST_NAME = 16


@dataclass(frozen=True, slots=True)
class OverlayOptions:
    """What to show: all seven probabilities as bars, the people's names or numbers, and a text
    scale."""

    bars: bool = False
    ids: bool = True
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class _Rect:
    x: float
    y: float
    w: float
    h: float

    def overlaps(self, other: "_Rect") -> bool:
        return (
            self.x < other.x + other.w
            and other.x < self.x + self.w
            and self.y < other.y + other.h
            and other.y < self.y + self.h
        )

    def within(self, width: float, height: float) -> "_Rect":
        """Return the rectangle moved into a frame that is at least as large."""
        return _Rect(
            max(0.0, min(self.x, width - self.w)),
            max(0.0, min(self.y, height - self.h)),
            self.w,
            self.h,
        )


def text_size_px(width: int, height: int, scale: float = 1.0) -> float:
    """Return the text size for a frame: 14 px at 360p, 26 px at 1080p, 52 px at 4K.

    It follows the shorter side, so a video filmed upright gets the text of one filmed flat.
    """
    return scale * max(_MIN_TEXT_PX, _TEXT_SHARE * min(width, height))


def lay_out(annotated: AnnotatedFrame, options: OverlayOptions | None = None) -> list[Shape]:
    """Return the shapes to draw on the frame, none of which leaves it.

    A face gets a box and, on a dark panel, its name or number, a mark in the emotion's colour and a
    label ("happy 83%"; with two models "happy 83% | sad 61%"). A doubtful one is gray and dashed
    ("not sure: happy? 41%"); one that the network has not seen yet says "…". Labels go above the
    box, below it or inside it, wherever there is room and no other label yet.
    """
    options = options or OverlayOptions()
    height, width = annotated.frame.image.shape[:2]
    boxes = [(face, _clipped(face, width, height)) for face in annotated.faces]
    visible = [(face, box) for face, box in boxes if box.w > 0 and box.h > 0]
    shapes: list[Shape] = []
    taken: list[_Rect] = []
    for face, box in visible:
        shapes += _outline(face.prediction, box, min(width, height))
    for face, box in visible:
        shapes += _label(face, box, (width, height), options, taken)
    if options.bars:
        panels: list[_Rect] = []
        for face, box in visible:
            if face.prediction is not None:
                shapes += _bars(face.prediction, box, (width, height), options, taken, panels)
    return shapes


def _clipped(face: Face, width: int, height: int) -> _Rect:
    box = face.detection.box_px
    left, top = max(0, box.x), max(0, box.y)
    right, bottom = min(width, box.x + box.width), min(height, box.y + box.height)
    return _Rect(left, top, right - left, bottom - top)


def _outline(prediction: Prediction | None, box: _Rect, short_side: int) -> list[Shape]:
    """Return a coloured line with a dark edge, seen on light and dark pictures alike."""
    room = min(box.w, box.h) / 4
    line = min(max(2.0, short_side / 270), room)
    edge = min(max(1.0, short_side / 720), room)
    sure = prediction is not None and prediction.sure
    colour = _COLOURS[prediction.label] if prediction is not None and sure else NOT_SURE
    if not sure:
        line = max(min(1.0, room), line * 0.75)
    return [
        Outline(box.x, box.y, box.w, box.h, BACKDROP, line + 2 * edge if sure else line + edge),
        Outline(
            box.x + edge, box.y + edge, box.w - 2 * edge, box.h - 2 * edge,
            colour, line, hatched=not sure,
        ),
    ]  # fmt: skip


def _called(face: Face) -> str:
    """Return a face's name, shortened if it is long, or its number; empty before it has one."""
    if face.name:
        return (
            face.name if len(face.name) <= _LONGEST_NAME else face.name[: _LONGEST_NAME - 1] + "…"
        )
    return str(face.detection.track_id or "")


def _wording(face: Face) -> tuple[str, ...]:
    """Return what the label may say, the longest first."""
    words = _said(face.prediction)
    if face.second is None:
        return words
    return (f"{words[0]} | {_said(face.second)[-1]}", *words)


def _said(prediction: Prediction | None) -> tuple[str, ...]:
    if prediction is None:
        return ("…",)
    percent = f"{prediction.confidence * 100:.0f}%"
    if prediction.sure:
        return (f"{prediction.label} {percent}",)
    guess = f"{prediction.label}? {percent}"
    return (f"not sure: {guess}", guess)


def _label(
    face: Face,
    box: _Rect,
    frame: tuple[int, int],
    options: OverlayOptions,
    taken: list[_Rect],
) -> list[Shape]:
    """Return the panel of one face and what is on it, and note its place in `taken`."""
    width, height = frame
    size = text_size_px(width, height, options.scale)
    number = _called(face) if options.ids else ""
    mark = _mark_colour(face.prediction)

    def panel_width(text: str) -> float:
        parts = 0.7 + (0.85 if mark else 0) + (0.4 if number else 0)  # in em
        return parts * size + text_width_px(number + text, size)

    words = _wording(face)
    text = next((word for word in words if panel_width(word) <= width), words[-1])
    size *= min(1.0, width / panel_width(text), height / (1.4 * size))
    if size < _UNREADABLE_PX:
        return []
    place = _free_place(box, panel_width(text), 1.4 * size, frame, taken)
    taken.append(place)
    shapes: list[Shape] = [Panel(place.x, place.y, place.w, place.h, BACKDROP, _PANEL_ALPHA)]
    x, baseline = place.x + 0.35 * size, place.y + 1.03 * size
    if number:
        shapes.append(Text(x, baseline, number, size, DIM_TEXT))
        x += text_width_px(number, size) + 0.4 * size
    if mark:
        side = 0.6 * size
        shapes.append(Panel(x, place.y + 0.4 * size, side, side, mark))
        x += 0.85 * size
    return [*shapes, Text(x, baseline, text, size, TEXT)]


def _mark_colour(prediction: Prediction | None) -> Colour | None:
    return _COLOURS[prediction.label] if prediction is not None and prediction.sure else None


def _free_place(
    box: _Rect, w: float, h: float, frame: tuple[int, int], taken: Sequence[_Rect]
) -> _Rect:
    """Return the place above, below or inside the box that fits and is free, if there is one."""
    gap = h * 0.1
    tops = (box.y - h - gap, box.y + box.h + gap, box.y + gap, box.y + box.h - h - gap)
    fitting = [_Rect(box.x, y, w, h) for y in tops if y >= 0 and y + h <= frame[1]]
    places = [place.within(*frame) for place in fitting or [_Rect(box.x, box.y, w, h)]]
    return _free(places, taken) or places[0]


def _free(places: Sequence[_Rect], taken: Sequence[_Rect]) -> _Rect | None:
    """Return the first of the places that none of the taken ones overlaps."""
    free = (place for place in places if not any(place.overlaps(other) for other in taken))
    return next(free, None)


def _bars(
    prediction: Prediction,
    box: _Rect,
    frame: tuple[int, int],
    options: OverlayOptions,
    labels: Sequence[_Rect],
    panels: list[_Rect],
) -> list[Shape]:
    """Return a panel with seven bars to the right of the face, to the left or below; over a label
    if need be, but nothing where there is room on other panels only. It joins the `panels`."""
    width, height = frame
    size = 0.85 * text_size_px(width, height, options.scale)
    names_em = max(text_width_px(name, 1.0) for name in EMOTIONS)
    wide_em, high_em, row_em = names_em + 5.6, 1.3 * len(EMOTIONS) + 0.5, 1.3
    size *= min(1.0, width / (wide_em * size), height / (high_em * size))
    if size < _UNREADABLE_PX:
        return []
    w, h, gap = wide_em * size, high_em * size, 0.4 * size
    right, left = box.x + box.w + gap, box.x - w - gap
    sides = [x for x in (right, left) if x >= 0 and x + w <= width] or [right]
    places = [_Rect(x, box.y, w, h).within(width, height) for x in sides]
    if box.y + box.h + gap + h <= height:
        places.append(_Rect(box.x, box.y + box.h + gap, w, h).within(width, height))
    place = _free(places, [*labels, *panels]) or _free(places, panels)
    if place is None:
        return []
    panels.append(place)
    shapes: list[Shape] = [Panel(place.x, place.y, w, h, BACKDROP, _PANEL_ALPHA)]
    bar_x = place.x + (names_em + 0.8) * size
    for row, (name, share) in enumerate(zip(EMOTIONS, prediction.smoothed, strict=True)):
        top = place.y + (0.25 + row_em * row) * size
        shapes.append(Text(place.x + 0.35 * size, top + 0.98 * size, name, size, TEXT))
        colour = _COLOURS[name] if prediction.sure else NOT_SURE
        shapes.append(Bar(bar_x, top + 0.35 * size, 4.4 * size, 0.6 * size, float(share), colour))
    return shapes
